"""A whole run of a small country: everybody gets through, in the right order, on either engine, by the laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.engines.compiled import run
from sim.engines.reference import run as reference
from sim.laws import check_laws
from sim.levels import in_ticks
from sim.log import Log
from sim.national.errors import NationalError
from sim.national.reading import jobs_of, rows_named, tickets_of
from sim.national.replication import NationalRun, arms_of, replicate_national
from sim.program import Floats, Program
from tests.sim.national.small_country import SEED, flag, runs, small


@pytest.fixture(scope="module")
def country() -> NationalRun:
    return runs()["with"]


def of_flow(run: NationalRun, flow: str, name: str, *, leave: bool = False) -> Floats:
    """When the households of a flow entered (or left) a step, by household; NaN for who did not."""
    compiled, log = run.compiled, run.log
    steps = [own == flow and step == name for own, step in zip(compiled.names.flow, compiled.names.name, strict=True)]
    rows = np.flatnonzero(np.array(steps)[compiled.program.step])
    moments = np.full(len(run.demand.moves), np.nan)
    household = compiled.household[compiled.program.entity_of_row()[rows]]
    moments[household] = (log.leave if leave else log.enter)[rows]
    return moments


def test_both_engines_give_the_same_log(country: NationalRun) -> None:
    other = reference(country.compiled.program)
    assert (other.enter == country.log.enter)[~np.isnan(other.enter)].all()
    for mine, theirs in ((country.log.enter, other.enter), (country.log.leave, other.leave)):
        assert (np.isnan(mine) == np.isnan(theirs)).all()
        assert np.array_equal(mine, theirs, equal_nan=True)


def test_the_laws_of_queueing_hold_at_every_place(country: NationalRun) -> None:
    checks = check_laws(country.compiled.program, country.log, country.horizon.window)
    assert len(checks) > 400
    assert [check for check in checks if not check.holds] == []


def test_everybody_is_served_once_where_they_leave_and_once_where_they_arrive(country: NationalRun) -> None:
    served = np.zeros(len(country.demand.moves), dtype=int)
    for flow in ("visit_move_in_paper", "visit_move_in_online", "visit_within", "visit_within_online"):
        for step in ("serve", "serve_prepared", "serve_unprepared", "serve_after_answer"):
            for suffix in ("", "_again"):
                served += ~np.isnan(of_flow(country, flow, step + suffix))
    assert (served == (country.demand.moves.day < country.horizon.days)).all()
    left = ~np.isnan(of_flow(country, "move_out_counter", "serve"))
    left |= ~np.isnan(of_flow(country, "move_out_post", "handle_post"))
    left |= ~np.isnan(of_flow(country, "move_out_online", "send_data"))
    expected = flag(country.demand, "leaves_at_counter", "leaves_by_post", "files_out")
    assert (left == expected).all()


def test_who_moves_out_is_served_in_the_old_town_and_who_moves_in_in_the_new_one(country: NationalRun) -> None:
    compiled, moves = country.compiled, country.demand.moves
    towns = len(country.towns)
    rows = rows_named(country, "queue_window")
    entity = np.searchsorted(compiled.program.offset, rows, side="right") - 1
    leaving = compiled.flow[entity] == compiled.flows.index("move_out_counter")
    household = compiled.household[entity]
    expected = np.where(leaving, moves.origin[household], moves.destination[household])
    assert (compiled.program.place[rows] % towns == expected).all()


def test_nobody_sets_out_with_paper_before_the_old_town_has_given_it(country: NationalRun) -> None:
    arrived = of_flow(country, "visit_move_in_paper", "queue_window")
    for flow, step in (("move_out_counter", "serve"), ("move_out_post", "handle_post")):
        ready = of_flow(country, flow, step, leave=True)
        both = ~np.isnan(arrived) & ~np.isnan(ready)
        assert both.any()
        assert (arrived >= ready)[both].all()


def test_data_come_from_the_old_towns_back_office_and_early_visitors_wait_for_them(country: NationalRun) -> None:
    sent = of_flow(country, "move_out_online", "send_data", leave=True)
    processed = of_flow(country, "move_out_online", "process", leave=True)
    known = ~np.isnan(processed)
    assert (sent >= processed)[known].all()
    called = of_flow(country, "visit_move_in_online", "queue_clerk", leave=True)
    early = ~np.isnan(of_flow(country, "visit_move_in_online", "call_origin"))
    filed = ~np.isnan(sent)
    visited = ~np.isnan(called) & filed
    assert (early == (sent > called))[visited].all()
    again = of_flow(country, "visit_move_in_online", "queue_window_again")
    came_again = ~np.isnan(again)
    assert (again >= sent)[came_again & filed].all()
    assert early.any()


def test_a_visit_is_served_as_prepared_if_the_preparation_was_done(country: NationalRun) -> None:
    done = of_flow(country, "preparation", "prepare", leave=True)
    served = of_flow(country, "visit_within_online", "serve_prepared")
    unprepared = of_flow(country, "visit_within_online", "serve_unprepared")
    with_notice = ~np.isnan(served)
    assert (done <= served)[with_notice].all()
    late = ~np.isnan(unprepared) & ~np.isnan(done)
    assert (done >= unprepared)[late].all()


def test_tickets_and_jobs_are_read_with_their_own_times(country: NationalRun) -> None:
    tickets, jobs = tickets_of(country), jobs_of(country)
    assert (tickets.came <= tickets.called).all()
    assert (tickets.called < tickets.left).all()
    assert (jobs.came <= jobs.begun).all()
    rows = rows_named(country, "serve", "serve_prepared", "serve_unprepared", "call_origin")
    hands = in_ticks(country.log.leave[rows] - country.log.enter[rows]).sum()
    assert in_ticks(tickets.left - tickets.called).sum() == hands


def test_who_would_wait_for_ever_is_told() -> None:
    def closed(program: Program) -> Log:
        shut = replace(program.calendar, capacity=np.zeros_like(program.calendar.capacity))
        return run(replace(program, calendar=shut))

    with pytest.raises(NationalError, match="E-national-stuck") as told:
        list(replicate_national(small({"moves.part": 0.0005}), SEED, 0, closed))
    assert "wait for ever" in told.value.say("en")
    assert "待ち続け" in told.value.say("ja")


def test_without_incidents_there_is_one_arm() -> None:
    assert list(arms_of(small())) == ["without", "with"]
    assert list(arms_of(small({"incidents": []}))) == ["without"]
    assert arms_of(small())["without"].incidents == ()
