"""What the self-test is made of: unbiased estimates, fair controls, tables, and input of the right law."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, Philox
from scipy import integrate, stats

from sim.engines.reference import run
from sim.program import Op
from sim.theory.general import mg1_mean_wait
from sim.theory.infinite import SinusoidalRate
from sim.verify.ample import thinned_arrivals
from sim.verify.estimation import Estimate, controlled_means, quantile_from_tail
from sim.verify.services import ServiceLaw, stationary_work
from sim.verify.surprises import drain_surprises, queue_controls, shadow_work
from sim.verify.tables import network_program, queue_program, waits

SCVS = [0.0, 0.25, 0.5, 1.0, 2.25, 4.0]


def stream(number: int = 1) -> Generator:
    return Generator(Philox(number))


def test_controls_sharpen_an_estimate_and_leave_its_mean_alone() -> None:
    rng, errors, scores = stream(), [], []
    for _ in range(400):
        control = rng.exponential(1.0, (40, 1)) - 1
        # Curved in the control, so that coefficients fitted to the same replications would be biased.
        value = 5 + 3 * control + control**2 - 1 + 0.3 * rng.standard_normal((40, 1))
        (ours,), (plain,) = controlled_means(value, control), controlled_means(value, np.zeros((40, 0)))
        errors.append((ours.error, plain.error))
        scores.append(ours.value - 5)
    assert np.mean(errors, axis=0)[0] < 0.6 * np.mean(errors, axis=0)[1]
    assert abs(np.mean(scores)) < 3.5 * np.std(scores) / sqrt(400)


@settings(max_examples=30)
@given(st.floats(-5, 5), st.integers(0, 10_000))
def test_a_bias_of_the_engine_goes_into_the_estimate_undiminished(bias: float, seed: int) -> None:
    rng = stream(seed)
    controls = rng.standard_normal((30, 3))
    values = controls @ rng.standard_normal((3, 2)) + rng.standard_normal((30, 2))
    fair, biased = controlled_means(values, controls), controlled_means(values + bias, controls)
    for one, other in zip(fair, biased, strict=True):
        assert other.value - one.value == pytest.approx(bias, abs=1e-9)
        assert other.error == pytest.approx(one.error)


def test_intervals_cover_as_often_as_they_say() -> None:
    rng = stream()
    covered = [
        abs(estimate.value - 1) <= estimate.half_width
        for _ in range(2000)
        for estimate in controlled_means(rng.exponential(1.0, (60, 1)), np.zeros((60, 0)))
    ]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


def test_a_value_that_is_no_number_spoils_the_estimate_and_its_z() -> None:
    (estimate,) = controlled_means(np.array([[1.0], [np.nan], [2.0]]), np.zeros((3, 0)))
    assert np.isnan(estimate.z(1.5))


def test_z_is_the_normal_deviate_with_the_probability_of_student() -> None:
    estimate = Estimate(3.0, 1.0, 9)
    assert stats.norm.sf(estimate.z(0.0)) == pytest.approx(stats.t.sf(3.0, 9))
    assert Estimate(3.0, 1.0, 10**6).z(0.0) == pytest.approx(3.0, rel=1e-4)
    assert estimate.z(6.0) == -estimate.z(0.0)
    assert Estimate(3.0, 0.0, 9).z(3.0) == 0.0
    assert abs(Estimate(3.0, 0.0, 9).z(2.0)) > 10


@given(st.floats(0.1, 3.0), st.floats(0.2, 0.9))
def test_the_quantile_of_an_exponential_tail_is_found_exactly(decay: float, waiting: float) -> None:
    def tail(x: float) -> Estimate:
        return Estimate(waiting * exp(-decay * x), 0.001, 50)

    truth = np.log(waiting / 0.05) / decay
    points = (0.8 * truth, 0.95 * truth, 1.1 * truth)
    found = quantile_from_tail(points, [tail(x) for x in points], 0.05)
    assert found.value == pytest.approx(truth, rel=1e-9)
    assert found.error == pytest.approx(0.001 / (decay * tail(points[1]).value), rel=1e-9)


def test_no_tail_gives_no_quantile() -> None:
    nobody = [Estimate(0.0, 0.0, 9)] * 3
    assert np.isnan(quantile_from_tail((0.9, 1.0, 1.1), nobody, 0.05).value)


durations = st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=30)


@given(st.floats(0, 4), durations)
def test_the_shadow_follows_lindley(initial: float, steps: list[tuple[float, float]]) -> None:
    work, gaps = (np.array(column) for column in zip(*steps, strict=True))
    found = [initial]
    for brought, gap in steps[:-1]:
        found.append(max(0.0, found[-1] + brought - gap))
    assert shadow_work(initial, work, gaps) == pytest.approx(np.array(found), abs=1e-9)


@pytest.mark.parametrize("after", [0.0, 0.3, 2.0, 9.0])
def test_what_the_shadow_drains_is_no_surprise_on_average(after: float) -> None:
    def weighted(gap: float, k: int) -> float:
        one = drain_surprises(np.array([after]), np.array([gap]), 0.8)[k]
        return float(one[0]) * 0.8 * exp(-0.8 * gap)

    for k in (0, 1):
        pieces = ((0, after), (after, after + 60))
        mean = sum(integrate.quad(weighted, a, b, args=(k,), limit=200)[0] for a, b in pieces)
        assert mean == pytest.approx(0, abs=1e-7)


def test_controls_have_mean_zero_even_when_the_shadow_is_wrong() -> None:
    rng, found = stream(), []
    for _ in range(600):
        gaps, service = rng.exponential(1 / 0.7, 200), rng.exponential(1.0, 200)
        found.append(
            queue_controls(
                initial=3.0,  # not stationary, and the work is 40 % too much
                work=1.4 * service,
                gaps=gaps,
                rate=0.7,
                first=(service - 1,),
                second=(service**2 - 2,),
                counted=slice(50, 150),
                tail=(0.3, 5.0),
            )
        )
    table = np.array(found)
    scores = table.mean(axis=0) / (table.std(axis=0, ddof=1) / sqrt(len(table)))
    assert np.all(np.abs(scores) < 3.5)


@pytest.mark.parametrize("scv", SCVS)
def test_services_have_the_moments_that_they_promise(scv: float) -> None:
    law, rng = ServiceLaw(scv), stream(3)
    service, residual = law.draw(rng, 400_000), law.draw_residual(rng, 400_000)
    assert service.mean() == pytest.approx(1, abs=0.015)
    assert np.mean(service**2) == pytest.approx(law.second_moment, rel=0.03)
    # Renewal theory: what is left of the service at a random instant has mean E[S^2] / (2 E[S]).
    assert residual.mean() == pytest.approx(law.second_moment / 2, rel=0.02)


@pytest.mark.parametrize("scv", SCVS)
def test_the_stationary_work_has_the_mean_of_pollaczek_and_khinchine(scv: float) -> None:
    rng = stream(4)
    work = np.array([stationary_work(ServiceLaw(scv), 0.6, rng) for _ in range(20_000)])
    assert work.mean() == pytest.approx(mg1_mean_wait(0.6, 1.0, scv), rel=0.05)


def test_thinned_arrivals_follow_the_rate_at_their_own_time() -> None:
    rate, cycles, bins = SinusoidalRate(2.0, 1.8, 24.0), 2_000, 24
    arrivals = thinned_arrivals(rate, cycles * rate.period, stream(5))
    seen = np.histogram(arrivals % rate.period, bins=bins, range=(0, rate.period))[0]
    edges = np.arange(bins + 1.0)
    cumulated = rate.mean * edges - rate.amplitude / rate.frequency * np.cos(rate.frequency * edges)
    expected = cycles * np.diff(cumulated)
    chi_square = np.sum((seen - expected) ** 2 / expected)
    assert stats.chi2.sf(chi_square, bins) > 1e-3


def test_a_queue_program_gives_the_waits_that_one_works_out_by_hand() -> None:
    program = queue_program(np.array([0.0, 1.0, 2.0, 20.0]), np.array([5.0, 4.0, 3.0, 1.0]), servers=1)
    assert waits(program, run(program)).tolist() == [0.0, 4.0, 7.0, 0.0]


def test_whoever_gives_up_one_visit_goes_on_to_the_next() -> None:
    program = network_program(
        np.array([0.0, 1.0]),
        np.array([1, 2]),
        np.array([0, 0, 1]),
        np.array([10.0, 5.0, 2.0]),
        np.array([1, 1]),
        patience=np.array([np.inf, 3.0, np.inf]),
    )
    log = run(program)
    assert waits(program, log).tolist() == [0.0, 3.0, 0.0]
    assert log.gone[program.op == Op.SEIZE].tolist() == [False, True, False]
    assert log.leave[program.op == Op.WORK].tolist()[2] == 6.0


def test_classes_overtake_in_a_queue_program() -> None:
    program = queue_program(np.array([0.0, 1.0, 2.0]), np.array([5.0, 5.0, 5.0]), servers=1, klass=np.array([0, 1, 0]))
    assert waits(program, run(program)).tolist() == [0.0, 9.0, 3.0]
