"""Standing still and growing: seen when they are there, and not in noise, quiet or a fault that was injected."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from loadtests.calls import Call, Came
from loadtests.history import FaultSpan, Setting
from loadtests.reconcile.trends import Burden, line_of_growth, line_of_stalls, stalls, trend

SETTING = Setting(speed=1.0, drained={})
SECOND = 1_000_000
LENGTH = 30 * SECOND


def calls(stops: tuple[float, float] | None = None, rate: int = 200, service_us: int = 2000) -> list[Call]:
    """Calls at an even rate; those that meet the stop are answered after it, one after the other."""
    made = []
    for number in range(30 * rate):
        sent = number * SECOND // rate
        end = sent + service_us
        if stops is not None and stops[0] * SECOND <= end < stops[1] * SECOND:
            end = int(stops[1] * SECOND) + number % 100
        made.append(Call(f"q{number}", 1, "portal", "submit", sent, sent, Came.OK, end, status=200))
    return made


def test_a_server_that_stops_for_two_seconds_stood_still() -> None:
    (stall,) = stalls(calls((10.0, 12.0)), LENGTH)
    assert stall.server == "portal"
    assert abs(stall.start - 10 * SECOND) <= 100_000
    assert abs(stall.end - 12 * SECOND) <= 100_000
    assert 350 <= stall.waiting <= 401
    line = line_of_stalls([stall], 30, SETTING)
    assert (line.count, line.checked) == (1, 30)
    assert line.witnesses[0].place == "portal"


def test_a_short_stop_or_a_quiet_server_did_not_stand_still() -> None:
    assert stalls(calls((10.0, 10.8)), LENGTH) == []
    assert stalls([*calls()[:10], *calls()[-10:]], LENGTH) == []
    assert stalls([], LENGTH) == []


def test_one_slow_call_beside_others_is_no_stall_and_dropped_ones_prove_none() -> None:
    slow = Call("slow", 1, "portal", "submit", 0, 0, Came.OK, 20 * SECOND, status=200)
    dropped = Call("lost", 1, "jlis", "fetch", 0, 0, Came.UNKNOWN)
    assert stalls([slow, dropped, *calls()], LENGTH) == []


def test_a_stall_under_an_injected_fault_is_explained() -> None:
    found = stalls(calls((10.0, 12.0)), LENGTH)
    there, elsewhere = (FaultSpan("outage", server, 9 * SECOND, 13 * SECOND) for server in ("portal", "ward"))
    before = FaultSpan("outage", "portal", 0, 9 * SECOND)
    assert line_of_stalls(found, 30, replace(SETTING, faults=(there,))).count == 0
    assert line_of_stalls(found, 30, replace(SETTING, faults=(elsewhere, before))).count == 1


def series(growth: float, seed: int, noise: float = 0.05) -> Burden:
    rng = np.random.default_rng(seed)
    x = np.arange(60.0)
    y = 100 * (1 + growth * x / 59) * (1 + noise * rng.standard_normal(60))
    return Burden("portal", "memory", tuple(x), tuple(y), 0.1)


@pytest.mark.parametrize("growth", [0.3, 1.0, 5.0])
def test_a_burden_that_grows_is_found_with_its_size(growth: float) -> None:
    for seed in range(20):
        line = line_of_growth([series(growth, seed)])
        assert line.count == 1
        assert "memory: " in line.witnesses[0].found
    found = trend(series(growth, 1, noise=0.0).x, series(growth, 1, noise=0.0).y)
    assert found is not None
    assert found.growth == pytest.approx(growth)


def test_noise_and_a_little_growth_are_no_finding_in_500_runs() -> None:
    runs = [line_of_growth([series(growth, seed)]) for growth in (0.0, 0.02) for seed in range(250)]
    assert sum(line.count for line in runs) == 0
    assert all(line.checked == 1 for line in runs)


def test_a_slow_leak_is_found_in_a_long_run_and_a_cache_that_fills_is_not() -> None:
    calls = np.arange(0.0, 40_000.0, 100.0)
    for kib, found in ((1.0, 0), (1.5, 0), (2.5, 1)):
        leak = Burden("jlis", "memory MiB", tuple(calls), tuple(100 + calls * kib / 1024), 0.1, 8 / 1024, 64.0)
        assert line_of_growth([leak]).count == found
    short = Burden("jlis", "memory MiB", tuple(calls[:40]), tuple(100 + calls[:40] * 9 / 1024), 0.1, 8 / 1024, 64.0)
    assert line_of_growth([short]).count == 1


def test_a_single_outlier_is_no_growth() -> None:
    flat = series(0.0, 3, noise=0.001)
    peak = replace(flat, y=(*flat.y[:-1], 10_000.0))
    assert line_of_growth([peak]).count == 0


def test_too_few_points_or_one_place_are_not_checked() -> None:
    few = Burden("ward", "memory", tuple(range(9)), tuple(range(9)), 0.1)
    same = Burden("ward", "memory", (1.0,) * 20, tuple(range(20)), 0.1)
    line = line_of_growth([few, same])
    assert (line.count, line.checked) == (0, 0)
    assert "nothing to check" in line.says("en")
