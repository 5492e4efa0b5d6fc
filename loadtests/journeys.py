"""What arrives: online filings of one replication of the simulation's demand in a window, as columns."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

import numpy as np
from scipy.special import ndtri

from fakes.towns import OTHERS, TOWNS, WARD_CODE
from loadtests.window import Window
from scenarios.law import MOVE_IN_DAYS
from scenarios.schema import Scenario
from sim.demand.columns import Demand
from sim.demand.horizon import Horizon
from sim.program import Bools, Floats, Ints

MICROS_PER_MINUTE: Final = 60_000_000
CODES: Final = tuple(TOWNS)
"""Towns by the number that stands in a column, the ward first."""


class Journey(StrEnum):
    """What a household files online."""

    MOVE_OUT = "move_out"
    """転出届 at this ward, with a visit notice for another town."""
    MOVE_IN = "move_in"
    """転出届 at another town, with a visit notice for this ward."""
    MOVE_WITHIN = "move_within"
    """A visit notice for this ward (転居)."""


JOURNEYS: Final = tuple(Journey)
_FILES: Final = {Journey.MOVE_OUT: "files_out", Journey.MOVE_IN: "files_in", Journey.MOVE_WITHIN: "files_within"}


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Filings, one a row, columns of shape (filings,); times are whole and of the scenario.

    Attributes
    ----------
    at_us
        Submission, microseconds since the window's start.
    household
        Number of the household; that of a second filing is the first one's.
    journey, origin, destination
        Places in JOURNEYS and CODES.
    persons
        On the move.
    second
        The same household files once more (重複).
    returned, correct_s
        Sent back for correction (要再申請), and seconds until it is submitted again.
    withdrawn
        Taken back by the applicant (取下げ).
    form_s, retry_s, give_up_s
        Seconds for the form; until another try when the portal does not answer; patience with the portal.
    move_day, visit_day
        Day of the move and announced day of the visit, counted from the window's first day.
    """

    at_us: Ints
    household: Ints
    journey: Ints
    origin: Ints
    destination: Ints
    persons: Ints
    second: Bools
    returned: Bools
    correct_s: Ints
    withdrawn: Bools
    form_s: Ints
    retry_s: Ints
    give_up_s: Ints
    move_day: Ints
    visit_day: Ints

    def __len__(self) -> int:
        return len(self.at_us)

    def take(self, rows: Ints | Bools) -> Arrivals:
        """Return some rows, in the order given."""
        return Arrivals(**{column.name: getattr(self, column.name)[rows] for column in fields(self)})

    def joined(self, others: list[Arrivals]) -> Arrivals:
        """Return these rows, and those of others after them."""
        parts = [self, *others]
        return Arrivals(
            **{column.name: np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(self)}
        )


def filings_in(demand: Demand, horizon: Horizon, window: Window, scenario: Scenario) -> Arrivals:
    """Return what households of one replication file online in a window; `household` is their place in the demand."""
    start = horizon.minute_of(window.start)
    journey = _journeys(demand)
    first = _rows(demand, horizon, window, journey, "submit_time", journey >= 0)
    again = _rows(demand, horizon, window, journey, "second_submit_time", demand.columns["files_twice"].astype(bool))
    row = np.concatenate([first, again])
    second = np.repeat([False, True], [len(first), len(again)])
    columns = {name: np.asarray(demand.columns[name])[row] for name in _TAKEN}
    minute = np.where(second, columns["second_submit_time"], columns["submit_time"]) - start
    kind = journey[row]
    moves_out = kind == JOURNEYS.index(Journey.MOVE_OUT)
    within = kind == JOURNEYS.index(Journey.MOVE_WITHIN)
    ward = CODES.index(WARD_CODE)
    other = 1 + np.floor(demand.people.uniform("counterpart town")[row] * len(OTHERS)).astype(np.int64)
    first_day = horizon.day_of(window.start.date())
    return Arrivals(
        at_us=_whole(minute * MICROS_PER_MINUTE),
        household=row,
        journey=kind,
        origin=np.where(moves_out | within, ward, other),
        destination=np.where(moves_out, other, ward),
        persons=demand.people.persons[row],
        second=second,
        returned=columns["returned"].astype(bool) & ~within,
        correct_s=_whole(columns["correct_minutes"] * 60),
        withdrawn=columns["withdrawn"].astype(bool) & ~within,
        form_s=_whole(_form_minutes(scenario, demand)[row] * 60),
        retry_s=_whole(columns["retry_minutes"] * 60),
        give_up_s=_whole(columns["portal_patience"] * 60),
        move_day=demand.timeline.move_day[row] - first_day,
        visit_day=_visit_day(demand, moves_out, row) - first_day,
    )


_TAKEN = (
    "submit_time", "second_submit_time", "returned", "correct_minutes", "withdrawn", "retry_minutes", "portal_patience",
)  # fmt: skip


def _journeys(demand: Demand) -> Ints:
    """Journey of every household, -1 for those that do not file online."""
    journey = np.full(len(demand.people), -1, dtype=np.int64)
    for number, name in enumerate(JOURNEYS):
        journey[demand.columns[_FILES[name]].astype(bool)] = number
    return journey


def _rows(demand: Demand, horizon: Horizon, window: Window, journey: Ints, time: str, among: Bools) -> Ints:
    start, end = horizon.minute_of(window.start), horizon.minute_of(window.end)
    at = demand.columns[time].astype(np.float64)
    return np.flatnonzero((journey >= 0) & among & (at >= start) & (at < end))


def _whole(values: Floats) -> Ints:
    return np.floor(values).astype(np.int64)


def _form_minutes(scenario: Scenario, demand: Demand) -> Floats:
    """Minutes for the form: lognormal, with the scenario's mean and the coefficient of variation of hands-on work."""
    variance = np.log1p(float(scenario.work.cv) ** 2)
    normal = ndtri(demand.people.uniform("form minutes"))
    return np.asarray(float(scenario.travel.form_online) * np.exp(np.sqrt(variance) * normal - variance / 2))


def _visit_day(demand: Demand, moves_out: Bools, row: Ints) -> Ints:
    """Announced day of the visit: the demand's own; of people who leave, a day of the 14 at the other town."""
    timeline = demand.timeline
    there = timeline.move_day + np.floor(demand.people.uniform("visit elsewhere") * (MOVE_IN_DAYS + 1)).astype(np.int64)
    there = np.maximum(there, timeline.submit_day + 1)
    return np.where(moves_out, there[row], timeline.planned_day[row])
