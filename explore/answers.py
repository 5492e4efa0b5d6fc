"""From what two states show to what the page says: differences with their ranges in words, the season, the week."""

from __future__ import annotations

import datetime as dt
import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from threading import Lock

import pandas as pd

from explore.crew import Crew
from explore.measuring import ROWS, Shown
from report.crowding_figures import heat_steps, step_of
from report.findings import ChangeInWords, change, in_words
from report.headline import Answer, headline
from report.words import Both, both, name_of, number
from scenarios.canonical import scenario_hash
from scenarios.schema import Scenario
from sim.measures.tidy import COLUMNS
from sim.measures.waiting import WEEKDAYS
from sim.summary import compare

_STATES = 200
"""States whose answers are kept; one takes some hundred kilobytes."""
START, NOW = "start", "now"


@dataclass(frozen=True, slots=True)
class Line:
    """One measure: its name, and how it changes."""

    name: Both
    words: ChangeInWords


@dataclass(frozen=True, slots=True)
class Cell:
    """The mean wait of one weekday and hour at the start and now, and the step of colour of each."""

    before: str
    after: str
    step: int


@dataclass(frozen=True, slots=True)
class Week:
    """Mean waits at the main office: hours across, weekdays downwards; None where nobody comes."""

    hours: list[int]
    lines: list[tuple[Both, list[Cell | None]]]


@dataclass(frozen=True, slots=True)
class Curve:
    """Days at the main office, and what 90 of 100 people of a day stay within (mean of replications)."""

    dates: list[dt.date]
    before: list[float]
    after: list[float]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one state of the form."""

    headline: Answer
    lines: list[Line]
    week: Week
    curve: Curve


class Oracle:
    """Answers for states of one scenario; a state that was seen before is answered at once.

    Attributes
    ----------
    start
        What everything is compared with.
    """

    def __init__(self, start: Scenario, crew: Crew) -> None:
        self.start = start
        self._crew = crew
        self._seen: OrderedDict[str, Found] = OrderedDict()
        self._lock = Lock()
        self._begun = crew.ask(start)

    def ask(self, scenario: Scenario) -> Found:
        """Compare a state with the start.

        Raises
        ------
        explore.crew.CrewError
            Where it could not be computed.
        """
        key = scenario_hash(scenario)
        with self._lock:
            if key in self._seen:
                self._seen.move_to_end(key)
                return self._seen[key]
        now = self._begun if scenario == self.start else self._crew.ask(scenario)
        found = found_in(self._begun, now)
        with self._lock:
            self._seen[key] = found
            while len(self._seen) > _STATES:
                self._seen.popitem(last=False)
        return found


def found_in(begun: list[Shown], now: list[Shown]) -> Found:
    """Compare what the replications of two states show, pair by pair."""
    rows = [
        (arm, number, *row)
        for arm, shown in ((START, begun), (NOW, now))
        for number, own in enumerate(shown)
        for row in own.rows
    ]
    table = compare(pd.DataFrame(rows, columns=list(COLUMNS)), START, NOW)
    overall = table[table["hour"] == "all"]
    lines = [
        Line(_name(measure, groups), in_words(found))
        for measure, groups in ROWS
        if (found := change(overall, measure, **groups)) is not None
    ]
    return Found(headline(change(overall, "wait_mean")), lines, _week(table), _curve(begun, now))


def _name(measure: str, groups: Mapping[str, str]) -> Both:
    name = name_of("measure", measure)
    for group, own in groups.items():
        name = both("explore.of", measure=name, group=name_of(group, own))
    return name


def _week(table: pd.DataFrame) -> Week:
    cells = table[(table["measure"] == "wait_mean") & (table["weekday"] != "all")]
    found = {(str(row["weekday"]), int(row["hour"])): row for _, row in cells.iterrows()}
    hours = sorted({hour for _, hour in found})
    steps = heat_steps(float(cells[["before", "after"]].max().max()) if len(cells) else 0.0)
    present = [day for day in WEEKDAYS if any(weekday == day for weekday, _ in found)]
    lines = [(both(f"weekday.{day}"), [_cell(found.get((day, hour)), steps) for hour in hours]) for day in present]
    return Week(hours, lines)


def _cell(row: pd.Series | None, steps: list[float]) -> Cell | None:
    if row is None:
        return None
    before, after = float(row["before"]), float(row["after"])
    return Cell(number(before, 0), number(after, 0), step_of(after, steps) if math.isfinite(after) else 0)


def _curve(begun: list[Shown], now: list[Shown]) -> Curve:
    dates = sorted({day for shown in (*begun, *now) for day in shown.days})

    def means(shown: list[Shown]) -> list[float]:
        return [_mean([own.days[day] for own in shown if day in own.days]) for day in dates]

    return Curve([dt.date.fromisoformat(day) for day in dates], means(begun), means(now))


def _mean(values: list[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return fmean(known) if known else float("nan")
