"""Arrivals: how many, in which order, at which rate; the same seed the same bytes; stripes without gap or overlap."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from loadtests.crowd import CHUNK, filings_of
from loadtests.errors import LoadError
from loadtests.journeys import CODES, JOURNEYS, Journey
from loadtests.rates import constant, poisson, ramp, replay
from loadtests.schedule import Schedule, of_scenario
from loadtests.window import Window
from sim.demand.horizon import horizon_of
from sim.streams import Streams
from tests.sim.small import SEED, demand_of, file, small

WINDOW = Window.parse("2023-03-27 08:30/12:30")
START = datetime(2023, 3, 27, 8, 30)


@cache
def run_of(scale: float, speed: float = 60.0, seed: int = 1) -> Schedule:
    return of_scenario(small(), WINDOW, scale=scale, speed=speed, seed=seed)


def keys(schedule: Schedule) -> set[tuple[int, int, bool]]:
    own = schedule.arrivals
    return set(zip(own.household.tolist(), own.at_us.tolist(), own.second.tolist(), strict=True))


# --- the scenario's own people ---------------------------------------------------------------------------------------


def test_a_scale_of_one_is_the_first_replication_of_the_simulation() -> None:
    scenario = small()
    demand, horizon = demand_of(scenario), horizon_of(scenario)
    filed = np.zeros(len(demand.people), dtype=bool)
    for name in ("files_out", "files_in", "files_within"):
        filed |= demand.columns[name].astype(bool)
    twice = demand.columns["files_twice"].astype(bool)
    times = np.concatenate([demand.columns["submit_time"][filed], demand.columns["second_submit_time"][filed & twice]])
    whole = Window.parse("2023-03-24 00:00/2023-03-31 24:00")
    start, end = horizon.minute_of(whole.start), horizon.minute_of(whole.end)
    expected = np.sort(np.floor((times[(times >= start) & (times < end)] - start) * 60e6).astype(np.int64))
    schedule = of_scenario(scenario, whole, scale=1.0, speed=3600.0, seed=SEED)
    assert len(expected) > 20
    assert schedule.arrivals.at_us.tolist() == expected.tolist()


def test_a_scenario_without_the_service_has_nobody_to_send() -> None:
    with pytest.raises(LoadError) as caught:
        of_scenario(file("before"), WINDOW, scale=1, speed=60, seed=1)
    assert caught.value.code == "E-load-nobody"


@pytest.mark.parametrize(
    ("text", "scale", "speed", "code"),
    [
        ("2023-03-27 08:30/12:30", 0.0, 60.0, "E-load-scale"),
        ("2023-03-27 08:30/12:30", 1e9, 60.0, "E-load-scale"),
        ("2023-03-27 08:30/12:30", 1.0, 0.0, "E-load-speed"),
        ("2023-05-01 08:30/12:30", 1.0, 60.0, "E-load-window-outside"),
        ("2023-04-30 12:00/2023-05-01 00:01", 1.0, 60.0, "E-load-window-outside"),
        ("2023-02-05 12:00/2023-02-06 09:00", 1.0, 60.0, "E-load-window-outside"),
        ("2023-03-27 08:30", 1.0, 60.0, "E-load-window"),
        ("2023-02-30 08:30/12:30", 1.0, 60.0, "E-load-window"),
        ("2023-03-27 08:30/25:00", 1.0, 60.0, "E-load-window"),
        ("2023-03-27 12:30/08:30", 1.0, 60.0, "E-load-window-order"),
        ("2023-03-01 00:00/2023-03-16 00:00", 1.0, 60.0, "E-load-window-order"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_both_languages(text: str, scale: float, speed: float, code: str) -> None:
    with pytest.raises(LoadError) as caught:
        of_scenario(small(), Window.parse(text), scale=scale, speed=speed, seed=1)
    assert caught.value.code == code
    assert caught.value.say("ja") != caught.value.say("en")


@pytest.mark.parametrize("text", ["2023-03-27 08:30/12:30", "2023-03-27 22:00/2023-03-28 00:00"])
def test_a_window_reads_as_it_was_written(text: str) -> None:
    window = Window.parse(text)
    assert Window.parse(str(window)) == window
    assert str(window) == text
    assert Window.parse("2023-03-27T22:00/24:00").minutes == 120


# --- scale -----------------------------------------------------------------------------------------------------------


def test_arrivals_are_sorted_and_lie_in_the_run() -> None:
    schedule = run_of(40.0)
    assert (np.diff(schedule.due_us) >= 0).all()
    assert (schedule.due_us >= 0).all()
    assert (schedule.due_us < schedule.length_us).all()
    assert schedule.length_us == 240_000_000
    assert (schedule.due_us == schedule.arrivals.at_us // 60).all()


def test_a_larger_scale_keeps_every_arrival_of_a_smaller_one() -> None:
    day = Window.parse("2023-03-27 06:00/24:00")
    scales = (0.4, 1.0, 10.0, 17.0, 20.0, 40.0)
    smaller_first = [keys(of_scenario(small(), day, scale=scale, speed=60.0, seed=1)) for scale in scales]
    assert all(smaller < larger for smaller, larger in pairwise(smaller_first))


def test_a_scale_adds_other_people_at_other_instants() -> None:
    own = run_of(40.0).arrivals
    first = own.take(~own.second)
    assert len(np.unique(first.household)) == len(first)
    assert len(np.unique(first.at_us)) == len(first)


def test_the_number_of_arrivals_grows_with_the_scale_as_a_poisson_number_does() -> None:
    scenario = small()
    one = np.array([len(filings_of(scenario, WINDOW, Streams(2, number))) for number in range(30)])
    crowds = np.array([len(run_of(1.0 + 4 * CHUNK, seed=seed)) for seed in range(1, 5)]) / (1 + 4 * CHUNK)
    spread = np.sqrt(one.var(ddof=1) / len(one) + one.mean() / (1 + 4 * CHUNK) / len(crowds))
    assert abs(one.mean() - crowds.mean()) < 3.5 * spread
    assert stats.chi2.cdf((len(one) - 1) * one.var(ddof=1) / one.mean(), len(one) - 1) < 0.999  # not over-dispersed


def test_arrivals_of_a_scale_are_as_even_over_office_hours_as_the_scenario_says() -> None:
    at = np.concatenate([run_of(1.0 + 4 * CHUNK, seed=seed).arrivals.at_us for seed in range(1, 5)])
    counts = np.bincount(at // (WINDOW.micros // 16), minlength=16)
    assert len(at) > 400
    assert stats.chisquare(counts).pvalue > 1e-4


def test_gaps_between_arrivals_of_a_scale_are_exponential() -> None:
    at = run_of(1.0 + 4 * CHUNK).arrivals
    gaps = np.diff(at.at_us[~at.second]) / 1e6
    assert stats.kstest(gaps / gaps.mean(), "expon").pvalue > 1e-4


def test_both_towns_of_a_move_take_part_and_one_of_them_is_the_ward() -> None:
    own = run_of(40.0).arrivals
    ward = CODES.index("131041")
    for row in range(0, len(own), 7):
        journey, origin, destination = JOURNEYS[own.journey[row]], own.origin[row], own.destination[row]
        assert (origin == ward) == (journey is not Journey.MOVE_IN)
        assert (destination == ward) == (journey is not Journey.MOVE_OUT)
    out = own.destination[own.journey == JOURNEYS.index(Journey.MOVE_OUT)]
    assert set(np.unique(out)) == set(range(1, len(CODES)))


def test_a_second_filing_follows_the_first_of_the_same_household() -> None:
    own = of_scenario(
        small({"behaviour.duplicate": 0.5, "behaviour.duplicate_after": 5}),
        Window.parse("2023-03-27 06:00/24:00"),
        scale=30,
        speed=600,
        seed=3,
    ).arrivals
    seconds = np.flatnonzero(own.second)
    firsts = {int(own.household[row]): int(own.at_us[row]) for row in np.flatnonzero(~own.second)}
    assert len(seconds) > 20
    followed = [own.at_us[row] >= firsts[own.household[row]] for row in seconds if own.household[row] in firsts]
    assert all(followed)
    assert len(followed) > 0.8 * len(seconds)


# --- bytes -----------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    again = of_scenario(small(), WINDOW, scale=3.0, speed=60.0, seed=1)
    assert again.hash == run_of(3.0).hash
    assert run_of(3.0, seed=2).hash != again.hash
    assert run_of(3.0, speed=30.0).hash != again.hash
    again.write(tmp_path / "schedule.npz")
    read = Schedule.read(tmp_path / "schedule.npz")
    assert read.hash == again.hash
    assert [read[number] for number in range(len(read))] == [again[number] for number in range(len(again))]


@pytest.mark.parametrize("kept", [(0, 0.5), (0.0, 0.0), (0.1, 1.0), (0.0, 0.97)])
def test_a_schedule_that_was_spoilt_is_refused(tmp_path: Path, kept: tuple[float, float]) -> None:
    path = tmp_path / "schedule.npz"
    run_of(3.0).write(path)
    raw = path.read_bytes()
    path.write_bytes(raw[int(kept[0] * len(raw)) : int(kept[1] * len(raw))])
    with pytest.raises(LoadError) as caught:
        Schedule.read(path)
    assert caught.value.code == "E-load-schedule-file"


def test_a_schedule_with_one_arrival_moved_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "schedule.npz"
    run_of(3.0).write(path)
    with np.load(path) as held:
        columns = dict(held)
    columns["due_us"][0] += 1
    np.savez_compressed(path, **columns)
    with pytest.raises(LoadError, match="SHA-256"):
        Schedule.read(path)


# --- stripes ---------------------------------------------------------------------------------------------------------


@given(st.integers(1, 300), st.integers(1, 40))
def test_stripes_are_disjoint_and_complete_for_any_number_of_workers(arrivals: int, workers: int) -> None:
    schedule = constant(float(arrivals), 1.0, START)
    stripes = [schedule.stripe(worker, workers) for worker in range(workers)]
    assert sorted(np.concatenate(stripes).tolist()) == list(range(len(schedule))) == list(range(arrivals))
    assert all(np.all(stripe % workers == worker) for worker, stripe in enumerate(stripes))


def test_a_worker_that_is_not_one_of_them_has_no_stripe() -> None:
    with pytest.raises(ValueError, match="worker 2"):
        constant(10.0, 1.0, START).stripe(2, 2)


# --- calibration -----------------------------------------------------------------------------------------------------


@given(st.floats(0.5, 400), st.floats(0.5, 30))
def test_an_even_rate_has_even_gaps_and_the_expected_number(rate: float, seconds: float) -> None:
    schedule = constant(rate, seconds, START)
    assert abs(len(schedule) - rate * seconds) <= 1
    assert np.all(np.abs(np.diff(schedule.due_us) - 1e6 / rate) <= 1)


@settings(max_examples=30)
@given(st.floats(0, 300), st.floats(1, 300), st.floats(1, 20), st.integers(0, 2**32))
def test_a_ramp_is_sorted_and_inside_and_begins_a_faster_one(
    first: float, last: float, seconds: float, seed: int
) -> None:
    schedule = ramp(first, last, seconds, seed, START)
    assert np.all(np.diff(schedule.due_us) >= 0)
    assert np.all((schedule.due_us >= 0) & (schedule.due_us < schedule.length_us))
    faster = ramp(first * 2, last * 2, seconds, seed, START)
    assert np.all(faster.due_us[: len(schedule)] <= schedule.due_us)


@pytest.mark.parametrize(("first", "last"), [(200.0, 200.0), (0.0, 400.0), (300.0, 100.0)])
def test_a_ramp_has_its_rate_in_every_window(first: float, last: float) -> None:
    seconds, bins = 10.0, 20
    edges = np.linspace(0, seconds, bins + 1)
    expected = np.diff(first * edges + (last - first) * edges**2 / (2 * seconds)) * 50
    counts = np.zeros(bins)
    for seed in range(50):
        counts += np.histogram(ramp(first, last, seconds, seed, START).seconds, edges)[0]
    assert stats.chi2.sf(((counts - expected) ** 2 / expected).sum(), bins) > 1e-4


def test_a_poisson_process_is_a_ramp_that_stays() -> None:
    assert poisson(100.0, 5.0, 3, START).hash == ramp(100.0, 100.0, 5.0, 3, START).hash


@pytest.mark.parametrize("ask", [(0.0, 0.0, 5.0), (-1.0, 5.0, 5.0), (1.0, 1.0, 0.0), (float("nan"), 1.0, 1.0)])
def test_an_impossible_rate_is_refused(ask: tuple[float, float, float]) -> None:
    with pytest.raises(LoadError) as caught:
        ramp(*ask, 1, START)
    assert caught.value.code == "E-load-rate"
    with pytest.raises(LoadError, match="arrivals"):
        constant(1e6, 1e6, START)


def test_a_file_is_replayed_in_the_order_of_its_times(tmp_path: Path) -> None:
    path = tmp_path / "arrivals.txt"
    path.write_text("# seconds\n0.5\n\n0.25  # earlier\n3\n", encoding="utf-8")
    assert replay(path, START).seconds.tolist() == [0.25, 0.5, 3.0]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("1\n2\nsoon\n", "E-load-replay", "line 3"),
        ("1\n-2\n", "E-load-replay", "line 2"),
        ("nan\n", "E-load-replay", "line 1"),
        ("# nothing\n", "E-load-replay-empty", "no arrival"),
    ],
)
def test_a_file_that_is_no_list_of_offsets_is_refused_with_the_line(
    tmp_path: Path, text: str, code: str, said: str
) -> None:
    path = tmp_path / "arrivals.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LoadError, match=said) as caught:
        replay(path, START)
    assert caught.value.code == code


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LoadError) as caught:
        replay(tmp_path / "none.txt", START)
    assert caught.value.code == "E-load-replay-file"
