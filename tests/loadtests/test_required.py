"""What the systems have to bear: quantiles over the minutes of a window, and rows of the country's table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from loadtests.crowd import filings_of
from loadtests.errors import LoadError
from loadtests.required import required_of, required_of_country
from loadtests.window import Window
from sim.streams import Streams
from tests.sim.small import small

WINDOW = Window.parse("2023-03-27 06:00/24:00")


def test_the_busiest_minute_of_all_replications_is_what_is_required() -> None:
    required = required_of(small(), WINDOW, seed=4, replications=5)
    counted = np.zeros((5, WINDOW.minutes), dtype=int)
    for number in range(5):
        for at in filings_of(small(), WINDOW, Streams(4, number)).at_us.tolist():
            counted[number, at // 60_000_000] += 1
    assert counted.sum() > 10
    assert required.most == counted.max()
    assert required.minutes == counted.size
    assert required.mean == pytest.approx(counted.mean())
    assert required.p50 <= required.p95 <= required.most
    assert np.mean(counted <= required.p95) >= 0.95
    assert required.per_second == required.most / 60


def test_a_row_of_the_country_is_taken_as_it_stands() -> None:
    rates = pd.DataFrame(
        [("with", "portal", "busiest_hour", 10, 15, 16, 60), ("with", "portal", "month", 4, 10, 21, 44640)],
        columns=["arm", "system", "period", "p50", "p95", "max", "minutes_counted"],
    )
    required = required_of_country(rates, "with")
    assert (required.p50, required.p95, required.most, required.minutes) == (10, 15, 16, 60)
    with pytest.raises(LoadError, match="with/portal/month"):
        required_of_country(rates, "with", "relay")
