"""The event log tells one run: stays in order, desks that nobody shares, and the waits that the measures count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scenarios
from results.tables import TABLES, arrange, to_arrow
from scenarios.loading import load
from scenarios.schema import Period, Scenario
from sim.engines.reference import run
from sim.eventlog import EventLogError, event_log, one_run, replay_events
from sim.flows import FLOWS
from sim.log import Log
from sim.measures.visits import visits_of
from sim.occupancy import held, waited
from sim.program import Bools
from sim.replication import Replication, replicate
from sim.units import assign_units

FILES = Path(scenarios.__file__).parent


@cache
def scenario(name: str = "launch", *, shift_change: str = "finish") -> Scenario:
    """Some days around the turn of the fiscal year, a Sunday opening and a late Tuesday among them."""
    whole = load(FILES / f"{name}.toml", Scenario)
    period = Period(start=date(2023, 3, 24), end=date(2023, 3, 31), warm_up_days=4)
    opening = whole.opening.model_copy(update={"shift_change": shift_change})
    return whole.model_copy(update={"period": period, "opening": opening})


@cache
def replication(name: str = "launch", *, shift_change: str = "finish") -> Replication:
    return replicate(scenario(name, shift_change=shift_change), 7, 0, run)


@cache
def events(name: str = "launch", *, shift_change: str = "finish") -> pd.DataFrame:
    return event_log(replication(name, shift_change=shift_change), name)


def cut(whole: Replication, minute: float) -> Replication:
    """The same run, seen at a minute: what begins later is not known, what ends later is still under way."""
    log = whole.log
    later = log.leave > minute
    seen = Log(
        enter=np.where(log.enter > minute, np.nan, log.enter),
        leave=np.where(later, np.nan, log.leave),
        gone=log.gone & ~later,
    )
    return replace(whole, log=seen)


def of_type(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["event_type"] == name]


def uses(table: pd.DataFrame) -> pd.DataFrame:
    """Begin and end of every use, side by side."""
    begins, ends = of_type(table, "resource_use"), of_type(table, "resource_use_end")
    keys = ["entity_id", "place", "resource_id", "step"]
    pairs = begins.merge(ends, on=keys, how="left", suffixes=("", "_end"), validate="one_to_one")
    return pairs[[*keys, "clerk", "role", "time", "time_end"]]


# --- one stay --------------------------------------------------------------------------------------------------------


def test_events_of_an_entity_come_in_the_order_of_time_between_its_arrival_and_its_departure() -> None:
    table = events()
    assert (np.diff(table["time"]) >= 0).all()
    by_entity = table.groupby("entity_id")
    assert (by_entity["event"].first() == "arrival").all()
    assert (by_entity["event"].last() == "depart").all()
    assert (by_entity["event"].agg(lambda names: (names == "arrival").sum()) == 1).all()
    assert (by_entity["event"].agg(lambda names: (names == "depart").sum()) == 1).all()


def test_an_entity_is_in_one_place_at_a_time() -> None:
    pairs = uses(events()).sort_values(["entity_id", "time"])
    before = pairs.groupby("entity_id")["time_end"].shift()
    assert not (pairs["time"] < before).any()


@pytest.mark.parametrize("share", [0.1, 0.4, 0.73])
def test_arrivals_are_departures_and_those_still_inside(share: float) -> None:
    whole = replication()
    minute = float(np.nanquantile(whole.log.leave, share))
    table = event_log(cut(whole, minute), "launch")
    arrived, left = (set(table.loc[table["event"] == name, "entity_id"]) for name in ("arrival", "depart"))
    assert left < arrived
    full = events()
    times = full[full["event"].isin(["arrival", "depart"])].pivot_table(
        index="entity_id", columns="event", values="time"
    )
    inside = (times["arrival"] <= minute) & (times["depart"] > minute)
    assert len(arrived) - len(left) == inside.sum() > 0
    assert set(table["entity_id"]) == arrived


def test_a_run_that_is_cut_short_tells_the_same_events_up_to_then() -> None:
    whole, full = replication(), events()
    minute = float(np.nanquantile(whole.log.leave, 0.4))
    table = event_log(cut(whole, minute), "launch")
    known = full[full["time"] <= minute]
    # Who is under way has another entity number only if somebody before it has not come yet; names stay.
    columns = ["household", "flow", "event_type", "event", "step", "time", "resource_id", "clerk"]
    left, right = (part[columns].sort_values(columns).reset_index(drop=True) for part in (table, known))
    # What takes no time is dropped in the whole run, and is under way at the instant of the cut.
    at_the_cut = (left["time"] == minute) & ~left["event_type"].isin(["arrival_departure"])
    pd.testing.assert_frame_equal(left[~at_the_cut].reset_index(drop=True), right[right["time"] < minute])


def test_every_flow_that_somebody_lives_is_told() -> None:
    lived = {replication().compiled.flows[number] for number in np.unique(replication().compiled.flow)}
    assert lived == {flow.name for flow in FLOWS} == set(events()["flow"])
    visits = events().groupby("flow")["visit"].first()
    assert (visits == visits.index.str.startswith("visit_")).all()


# --- against the measures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["before", "launch"])
def test_visits_in_the_log_are_the_visits_of_the_measures(name: str) -> None:
    table, visits = events(name), visits_of(replication(name))
    arrivals = table[table["visit"] & (table["event"] == "arrival")]
    departures = table[table["visit"] & (table["event"] == "depart")].set_index("entity_id")["time"]
    told = pd.DataFrame(
        {
            "household": arrivals["household"].to_numpy(),
            "arrival": arrivals["time"].to_numpy(),
            "departure": departures.loc[arrivals["entity_id"]].to_numpy(),
        }
    )
    measured = pd.DataFrame({"household": visits.household, "arrival": visits.arrival, "departure": visits.departure})
    columns = ["household", "arrival"]
    pd.testing.assert_frame_equal(
        told.sort_values(columns).reset_index(drop=True), measured.sort_values(columns).reset_index(drop=True)
    )


@pytest.mark.parametrize("role", ["wait", "serve"])
def test_waiting_and_service_in_the_log_are_those_of_the_measures(role: str) -> None:
    table = events()[events()["visit"]]
    following = table.groupby("entity_id")["time"].shift(-1)
    chosen = (table["role"] == role) & (table["event_type"] != "resource_use_end")
    visits = visits_of(replication())
    measured = visits.waiting if role == "wait" else visits.service
    assert (following - table["time"])[chosen].sum() == pytest.approx(measured.sum(), rel=1e-12)


# --- desks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shift_change", ["finish", "handover"])
def test_nobody_shares_a_desk(shift_change: str) -> None:
    pairs = uses(events(shift_change=shift_change)).sort_values(["place", "resource_id", "time"])
    before = pairs.groupby(["place", "resource_id"])["time_end"].shift()
    assert not (pairs["time"] < before).any()
    clerks = pairs[pairs["clerk"].notna()]
    site = clerks["place"].str.split("/").str[1]
    clerks = clerks.assign(site=site).sort_values(["site", "clerk", "time"])
    before = clerks.groupby(["site", "clerk"])["time_end"].shift()
    assert not (clerks["time"] < before).any()


def test_the_old_use_of_a_desk_ends_before_the_new_one_begins() -> None:
    table = events()[events()["resource_id"].notna()]
    for _, told in table.groupby(["place", "resource_id"])["event_type"]:
        assert (told.to_numpy() == np.resize(["resource_use", "resource_use_end"], len(told))).all()


def test_whoever_joins_a_queue_leaves_a_row_even_without_waiting() -> None:
    queues, program = of_type(events(), "queue"), replication().compiled.program
    for place, name in enumerate(program.places):
        if name.split("/")[0] not in ("clerks", "network_hours", "jlis"):
            joined = np.sort(waited(program, replication().log, place).start)
            assert np.array_equal(queues.loc[queues["place"] == name, "time"], joined)


def test_uses_of_a_desk_last_together_as_long_as_it_was_held() -> None:
    pairs, program = uses(events()), replication().compiled.program
    for place, name in enumerate(program.places):
        if name.split("/")[0] == "clerks":
            assert not (pairs["place"] == name).any()
            continue
        spells = held(program, replication().log, place)
        if name == "jlis":  # only a telegram is nowhere else at the same time
            spells = spells.where(np.array(["reach_network" in program.steps[program.step[row]] for row in spells.row]))
        told = pairs[pairs["place"] == name]
        assert (told["time_end"] - told["time"]).sum() == pytest.approx((spells.end - spells.start).sum(), rel=1e-12)


def test_whoever_is_served_at_a_window_is_served_by_a_clerk() -> None:
    pairs = uses(events())
    kind = pairs["place"].str.split("/").str[0]
    by_hands = pairs[pairs["role"] == "serve"]
    assert by_hands.loc[kind.isin(["windows", "back_seats"]), "clerk"].notna().all()
    assert by_hands.loc[kind == "card_desks", "clerk"].isna().all()
    waiting = pairs[(pairs["role"] == "wait") & pairs["step"].str.startswith("queue_clerk")]
    assert len(waiting) > 0
    assert waiting["clerk"].isna().all()


def test_desks_are_numbered_up_to_the_most_that_were_held_at_once() -> None:
    pairs, program = uses(events()), replication().compiled.program
    for place, name in enumerate(program.places):
        told = pairs.loc[pairs["place"] == name, "resource_id"]
        if len(told):
            assert told.min() == 1
            assert told.max() <= held(program, replication().log, place).level().value.max()


SPELLS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12) | st.none()), max_size=40)


@given(SPELLS)
def test_units_are_never_shared_and_no_more_than_needed(spells: list[tuple[int, int | None]]) -> None:
    start = np.array([begin for begin, _ in spells], dtype=np.float64)
    end = np.array([np.nan if length is None else begin + length for begin, length in spells], dtype=np.float64)
    units = assign_units(start, end)
    until = np.where(np.isnan(end), np.inf, end)
    for one in range(len(spells)):
        overlaps = (units == units[one]) & (start < until[one]) & (start[one] < until)
        overlaps[one] = False
        assert not overlaps.any()
    longest = [int(_busy(start, until, moment).sum()) for moment in start]
    lasting = until > start
    assert units[lasting].max(initial=0) <= max(longest, default=0)


def _busy(start: npt.NDArray[np.float64], until: npt.NDArray[np.float64], moment: float) -> Bools:
    return (start <= moment) & (until > moment)


# --- the table -------------------------------------------------------------------------------------------------------


def test_the_table_is_one_that_a_run_folder_takes() -> None:
    table = events()
    assert list(table.columns) == TABLES["events"].names
    arrow = to_arrow("events", arrange("events", table))
    assert arrow.num_rows == len(table)
    numbers = arrow.column("resource_id").to_pylist()
    assert any(number is None for number in numbers)
    assert all(isinstance(number, int) for number in numbers if number is not None)


def test_moments_are_told_in_japan_time() -> None:
    table = events().sample(50, random_state=1)
    midnight = datetime.fromisoformat("2023-03-20T00:00:00+09:00")
    for row in table.itertuples():
        told = datetime.fromisoformat(str(row.timestamp))
        assert told.utcoffset() == timedelta(hours=9)
        assert abs(told - midnight - timedelta(minutes=float(str(row.time)))) <= timedelta(milliseconds=1)


def test_words_for_a_drawing_name_the_place_and_no_more() -> None:
    table = events()
    assert set(table["event_type"]) == {"arrival_departure", "queue", "resource_use", "resource_use_end"}
    told = table[["event_type", "event", "place"]].drop_duplicates()
    beginning = {"queue": "queue ", "resource_use": "use ", "resource_use_end": "end "}
    for row in told[told["place"] != ""].itertuples():
        assert row.event == beginning[str(row.event_type)] + str(row.place)
    assert set(told.loc[told["place"] == "", "event"]) == {"arrival", "depart", "elsewhere"}


def test_the_same_household_has_the_same_number_before_and_after() -> None:
    arrivals = [
        table[table["visit"] & (table["event"] == "arrival")].groupby("household")["time"].first()
        for table in (events("before"), events("launch"))
    ]
    both = pd.concat(arrivals, axis=1, join="inner")
    assert len(both) > 1000
    assert (both.iloc[:, 0] == both.iloc[:, 1]).all()


def test_a_replay_is_the_run_that_was_measured() -> None:
    arms = {"before": scenario("before"), "launch": scenario()}
    table = replay_events(arms, 7, run)
    for arm in arms:
        pd.testing.assert_frame_equal(one_run(table, arm), events(arm))
    arrange("events", table)


def test_a_mixture_of_runs_is_refused() -> None:
    table = pd.concat([events("before"), events("launch")], ignore_index=True)
    with pytest.raises(EventLogError, match="before/0, launch/0"):
        one_run(table)
    with pytest.raises(EventLogError, match="E-events-mixed"):
        one_run(pd.concat([events(), events().assign(replication=1)]))
    with pytest.raises(EventLogError, match="E-events-none") as error:
        one_run(table, "launch", 3)
    assert "launch" in error.value.say("ja")
    assert one_run(table, "before").equals(events("before"))
