from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.precision import Precision, PrecisionWatch, Verdict
from sim.statistics import StatisticsError
from texts import LANGS

VALUES = st.floats(1, 30).map(lambda value: round(value, 3))
RULES = st.builds(
    Precision,
    target=st.sampled_from([0.1, 0.2, 0.3, 0.5]),
    look_ahead=st.integers(0, 6),
    minimum=st.integers(2, 6),
    ceiling=st.integers(6, 60),
)


def settle(rule: Precision, replications: Sequence[Mapping[str, float]]) -> Verdict:
    watch = PrecisionWatch(rule)
    for measures in replications:
        verdict = watch.add(measures)
        if verdict.enough:
            break
    return verdict


def series(values: Sequence[float]) -> list[dict[str, float]]:
    return [{"wait": value} for value in values]


def width_afresh(values: Sequence[float], level: float) -> float:
    """Relative half-width of a whole series at once, straight from the definition."""
    seen = np.array([value for value in values if not np.isnan(value)])
    if len(seen) < 2:
        return np.inf
    if np.ptp(seen) == 0:
        return 0.0
    return float(stats.sem(seen) * stats.t.ppf((1 + level) / 2, len(seen) - 1) / abs(seen.mean()))


def recommended_afresh(rule: Precision, replications: Sequence[Mapping[str, float]]) -> int | None:
    """Smallest n at which all measures are within the target and stay there, by looking at all prefixes."""
    fits = []
    for n in range(1, min(len(replications), rule.ceiling) + 1):
        columns = [[measures[name] for measures in replications[:n]] for name in replications[0]]
        widths = [width_afresh(column, rule.level) for column in columns]
        assume(all(abs(width - rule.target) > 1e-9 for width in widths))  # a draw on the line is left to rounding
        enough = all(np.count_nonzero(~np.isnan(column)) >= rule.minimum for column in columns)
        fits.append(enough and max(widths) <= rule.target)
    for n in range(1, len(fits) + 1):
        last = n + rule.look_ahead * max(n, 100) // 100
        if last <= len(fits) and all(fits[n - 1 : last]):
            return n
    return None


def test_values_that_never_vary_are_precise_at_the_minimum_and_confirmed_after_the_look_ahead() -> None:
    watch = PrecisionWatch(Precision())
    verdicts = [watch.add({"wait": 12.5}) for _ in range(8)]
    assert [verdict.enough for verdict in verdicts] == [False] * 7 + [True]
    assert (verdicts[-1].recommended, verdicts[-1].guaranteed, verdicts[-1].replications) == (3, True, 8)


def test_a_worked_series_is_recommended_where_its_half_width_first_stays_within_the_target() -> None:
    # by hand, with t tables; for n = 7: sum 72.5, squares 758.25, so s^2 = (758.25 - 72.5^2 / 7) / 6 = 1.2262,
    # half-width 2.4469 * sqrt(1.2262 / 7) = 1.0241, mean 10.357: 0.0989
    values = [9.0, 10.0, 11.0, 10.0, 10.0, 12.5, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0]
    rule = Precision(target=0.1, look_ahead=2)
    watch = PrecisionWatch(rule)
    widths = [watch.add({"wait": value}).half_widths["wait"] for value in values[:9]]
    assert widths[2:] == pytest.approx([0.2484, 0.1299, 0.0878, 0.1210, 0.0989, 0.0837, 0.0727], abs=0.0001)
    found = settle(rule, series(values))
    assert (found.recommended, found.replications) == (7, 9)  # not 5, where it was within the target by luck
    assert settle(Precision(target=0.1, look_ahead=0), series(values)).recommended == 5


def test_the_look_ahead_grows_in_proportion_above_a_hundred_replications() -> None:
    rule = Precision(look_ahead=5)
    assert [rule.look_ahead_from(n) for n in (3, 100, 101, 119, 120, 140, 200)] == [5, 5, 5, 5, 6, 7, 10]
    alternating = series([1.0, 3.0] * 200)
    found = settle(Precision(target=0.08, ceiling=400), alternating)
    assert found.recommended is not None
    assert found.recommended > 140
    assert found.replications == found.recommended + 5 * found.recommended // 100


@given(RULES, st.lists(VALUES, min_size=1, max_size=60))
@settings(max_examples=150)
def test_step_by_step_and_all_at_once_recommend_the_same_number(rule: Precision, values: list[float]) -> None:
    found, expected = settle(rule, series(values)), recommended_afresh(rule, series(values))
    assert found.guaranteed == (expected is not None)
    if expected is not None:
        assert found.recommended == expected
        assert found.replications == expected + rule.look_ahead_from(expected)


@given(RULES, st.lists(st.tuples(VALUES, VALUES, VALUES | st.just(np.nan)), min_size=1, max_size=50))
@settings(max_examples=100)
def test_several_measures_step_by_step_are_those_all_at_once(
    rule: Precision, rows: list[tuple[float, float, float]]
) -> None:
    together = [dict(zip("abc", row, strict=True)) for row in rows]
    found, expected = settle(rule, together), recommended_afresh(rule, together)
    assert found.guaranteed == (expected is not None)
    if found.guaranteed:
        assert found.recommended == expected


@given(RULES, st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=50))
@settings(max_examples=100)
def test_several_measures_never_need_fewer_than_each_alone(rule: Precision, rows: list[tuple[float, float]]) -> None:
    together = settle(rule, [{"a": a, "b": b} for a, b in rows])
    if together.guaranteed:
        alone = [settle(rule, series(column)) for column in zip(*rows, strict=True)]
        assert all(one.guaranteed for one in alone)
        assert together.recommended is not None
        assert together.recommended >= max(one.recommended or 0 for one in alone)


def test_the_slowest_measure_sets_the_number() -> None:
    rng = np.random.default_rng(8)
    steady, wild = rng.normal(10, 0.5, 200), rng.normal(10, 3, 200)
    rows = [{"steady": float(a), "wild": float(b)} for a, b in zip(steady, wild, strict=True)]
    found = settle(Precision(target=0.1), rows)
    assert found.guaranteed
    assert found.recommended == settle(Precision(target=0.1), series(wild.tolist())).recommended
    assert (settle(Precision(target=0.1), series(steady.tolist())).recommended or 0) < (found.recommended or 0)


def test_a_measure_that_widens_again_is_waited_for() -> None:
    first = [10.0] * 3 + [10.0] * 6 + [16.0] + [10.0] * 30  # precise from 3, confirmed at 8, lost at 10
    second = [4.0, 16.0] + [10.0] * 38
    rule = Precision(target=0.15)
    alone = [settle(rule, series(values)).recommended or 0 for values in (first, second)]
    together = settle(rule, [{"a": a, "b": b} for a, b in zip(first, second, strict=True)])
    assert together.guaranteed
    assert together.recommended is not None
    assert together.recommended >= max(alone)
    for values in (first, second):
        assert width_afresh(values[: together.recommended], 0.95) <= rule.target


@given(RULES, st.lists(VALUES, min_size=5, max_size=60), st.integers(0, 6))
@settings(max_examples=100)
def test_a_longer_look_ahead_never_recommends_fewer(rule: Precision, values: list[float], further: int) -> None:
    longer = Precision(rule.target, rule.look_ahead + further, rule.minimum, rule.ceiling)
    one, other = settle(rule, series(values)), settle(longer, series(values))
    if other.guaranteed:
        assert one.guaranteed
        assert (one.recommended or 0) <= (other.recommended or 0)


@given(RULES, st.lists(VALUES, min_size=1, max_size=40), st.sampled_from([-4.0, -0.5, 0.25, 8.0]))
@settings(max_examples=100)
def test_the_unit_and_the_sign_of_a_measure_do_not_matter(rule: Precision, values: list[float], unit: float) -> None:
    assert settle(rule, series([value * unit for value in values])) == settle(rule, series(values))


@given(RULES, st.lists(VALUES, min_size=30, max_size=80), st.integers(1, 8))
@settings(max_examples=60)
def test_replications_that_a_batch_ran_too_many_change_nothing(rule: Precision, values: list[float], jobs: int) -> None:
    watch = PrecisionWatch(rule)
    for start in range(0, len(values), jobs):
        verdicts = [watch.add(measures) for measures in series(values[start : start + jobs])]
        if verdicts[-1].enough:
            break
    assert verdicts[-1] == settle(rule, series(values))


def test_a_measure_that_is_always_zero_is_precise_and_one_around_zero_never_is() -> None:
    found = settle(Precision(), [{"missed": 0.0, "wait": 5.0}] * 10)
    assert (found.recommended, found.guaranteed) == (3, True)
    assert settle(Precision(ceiling=3), series([1.0, 0.0, -1.0])).half_widths["wait"] == np.inf
    assert not settle(Precision(target=10), series([1.0, -1.0] * 100)).guaranteed


def test_a_ceiling_without_the_precision_names_the_measures_that_are_too_wide() -> None:
    rng = np.random.default_rng(9)
    rows = [{"wild": float(rng.exponential(10)), "steady": 3.0, "idle": np.nan} for _ in range(60)]
    found = settle(Precision(target=0.05, ceiling=40), rows)
    assert (found.enough, found.guaranteed, found.recommended, found.replications) == (True, False, 40, 40)
    assert (found.too_wide, found.unconfirmed) == (("wild", "idle"), ())
    assert found.half_widths["wild"] > 0.05


def test_a_ceiling_inside_the_look_ahead_is_not_a_guarantee() -> None:
    found = settle(Precision(ceiling=6), series([5.0] * 10))
    assert (found.enough, found.guaranteed, found.replications) == (True, False, 6)
    assert (found.too_wide, found.unconfirmed) == ((), ("wait",))


def test_replications_without_observations_do_not_count_towards_the_minimum() -> None:
    found = settle(Precision(), series([np.nan, 5.0, np.nan, 5.0, 5.0, *[5.0] * 10]))
    assert (found.recommended, found.replications) == (5, 10)


def test_the_interval_at_the_recommended_number_covers_the_mean_nearly_as_often_as_it_says() -> None:
    # stopping when the data look precise costs a little coverage; the look-ahead keeps the cost small
    rng = np.random.default_rng(10)
    covered, numbers = [], []
    for _ in range(600):
        values = rng.normal(10, 2, 200).tolist()
        found = settle(Precision(target=0.1), series(values))
        assert found.recommended is not None
        taken = np.array(values[: found.replications])
        half = found.half_widths["wait"] * abs(taken.mean())
        covered.append(abs(taken.mean() - 10) <= half)
        numbers.append(found.recommended)
    assert np.mean(covered) > 0.92  # 0.95 in 1,500 runs; 0.91 without a look-ahead
    assert 12 < np.mean(numbers) < 22  # (1.96 * 0.2 / 0.1)^2 = 15.4, and a little more for t


@pytest.mark.parametrize(
    ("ceiling", "values", "english", "japanese"),
    [
        (200, [5.0] * 8, "3 replications give every", "反復 3 回で"),
        (200, [5.0] * 2, "Not yet shown to be within ±2.5 %: waiting", "確かめていない指標：待ち時間"),
        (6, [5.0] * 6, "not been seen to stay there: waiting", "確かめられていません：待ち時間"),
        (6, [1.0, 9.0] * 3, "Still too wide: waiting", "まだ幅が広い指標：待ち時間"),
    ],
)
def test_a_verdict_says_what_it_is_in_both_languages(
    ceiling: int, values: list[float], english: str, japanese: str
) -> None:
    rule = Precision(target=0.025, ceiling=ceiling)
    verdict = settle(rule, series(values))
    assert english in verdict.say("en", rule, {"wait": "waiting"})
    assert japanese in verdict.say("ja", rule, {"wait": "待ち時間"})


def test_other_measures_than_before_are_refused() -> None:
    watch = PrecisionWatch(Precision())
    watch.add({"wait": 1.0, "backlog": 2.0})
    with pytest.raises(StatisticsError) as refused:
        watch.add({"wait": 1.0, "overtime": 2.0})
    assert refused.value.key == "E-precision-measures"
    assert all("backlog" in refused.value.say(lang) and "overtime" in refused.value.say(lang) for lang in LANGS)
    with pytest.raises(StatisticsError):
        PrecisionWatch(Precision()).add({})


@pytest.mark.parametrize(
    ("name", "found"), [("target", 0.0), ("look_ahead", -1), ("minimum", 1), ("ceiling", 2), ("level", 1.0)]
)
def test_a_rule_that_cannot_be_met_is_refused(name: str, found: float) -> None:
    with pytest.raises(StatisticsError) as refused:
        Precision(**{name: found})  # type: ignore[arg-type]
    assert refused.value.key == "E-precision-rule"
    assert all(name in refused.value.say(lang) for lang in LANGS)
