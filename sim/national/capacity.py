"""Opening hours, shifts and lunch of all municipalities as one calendar, made of whole columns at once.

The shared systems with their troubles are those of the ward's model (`sim.capacity`).
"""

from __future__ import annotations

import numpy as np

from scenarios.schema.base import span
from scenarios.schema.national import NationalScenario
from sim.capacity import build_calendar
from sim.compilation import Places
from sim.demand.horizon import MINUTES_PER_DAY, Horizon
from sim.incidents import Trouble
from sim.national.staffing import Seasons, Staffing
from sim.national.ward import as_ward
from sim.program import Bools, Calendar, Floats, Ints, on_grid
from sim.steps import BACK_OFFICE_CLASS, DAY_CLASS, IN_PROGRESS_CLASS, PlaceKind

Rows = tuple[Floats, Ints, Ints, Ints]
"""Changes of capacity: time, place, class, units."""


def national_calendar(
    scenario: NationalScenario, horizon: Horizon, places: Places, staffing: Staffing, troubles: list[Trouble]
) -> Calendar:
    """Capacity of every class at every place of the country.

    Ticket holders are served after closing by those who were on duty at closing time, as overtime; so windows do not
    close, nor do clerks to them. Back-office work ends with the office day. Who is in service when lunch begins is
    finished with.
    """
    systems, _ = build_calendar(as_ward(scenario), horizon, places, troubles)
    counter, back = _times(scenario, horizon)
    rows: list[Rows] = []
    for kind, seasons in ((PlaceKind.WINDOWS, staffing.windows), (PlaceKind.CLERKS, staffing.clerks)):
        levels = _levels(scenario, horizon, seasons, counter)
        rows += [_changes(places, kind, klass, counter, levels) for klass in (IN_PROGRESS_CLASS, DAY_CLASS)]
    levels = _levels(scenario, horizon, staffing.clerks, back)
    rows.append(_changes(places, PlaceKind.CLERKS, BACK_OFFICE_CLASS, back, levels))
    mornings = counter[_is_at(counter, span(scenario.offices.weekday)[0])]
    levels = _levels(scenario, horizon, staffing.seats, mornings)
    rows.append(_changes(places, PlaceKind.BACK_SEATS, BACK_OFFICE_CLASS, mornings, levels))
    return _merged(systems, rows)


def window_minutes(scenario: NationalScenario, horizon: Horizon, staffing: Staffing, days: Ints) -> Floats:
    """Minutes that all windows of every town are open on each of some opening days, shape (days, towns)."""
    opens, closes = span(scenario.offices.weekday)
    edges = np.array([opens, *span(scenario.offices.lunch.hours), closes])
    times = days[:, None] * float(MINUTES_PER_DAY) + edges[:-1]
    levels = _levels(scenario, horizon, staffing.windows, times.ravel()).reshape(*times.shape, -1)
    return np.asarray((levels * np.diff(edges)[None, :, None]).sum(axis=1), dtype=np.float64)


def _times(scenario: NationalScenario, horizon: Horizon) -> tuple[Floats, Floats]:
    """Minutes at which the counters' staff may change, and the back office's, on all opening days."""
    offices = scenario.offices
    midnight = np.flatnonzero(horizon.is_open)[:, None] * float(MINUTES_PER_DAY)
    lunch = span(offices.lunch.hours)
    counter = midnight + np.array([span(offices.weekday)[0], *lunch])
    opens, closes = span(offices.back_office)
    return counter.ravel(), (midnight + np.array([opens, *lunch, closes])).ravel()


def _is_at(times: Floats, minute: float) -> Bools:
    return np.asarray(times % MINUTES_PER_DAY == minute, dtype=bool)


def _levels(scenario: NationalScenario, horizon: Horizon, seasons: Seasons, times: Floats) -> Ints:
    """Units of every town from each time on, shape (times, towns)."""
    offices = scenario.offices
    day = np.floor(times / MINUTES_PER_DAY).astype(np.int64)
    peak = (day >= horizon.day_of(offices.peak_from)) & (day <= horizon.day_of(offices.peak_to))
    units = np.where(peak[:, None], seasons.peak, seasons.ordinary)
    at_lunch = np.maximum(np.minimum(units, 1), np.rint(units * float(offices.lunch.staffed)).astype(np.int64))
    units = np.where(_is_at(times, span(offices.lunch.hours)[0])[:, None], at_lunch, units)
    units[_is_at(times, span(offices.back_office)[1])] = 0
    return units


def _changes(places: Places, kind: PlaceKind, klass: int, times: Floats, levels: Ints) -> Rows:
    """Only what changes, of levels of shape (times, towns)."""
    before = np.vstack([np.zeros((1, levels.shape[1]), dtype=np.int64), levels[:-1]])
    when, town = np.nonzero(levels != before)
    return times[when], places.index(kind, town), np.full(len(when), klass), levels[when, town]


def _merged(systems: Calendar, rows: list[Rows]) -> Calendar:
    """Sort all changes by time; those of one instant stay in the order in which they were made."""
    own = [np.concatenate(parts) for parts in zip(*rows, strict=True)]
    time, place, klass, capacity = (
        np.concatenate([column, more])
        for column, more in zip((systems.time, systems.place, systems.klass, systems.capacity), own, strict=True)
    )
    order = np.argsort(time, kind="stable")
    handover = np.concatenate([systems.handover, np.zeros(len(own[0]), dtype=bool)])
    return Calendar(
        time=on_grid(time[order]),
        place=place[order],
        klass=klass[order],
        capacity=capacity[order],
        handover=handover[order],
        slow_time=systems.slow_time,
        slow_place=systems.slow_place,
        slowness=systems.slowness,
    )
