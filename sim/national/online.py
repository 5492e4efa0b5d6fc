"""What happens to an online filing, and to the visit that it announces: columns that only adopters have values in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from scenarios.schema.base import span
from scenarios.schema.national import NationalScenario
from sim.demand.horizon import MINUTES_PER_DAY, Horizon
from sim.demand.households import Households
from sim.demand.timeline import Timeline
from sim.national.hands import hands
from sim.program import Bools, Floats, Ints

Columns = dict[str, npt.NDArray[np.generic]]
Uniform = Callable[[str], Floats]


def online_columns(
    scenario: NationalScenario, horizon: Horizon, people: Households, timeline: Timeline, adopts: Bools
) -> Columns:
    """Columns of the online journeys, 0 or false for all who file otherwise: they are one in six or fewer."""
    who = np.flatnonzero(adopts)

    def uniform(name: str) -> Floats:
        return people.uniform(name)[who]

    own: Columns = {}
    for part in (
        _on_the_way(scenario, timeline.submit_time[who], uniform),
        _in_the_office(scenario, uniform),
        _around_the_visit(scenario, horizon, people.day[who], timeline.planned_day[who], uniform),
    ):
        own |= part
    columns: Columns = {"withdrawn": np.zeros(len(people), dtype=bool)}
    for name, values in own.items():
        columns[name] = np.zeros(len(people), dtype=values.dtype)
        columns[name][who] = values
    return columns


def _on_the_way(scenario: NationalScenario, submit_time: Floats, uniform: Uniform) -> Columns:
    """Portal, relay and the network between the towns."""
    size, behaviour = len(submit_time), scenario.behaviour
    again = _exponential(uniform("second filing"), float(behaviour.duplicate_after))
    return {
        "submit_time": np.maximum(submit_time, 0.0),
        "second_submit_time": np.maximum(submit_time + again, 0.0),
        "submit_minutes": hands(scenario, scenario.portal.submit, uniform("portal")),
        "portal_patience": np.full(size, float(scenario.portal.give_up)),
        "retry_minutes": _exponential(uniform("portal retry"), float(scenario.portal.retry)),
        "relay_minutes": np.full(size, float(scenario.relay.message)),
        "latency_minutes": uniform("relay latency") * float(scenario.relay.latency),
        "telegram_minutes": np.full(size, float(scenario.relay.message)),
        "correct_minutes": _exponential(uniform("correction"), float(behaviour.resubmit_hours) * 60),
    }


def _in_the_office(scenario: NationalScenario, uniform: Uniform) -> Columns:
    """Work of the back offices of both towns, and what makes more of it. Nobody withdraws: every move takes place."""
    work, behaviour, office = scenario.work, scenario.behaviour, uniform("back office minutes")
    return {
        "check_minutes": hands(scenario, work.check_online, office),
        "process_minutes": hands(scenario, work.process_online, office),
        "phone_minutes": hands(scenario, work.phone_check, office),
        "duplicate_minutes": hands(scenario, work.duplicate_check, office),
        "prepare_minutes": hands(scenario, work.prepare_visit, office),
        "phoned": uniform("phone check") < float(behaviour.phone_check),
        "returned": uniform("returned") < float(behaviour.returned),
    }


def _around_the_visit(
    scenario: NationalScenario, horizon: Horizon, day: Ints, planned_day: Ints, uniform: Uniform
) -> Columns:
    """When the visit is prepared, and what becomes of one that comes before the certificate data."""
    opens, closes = span(scenario.offices.weekday)
    ahead = np.full(len(day), -int(scenario.one_stop.prepare_ahead))
    begins = span(scenario.offices.back_office)[0]
    minute = opens + uniform("hour of return") * (closes - 60.0 - opens)
    return {
        "prepare_time": np.maximum(horizon.add_open_days(planned_day, ahead) * float(MINUTES_PER_DAY) + begins, 0.0),
        "answer_minutes": hands(scenario, scenario.work.missing_data_answer, uniform("answer")),
        "same_day": uniform("same day after call") < float(scenario.behaviour.same_day_after_call),
        "return_time": horizon.next_open(day + 1) * float(MINUTES_PER_DAY) + minute,
    }


def _exponential(uniform: Floats, mean: float) -> Floats:
    return np.asarray(-np.log1p(-uniform) * mean)
