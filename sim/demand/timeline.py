"""When they move, file, plan to come and come: dates inside the legal windows, opening days, maintenance.

The day of the visit (or of the notice at a counter) is drawn first, because statistics count filings by that day; the
move and the online filing are placed before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from scenarios.law import MOVE_IN_DAYS, ONLINE_DAYS_AFTER_MOVE, ONLINE_DAYS_BEFORE_MOVE
from scenarios.schema import Scenario
from scenarios.schema.base import span
from sim.demand.horizon import MINUTES_PER_DAY, Horizon
from sim.demand.households import KINDS, Households
from sim.program import Bools, Floats, Ints

NIGHT = 360.0
"""Nobody files before six in the morning (assumption)."""
ADVISED_OPENING_DAYS = 3
PREPARE_DAYS_BEFORE = 2
"""A visit is prepared from two opening days before the planned day on (assumption), so that the file is current."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Columns of shape (households,); days count from day 0, times are model minutes.

    Attributes
    ----------
    move_day
        Day from which they live at the new address.
    late
        Comes after the 14 days; a card route has then lapsed.
    submit_day, submit_time
        When they would file online; the time respects planned maintenance of the portal.
    planned_day
        Day of the visit as announced.
    origin_done_time
        When the other town has processed the notice (moves in).
    """

    move_day: Ints
    late: Bools
    submit_day: Ints
    submit_time: Floats
    planned_day: Ints
    origin_done_time: Floats


def draw_timeline(scenario: Scenario, horizon: Horizon, people: Households) -> Timeline:
    """Draw the dates of all households."""
    moving_out = people.kind == KINDS.index("move_out")
    late = (people.uniform("late") < float(scenario.behaviour.late)) & ~moving_out
    move_day = _move_day(scenario, people, late)
    submit_day = np.where(moving_out, people.day - np.floor(people.uniform("day of the week") * 7).astype(np.int64), 0)
    submit_day = np.where(moving_out, submit_day, _submit_day(scenario, horizon, people, move_day))
    move_day = np.where(moving_out, submit_day + _lead(scenario, people), move_day)
    submit_time = _submit_time(scenario, horizon, people, submit_day, before_visit=~moving_out)
    return Timeline(
        move_day=move_day,
        late=late,
        submit_day=np.floor(submit_time / MINUTES_PER_DAY).astype(np.int64),
        submit_time=submit_time,
        planned_day=_planned_day(scenario, horizon, people),
        origin_done_time=_origin_done(scenario, horizon, people, submit_time),
    )


def _move_day(scenario: Scenario, people: Households, late: Bools) -> Ints:
    """Days since the move: exponential within the legal 14 days; some come 15 to 45 days after it."""
    mean = float(scenario.behaviour.living_days)
    uniform = people.uniform("living days")
    in_time = stats.truncexpon.ppf(uniform, b=MOVE_IN_DAYS / mean, scale=mean)
    too_late = MOVE_IN_DAYS + 1 + 30 * uniform
    return people.day - np.floor(np.where(late, too_late, in_time)).astype(np.int64)


def _lead(scenario: Scenario, people: Households) -> Ints:
    """Days from filing to moving: lognormal up to 30 before, uniform up to 10 after (negative)."""
    sigma = 0.8  # right-skewed: one in ten files more than 28 days ahead when the median is 10
    days = float(scenario.behaviour.lead_days) * np.exp(sigma * stats.norm.ppf(people.uniform("lead days")))
    before = np.minimum(np.floor(days), ONLINE_DAYS_BEFORE_MOVE)
    after = -np.floor(people.uniform("days after the move") * (ONLINE_DAYS_AFTER_MOVE + 1))
    files_after = people.uniform("files after the move") < float(scenario.behaviour.filed_after_move)
    return np.where(files_after, after, before).astype(np.int64)


def _submit_day(scenario: Scenario, horizon: Horizon, people: Households, move_day: Ints) -> Ints:
    """Day of the online filing of who comes here: within 30 days before and 10 after the move, and before the visit.

    Most leave the opening days that municipalities advise (a town names 2 to 3 until it can accept:
    https://www.city.sakata.yamagata.jp/kurashi/todokede/jyusyohenko/online_moving.html); the hasty file on the opening
    day before, or on the day.
    """
    filed = move_day - _lead(scenario, people)
    advised = horizon.add_open_days(people.day, np.full(len(people), -ADVISED_OPENING_DAYS))
    hasty = people.uniform("hasty") < float(scenario.behaviour.hasty)
    same_day = people.uniform("same day") < 0.5
    in_haste = np.where(same_day, people.day, horizon.add_open_days(people.day, np.full(len(people), -1)))
    chosen = np.where(hasty, in_haste, np.minimum(filed, advised))
    return np.clip(
        chosen, move_day - ONLINE_DAYS_BEFORE_MOVE, np.minimum(move_day + ONLINE_DAYS_AFTER_MOVE, people.day)
    )


def _submit_time(scenario: Scenario, horizon: Horizon, people: Households, day: Ints, *, before_visit: Bools) -> Floats:
    """Minute of the online filing: in or outside office hours, before the visit, not in planned maintenance."""
    start, end = span(scenario.opening.back_office)
    known = (day >= 0) & (day < horizon.all_days)
    works = np.where(known, horizon.is_open[np.clip(day, 0, horizon.all_days - 1)], True)
    # Five days of seven have office hours; `outside_hours` counts all seven.
    in_hours = np.minimum((1.0 - float(scenario.behaviour.outside_hours)) * 7 / 5, 1.0)
    chosen = works & (people.uniform("in office hours") < in_hours)
    uniform = people.uniform("minute of filing")
    morning, night = start - NIGHT, MINUTES_PER_DAY - end
    outside = uniform * (morning + night)
    awake = NIGHT + uniform * (MINUTES_PER_DAY - NIGHT)
    free = np.where(works, np.where(outside < morning, NIGHT + outside, end + outside - morning), awake)
    minute = np.where(chosen, start + uniform * (end - start), free)
    time: Floats = np.asarray(day * float(MINUTES_PER_DAY) + minute)
    at_the_latest = people.visit_time - float(scenario.travel.form_online)
    time = np.where(before_visit, np.minimum(time, at_the_latest), time)
    return _after_maintenance(scenario, horizon, people, time)


def _after_maintenance(scenario: Scenario, horizon: Horizon, people: Households, time: Floats) -> Floats:
    """Who would file while the portal is closed for maintenance files some time after it."""
    later = -np.log1p(-people.uniform("after maintenance")) * float(scenario.portal.retry)
    for start, end in maintenance_windows(scenario, horizon):
        inside = (time >= start) & (time < end)
        time = np.where(inside, end + later, time)
    return time


def maintenance_windows(scenario: Scenario, horizon: Horizon) -> list[tuple[float, float]]:
    """Planned closures of the portal in model minutes, within the known days."""
    windows = []
    for plan in scenario.portal.maintenance:
        start, step = horizon.minute_of(plan.first), int(plan.every_weeks) * 7 * MINUTES_PER_DAY
        length = float(plan.hours) * 60
        while start < horizon.all_days * MINUTES_PER_DAY:
            if start + length > 0:
                windows.append((max(start, 0.0), start + length))
            start += step
    return windows


def _planned_day(scenario: Scenario, horizon: Horizon, people: Households) -> Ints:
    """Announced day of the visit: the real one, one or two opening days from it, or three to five."""
    uniform = people.uniform("planned day")
    size = 1 + np.floor(people.uniform("days from plan") * 2).astype(np.int64)
    far = 3 + np.floor(people.uniform("days from plan") * 3).astype(np.int64)
    sign = np.where(people.uniform("sooner than planned") < 0.5, 1, -1)
    on_day = float(scenario.behaviour.on_planned_day)
    near = on_day + float(scenario.behaviour.within_two_days)
    shift = np.where(uniform < on_day, 0, np.where(uniform < near, sign * size, sign * far))
    return horizon.add_open_days(people.day, shift)


def _origin_done(scenario: Scenario, horizon: Horizon, people: Households, submit_time: Floats) -> Floats:
    """When the other town is done: some opening days after it can see the notice, at a minute of its office day."""
    start, end = span(scenario.opening.back_office)
    seen = submit_time + float(scenario.relay.latency)
    day = np.floor(seen / MINUTES_PER_DAY).astype(np.int64)
    after_closing = (seen - day * MINUTES_PER_DAY) >= end
    share = np.cumsum([float(part) for part in scenario.origin.opening_days])[:-1]
    days = np.searchsorted(share, people.uniform("origin days"), side="right")
    first = horizon.next_open(day + after_closing)
    done = horizon.add_open_days(first, days)
    minute = start + people.uniform("origin minute") * (end - start)
    return np.maximum(seen, done * float(MINUTES_PER_DAY) + minute)
