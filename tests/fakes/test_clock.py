"""The scenario clock: it never goes back, processes agree, and model minutes are moments and back."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.clock import JST, MODEL_GRID, HandClock, ModelTime, ScenarioClock, micros_of, moment_of
from sim.demand.horizon import horizon_of
from tests.sim.small import file

MORNING = datetime(2023, 3, 27, 8, 30, tzinfo=JST)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda naive: naive.replace(tzinfo=JST))


class Ticks:
    """Real time of a test, nanoseconds."""

    def __init__(self) -> None:
        self.now = 5_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.mark.parametrize(("speed", "later"), [(1.0, 10), (60.0, 600), (0.5, 5), (0.0, 0), (0.1, 1)])
def test_ten_real_seconds_are_so_many_of_the_scenario(speed: float, later: int) -> None:
    ticks = Ticks()
    clock = ScenarioClock(MORNING, speed, ticks=ticks)
    ticks.now += 10_000_000_000
    assert clock.now() == MORNING + timedelta(seconds=later)
    assert clock.now().tzinfo is JST
    assert clock.speed == speed


def test_a_fast_clock_does_not_lose_what_is_less_than_a_real_microsecond() -> None:
    ticks = Ticks()
    clock = ScenarioClock(MORNING, 1000.0, ticks=ticks)
    ticks.now += 999
    assert clock.now() - MORNING == timedelta(microseconds=999)


def test_real_time_runs_in_a_clock_without_further_settings() -> None:
    clock = ScenarioClock(MORNING)
    first = clock.true_micros()
    assert MORNING <= clock.now() < MORNING + timedelta(hours=1)
    assert clock.true_micros() >= first


@given(
    st.floats(0, 100_000, allow_nan=False),
    st.lists(st.integers(0, 10**12), max_size=20),
)
def test_a_clock_never_goes_back(speed: float, waits: list[int]) -> None:
    ticks = Ticks()
    clock = ScenarioClock(MORNING, speed, ticks=ticks)
    read = [clock.true_micros()]
    for wait in waits:
        ticks.now += wait
        read.append(clock.true_micros())
    assert read == sorted(read)


def test_processes_with_the_same_settings_agree() -> None:
    began = time.time_ns() - 120_000_000_000
    one, other = (ScenarioClock(MORNING, 60.0, began=began) for _ in range(2))
    assert abs(one.now() - other.now()) < timedelta(minutes=10)
    assert one.now() >= MORNING + timedelta(minutes=120)


def test_a_skewed_server_reads_another_time_and_the_scenario_keeps_its_own() -> None:
    clock = HandClock(MORNING)
    clock.skew = timedelta(minutes=-3)
    assert clock.now() == MORNING - timedelta(minutes=3)
    assert clock.true_now() == MORNING
    assert clock.micros() - clock.true_micros() == -180_000_000
    clock.skew = timedelta(0)
    assert clock.now() == MORNING


def test_a_clock_goes_on_from_the_newest_record_of_a_store() -> None:
    clock = HandClock(MORNING)
    clock.not_before(MORNING - timedelta(days=1))
    assert clock.now() == MORNING
    clock.not_before(MORNING + timedelta(days=1))
    assert clock.now() == MORNING + timedelta(days=1)


def test_a_hand_clock_moves_when_told_and_not_back() -> None:
    clock = HandClock(MORNING)
    assert clock.advance(timedelta(hours=1)) == datetime(2023, 3, 27, 9, 30, tzinfo=JST)
    assert clock.set(datetime(2023, 3, 28, tzinfo=JST)) == clock.now() == datetime(2023, 3, 28, tzinfo=JST)
    with pytest.raises(ValueError, match="backwards"):
        clock.set(MORNING)


def test_a_day_begins_at_midnight_in_japan() -> None:
    clock = HandClock(datetime(2023, 3, 26, 14, 59, tzinfo=UTC))
    assert clock.today() == date(2023, 3, 26)
    clock.advance(timedelta(minutes=1))
    assert clock.today() == date(2023, 3, 27)


def test_real_seconds_are_those_of_the_speed() -> None:
    assert ScenarioClock(MORNING, 60.0).real_seconds(timedelta(minutes=5)) == 5.0
    assert HandClock(MORNING).real_seconds(timedelta(seconds=1)) == float("inf")


def test_a_moment_without_a_time_zone_and_a_speed_below_0_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ScenarioClock(datetime(2023, 3, 27))
    with pytest.raises(ValueError, match="backwards"):
        ScenarioClock(MORNING, -1.0)


@given(moments)
def test_microseconds_are_moments_and_back(at: datetime) -> None:
    assert moment_of(micros_of(at)) == at


@given(st.integers(-(10**6) * MODEL_GRID, 10**6 * MODEL_GRID))
def test_model_minutes_are_moments_and_back(steps: int) -> None:
    model = ModelTime(date(2023, 2, 27))
    assert model.minutes(model.moment(steps / MODEL_GRID)) == steps / MODEL_GRID


@given(moments)
def test_a_moment_is_kept_to_a_step_of_the_model(at: datetime) -> None:
    model = ModelTime(date(2023, 2, 27))
    assert abs(model.moment(model.minutes(at)) - at) <= timedelta(minutes=1) / MODEL_GRID


def test_model_minutes_are_those_of_the_simulation() -> None:
    horizon = horizon_of(file("launch"))
    model = ModelTime(horizon.first)
    naive = datetime(2023, 3, 27, 10, 15, 30)
    assert model.minutes(naive.replace(tzinfo=JST)) == horizon.minute_of(naive)
