"""Flows and households become one table: rows for those who live a step, jumps to where they would go on."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.compilation import Compiled, Places, compile_flows
from sim.program import Op, ProgramError, on_grid
from sim.steps import (
    BACK_OFFICE_CLASS,
    LOCAL,
    SHARED,
    Activity,
    Flow,
    PlaceKind,
    Role,
    Steps,
    Token,
    at,
    go,
    if_longer,
    if_posted,
    labelled,
    only,
    post,
    release,
    renamed,
    seize,
    take,
    wait_for,
)
from tests.sim.programs import calendar_of

PLACES = Places(("main", "branch"))


def compiled(*flows: Flow, **columns: Any) -> Compiled:
    table: dict[str, Any] = {"site": [0], "who": [True], "minutes": [1.0]} | columns
    size = max(len(values) for values in table.values())
    return compile_flows(
        flows,
        {name: np.resize(np.asarray(values), size) for name, values in table.items()},
        PLACES,
        calendar_of([], {}, 1),
    )


def journey(*steps: Steps, site: str = "site", name: str = "journey") -> Flow:
    return Flow(name, "who", tuple(step for group in steps for step in group), site)


def goes_to(found: Compiled, entity: int, step: str) -> str:
    """Name of the step to which a step of an entity jumps, "end" for its end."""
    program = found.program
    first, end = (int(row) for row in program.offset[entity : entity + 2])
    names = [program.steps[number].split("/")[1] for number in program.step[first:end]]
    target = names.index(step) + int(program.jump[first + names.index(step)])
    return "end" if target == len(names) else names[target]


def steps_of(found: Compiled, entity: int) -> list[str]:
    program = found.program
    rows = slice(int(program.offset[entity]), int(program.offset[entity + 1]))
    return [program.steps[number].split("/")[1] for number in program.step[rows]]


# --- who has which rows ----------------------------------------------------------------------------------------------


def test_one_entity_for_each_household_that_lives_a_flow_in_the_order_of_the_flows() -> None:
    one, two = journey(take("walk", "minutes")), journey(take("ride", "minutes"), name="other")
    found = compiled(one, two, who=[True, False, True])
    assert found.household.tolist() == [0, 2, 0, 2]
    assert [found.flows[flow] for flow in found.flow] == ["journey", "journey", "other", "other"]
    assert steps_of(found, 0) == ["walk"]
    assert steps_of(found, 3) == ["ride"]


def test_a_step_exists_only_for_those_for_whom_all_conditions_hold() -> None:
    flow = journey(
        take("always", "minutes"), only("a", take("only_a", "minutes", when="!b")), take("not_b", "minutes", when="!b")
    )
    found = compiled(flow, a=[True, True, False], b=[False, True, False], who=[True])
    assert [steps_of(found, who) for who in range(3)] == [
        ["always", "only_a", "not_b"],
        ["always"],
        ["always", "not_b"],
    ]


def test_nobody_may_live_a_flow() -> None:
    found = compiled(journey(take("walk", "minutes")), who=[False, False])
    assert found.program.rows == 0
    assert found.program.entities == 0


def test_values_come_from_the_households_column_on_the_time_grid() -> None:
    found = compiled(journey(at("come", "minutes"), take("walk", "minutes")), minutes=[1 / 3, 2.5], who=[True])
    assert found.program.value.tolist() == on_grid(np.array([1 / 3, 1 / 3, 2.5, 2.5])).tolist()


def test_a_queue_without_patience_is_waited_in_for_ever_and_a_threshold_is_a_whole_number() -> None:
    flow = journey(
        if_longer(PlaceKind.WINDOWS, "length", "end"),
        seize("queue", PlaceKind.WINDOWS),
        release("queue"),
        seize("hurry", PlaceKind.WINDOWS, patience="minutes", to="end"),
        release("hurry"),
    )
    values = compiled(flow, length=[3]).program.value
    assert values.tolist() == [3.0, inf, 0.0, 1.0, 0.0]


# --- jumps -----------------------------------------------------------------------------------------------------------


def test_a_jump_leads_to_its_label_or_the_next_step_that_the_household_has() -> None:
    flow = journey(
        go("there"),
        take("between", "minutes"),
        labelled("there", only("a", take("at_label", "minutes"))),
        only("b", take("behind", "minutes")),
    )
    found = compiled(flow, a=[True, False, False], b=[True, True, False], who=[True])
    assert [goes_to(found, who, "go.there") for who in range(3)] == ["at_label", "behind", "end"]


def test_a_release_finds_its_own_seize() -> None:
    flow = journey(
        seize("outer", PlaceKind.WINDOWS), seize("inner", PlaceKind.CLERKS), release("outer"), release("inner")
    )
    found = compiled(flow, site=[1])
    assert goes_to(found, 0, "outer.release") == "outer"
    assert goes_to(found, 0, "inner.release") == "inner"
    names = [found.program.places[place] for place in found.program.place]
    assert names == ["windows/branch", "clerks/branch", "windows/branch", "clerks/branch"]


def test_a_piece_can_be_lived_twice_under_other_names() -> None:
    piece = (
        *seize("queue", PlaceKind.WINDOWS, patience="minutes", to="away"),
        *take("serve", "minutes"),
        *release("queue"),
        *go("outside"),
        *take("sigh", "minutes", label="away"),
    )
    flow = journey(piece, renamed("_again", piece), labelled("outside", take("home", "minutes")))
    found = compiled(flow)
    assert goes_to(found, 0, "queue") == "sigh"
    assert goes_to(found, 0, "queue_again") == "sigh_again"
    assert goes_to(found, 0, "queue_again.release") == "queue_again"
    assert goes_to(found, 0, "go.outside") == "home"
    assert goes_to(found, 0, "go.outside_again") == "home"


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([take("walk", "minutes", label="x"), take("ride", "minutes", label="x"), go("x")], "the name x twice"),
        ([seize("queue", PlaceKind.WINDOWS), seize("queue", PlaceKind.CLERKS)], "the name queue twice"),
        ([take("walk", "minutes", label="back"), go("back")], "a jump goes backwards"),
    ],
)
def test_a_flow_that_contradicts_itself_is_refused(steps: list[Steps], message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        compiled(journey(*steps))


@pytest.mark.parametrize("flow", [journey(go("nowhere")), journey(take("walk", "unknown_minutes"))])
def test_an_unknown_label_or_column_is_refused(flow: Flow) -> None:
    with pytest.raises(KeyError):
        compiled(flow)


# --- places, classes, tokens -----------------------------------------------------------------------------------------


def test_local_places_exist_at_every_site_and_systems_once() -> None:
    names = PLACES.names()
    assert len(names) == len(set(names)) == len(LOCAL) * 2 + len(SHARED)
    for kind in PlaceKind:
        for number, site in enumerate(PLACES.sites):
            name = names[int(PLACES.index(kind, number))]
            assert name == (f"{kind}/{site}" if kind in LOCAL else str(kind))


def test_a_flow_is_served_where_its_site_column_says() -> None:
    flow = journey(seize("queue", PlaceKind.BACK_SEATS), release("queue"), site="main_site")
    found = compiled(flow, site=[1], main_site=[0])
    assert {found.program.places[place] for place in found.program.place} == {"back_seats/main"}


def test_a_class_is_fixed_or_the_households_own() -> None:
    flow = journey(
        seize("by_column", PlaceKind.WINDOWS, klass="klass"), seize("fixed", PlaceKind.WINDOWS, klass=BACK_OFFICE_CLASS)
    )
    found = compiled(flow, klass=[1, 2], who=[True])
    assert found.program.klass.tolist() == [1, BACK_OFFICE_CLASS, 2, BACK_OFFICE_CLASS]


def test_every_household_has_its_own_tokens_in_all_of_its_flows() -> None:
    sends = journey(post(Token.RELAYED), post(Token.DATA))
    waits = Flow("waits", "waits", (*wait_for(Token.DATA), *if_posted(Token.RELAYED, "end")))
    found = compiled(sends, waits, who=[True, True, True], waits=[False, True, True])
    program = found.program
    assert program.tokens == 3 * len(Token)
    posted, awaited = program.place[:6].reshape(3, 2), program.place[6:].reshape(2, 2)
    assert len(set(posted.ravel().tolist())) == 6
    assert awaited[:, ::-1].tolist() == posted[1:].tolist()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_a_household_has_the_same_rows_alone_and_in_company(flags: list[tuple[bool, bool, bool, bool]]) -> None:
    flow = journey(
        seize("queue", PlaceKind.WINDOWS, patience="minutes", to="away"),
        only("a", take("serve", "minutes")),
        release("queue"),
        go("end", when="b"),
        labelled("away", only("c", take("sigh", "minutes"))),
    )
    columns: Mapping[str, list[bool]] = dict(
        zip(("who", "a", "b", "c"), map(list, zip(*flags, strict=True)), strict=True)
    )
    crowd = compiled(flow, **columns)
    for entity, household in enumerate(crowd.household.tolist()):
        alone = compiled(flow, **{name: [values[household]] for name, values in columns.items()})
        rows = slice(int(crowd.program.offset[entity]), int(crowd.program.offset[entity + 1]))
        assert crowd.program.op[rows].tolist() == alone.program.op.tolist()
        assert crowd.program.jump[rows].tolist() == alone.program.jump.tolist()


# --- names -----------------------------------------------------------------------------------------------------------


def test_rows_are_found_by_name_by_its_repetitions_and_by_role() -> None:
    piece = take("serve", "minutes", activity=Activity.COUNTER)
    flow = journey(
        at("arrive", "minutes", role=Role.ARRIVE), piece, renamed("_again", piece), take("server", "minutes")
    )
    found = compiled(flow)
    names, program = found.names, found.program
    assert [program.steps[program.step[row]] for row in found.rows(name="serve")] == [
        "journey/serve",
        "journey/serve_again",
    ]
    assert found.rows(role=Role.SERVE).tolist() == [1, 2]
    assert found.rows(role=Role.ARRIVE).tolist() == [0]
    assert names.activity[1] is Activity.COUNTER
    assert (program.op == [Op.AT, Op.DELAY, Op.DELAY, Op.DELAY]).all()


def test_giving_back_is_no_repetition_of_a_queue() -> None:
    piece = (*seize("queue", PlaceKind.WINDOWS), *release("queue"))
    found = compiled(journey(piece, renamed("_again", piece)))
    assert found.rows(name="queue").tolist() == [0, 2]
