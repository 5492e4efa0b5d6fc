"""The figure on the race: how often a visit comes before the data or the preparation that it needs."""

from __future__ import annotations

import pandas as pd

from report import charts
from report.figures import Figure
from report.findings import Level, level, level_in_words
from report.svg import Wording
from report.words import Both, both, name_of, number, plain
from results.store import Run

RACES = ("early_visit_share", "unprepared_share")
"""Of visits after an online notice: those before the certificate data, those before the preparation."""


def race(run: Run, arms: list[str]) -> Figure | None:
    """Draw both shares in the last of the arms; None where nobody came after an online notice."""
    summary = run.table("summary")
    levels = [found for name in RACES if (found := level(summary, arms[-1], name)) is not None]
    if not levels:
        return None
    wording = Wording()
    names = [name_of("measure", found.measure) for found in levels]
    frame = pd.DataFrame(
        {
            "value": [100 * found.estimate for found in levels],
            "lo": [100 * found.lo for found in levels],
            "hi": [100 * found.hi for found in levels],
            "text": [_figure(found) for found in levels],
        }
    )
    panel = charts.Panel(plain(""), both("report.axis.race"), names, frame)
    return Figure(
        "race",
        race_title({found.measure: found for found in levels}),
        both("report.race.subtitle"),
        None,
        charts.intervals([panel], wording, zero=False),
        [both("report.race.x"), both("report.race.share"), both("report.column.range")],
        [_row(name, found) for name, found in zip(names, levels, strict=True)],
        pd.DataFrame(
            {
                "measure": [found.measure for found in levels],
                "unit": "share",
                "estimate": [found.estimate for found in levels],
                "lo95": [found.lo for found in levels],
                "hi95": [found.hi for found in levels],
            }
        ),
    )


def race_title(levels: dict[str, Level]) -> Both:
    """Say of 100 visits after an online notice how many come too early, as far as it is known."""
    figures = {name: _figure(found) for name, found in levels.items()}
    key = "both" if len(figures) == len(RACES) else next(iter(figures))
    return both(f"report.race.title.{key}", **figures)


def _figure(found: Level) -> str:
    """Print a share as visits of 100: whole ones from ten on, else with one decimal."""
    share = 100 * found.estimate
    return number(share, 0 if share >= 10 else 1)


def _row(name: Both, found: Level) -> list[Both | str]:
    figure, unit, span = level_in_words(found)
    return [name, Both(f"{figure}{unit.ja}", f"{figure} {unit.en}"), span]
