"""What the bench measures with: laps, sizes, common random numbers, and the page."""

from __future__ import annotations

import numpy as np
import pytest

from bench.__main__ import DOCUMENT, RESULTS, filled
from bench.common_numbers import rework_program, worth
from bench.models import SEED, tandem
from bench.race import Contestant, Times, race
from bench.results import table
from bench.scaling import Size, days_of, growth, rush_of
from sim.engines.compiled import run
from sim.program import Op
from sim.streams import Streams


def test_everybody_runs_once_to_warm_up_and_once_a_round_and_each_round_begins_with_another() -> None:
    calls: list[str] = []
    laps = race({name: lambda name=name: calls.append(name) for name in "abc"}, rounds=3)  # type: ignore[misc]
    assert "".join(calls) == "abc" + "abc" + "bca" + "cab"
    assert all(len(lap.times.seconds) == 3 for lap in laps.values())


def test_times_tell_the_middle_and_the_ends() -> None:
    times = Times((3.0, 1.0, 2.0))
    assert (times.median, times.fastest, times.slowest) == (2.0, 1.0, 3.0)


def test_a_contestant_whose_package_is_missing_says_so() -> None:
    absent = Contestant("nobody", "nobody", "bench.rivals.with_nothing", "mean_waits")
    with pytest.raises(ImportError, match="with_nothing"):
        absent.runner(tandem(1))


def test_programs_of_a_size_have_so_many_steps_and_in_the_rush_all_are_inside_at_once() -> None:
    assert days_of(10_000).rows == rush_of(10_000).rows == 10_000
    program = rush_of(4_000)
    log = run(program)
    entered, left = log.leave[program.op == Op.SEIZE], log.enter[program.op == Op.RELEASE]
    assert len(left) == 1_000
    assert entered.max() < left.min()


def test_growth_is_one_for_n_log_n() -> None:
    small, large = (Size(n, Times((n * np.log(n),)), Times((float(n),))) for n in (1_000, 10_000))
    assert growth(small, large, lambda size: size.days.median) == pytest.approx(1.0)
    assert growth(small, large, lambda size: size.rush.median) < 1.0


def test_one_in_ten_is_served_again_at_entry_and_hand_over() -> None:
    model = tandem(4)
    program = rework_program(model, Streams(SEED, 0), (0, 0, 0), 4)
    visits = np.bincount(program.place[program.op == Op.SEIZE]) / model.customers
    assert visits[0] == 1.0
    assert visits[1] == visits[2] == pytest.approx(1 / 0.9, abs=0.02)
    assert not np.isnan(run(program).leave).any()


def test_common_random_numbers_are_worth_many_replications_where_little_changes() -> None:
    reception, _, hand_over = worth(replications=12, days=1)
    assert reception.ratio > 5
    assert hand_over.ratio > 5
    assert reception.low < reception.ratio < reception.high


def test_tables_have_figures_to_the_right() -> None:
    assert table(("", "seconds"), [("us", "1")]).splitlines() == ["|  | seconds |", "| --- | ---: |", "| us | 1 |"]


def test_the_page_on_performance_is_what_the_bench_wrote() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert filled(document, RESULTS.read_text(encoding="utf-8")) == document
    assert filled(document, "something else") != document
