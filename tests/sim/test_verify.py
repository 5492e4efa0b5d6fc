"""The self-test passes a correct engine, and fails engines that are wrong in ways that matter."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import Generator, Philox

import sim.verify
from sim.engines.reference import run
from sim.log import Engine
from sim.theory.infinite import SinusoidalRate
from sim.verify import DEFAULT_SEED, Row, Verdict, false_alarm, verify
from sim.verify.ample import Ample
from sim.verify.cases import Case, measure, relaxation
from sim.verify.catalogue import cases_of
from sim.verify.estimation import Estimate
from sim.verify.impatience import Impatience
from sim.verify.multiserver import Multiserver
from sim.verify.priorities import Priorities
from sim.verify.rework import Rework
from sim.verify.single_server import SingleServer
from sim.verify.wording import cells, conclusion, headings
from tests.sim import wrong_engines
from texts import LANGS

FAMILIES = {"mmc", "erlang_a", "mg1", "priority", "rework", "ample"}

# Short cases: these show errors of a wrong engine, which are large, and take about a second each.
QUEUE = Multiserver(3, 0.7, 1_000, 40)
ONE_SERVER = Multiserver(1, 0.6, 1_000, 80)
TWO_CLASSES = Priorities(1, (0.3, 0.3), (1.0, 1.0), (1.0, 1.0), 1_000, 40)
IMPATIENT = Impatience(5, 1.0, 2.0, 1_000, 40)
NETWORK = Rework((2, 1, 3), 0.6, 0.25, 600, 40)
AMPLE = Ample(1, SinusoidalRate(1.0, 0.8, 4.0), 300, 40)


@pytest.mark.slow
def test_the_reference_engine_passes_every_family() -> None:
    seen: list[Row] = []
    rows = verify(run, "quick", on_row=seen.append)
    assert [row for row in rows if not row.passed] == []
    assert {row.family for row in rows} == FAMILIES
    assert seen == rows


@pytest.mark.parametrize(
    ("engine", "case", "quantity"),
    [
        (wrong_engines.service_three_percent_too_long, QUEUE, "mean_wait"),
        (wrong_engines.service_three_percent_too_long, SingleServer(0.0, 0.6, 1_000, 40), "mean_wait"),
        (wrong_engines.service_three_percent_too_long, TWO_CLASSES, "mean_wait_class_2"),
        (wrong_engines.service_three_percent_too_long, NETWORK, "number_at_handover"),
        (wrong_engines.service_three_percent_too_long, AMPLE, "mean_number"),
        (wrong_engines.one_unit_too_few, Multiserver(10, 0.7, 1_000, 40), "wait_probability"),
        (wrong_engines.one_unit_too_few, IMPATIENT, "abandonment"),
        (wrong_engines.last_come_first_served, ONE_SERVER, "wait_quantile_95"),
        (wrong_engines.blind_to_classes, TWO_CLASSES, "mean_wait_class_1"),
        (wrong_engines.blind_to_patience, IMPATIENT, "mean_wait"),
        (wrong_engines.third_visit_takes_no_time, NETWORK, "number_at_intake"),
        (wrong_engines.loses_a_customer, QUEUE, "mean_wait"),
    ],
)
def test_a_wrong_engine_is_off_target(engine: Engine, case: Case, quantity: str) -> None:
    rows = [row for row in measure(case, engine, DEFAULT_SEED) if row.quantity == quantity]
    assert Verdict.OFF_TARGET in {row.verdict for row in rows}


@pytest.mark.parametrize("case", [QUEUE, SingleServer(0.0, 0.6, 1_000, 40), TWO_CLASSES, IMPATIENT, NETWORK, AMPLE])
def test_the_short_cases_that_catch_wrong_engines_do_not_accuse_a_correct_one(case: Case) -> None:
    assert Verdict.OFF_TARGET not in {row.verdict for row in measure(case, run, DEFAULT_SEED)}


def test_last_come_first_served_keeps_the_mean_wait_so_that_the_quantile_is_needed() -> None:
    verdicts = {row.quantity: row for row in measure(ONE_SERVER, wrong_engines.last_come_first_served, DEFAULT_SEED)}
    assert abs(verdicts["mean_wait"].z) <= 3.5


def test_a_run_that_is_too_short_to_tell_does_not_pass() -> None:
    rows = measure(Multiserver(3, 0.7, 600, 12), run, DEFAULT_SEED)
    assert [row.verdict for row in rows if row.quantity == "wait_quantile_95"] == [Verdict.IMPRECISE]


def test_rows_follow_from_the_seed_and_do_not_depend_on_the_number_of_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    few = (Multiserver(2, 0.5, 300, 12), SingleServer(1.0, 0.5, 300, 12))
    monkeypatch.setattr(sim.verify, "cases_of", lambda _: few)
    one = verify(run, "quick", seed=7)
    assert verify(run, "quick", seed=7, jobs=2) == one
    assert {row.estimate for row in verify(run, "quick", seed=8)}.isdisjoint(row.estimate for row in one)


def test_replications_of_a_case_differ() -> None:
    drawn = [QUEUE.replicate(run, Generator(Philox(number)))[0][1] for number in range(3)]
    assert len(set(drawn)) == 3


@pytest.mark.parametrize(
    ("z", "half_width", "verdict"),
    [
        (3.5, 0.199, Verdict.PASSED),
        (-3.5, 0.199, Verdict.PASSED),
        (3.51, 0.199, Verdict.OFF_TARGET),
        (-3.51, 0.199, Verdict.OFF_TARGET),
        (0.0, 0.2, Verdict.IMPRECISE),
        (4.0, 0.2, Verdict.OFF_TARGET),
        (np.nan, 0.1, Verdict.OFF_TARGET),
        (0.0, np.nan, Verdict.IMPRECISE),
    ],
)
def test_a_row_passes_only_close_to_the_target_and_precisely(z: float, half_width: float, verdict: Verdict) -> None:
    assert Row("mmc", "c=1", "mean_wait", 10.0, 10.0, half_width, z).verdict is verdict


def test_the_full_level_holds_what_was_promised() -> None:
    full = cases_of("full")
    assert {case.family for case in full} == FAMILIES
    queues = [case for case in full if isinstance(case, Multiserver)]
    assert {min(q.servers for q in queues), max(q.servers for q in queues)} == {1, 50}
    assert max(q.load for q in queues) == 0.95
    assert {case.scv for case in full if isinstance(case, SingleServer)} == {0.0, 0.25, 0.5, 1.0, 2.25, 4.0}
    classes = [case for case in full if isinstance(case, Priorities)]
    assert {case.servers > 1 for case in classes} == {True, False}
    assert max(len(case.loads) for case in classes) > 2
    assert {case.family for case in cases_of("quick")} == FAMILIES


def test_no_replication_is_too_short_to_show_an_error_that_builds_up() -> None:
    for case in (*cases_of("quick"), *cases_of("full")):
        if isinstance(case, Multiserver):
            assert case.customers >= 20 * relaxation(case.load), case.label
        if isinstance(case, SingleServer):
            assert case.customers >= 20 * relaxation(case.load, case.scv), case.label
        if isinstance(case, Priorities):
            assert case.customers >= case.margin, case.label


def test_labels_tell_the_cases_of_a_family_apart() -> None:
    for cases in (cases_of("quick"), cases_of("full")):
        assert len({(case.family, case.label) for case in cases}) == len(cases)


def test_every_family_quantity_and_verdict_has_its_words() -> None:
    size = {"mmc": 5, "erlang_a": 2, "mg1": 1, "rework": 4, "ample": 8}
    some = Estimate(1.0, 1.0, 9)
    quantities: set[tuple[str, str]] = set()
    for case in cases_of("full"):
        values = len(case.loads) if isinstance(case, Priorities) else size[case.family]
        tail = [Estimate(value, 0.01, 9) for value in (0.3, 0.2, 0.1)] if case.family == "mmc" else []
        rows = case.rows([some] * (values - len(tail)) + tail)
        quantities |= {(row.family, row.quantity) for row in rows}
    assert len(quantities) > 12
    for family, quantity in quantities:
        for lang in LANGS:
            shown = cells(Row(family, "c=1", quantity, 2.0, 2.01, 0.02, 0.98), lang)
            assert shown[3:7] == ("2", "2.01", "1.00%", "+0.98")
            assert len(shown) == len(headings(lang))


def test_a_row_without_an_estimate_shows_a_dash_and_its_verdict() -> None:
    assert cells(Row("mmc", "c=1", "mean_wait", 2.0, np.nan, np.nan, np.nan), "en")[4:] == (
        "–",
        "–",
        "–",
        "failed: off target",
    )


def test_the_conclusion_counts_the_rows_that_failed() -> None:
    good, bad = Row("mmc", "c=1", "mean_wait", 2.0, 2.0, 0.01, 0.0), Row("mmc", "c=1", "mean_wait", 2.0, 3.0, 0.01, 9.0)
    assert conclusion([good, good], "en", seconds=41.6, seed=3).startswith("All 2 rows passed (42 s, seed 3).")
    assert conclusion([good, bad], "en", seconds=1.0, seed=3).startswith("1 of 2 rows failed")
    assert "0.1%" in conclusion([good, bad], "ja", seconds=1.0, seed=3)


def test_the_odds_of_a_false_alarm_grow_with_the_rows() -> None:
    assert false_alarm(1) == pytest.approx(4.65e-4, rel=0.01)
    assert false_alarm(47) == pytest.approx(0.0216, rel=0.01)
