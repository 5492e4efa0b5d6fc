"""When they move, file, plan to come and come: dates inside the legal windows, opening days, maintenance.

The day of the visit (or of the notice at a counter) is drawn first, because statistics count filings by that day; the
move and the online filing are placed before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.law import MOVE_IN_DAYS, ONLINE_DAYS_AFTER_MOVE, ONLINE_DAYS_BEFORE_MOVE
from scenarios.schema import Scenario
from scenarios.schema.base import span
from sim.demand.horizon import MINUTES_PER_DAY, Horizon
from sim.demand.households import KINDS, Households
from sim.demand.inverse import normal, truncated_exponential
from sim.program import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Timeline:
    """Columns of shape (households,); days count from day 0, times are model minutes.

    Attributes
    ----------
    move_day
        Day from which they live at the new address.
    late
        Comes after the last day of the 14 (moved past closed days); a card route has then lapsed.
    submit_day, submit_time
        When they would file online.
    can_file
        That time lies inside the legal window, before the visit and outside planned maintenance of the portal.
    planned_day
        Day of the visit as announced; not before the filing.
    origin_done_time
        When the other town has processed the notice (moves in).
    """

    move_day: Ints
    late: Bools
    submit_day: Ints
    submit_time: Floats
    can_file: Bools
    planned_day: Ints
    origin_done_time: Floats


def draw_timeline(scenario: Scenario, horizon: Horizon, people: Households) -> Timeline:
    """Draw the dates of all households."""
    moving_out = people.kind == KINDS.index("move_out")
    move_day = _move_day(scenario, people, (people.uniform("late") < float(scenario.behaviour.late)) & ~moving_out)
    submit_day = np.where(moving_out, people.day - np.floor(people.uniform("day of the week") * 7).astype(np.int64), 0)
    submit_day = np.where(moving_out, submit_day, _submit_day(scenario, horizon, people, move_day))
    move_day = np.where(moving_out, submit_day + _lead(scenario, people), move_day)
    window = _filing_window(scenario, people, move_day, before_visit=~moving_out)
    submit_time = np.minimum(_submit_time(scenario, horizon, people, submit_day), window[1])
    submit_time = _around_maintenance(scenario, horizon, people, submit_time, window[1])
    return Timeline(
        move_day=move_day,
        late=(people.day > horizon.deadlines(move_day)) & ~moving_out,
        submit_day=np.floor(submit_time / MINUTES_PER_DAY).astype(np.int64),
        submit_time=submit_time,
        can_file=_lies_within(submit_time, window) & ~_in_maintenance(scenario, horizon, submit_time),
        planned_day=_planned_day(scenario, horizon, people, submit_time),
        origin_done_time=_origin_done(scenario, horizon, people, submit_time),
    )


def _move_day(scenario: Scenario, people: Households, late: Bools) -> Ints:
    """Days since the move: exponential, 14 at most; some come 15 to 44 days after it."""
    mean = float(scenario.behaviour.living_days)
    uniform = people.uniform("living days")
    in_time = truncated_exponential(uniform, mean, MOVE_IN_DAYS + 1)
    too_late = MOVE_IN_DAYS + 1 + 30 * uniform
    return people.day - np.floor(np.where(late, too_late, in_time)).astype(np.int64)


def _lead(scenario: Scenario, people: Households) -> Ints:
    """Days from filing to moving: lognormal up to 30 before, uniform up to 10 after (negative)."""
    spread = float(scenario.behaviour.lead_spread)
    days = float(scenario.behaviour.lead_days) * np.exp(spread * normal(people.uniform("lead days")))
    before = np.minimum(np.floor(days), ONLINE_DAYS_BEFORE_MOVE)
    after = -np.floor(people.uniform("days after the move") * (ONLINE_DAYS_AFTER_MOVE + 1))
    files_after = people.uniform("files after the move") < float(scenario.behaviour.filed_after_move)
    return np.where(files_after, after, before).astype(np.int64)


def _submit_day(scenario: Scenario, horizon: Horizon, people: Households, move_day: Ints) -> Ints:
    """Day of the online filing of who comes here: within 30 days before and 10 after the move, and before the visit.

    Most leave the opening days that municipalities advise; the hasty file on the opening day before, or on the day.
    """
    filed = move_day - _lead(scenario, people)
    advised = horizon.add_open_days(people.day, np.full(len(people), -int(scenario.behaviour.advised_margin)))
    hasty = people.uniform("hasty") < float(scenario.behaviour.hasty)
    same_day = people.uniform("same day") < float(scenario.behaviour.hasty_same_day)
    in_haste = np.where(same_day, people.day, horizon.add_open_days(people.day, np.full(len(people), -1)))
    chosen = np.where(hasty, in_haste, np.minimum(filed, advised))
    return np.clip(
        chosen, move_day - ONLINE_DAYS_BEFORE_MOVE, np.minimum(move_day + ONLINE_DAYS_AFTER_MOVE, people.day)
    )


def _filing_window(
    scenario: Scenario, people: Households, move_day: Ints, *, before_visit: Bools
) -> tuple[Floats, Floats]:
    """First and last minute for filing online: the legal days (`scenarios.law.online_window`), and before the visit."""
    midnight = move_day.astype(np.float64) * MINUTES_PER_DAY
    first = midnight - ONLINE_DAYS_BEFORE_MOVE * MINUTES_PER_DAY
    last = midnight + (ONLINE_DAYS_AFTER_MOVE + 1) * MINUTES_PER_DAY - 1.0
    at_home = people.visit_time - float(scenario.travel.form_online)
    return first, np.where(before_visit, np.minimum(last, at_home), last)


def _submit_time(scenario: Scenario, horizon: Horizon, people: Households, day: Ints) -> Floats:
    """Minute of the online filing on its day: in or outside office hours, not at night."""
    start, end = span(scenario.opening.back_office)
    night = float(scenario.behaviour.files_from)
    known = (day >= 0) & (day < horizon.all_days)
    works = np.where(known, horizon.is_open[np.clip(day, 0, horizon.all_days - 1)], True)
    # Five days of seven have office hours; `outside_hours` counts all seven.
    in_hours = np.minimum((1.0 - float(scenario.behaviour.outside_hours)) * 7 / 5, 1.0)
    chosen = works & (people.uniform("in office hours") < in_hours)
    uniform = people.uniform("minute of filing")
    morning, evening = start - night, MINUTES_PER_DAY - end
    outside = uniform * (morning + evening)
    awake = night + uniform * (MINUTES_PER_DAY - night)
    free = np.where(works, np.where(outside < morning, night + outside, end + outside - morning), awake)
    minute = np.where(chosen, start + uniform * (end - start), free)
    return np.asarray(day * float(MINUTES_PER_DAY) + minute)


def _around_maintenance(
    scenario: Scenario, horizon: Horizon, people: Households, time: Floats, latest: Floats
) -> Floats:
    """Who would file while the portal is closed for maintenance files some time after it, or, if too late, before."""
    some_time = -np.log1p(-people.uniform("after maintenance")) * float(scenario.portal.retry)
    time = time.copy()
    for start, end in maintenance_windows(scenario, horizon):
        inside = np.flatnonzero((time >= start) & (time < end))
        wait = some_time[inside]
        after, before = (_not_at_night(scenario, other) for other in (end + wait, start - wait))
        time[inside] = np.where(after <= latest[inside], after, np.minimum(before, start - 1.0))
    return time


def _lies_within(time: Floats, window: tuple[Floats, Floats]) -> Bools:
    return (time >= window[0]) & (time <= window[1])


def _in_maintenance(scenario: Scenario, horizon: Horizon, time: Floats) -> Bools:
    closed = np.zeros(len(time), dtype=bool)
    for start, end in maintenance_windows(scenario, horizon):
        closed |= (time >= start) & (time < end)
    return closed


def _not_at_night(scenario: Scenario, time: Floats) -> Floats:
    """Move what falls into the night on by as long as the night lasts."""
    night = float(scenario.behaviour.files_from)
    return np.where(time % MINUTES_PER_DAY < night, time + night, time)


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


def _planned_day(scenario: Scenario, horizon: Horizon, people: Households, submit_time: Floats) -> Ints:
    """Announced day of the visit: the real one, one or two opening days from it, or three to five; after the filing."""
    uniform = people.uniform("planned day")
    size = 1 + np.floor(people.uniform("days from plan") * 2).astype(np.int64)
    far = 3 + np.floor(people.uniform("days from plan") * 3).astype(np.int64)
    sign = np.where(people.uniform("sooner than planned") < 0.5, 1, -1)
    on_day = float(scenario.behaviour.on_planned_day)
    near = on_day + float(scenario.behaviour.within_two_days)
    shift = np.where(uniform < on_day, 0, np.where(uniform < near, sign * size, sign * far))
    planned = np.where(shift == 0, people.day, horizon.add_open_days(people.day, shift))
    filed = horizon.next_open(np.floor(submit_time / MINUTES_PER_DAY).astype(np.int64))
    return np.where(planned < filed, np.minimum(filed, people.day), planned)


def _origin_done(scenario: Scenario, horizon: Horizon, people: Households, submit_time: Floats) -> Floats:
    """When the other town is done: some opening days after it can see the notice, at a minute of its office day.

    What is filed or seen outside its hours is work of the next opening day
    (https://www.city.kawachinagano.lg.jp/soshiki/6/85001.html).
    """
    start, end = span(scenario.opening.back_office)
    seen = submit_time + float(scenario.relay.latency)
    day = np.floor(seen / MINUTES_PER_DAY).astype(np.int64)
    minute = seen - day * float(MINUTES_PER_DAY)
    share = np.cumsum([float(part) for part in scenario.origin.opening_days])[:-1]
    days = np.searchsorted(share, people.uniform("origin days"), side="right")
    done = horizon.add_open_days(horizon.next_open(day + (minute >= end)), days)
    begins = np.where(done == day, np.maximum(minute, start), start)
    return done * float(MINUTES_PER_DAY) + begins + people.uniform("origin minute") * (end - begins)
