"""The figure on crowding: the mean wait at the main office by weekday and hour, before and after."""

from __future__ import annotations

import math
from itertools import pairwise

import pandas as pd

from report import charts
from report.figures import Figure, arm_names, cells_of, grouped, value_columns
from report.findings import pick
from report.headline import still_inside
from report.svg import Wording
from report.waiting_figures import MAIN_SITE, site_name
from report.words import Both, both, number
from results.store import Run

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def crowding(run: Run, arms: list[str]) -> Figure | None:
    """Draw the mean wait at the main office by weekday and hour of arrival; None where there are no such waits."""
    summary = run.table("summary")
    rows = pick(summary, "wait_mean", site=MAIN_SITE, weekday="*", hour="*").dropna(subset="estimate")
    parts = [rows[rows["arm"] == arm] for arm in arms]
    if any(part.empty for part in parts):
        return None
    names, wording = arm_names(arms), Wording()
    present = [day for day in WEEKDAYS if any((part["weekday"] == day).any() for part in parts)]
    steps = heat_steps(max(float(part["estimate"].max()) for part in parts))
    frames = [
        pd.DataFrame(
            {
                "day": [wording(both(f"weekday.{day}")) for day in part["weekday"]],
                "hour": part["hour"].astype(int).to_numpy(),
                "text": [f"{value:.0f}" for value in part["estimate"]],
                "step": [step_of(value, steps) for value in part["estimate"]],
            }
        )
        for part in parts
    ]
    chart = charts.heat(
        frames, charts.Arms(names), [both(f"weekday.{day}") for day in present], heat_keys(steps), wording
    )
    long = pd.concat(parts)
    long = long.assign(order=long["weekday"].map(WEEKDAYS.index)).sort_values(["order", "hour"], kind="stable")
    long["cell"] = [f"{order} {hour}" for order, hour in zip(long["order"], long["hour"], strict=True)]
    cells = grouped(long, "cell", arms)
    return Figure(
        "crowding",
        _crowding_title(parts),
        both("report.crowding.subtitle", site=site_name(run)),
        still_inside(summary, arms, site=MAIN_SITE),
        chart,
        [both("report.crowding.x"), *value_columns(names)],
        [cells_of(cell, _cell_name) for cell in cells],
        pd.DataFrame({"weekday": long["weekday"], "hour": long["hour"], "arm": long["arm"], "unit": "min"})
        .assign(wait_mean=long["estimate"], lo95=long["lo95"], hi95=long["hi95"])
        .reset_index(drop=True),
    )


def heat_steps(largest: float) -> list[float]:
    """Return the four limits between the five steps: round, and even."""
    width = next((w for w in (1, 2, 5, 10, 15, 20, 30) if largest <= 5.5 * w), 60)
    return [float(width * number) for number in range(1, 5)]


def step_of(value: float, steps: list[float]) -> int:
    """Return which of the five steps a value lies in, judged as it is printed."""
    return sum(round(value) >= step for step in steps)


def heat_keys(steps: list[float]) -> list[Both]:
    """Name the five steps."""
    ends = [f"{step:.0f}" for step in steps]
    between = [both("report.crowding.key.between", lo=lo, hi=hi) for lo, hi in pairwise(ends)]
    return [both("report.crowding.key.below", hi=ends[0]), *between, both("report.crowding.key.above", lo=ends[-1])]


def _cell_name(cell: str) -> Both:
    order, hour = cell.split()
    return both("report.crowding.row", day=both(f"weekday.{WEEKDAYS[int(order)]}"), hour=int(hour))


def _crowding_title(parts: list[pd.DataFrame]) -> Both:
    peak = parts[0].iloc[int(parts[0]["estimate"].to_numpy().argmax())]
    values = [
        float(part.set_index(["weekday", "hour"])["estimate"].get((peak["weekday"], peak["hour"]), math.nan))
        for part in parts
    ]
    figures = [number(value, 0) for value in values]
    key = "one" if len(parts) == 1 else "two"
    day = both(f"weekday.{peak['weekday']}")
    return both(f"report.crowding.title.{key}", day=day, hour=int(peak["hour"]), before=figures[0], after=figures[-1])
