from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engines.reference import rounded, run
from sim.log import Log
from sim.program import Program, ProgramError, on_grid
from sim.waiting import waiting_report
from tests.sim.log_rules import RULES
from tests.sim.programs import (
    Change,
    Step,
    at,
    build,
    delay,
    goto,
    if_longer,
    if_posted,
    post,
    release,
    seize,
    served,
    slow,
    units,
    wait_for,
    work,
)
from tests.sim.random_programs import TICK, programs


@dataclass(frozen=True)
class Day:
    """A finished run that can be asked by name."""

    program: Program
    log: Log

    def row(self, entity: int, step: str) -> int:
        first, end = self.program.offset[entity : entity + 2]
        return int(next(row for row in range(first, end) if self.program.steps[self.program.step[row]] == step))

    def started(self, entity: int, place: str) -> float:
        row = self.row(entity, f"queue for {place}")
        return float("nan") if self.log.gone[row] else float(self.log.leave[row])

    def gave_up(self, entity: int, place: str) -> bool:
        return bool(self.log.gone[self.row(entity, f"queue for {place}")])

    def finished(self, entity: int) -> float:
        first, end = self.program.offset[entity : entity + 2]
        return float(np.nanmax(self.log.leave[first:end]))


def day(entities: Sequence[Sequence[Step]], *changes: Change, classes: int = 1, tokens: int = 0) -> Day:
    program = build(entities, *changes, classes=classes, tokens=tokens)
    return Day(program, run(program))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__.removeprefix("check_"))
@settings(max_examples=80, deadline=None)
@given(program=programs())
def test_every_rule_of_the_model_holds(rule: Callable[[Program, Log], None], program: Program) -> None:
    rule(program, run(program))


@settings(max_examples=60, deadline=None)
@given(programs())
def test_the_same_program_gives_the_same_log(program: Program) -> None:
    first, second = run(program), run(program)
    assert first.enter.tobytes() == second.enter.tobytes()
    assert first.leave.tobytes() == second.leave.tobytes()
    assert first.gone.tobytes() == second.gone.tobytes()


@given(st.floats(0, 1e6), st.sampled_from([1.0, 1.5, 1 / 3, 0.75]), st.integers(0, 9))
def test_a_slowed_duration_is_rounded_as_numpy_rounds(minutes: float, slowness: float, ticks: int) -> None:
    for value in (minutes, (ticks + 0.5) * TICK):
        assert rounded(value * slowness) == on_grid(np.array(value * slowness))


def test_ticket_holders_are_served_after_closing() -> None:
    """Class 0 holds tickets, class 1 comes through the door, which closes at 10."""
    visits = [
        [at(0.0), *served("counter", delay(12.0), klass=1)],
        [at(9.0), *served("counter", delay(5.0), klass=1)],
        [at(9.0), *served("counter", delay(5.0), klass=0)],
    ]
    ward = day(visits, units("counter", 1), units("counter", 0, since=10.0, klass=1), classes=2)
    assert ward.started(2, "counter") == 12.0
    assert ward.finished(2) == 17.0
    assert isnan(ward.started(1, "counter"))


def test_at_a_shift_change_the_clerk_finishes_or_a_new_crew_starts() -> None:
    visits = [[at(float(come)), *served("counter", delay(10.0))] for come in range(3)]
    finish = day(visits, units("counter", 1), units("counter", 1, since=5.0))
    assert [finish.started(e, "counter") for e in range(3)] == [0.0, 10.0, 20.0]
    handover = day(visits, units("counter", 1), units("counter", 1, since=5.0, handover=True))
    assert [handover.started(e, "counter") for e in range(3)] == [0.0, 5.0, 15.0]
    assert handover.finished(0) == 10.0


def test_a_unit_seized_at_the_instant_of_a_handover_counts_for_the_new_crew() -> None:
    visits = [[at(5.0), *served("counter", delay(2.0))], [at(5.0), *served("counter", delay(2.0))]]
    ward = day(visits, units("counter", 1), units("counter", 1, since=5.0, handover=True))
    assert [ward.started(e, "counter") for e in range(2)] == [5.0, 7.0]


def test_fewer_clerks_finish_before_the_next_is_called() -> None:
    visits = [[*served("counter", delay(4.0 + e))] for e in range(3)]
    ward = day(visits, units("counter", 2), units("counter", 1, since=1.0))
    assert [ward.started(e, "counter") for e in range(3)] == [0.0, 0.0, 5.0]


def test_the_card_desk_is_blocked_while_the_network_does_not_answer() -> None:
    visit = served("card desk", *served("network", delay(3.0)), delay(2.0))
    ward = day([visit, [at(1.0), *visit]], units("card desk", 1), units("network", 1, since=20.0))
    assert ward.started(0, "card desk") == 0.0
    assert ward.started(0, "network") == 20.0
    assert ward.started(1, "card desk") == 25.0
    assert ward.started(1, "network") == 25.0


def test_at_the_end_of_patience_what_was_scheduled_first_wins() -> None:
    """The clerk is free at 5 and patience ends at 5. The end of a service of 5 minutes was scheduled before the
    patience; the end of 2 and then 3 minutes was scheduled after it."""
    waiting = served("counter", delay(1.0), patience=5.0)
    before = day([served("counter", delay(5.0)), waiting], units("counter", 1))
    assert before.started(1, "counter") == 5.0
    after = day([served("counter", delay(2.0), delay(3.0)), waiting], units("counter", 1))
    assert after.gave_up(1, "counter")
    assert after.finished(1) == 5.0


def test_a_clerk_who_comes_at_the_end_of_patience_comes_in_time() -> None:
    ward = day([served("counter", delay(1.0), patience=5.0)], units("counter", 1, since=5.0))
    assert ward.started(0, "counter") == 5.0


def test_whoever_has_no_patience_is_served_only_if_a_unit_is_free_in_that_instant() -> None:
    eager = [at(5.0), *served("counter", delay(1.0), patience=0.0)]
    holder = served("counter", delay(5.0))
    assert day([eager], units("counter", 1)).started(0, "counter") == 5.0
    assert day([holder, eager], units("counter", 1)).started(1, "counter") == 5.0
    freed_before_the_timer = day([[at(0.0), *holder], eager, [at(5.0)]], units("counter", 1))
    assert freed_before_the_timer.started(1, "counter") == 5.0
    too_late = day([[*served("counter", delay(6.0))], eager], units("counter", 1))
    assert too_late.gave_up(1, "counter")
    assert too_late.finished(1) == 5.0


def test_whoever_gives_up_goes_where_the_table_says_and_leaves_the_queue_in_order() -> None:
    impatient = [seize("counter", patience=2.0, jump=4), delay(1.0), release("counter"), goto(2), delay(7.0)]
    visits = [served("counter", delay(4.0)), impatient, served("counter", delay(1.0))]
    ward = day(visits, units("counter", 1))
    assert ward.finished(1) == 9.0
    assert ward.started(2, "counter") == 4.0
    assert isnan(ward.log.enter[ward.row(1, "leave counter")])


def test_a_token_that_came_early_is_not_waited_for() -> None:
    ward = day([[at(2.0), post(0), post(0)], [at(3.0), wait_for(0), delay(1.0)]], tokens=1)
    assert ward.finished(1) == 4.0


def test_those_who_await_a_token_go_on_in_order_of_arrival() -> None:
    def late(come: float) -> list[Step]:
        return [at(come), wait_for(0), *served("counter", delay(1.0))]

    ward = day([late(2.0), late(1.0), [at(3.0), post(0)], late(4.0)], units("counter", 1), tokens=1)
    assert [ward.started(e, "counter") for e in (1, 0, 3)] == [3.0, 4.0, 5.0]


def test_a_token_that_has_arrived_changes_the_way() -> None:
    asks = [if_posted(0, 2), delay(10.0), delay(1.0)]
    ward = day([[at(2.0), post(0)], [at(1.0), *asks], [at(3.0), *asks]], tokens=1)
    assert [ward.finished(e) for e in (1, 2)] == [12.0, 4.0]


def test_whoever_finds_a_long_queue_of_all_classes_together_turns_away() -> None:
    def visit(come: float, klass: int) -> list[Step]:
        return [at(come), if_longer("counter", 2, 4), *served("counter", delay(5.0), klass=klass)]

    ward = day([visit(0.0, 0), visit(1.0, 0), visit(2.0, 1), visit(3.0, 0)], units("counter", 1), classes=2)
    assert isnan(ward.started(3, "counter"))
    assert ward.finished(3) == 3.0
    assert ward.started(2, "counter") == 10.0


def test_lower_class_first_then_first_come_first_served_then_lower_index() -> None:
    come = [(1.0, 1), (2.0, 1), (2.0, 1), (3.0, 0), (4.0, 0)]
    visits = [[at(time), *served("counter", delay(1.0), klass=klass)] for time, klass in come]
    ward = day(visits, units("counter", 1, since=10.0), classes=2)
    assert [ward.started(e, "counter") for e in range(5)] == [12.0, 13.0, 14.0, 10.0, 11.0]


def test_a_class_without_room_lets_a_higher_class_pass() -> None:
    visits = [served("counter", delay(1.0), klass=0), [at(1.0), *served("counter", delay(1.0), klass=1)]]
    ward = day(visits, units("counter", 1, klass=1), units("counter", 1, since=9.0, klass=0), classes=2)
    assert [ward.started(e, "counter") for e in range(2)] == [9.0, 1.0]


def test_changes_of_one_instant_are_all_made_before_anyone_is_served() -> None:
    opens_and_closes = (units("counter", 1, since=5.0), units("counter", 0, since=5.0), units("counter", 1, since=8.0))
    assert day([served("counter", delay(1.0))], *opens_and_closes).started(0, "counter") == 8.0


def test_places_touched_at_one_instant_are_served_in_the_order_of_their_index() -> None:
    """Entity 0 waits for the second place and entity 1 for the first; both then want the same single unit."""
    visits = [[seize(place), *served("last", delay(1.0))] for place in ("second", "first")]
    open_at_five = (units("second", 1, since=5.0), units("first", 1, since=5.0))
    ward = day(visits, units("last", 1), units("first", 0), units("second", 0), *open_at_five)
    assert ward.program.places == ("last", "first", "second")
    assert [ward.started(e, "last") for e in (1, 0)] == [5.0, 6.0]


def test_changes_up_to_time_zero_hold_before_anyone_starts() -> None:
    visits = [served("counter", work("counter", 2.0)), served("counter", work("counter", 2.0))]
    ward = day(visits, units("counter", 2, since=-9.0), units("counter", 1), slow("counter", 1.5, since=-1.0))
    assert [ward.finished(e) for e in range(2)] == [3.0, 6.0]


def test_work_takes_the_pace_of_its_start() -> None:
    visits = [served("counter", work("counter", 4.0)), [at(2.0), *served("counter", work("counter", 4.0))]]
    ward = day(visits, units("counter", 1), slow("counter", 3.0, since=2.0), slow("counter", 0.5, since=4.0))
    assert [ward.finished(e) for e in range(2)] == [4.0, 6.0]


def test_a_time_that_is_past_takes_no_event_and_no_minutes_take_one() -> None:
    one_unit = units("counter", 1)
    visit = served("counter", delay(1.0))
    assert day([[at(0.0), *visit], visit], one_unit).started(0, "counter") == 0.0
    assert day([[delay(0.0), *visit], visit], one_unit).started(0, "counter") == 1.0


def test_a_grant_after_a_wait_comes_after_what_was_already_due_in_that_instant() -> None:
    """At 5 the unit passes on; who arrives then was scheduled earlier, but finds the unit taken."""
    visits = [[*served("counter", delay(2.0))] for _ in range(2)]
    ward = day([*visits, [at(2.0), *visits[0]]], units("counter", 1))
    assert [ward.started(e, "counter") for e in range(3)] == [0.0, 2.0, 4.0]


def test_a_place_may_be_given_back_in_another_order_than_seized() -> None:
    passes_on = [seize("desk"), seize("room"), release("desk"), delay(3.0), release("room")]
    ward = day([passes_on, passes_on], units("desk", 1), units("room", 1))
    assert [ward.started(e, "desk") for e in range(2)] == [0.0, 0.0]
    assert [ward.started(e, "room") for e in range(2)] == [0.0, 3.0]


@pytest.mark.parametrize(
    "steps",
    [
        [seize("counter", patience=1.0, jump=1), release("counter")],
        [seize("counter"), release("counter", -1), release("counter", -2)],
        [goto(2), seize("counter"), release("counter")],
    ],
    ids=["after giving up", "twice", "never reached"],
)
def test_giving_back_what_is_not_held_is_refused(steps: list[Step]) -> None:
    capacity = 0 if steps[0].value == 1.0 else 1
    program = build([steps], units("counter", capacity))
    with pytest.raises(ProgramError, match="does not hold"):
        run(program)


def test_an_empty_program_gives_an_empty_log() -> None:
    assert len(day([]).log.enter) == 0
    nothing_to_do = day([[], []])
    assert len(nothing_to_do.log.leave) == 0
    assert waiting_report(nothing_to_do.program, nothing_to_do.log) == []


def test_those_who_wait_for_ever_are_named_and_counted() -> None:
    never = [[at(float(e)), seize("closed"), release("closed")] for e in range(3)]
    ward = day([*never, [at(7.0), wait_for(1)], [delay(1.0)]], units("open", 1), tokens=2)
    place, token = waiting_report(ward.program, ward.log)
    assert (place.step, place.place, place.token, place.count) == ("queue for closed", "closed", None, 3)
    assert (place.first, place.last, place.entities) == (0.0, 2.0, (0, 1, 2))
    assert (token.step, token.place, token.token, token.entities) == ("await", None, 1, (3,))


def test_arrivals_come_before_what_was_scheduled_at_the_start_for_the_same_instant() -> None:
    finished = day(
        [[delay(5.0), *served("counter", delay(1.0))], [at(5.0), *served("counter", delay(1.0))]],
        units("counter", 1),
    )
    assert finished.started(1, "counter") == 5.0
    assert finished.started(0, "counter") == 6.0


def test_arrivals_of_one_instant_come_in_the_order_of_entities() -> None:
    finished = day([[at(5.0), *served("counter", delay(1.0))] for _ in range(3)], units("counter", 1))
    assert [finished.started(entity, "counter") for entity in range(3)] == [5.0, 6.0, 7.0]


def test_capacity_changes_come_before_arrivals() -> None:
    finished = day(
        [[at(5.0), *served("counter", delay(1.0), patience=0.0)]], units("counter", 0), units("counter", 1, since=5.0)
    )
    assert finished.started(0, "counter") == 5.0
