"""How many may start where, and when: opening hours, shifts, lunch, maintenance and incidents as one calendar.

The scenario's offices and systems come in; a `Calendar` of the program and the staffed levels of every place go out.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from scenarios.schema import Scenario
from scenarios.schema.base import span
from scenarios.schema.office import Crew, Seasonal, Staff
from scenarios.schema.systems import connections_left
from sim.compilation import CLASSES, Places
from sim.demand.horizon import MINUTES_PER_DAY, Horizon
from sim.demand.timeline import maintenance_windows
from sim.incidents import Trouble
from sim.levels import Level, changes_only
from sim.program import Calendar, on_grid
from sim.recall import OF_ALL, part_of
from sim.steps import BACK_OFFICE_CLASS, DAY_CLASS, EVENING_CLASS, IN_PROGRESS_CLASS, PlaceKind

Steps = list[tuple[float, int]]
"""A step function: (minute from which, number), ascending."""

EVERYBODY = 1_000_000
"""Room for more than can come."""


@dataclass(slots=True)
class _Changes:
    """Changes of one calendar as they are collected."""

    rows: list[tuple[float, int, int, int, bool]] = field(default_factory=list)

    def put(self, place: int, klass: int, level: Steps, handovers: frozenset[float] = frozenset()) -> None:
        """Add one class of one place; a level that does not change needs no row, except at a handover."""
        last = 0
        for minute, number in level:
            if number != last or minute in handovers:
                self.rows.append((minute, place, klass, number, minute in handovers))
            last = number

    def sorted(self, slow: list[tuple[float, int, float]]) -> Calendar:
        """All changes in the order of time."""
        rows = sorted(self.rows, key=lambda row: row[0])
        time, place, klass, capacity, handover = zip(*rows, strict=True) if rows else ((), (), (), (), ())
        slow = sorted(slow)
        return Calendar(
            time=on_grid(np.array(time, dtype=np.float64)),
            place=np.array(place, dtype=np.int64),
            klass=np.array(klass, dtype=np.int64),
            capacity=np.array(capacity, dtype=np.int64),
            handover=np.array(handover, dtype=bool),
            slow_time=on_grid(np.array([row[0] for row in slow], dtype=np.float64)),
            slow_place=np.array([row[1] for row in slow], dtype=np.int64),
            slowness=np.array([row[2] for row in slow], dtype=np.float64),
        )


def build_calendar(
    scenario: Scenario, horizon: Horizon, places: Places, troubles: list[Trouble]
) -> tuple[Calendar, dict[int, Level]]:
    """Capacity of every class at every place, and who is on duty where (staffed places only)."""
    needed = part_of(scenario, "opening", "sites", "staff", "portal", "relay", "jlis")
    return OF_ALL.recall(_calendar, needed, horizon, places.sites, tuple(troubles))


def _calendar(
    scenario: Scenario, horizon: Horizon, sites: tuple[str, ...], troubles: tuple[Trouble, ...]
) -> tuple[Calendar, dict[int, Level]]:
    places = Places(sites)
    changes = _Changes()
    staffed: dict[int, Level] = {}
    rotas = {name: _rota(scenario, horizon, scenario.staff[name]) for name in {site.staff for site in scenario.sites}}
    handovers = _handovers(scenario, horizon)
    for number, site in enumerate(scenario.sites):
        staffed |= _put_site(scenario, places, changes, number, rotas[site.staff], handovers)
    slow: list[tuple[float, int, float]] = []
    for kind in (PlaceKind.PORTAL, PlaceKind.RELAY, PlaceKind.JLIS):
        place = int(places.index(kind))
        own = [trouble for trouble in troubles if trouble.system == kind]
        level = _system_level(scenario, horizon, kind, own)
        for klass in range(CLASSES):
            changes.put(place, klass, level)
        slow += [(minute, place, slowness) for minute, slowness in _slowness(own)]
    hours = int(places.index(PlaceKind.NETWORK_HOURS))
    changes.put(hours, DAY_CLASS, _network_level(scenario, horizon, EVERYBODY))
    return changes.sorted(slow), staffed


def _slowness(troubles: list[Trouble]) -> list[tuple[float, float]]:
    """How many times longer work takes, from each minute on; troubles that overlap multiply."""
    instants = {minute for trouble in troubles for minute in (trouble.start, trouble.end)}
    level: list[tuple[float, float]] = []
    for minute in sorted(instants):
        now = math.prod(trouble.slowness for trouble in troubles if trouble.start <= minute < trouble.end)
        if now != (level[-1][1] if level else 1.0):
            level.append((minute, now))
    return level


@dataclass(frozen=True, slots=True)
class _Rota:
    """What one kind of staffing comes to; offices that share it share this.

    Attributes
    ----------
    duty
        Who is on duty at each place of the counter, and who serves there, which ends later.
    clerks, seats
        What back-office work may hold.
    """

    duty: dict[PlaceKind, tuple[Steps, Steps]]
    clerks: Steps
    seats: Steps


def _rota(scenario: Scenario, horizon: Horizon, staff: Staff) -> _Rota:
    duty = {kind: _duty(scenario, horizon, staff, kind) for kind in _AT_THE_COUNTER}
    return _Rota(
        {kind: (own, _served_until_empty(scenario, own)) for kind, own in duty.items()},
        _back_office(scenario, horizon, staff.clerks),
        _back_office(scenario, horizon, staff.back_office_seats),
    )


_AT_THE_COUNTER = (PlaceKind.WINDOWS, PlaceKind.CLERKS, PlaceKind.CARD_DESKS)


def _put_site(
    scenario: Scenario, places: Places, changes: _Changes, number: int, rota: _Rota, handovers: frozenset[float]
) -> dict[int, Level]:
    """Put one site's windows, clerks, card desks and back office; return who is on duty at the staffed ones."""
    staffed: dict[int, Level] = {}
    staff = scenario.staff[scenario.sites[number].staff]
    for kind in _AT_THE_COUNTER:
        place = int(places.index(kind, number))
        duty, served = rota.duty[kind]
        staffed[place] = _level(duty)
        changes.put(place, IN_PROGRESS_CLASS, served, handovers)
        changes.put(place, DAY_CLASS, served)
        if staff.evening is not None:
            changes.put(place, EVENING_CLASS, [(0.0, int(getattr(staff.evening, kind)))])
    changes.put(int(places.index(PlaceKind.CLERKS, number)), BACK_OFFICE_CLASS, rota.clerks)
    changes.put(int(places.index(PlaceKind.BACK_SEATS, number)), BACK_OFFICE_CLASS, rota.seats)
    return staffed


def _level(duty: Steps) -> Level:
    """The duty as a step function; where two rows share a minute the later one holds."""
    merged = dict(duty)
    times = sorted(merged)
    return changes_only(Level(on_grid(np.array(times)), np.array([merged[time] for time in times], dtype=np.int64)))


def _in_season(scenario: Scenario, horizon: Horizon, day: int) -> str:
    opening = scenario.opening
    return "peak" if opening.peak_from <= horizon.date_of(day) <= opening.peak_to else "ordinary"


def _at_lunch(scenario: Scenario, number: int) -> int:
    """Desks that stay staffed over lunch: rounded, and never none of some."""
    lunch = scenario.opening.lunch
    return number if lunch is None else max(min(number, 1), round(number * float(lunch.staffed)))


def _duty(scenario: Scenario, horizon: Horizon, staff: Staff, kind: PlaceKind) -> Steps:
    """Who is on duty at the counter, day by day: weekdays with lunch, the late opening, open Sundays; else nobody."""
    start, end = span(scenario.opening.weekday)
    if kind is PlaceKind.CLERKS:
        end = max(end, span(scenario.opening.back_office)[1])
    lunch = None if scenario.opening.lunch is None else span(scenario.opening.lunch.hours)
    evening, sunday = scenario.opening.evening, scenario.opening.sunday
    level: Steps = [(0.0, 0)]
    for day in range(horizon.all_days):
        midnight = float(day * MINUTES_PER_DAY)
        if horizon.is_open[day]:
            number = int(getattr(getattr(staff, kind), _in_season(scenario, horizon, day)))
            level.append((midnight + start, number))
            if lunch is not None:
                level += [(midnight + lunch[0], _at_lunch(scenario, number)), (midnight + lunch[1], number)]
            late = evening is not None and staff.evening is not None and _is_late_day(scenario, horizon, day)
            level.append((midnight + end, _crew(staff.evening, kind) if late else 0))
            if late and evening is not None:
                level.append((midnight + span(evening.hours)[1], 0))
        elif horizon.is_sunday_opening[day] and sunday is not None and staff.sunday is not None:
            opening = span(sunday.hours)
            level += [(midnight + opening[0], _crew(staff.sunday, kind)), (midnight + opening[1], 0)]
    return level


def _crew(crew: Crew | None, kind: PlaceKind) -> int:
    return 0 if crew is None else int(getattr(crew, kind))


def _is_late_day(scenario: Scenario, horizon: Horizon, day: int) -> bool:
    evening = scenario.opening.evening
    names = ("mon", "tue", "wed", "thu", "fri")
    return evening is not None and int(horizon.weekday()[day]) == names.index(evening.weekday)


def _served_until_empty(scenario: Scenario, duty: Steps) -> Steps:
    """Ticket holders are served after closing, as overtime, by those who were on duty at closing time.

    At closing the level therefore stays as it is until the next opening. A late opening does not send the day's staff
    home while the day's tickets are open; who comes in the evening is served by the evening's crew alone.
    """
    closing = span(scenario.opening.weekday)[1]
    level: Steps = []
    for minute, number in duty:
        at_or_after_closing = minute % MINUTES_PER_DAY >= closing
        if number == 0 or at_or_after_closing:
            continue
        level.append((minute, number))
    return level


def _back_office(scenario: Scenario, horizon: Horizon, seasonal: Seasonal) -> Steps:
    """Clerks whom back-office work may hold: in office hours of opening days, fewer over lunch."""
    start, end = span(scenario.opening.back_office)
    lunch = None if scenario.opening.lunch is None else span(scenario.opening.lunch.hours)
    level: Steps = []
    for day in np.flatnonzero(horizon.is_open):
        midnight = float(day * MINUTES_PER_DAY)
        number = int(getattr(seasonal, _in_season(scenario, horizon, int(day))))
        level.append((midnight + start, number))
        if lunch is not None:
            level += [(midnight + lunch[0], _at_lunch(scenario, number)), (midnight + lunch[1], number)]
        level.append((midnight + end, 0))
    return level


def _handovers(scenario: Scenario, horizon: Horizon) -> frozenset[float]:
    """Instants at which a whole new crew starts, if the scenario says so: both ends of lunch.

    One row per place flags them, because a new crew takes the place over for all classes. The crew of the late opening
    is no such relief: the day's staff stay with their tickets.
    """
    if scenario.opening.shift_change == "finish":
        return frozenset()
    instants: set[float] = set()
    for day in np.flatnonzero(horizon.is_open):
        midnight = float(day * MINUTES_PER_DAY)
        if scenario.opening.lunch is not None:
            instants.update(midnight + minute for minute in span(scenario.opening.lunch.hours))
    return frozenset(instants)


def _system_level(scenario: Scenario, horizon: Horizon, kind: PlaceKind, troubles: list[Trouble]) -> Steps:
    """Connections of a system over time: its hours, planned maintenance and what goes wrong."""
    normal, opens = _system_hours(scenario, horizon, kind)
    instants = {0.0, *opens, *(minute for trouble in troubles for minute in (trouble.start, trouble.end))}

    def number(minute: float) -> int:
        connections = normal(minute)
        for trouble in troubles:
            if trouble.start <= minute < trouble.end:
                connections = connections_left(connections, trouble.remaining)
        return connections

    return [(minute, number(minute)) for minute in sorted(instants) if minute >= 0]


def _system_hours(scenario: Scenario, horizon: Horizon, kind: PlaceKind) -> tuple[Callable[[float], int], list[float]]:
    """Connections that a system offers at a minute, troubles aside, and the minutes at which that changes."""
    if kind is PlaceKind.RELAY:
        connections = int(scenario.relay.connections)
        return (lambda _: connections), []
    if kind is PlaceKind.PORTAL:
        windows = maintenance_windows(scenario, horizon)
        sessions = int(scenario.portal.connections)
        edges = [minute for window in windows for minute in window]
        return (lambda minute: 0 if any(a <= minute < b for a, b in windows) else sessions), edges
    calls = _network_level(scenario, horizon, int(scenario.jlis.connections))
    times = [minute for minute, _ in calls]
    return (lambda minute: calls[bisect_right(times, minute) - 1][1]), times


def _network_level(scenario: Scenario, horizon: Horizon, number: int) -> Steps:
    """So many while the network of J-LIS is open, on opening days alone; else none."""
    start, end = span(scenario.jlis.hours)
    level: Steps = [(0.0, 0)]
    for day in np.flatnonzero(horizon.is_open):
        midnight = float(day * MINUTES_PER_DAY)
        level += [(midnight + start, number), (midnight + end, 0)]
    return level
