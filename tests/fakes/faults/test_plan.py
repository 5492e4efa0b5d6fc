"""Which faults strike: the same for the same seed, where and when they are said to, and never when they are off."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.clock import JST, micros_of
from fakes.faults.effects import (
    EFFECTS,
    AnyEffect,
    ClockSkew,
    ConnectionCap,
    Hang,
    Outage,
    Phase,
    Reset,
    Slow,
    Stall,
    StandDown,
)
from fakes.faults.fault import Fault, FaultError, Where, Window
from fakes.faults.plan import NOTHING, Facts, FaultPlan
from fakes.servers import Server
from texts import LANGS

TEN = datetime(2023, 3, 27, 10, 0, tzinfo=JST)
NOW = micros_of(TEN)
HOUR = timedelta(hours=1)

towns = st.sampled_from(["", "131041", "990019", "990027"])
routes = st.sampled_from(["submit", "withdraw", "search"])
facts_of = st.builds(
    Facts,
    server=st.sampled_from(Server),
    route=routes,
    path=st.sampled_from(["/apply/submit", "/relay/v1/applications", "/receive/v1/login"]),
    municipality=towns,
    applicant=st.text("abc", max_size=3),
    request_id=st.text("xyz", min_size=1, max_size=4),
    attempt=st.integers(1, 3),
    in_flight=st.integers(1, 60),
)
effects: st.SearchStrategy[AnyEffect] = st.sampled_from(sorted(EFFECTS)).map(lambda what: EFFECTS[what]())  # type: ignore[arg-type,return-value]
wheres = st.builds(
    Where,
    server=st.none() | st.sampled_from(Server),
    routes=st.lists(routes | st.sampled_from(["/relay/", "/receive/"]), max_size=2).map(tuple),
    municipalities=st.lists(towns.filter(bool), max_size=2).map(tuple),
    share=st.sampled_from([0.0, 0.3, 1.0]),
    of=st.sampled_from(["applicants", "requests"]),
    nth=st.integers(0, 3),
    every=st.integers(0, 3),
)
windows = st.builds(
    Window,
    start=st.none() | st.integers(-3, 0).map(lambda hours: TEN + hours * HOUR),
    end=st.none() | st.integers(1, 3).map(lambda hours: TEN + hours * HOUR),
)
faults = st.builds(Fault, effect=effects, where=wheres, window=windows)
moments = st.integers(-5, 5).map(lambda hours: micros_of(TEN + hours * HOUR))


def call(**facts: object) -> Facts:
    given_facts = {
        "server": Server.JLIS,
        "route": "submit",
        "path": "/relay/v1/applications",
        "request_id": "r",
    } | facts
    return Facts(**given_facts)  # type: ignore[arg-type]


def struck(plan: FaultPlan, facts: Facts, now: int = NOW, phase: Phase = Phase.BEFORE) -> list[str]:
    return [own.fault_id for own in plan.at(phase, facts, now)]


# --- a fault that is off ---------------------------------------------------------------------------------------------


@given(st.sampled_from(Phase), facts_of, moments)
def test_an_empty_plan_does_nothing(phase: Phase, facts: Facts, now: int) -> None:
    plan = FaultPlan(1)
    assert not plan.any
    assert plan.at(phase, facts, now) is NOTHING
    assert plan.skew(facts.server, now) == timedelta(0)


@given(st.lists(faults, max_size=4), st.lists(st.tuples(st.sampled_from(Phase), facts_of, moments), max_size=10))
def test_a_plan_that_was_cleared_or_reset_does_nothing(
    given_faults: list[Fault], calls: list[tuple[Phase, Facts, int]]
) -> None:
    reset, cleared = FaultPlan(1, given_faults), FaultPlan(1, given_faults)
    for phase, facts, now in calls[::2]:
        reset.at(phase, facts, now)
    reset.follow([])
    assert all(cleared.clear(own.fault.id) for own in cleared.listed())
    for plan in (reset, cleared):
        assert not plan.any
        assert all(plan.at(phase, facts, now) is NOTHING for phase, facts, now in calls)


@given(st.lists(faults, min_size=1, max_size=4), st.lists(st.tuples(facts_of, moments), max_size=12), st.integers(0, 9))
def test_whatever_strikes_is_on_there_and_then(
    given_faults: list[Fault], calls: list[tuple[Facts, int]], seed: int
) -> None:
    plan = FaultPlan(seed, given_faults)
    by_id = {own.fault.id: own.fault for own in plan.listed()}
    for facts, now in calls:
        for phase in Phase:
            for own in plan.at(phase, facts, now):
                fault = by_id[own.fault_id]
                start, end = fault.window.micros
                assert start <= now < end
                assert own.phase is phase is fault.strikes_in
                assert own.effect == fault.effect
                assert fault.where.server in (None, facts.server)
                assert not fault.where.municipalities or facts.municipality in fault.where.municipalities
                assert not fault.where.routes or any(
                    facts.path.startswith(route) or facts.route == route for route in fault.where.routes
                )
                assert fault.where.share > 0.0


@given(st.lists(faults, min_size=1, max_size=4), facts_of, moments)
def test_a_fault_with_the_whole_share_and_no_counts_strikes_whatever_it_fits(
    given_faults: list[Fault], facts: Facts, now: int
) -> None:
    plain = [
        Fault(own.effect, f"f{place}", Where(own.where.server, own.where.routes, own.where.municipalities), own.window)
        for place, own in enumerate(given_faults)
        if not isinstance(own.effect, ClockSkew | ConnectionCap | Stall | StandDown)
    ]
    plan = FaultPlan(3, plain)
    found = {own.fault_id for phase in Phase for own in plan.at(phase, facts, now)}
    expected = set()
    for own in plain:
        start, end = own.window.micros
        named = not own.where.routes or any(
            facts.path.startswith(route) if route[0] == "/" else facts.route == route for route in own.where.routes
        )
        town = not own.where.municipalities or facts.municipality in own.where.municipalities
        if start <= now < end and own.where.server in (None, facts.server) and named and town:
            expected.add(own.id)
    assert found == expected


def test_a_window_holds_from_its_start_until_before_its_end() -> None:
    plan = FaultPlan(0, [Fault(Outage(), "f", window=Window(TEN, TEN + HOUR))])
    hour = 3_600_000_000
    found = {now - NOW: struck(plan, call(), now) for now in (NOW - 1, NOW, NOW + hour - 1, NOW + hour)}
    assert found == {-1: [], 0: ["f"], hour - 1: ["f"], hour: []}


def test_between_two_windows_nothing_strikes_and_the_later_one_is_not_missed() -> None:
    first = Fault(Outage(), "first", window=Window(TEN, TEN + HOUR))
    second = Fault(Outage(), "second", window=Window(TEN + 3 * HOUR, TEN + 4 * HOUR))
    plan = FaultPlan(0, [first, second])
    hours = [-2.0, -1.0, 0.5, 1.0, 1.5, 2.999, 3.0, 3.5, 4.0, 9.0, 3.5, 0.5, 2.0]
    found = [struck(plan, call(), micros_of(TEN + hours_later * HOUR)) for hours_later in hours]
    s, f = ["second"], ["first"]
    assert found == [[], [], f, [], [], [], s, s, [], [], s, f, []]


def test_a_fault_that_is_added_in_a_quiet_time_strikes_at_once() -> None:
    plan = FaultPlan(0, [Fault(Outage(), "later", window=Window(TEN + HOUR, None))])
    assert struck(plan, call()) == []
    plan.add(Fault(Hang(), "live"))
    assert struck(plan, call()) == ["live"]
    plan.clear("live")
    assert struck(plan, call()) == []


# --- seeded ----------------------------------------------------------------------------------------------------------


@given(st.lists(faults, min_size=1, max_size=4), st.lists(st.tuples(st.sampled_from(Phase), facts_of), max_size=12))
def test_the_same_seed_and_calls_give_the_same_strikes(
    given_faults: list[Fault], calls: list[tuple[Phase, Facts]]
) -> None:
    one, other = FaultPlan(7, given_faults), FaultPlan(7, given_faults)
    assert [one.at(*own, NOW) for own in calls] == [other.at(*own, NOW) for own in calls]


def test_a_share_of_applicants_is_met_always_and_the_others_never() -> None:
    plan = FaultPlan(5, [Fault(Reset(), "f", Where(share=0.2))])
    met: Counter[str] = Counter()
    for applicant in range(2000):
        for attempt in (1, 2, 3):
            met[str(applicant)] += len(struck(plan, call(applicant=str(applicant), request_id="r", attempt=attempt)))
    assert set(met.values()) == {0, 3}
    assert 320 <= sum(count == 3 for count in met.values()) <= 480


def test_a_share_of_requests_is_drawn_again_for_each_try() -> None:
    plan = FaultPlan(5, [Fault(Reset(), "f", Where(share=0.5, of="requests"))])
    tries = [bool(struck(plan, call(applicant="a", request_id=f"r{n}", attempt=a))) for n in range(500) for a in (1, 2)]
    assert 420 <= sum(tries) <= 580
    assert sum(first != second for first, second in zip(tries[::2], tries[1::2], strict=True)) > 150


def test_another_seed_meets_others() -> None:
    chosen = []
    for seed in (1, 2):
        plan = FaultPlan(seed, [Fault(Reset(), "f", Where(share=0.5))])
        chosen.append([bool(struck(plan, call(applicant=str(number)))) for number in range(64)])
    assert chosen[0] != chosen[1]


def test_two_faults_choose_their_people_apart() -> None:
    plan = FaultPlan(5, [Fault(Reset(), name, Where(share=0.5)) for name in ("f", "g")])
    both = Counter(len(struck(plan, call(applicant=str(number)))) for number in range(400))
    assert all(both[count] >= 60 for count in (0, 1, 2))


def test_every_strike_has_an_id_of_its_own_and_a_repeated_request_the_same() -> None:
    plan = FaultPlan(0, [Fault(Slow(mean_ms=5), "f", phase=Phase.BEFORE), Fault(Hang(), "g")])
    ids = [own.id for number in range(500) for own in plan.at(Phase.BEFORE, call(request_id=str(number)), NOW)]
    assert len(set(ids)) == 1000
    assert [own.id for own in plan.at(Phase.BEFORE, call(request_id="7"), NOW)] == ids[14:16]
    assert ids[0].startswith("f:")


# --- counts ----------------------------------------------------------------------------------------------------------


def test_only_the_nth_call_that_fits_is_met() -> None:
    plan = FaultPlan(0, [Fault(Hang(), "f", Where(routes=("submit",), nth=3))])
    found = [bool(struck(plan, call(route=route))) for route in ("submit", "search", "submit", "submit", "submit")]
    assert found == [False, False, False, True, False]


def test_every_third_call_that_fits_is_met() -> None:
    plan = FaultPlan(0, [Fault(Hang(), "f", Where(every=3))])
    assert [bool(struck(plan, call())) for _ in range(7)] == [False, False, True] * 2 + [False]


def test_a_cap_meets_calls_over_its_number() -> None:
    plan = FaultPlan(0, [Fault(ConnectionCap(at_once=30), "f")])
    assert [bool(struck(plan, call(in_flight=number))) for number in (1, 30, 31, 99)] == [False, False, True, True]


def test_a_stall_stops_the_first_call_of_each_period() -> None:
    plan = FaultPlan(0, [Fault(Stall(every_s=60), "f", window=Window(TEN, None))])
    seconds = [5, 6, 59, 60, 61, 200, 201]
    found = [bool(struck(plan, call(), NOW + second * 1_000_000)) for second in seconds]
    assert found == [True, False, False, True, False, True, False]
    once = FaultPlan(0, [Fault(Stall(), "f")])
    assert [bool(struck(once, call(), NOW + second * 1_000_000)) for second in seconds] == [True] + [False] * 6


def test_a_slow_mode_waits_as_long_on_average_as_it_is_said_to() -> None:
    plan = FaultPlan(0, [Fault(Slow(mean_ms=400, spread=1.0), "f"), Fault(Slow(mean_ms=250), "g")])
    waits: dict[str, list[float]] = {"f": [], "g": []}
    for number in range(4000):
        for own in plan.at(Phase.COMMITTED, call(request_id=str(number)), NOW):
            waits[own.fault_id].append(own.wait_s)
    assert set(waits["g"]) == {0.25}
    assert 0.36 < sum(waits["f"]) / 4000 < 0.44
    assert min(waits["f"]) > 0.0


def test_skews_of_a_server_add_up_while_they_are_on() -> None:
    plan = FaultPlan(
        0,
        [
            Fault(ClockSkew(ahead_s=-120), "a", Where(Server.WARD)),
            Fault(ClockSkew(ahead_s=30), "b", window=Window(TEN, TEN + HOUR)),
        ],
    )
    assert plan.skew(Server.WARD, NOW) == timedelta(seconds=-90)
    assert plan.skew(Server.PORTAL, NOW) == timedelta(seconds=30)
    assert plan.skew(Server.PORTAL, NOW - 1) == timedelta(0)
    assert all(struck(plan, call(server=Server.WARD), phase=phase) == [] for phase in Phase)


# --- what a fault is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(Hang(), "f", phase=Phase.INSIDE), "E-fault-phase"),
        (Fault(Hang(), "f", Where(share=1.1)), "E-fault-share"),
        (Fault(Hang(), "f", Where(share=float("nan"))), "E-fault-share"),
        (Fault(Hang(), "f", Where(nth=-1)), "E-fault-count"),
        (Fault(Slow(mean_ms=-1), "f"), "E-fault-count"),
        (Fault(Hang(), "f", window=Window(TEN, TEN)), "E-fault-window"),
        (Fault(Hang(), "there"), "E-fault-twice"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_in_words_and_changes_nothing(fault: Fault, code: str) -> None:
    plan = FaultPlan(0, [Fault(Reset(), "there")])
    with pytest.raises(FaultError) as caught:
        plan.add(fault)
    assert caught.value.code == code
    assert len({caught.value.say(lang) for lang in LANGS}) == 2
    assert [own.fault.id for own in plan.listed()] == ["there"]


def test_a_clock_may_be_behind() -> None:
    assert FaultPlan().add(Fault(ClockSkew(ahead_s=-1))).id == "live-1"


@pytest.mark.parametrize("what", EFFECTS)
def test_every_effect_has_a_phase_and_can_be_sent(what: str) -> None:
    effect = EFFECTS[what]()
    assert effect.phases
    sent = msgspec.json.encode({"effect": {"what": what}})
    fault = msgspec.json.decode(sent, type=Fault)
    assert fault.effect == effect
    assert fault.strikes_in is effect.phases[0]
    assert msgspec.json.decode(msgspec.json.encode(fault), type=Fault) == fault


def test_what_was_counted_is_told() -> None:
    plan = FaultPlan(0, [Fault(Hang(), "f", Where(every=2))])
    for _ in range(5):
        struck(plan, call())
    (own,) = plan.active(NOW)
    assert (own.fitting, own.injected) == (5, 2)
