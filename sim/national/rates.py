"""How many filings a minute the shared systems take: the busiest of them is what a load test has to reach."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.demand.horizon import MINUTES_PER_DAY
from sim.national.reading import rows_named
from sim.national.replication import NationalRun
from sim.program import Floats, Ints

SYSTEM_STEPS = {"portal": "submit", "relay": "relay"}
"""The step in which a system takes a filing: the portal accepts it, the relay hands it on (application and notice)."""

UNIT = "filings/min"
PERIODS = ("month", "busiest_day", "busiest_hour")
LENGTHS = {"minute": 1, "hour": 60, "day": MINUTES_PER_DAY}


def count_by_minute(moments: Floats, window: tuple[float, float]) -> Ints:
    """Events in each minute of the clock of a window [start, end) of whole minutes, shape (minutes,)."""
    start, end = window
    inside = moments[(moments >= start) & (moments < end)]
    return np.bincount(np.floor(inside - start).astype(np.int64), minlength=round(end - start))


def minute_rates(run: NationalRun) -> pd.DataFrame:
    """Filings taken in every minute of the period.

    Returns
    -------
    pd.DataFrame
        system, date (text), minute (of the day), filings.
    """
    first, end = (int(minute) // MINUTES_PER_DAY for minute in run.horizon.window)
    dates = [run.horizon.date_of(day).isoformat() for day in range(first, end)]
    tables = []
    for system, step in SYSTEM_STEPS.items():
        filings = count_by_minute(run.log.enter[rows_named(run, step)], run.horizon.window)
        tables.append(
            pd.DataFrame(
                {
                    "system": system,
                    "date": np.repeat(dates, MINUTES_PER_DAY),
                    "minute": np.tile(np.arange(MINUTES_PER_DAY), len(dates)),
                    "filings": filings,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def peaks(rates: pd.DataFrame) -> pd.DataFrame:
    """Busiest minute, hour and day of the clock at each system, in each arm of each replication.

    Parameters
    ----------
    rates
        arm, replication, system, date, minute, filings: every minute of whole days, in order.

    Returns
    -------
    pd.DataFrame
        arm, replication, system, span (minute, hour, day), filings, date, minute (at which it begins).
    """
    rows = []
    for (arm, replication, system), group in rates.groupby(["arm", "replication", "system"], sort=False):
        filings = group["filings"].to_numpy()
        for name, length in LENGTHS.items():
            spans = filings.reshape(-1, length).sum(axis=1)
            busiest = int(spans.argmax())
            when = group.iloc[busiest * length]
            rows.append((arm, replication, system, name, int(spans[busiest]), when["date"], int(when["minute"])))
    columns = ["arm", "replication", "system", "span", "filings", "date", "minute"]
    return pd.DataFrame(rows, columns=columns)


def required_rates(rates: pd.DataFrame) -> pd.DataFrame:
    """Filings per minute that a system has to bear, over the minutes of the month, of its busiest day and hour.

    Quantiles are over the minutes of all replications together, each with its own busiest day and hour: the smallest
    number of filings that at least half, or 95 %, of the minutes do not exceed.

    Returns
    -------
    pd.DataFrame
        arm, system, period (month, busiest_day, busiest_hour), unit, p50, p95, max, minutes_counted.
    """
    rows = []
    for (arm, system), group in rates.groupby(["arm", "system"], sort=False):
        runs = [run["filings"].to_numpy() for _, run in group.groupby("replication", sort=False)]
        for period in PERIODS:
            minutes = np.concatenate([_minutes_of(period, run) for run in runs])
            p50, p95 = (int(rate) for rate in np.quantile(minutes, (0.5, 0.95), method="inverted_cdf"))
            rows.append((arm, system, period, UNIT, p50, p95, int(minutes.max()), len(minutes)))
    columns = ["arm", "system", "period", "unit", "p50", "p95", "max", "minutes_counted"]
    return pd.DataFrame(rows, columns=columns)


def _minutes_of(period: str, filings: Ints) -> Ints:
    if period == "month":
        return filings
    spans = filings.reshape(-1, LENGTHS[period.removeprefix("busiest_")])
    return np.asarray(spans[spans.sum(axis=1).argmax()])
