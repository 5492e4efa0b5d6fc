"""The scheduler of arrivals, the conductor of the end, and who plays whom, on a clock that the test has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import gevent
import pytest
from gevent.event import Event
from hypothesis import given
from hypothesis import strategies as st

from fakes.identifiers import masked
from fakes.people import People
from fakes.population import first_household, home_of
from loadtests.casting import Casting
from loadtests.generator.arrivals import Arrivals
from loadtests.generator.conductor import QUIET_S, Conductor
from loadtests.generator.run import mark_of
from loadtests.journeys import CODES
from loadtests.rates import poisson
from loadtests.users.habits import Habits

QUIET = round(QUIET_S * 1e6)
START = datetime(2023, 3, 27, 8, 30)


@dataclass
class Clock:
    """A clock that goes on when somebody waits for it."""

    at: int = 0

    def now(self) -> int:
        return self.at


@dataclass
class Little:
    """What the scheduler needs of a run: who is there, and a cap."""

    cap: int
    clock: Clock = field(default_factory=Clock)
    under_way: int = 0
    offered: int = 0
    ending: bool = False
    not_offered: int = 0

    @property
    def plan(self) -> Any:
        return type("Plan", (), {"in_flight": self.cap})

    @property
    def record(self) -> Any:
        return type("Record", (), {"ledger": self})

    def until(self, due: int) -> None:
        self.clock.at = due
        gevent.sleep(0)


def test_everybody_comes_when_due_and_nobody_waits_for_anybody() -> None:
    run, idle, came = Little(cap=10), Event(), []
    hold = Event()

    def start(number: int, due: int) -> gevent.Greenlet:
        came.append((number, due, run.clock.at))
        return gevent.spawn(hold.wait)

    Arrivals(run, [(10, 0), (20, 2), (20, 4)], start, idle).walk()  # type: ignore[arg-type]
    assert came == [(0, 10, 10), (2, 20, 20), (4, 20, 20)]
    assert (run.under_way, run.offered, run.not_offered, idle.is_set()) == (3, 3, 0, False)
    hold.set()
    assert idle.wait(5)
    assert run.under_way == 0


def test_over_the_cap_an_arrival_is_counted_and_not_kept_for_later() -> None:
    run, idle, came = Little(cap=2), Event(), []

    def start(number: int, _: int) -> gevent.Greenlet:
        came.append(number)
        return gevent.spawn(Event().wait, 0.2 if number < 2 else 0)

    Arrivals(run, [(number, number) for number in range(5)], start, idle).walk()  # type: ignore[arg-type]
    assert came == [0, 1]
    assert (run.offered, run.not_offered) == (2, 3)
    assert idle.wait(5)


def test_whoever_is_late_is_started_all_the_same() -> None:
    run, idle, came = Little(cap=1000, clock=Clock(at=10_000)), Event(), []

    def start(number: int, due: int) -> gevent.Greenlet:
        came.append(run.clock.at - due)
        return gevent.spawn(lambda: None)

    Arrivals(run, [(number, number) for number in range(100)], start, idle).walk()  # type: ignore[arg-type]
    assert came == [10_000 - number for number in range(100)]
    assert idle.wait(5)


def test_a_run_without_arrivals_is_idle_at_once() -> None:
    run, idle = Little(cap=1), Event()
    Arrivals(run, [], lambda *_: gevent.spawn(lambda: None), idle).walk()  # type: ignore[arg-type]
    assert idle.is_set()


def conductor(workers: int = 2, places: tuple[str, ...] = ("a", "b"), limit: int = 10**9) -> tuple[Conductor, Clock]:
    clock = Clock()
    return Conductor(clock, workers, frozenset(places), limit), clock  # type: ignore[arg-type]


def test_it_is_over_when_every_place_was_seen_empty_after_it_was_quiet_everywhere() -> None:
    made, clock = conductor()
    assert not made.stripe_ended(0)
    assert not made.stripe_ended(0)
    assert made.stripe_ended(1)
    clock.at = QUIET + 5
    made.looked("a", QUIET + 1, empty=True)
    assert not made.over
    made.looked("b", QUIET + 1, empty=False)  # something came after all
    made.looked("b", QUIET + 2, empty=True)
    assert not made.over
    for place in ("a", "b"):
        made.looked(place, 2 * QUIET + 5, empty=True)
    assert made.over


def test_a_look_that_began_before_the_quiet_counts_nothing() -> None:
    made, _ = conductor(workers=1, places=("a",))
    made.looked("a", 5, empty=True)
    assert made.stripe_ended(0)
    made.looked("a", QUIET - 1, empty=True)
    assert not made.over
    made.looked("a", QUIET, empty=True)
    assert made.over


def test_the_limit_ends_it_whatever_is_left() -> None:
    made, clock = conductor(limit=100)
    assert not made.over
    clock.at = 100
    assert made.over


def test_where_nobody_looks_it_is_over_with_the_journeys() -> None:
    made, _ = conductor(workers=1, places=())
    assert not made.over
    assert made.stripe_ended(0)
    assert made.over


def test_households_play_the_town_that_is_left_each_its_own_and_dense() -> None:
    schedule = poisson(30, 10, 5, START)
    people = People(7, START.date())
    casting = Casting(schedule, people)
    played = [casting.household(number) for number in range(len(schedule))]
    assert len({one.index for one in played}) == len(schedule)
    assert {home_of(one.index) for one in played} == {CODES[0]}
    assert all(len(one.members) == 1 for one in played)
    assert max(one.index for one in played) < first_household(CODES[0]) + casting.needed
    assert casting.needed < 3 * len(schedule)
    again = Casting(schedule, people)
    assert [again.household(number).index for number in range(len(schedule))] == [one.index for one in played]


def test_habits_follow_from_the_seed_and_the_number_alone() -> None:
    schedule = poisson(100, 20, 5, START)
    arrivals = [schedule[number] for number in range(len(schedule))]
    first, second, other = Habits(1), Habits(1), Habits(2)
    assert [first.mistypes(one) for one in arrivals] == [second.mistypes(one) for one in reversed(arrivals)][::-1]
    assert [first.mistypes(one) for one in arrivals] != [other.mistypes(one) for one in arrivals]
    share = sum(first.mistypes(one) for one in arrivals) / len(arrivals)
    assert share == pytest.approx(0.03, abs=0.015)
    assert {first.looks(one) for one in arrivals} == {1, 2, 3, 4}


@given(st.text(max_size=60), st.integers(0, 999), st.integers(0, 2**32))
def test_no_request_id_looks_like_the_number_of_a_person(run: str, worker: int, number: int) -> None:
    name = f"{mark_of(run)}-{worker}-{number:x}"
    assert len(name) <= 64
    assert masked(name) == name
