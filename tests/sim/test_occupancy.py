from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engines.reference import run
from sim.levels import Level, Window, excess, integral_above, integral_within, least, most, total
from sim.occupancy import Spells, by_class, capacity, held, waited, widest_capacity
from sim.program import Program
from tests.sim.log_rules import capacity_at
from tests.sim.programs import at, build, delay, seize, served, units
from tests.sim.random_programs import PLACES, TICK, programs

EVERYWHERE = range(len(PLACES))
MOMENTS = np.arange(-1.0, 25.0, 0.25)


def level(*steps: tuple[float, int]) -> Level:
    return Level(np.array([time for time, _ in steps]), np.array([value for _, value in steps], dtype=np.int64))


windows = st.tuples(st.integers(0, 24), st.integers(0, 24)).map(lambda pair: (min(pair) / 2, max(pair) / 2))
levels = st.dictionaries(st.integers(0, 12), st.integers(0, 4), max_size=6).map(
    lambda steps: level(*((float(time), steps[time]) for time in sorted(steps)))
)


def one_clerk_from_nine_to_twelve() -> Program:
    """Minutes stand for hours: A 9-11, B comes at 10 and is served 11-14, two hours after closing; C never."""
    visits = [
        [at(float(come)), *served("counter", delay(minutes))] for come, minutes in ((9, 2.0), (10, 3.0), (12, 1.0))
    ]
    return build(visits, units("counter", 1, since=9.0), units("counter", 0, since=12.0))


def test_who_waits_and_who_is_served_is_counted_at_every_moment() -> None:
    program = one_clerk_from_nine_to_twelve()
    log = run(program)
    moments = np.array([8.0, 9.0, 10.5, 11.0, 12.5, 14.0, 99.0])
    assert waited(program, log, 0).level().sampled(moments).tolist() == [0, 0, 1, 0, 1, 1, 1]
    assert held(program, log, 0).level().sampled(moments).tolist() == [0, 1, 1, 1, 1, 0, 0]
    assert waited(program, log, 0).minutes((0.0, 20.0)).tolist() == [0.0, 1.0, 8.0]
    assert held(program, log, 0).minutes((0.0, 20.0)).tolist() == [2.0, 3.0]


def test_only_time_on_duty_counts_for_utilisation_and_the_rest_is_overtime() -> None:
    program = one_clerk_from_nine_to_twelve()
    busy, staffed = held(program, run(program), 0).level(), widest_capacity(program, 0)
    assert integral_within(busy, staffed, (0.0, 24.0)) == (3.0, 3.0)
    assert integral_above(busy, staffed, (0.0, 24.0)) == 2.0
    assert integral_above(busy, (np.array([9.0, 13.0]), np.array([1, 0])), (0.0, 24.0)) == 1.0
    assert integral_within(busy, level((8.0, 2), (12.0, 0)), (10.0, 24.0)) == (2.0, 4.0)


def test_what_is_never_given_back_is_held_until_the_end_of_the_window() -> None:
    program = build([[at(3.0), seize("counter", klass=1)]], units("counter", 1), classes=2)
    log = run(program)
    spells = held(program, log, 0)
    assert np.isnan(spells.end).all()
    assert spells.minutes((0.0, 10.0)).tolist() == [7.0]
    assert [own.integral((0.0, 10.0)) for own in by_class(program, spells)] == [0.0, 7.0]


def test_the_value_at_a_change_is_the_new_one_and_before_it_the_old_one() -> None:
    steps = level((1.0, 2), (3.0, 5))
    moments = np.array([0.0, 1.0, 2.0, 3.0, 9.0])
    assert steps.sampled(moments).tolist() == [0, 2, 2, 5, 5]
    assert steps.before(moments).tolist() == [0, 0, 2, 2, 5]


def test_an_integral_is_exact_to_the_tick() -> None:
    many = level((TICK, 2**40), (3 * TICK, 2**40 + 1))
    assert many.ticks((0.0, 4 * TICK)) == 2 * 2**40 + 2**40 + 1


def test_nothing_at_all_has_an_empty_level() -> None:
    program = build([], units("counter", 0))
    log = run(program)
    assert waited(program, log, 0).level().sampled(MOMENTS).max() == 0
    assert held(program, log, 0).level().integral((0.0, 9.0)) == 0.0
    assert widest_capacity(program, 0).integral((0.0, 9.0)) == 0.0


def test_the_last_of_several_changes_at_one_time_counts() -> None:
    program = build([], units("counter", 3), units("counter", 1), units("counter", 1, since=4.0))
    assert capacity(program, 0, 0).time.tolist() == [0.0]
    assert capacity(program, 0, 0).value.tolist() == [1]


@settings(max_examples=60, deadline=None)
@given(programs(), windows)
def test_levels_count_the_spells_and_integrals_sum_them(program: Program, window: Window) -> None:
    log = run(program)
    for place in EVERYWHERE:
        for spells in (waited(program, log, place), held(program, log, place)):
            under_way = spells.level()
            ends = np.where(np.isnan(spells.end), np.inf, spells.end)
            counted = [int(((spells.start <= now) & (now < ends)).sum()) for now in MOMENTS]
            assert under_way.sampled(MOMENTS).tolist() == counted
            assert (np.diff(under_way.time) > 0).all()
            assert (np.diff(under_way.value, prepend=0) != 0).all()
            assert under_way.integral(window) == spells.minutes(window).sum()
            classes = by_class(program, spells)
            assert sum(own.integral(window) for own in classes) == under_way.integral(window)


@settings(max_examples=60, deadline=None)
@given(programs())
def test_capacity_over_time_is_what_the_calendar_says(program: Program) -> None:
    for place in EVERYWHERE:
        classes = [capacity(program, place, klass).sampled(MOMENTS) for klass in range(program.classes)]
        for klass, values in enumerate(classes):
            assert values.tolist() == [capacity_at(program, place, klass, now) for now in MOMENTS]
        assert widest_capacity(program, place).sampled(MOMENTS).tolist() == np.max(classes, axis=0).tolist()


@given(levels, levels, windows)
def test_time_on_duty_and_overtime_make_up_all_busy_time(busy: Level, staffed: Level, window: Window) -> None:
    within, duty = integral_within(busy, staffed, window)
    assert within + integral_above(busy, staffed, window) == busy.integral(window)
    assert 0 <= within <= duty == staffed.integral(window)


@given(levels, levels)
def test_levels_combine_moment_by_moment(one: Level, other: Level) -> None:
    first, second = one.sampled(MOMENTS), other.sampled(MOMENTS)
    assert least(one, other).sampled(MOMENTS).tolist() == np.minimum(first, second).tolist()
    assert most(one, other).sampled(MOMENTS).tolist() == np.maximum(first, second).tolist()
    assert total(one, other).sampled(MOMENTS).tolist() == (first + second).tolist()
    assert excess(one, other).sampled(MOMENTS).tolist() == np.maximum(first - second, 0).tolist()


@given(levels, windows, st.floats(0, 1))
def test_the_integrals_of_two_halves_make_up_the_whole(steps: Level, window: Window, share: float) -> None:
    middle = window[0] + round(share * (window[1] - window[0]) * 4) / 4
    halves = steps.ticks((window[0], middle)) + steps.ticks((middle, window[1]))
    assert halves == steps.ticks(window)


@pytest.mark.parametrize("window", [(2.0, 2.0), (50.0, 60.0), (0.0, 1.0)])
def test_outside_a_spell_nothing_is_counted(window: Window) -> None:
    spell = Spells(np.array([0]), np.array([0]), np.array([1.0]), np.array([50.0]))
    assert spell.minutes(window).tolist() == [0.0]
    assert spell.level().integral(window) == 0.0
