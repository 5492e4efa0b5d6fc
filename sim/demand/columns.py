"""Everything that the flows ask of a household, as columns: who files online, what goes wrong, how long hands need.

The one place where the service makes a difference is `_channels`; all other columns are drawn alike before and after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenarios.schema import Scenario
from scenarios.schema.base import span
from sim.demand.crowding import balk_length
from sim.demand.horizon import MINUTES_PER_DAY, Horizon
from sim.demand.households import KINDS, Households, draw_households
from sim.demand.inverse import normal
from sim.demand.timeline import Timeline, draw_timeline
from sim.program import Bools, Floats
from sim.recall import FORGETFUL, Memory, part_of
from sim.steps import DAY_CLASS, EVENING_CLASS
from sim.streams import Streams

Columns = dict[str, npt.NDArray[np.generic]]

LONGEST_DAY_IN_QUEUE = 1440.0
"""Whoever would wait longer than a day before losing patience does not lose it that day."""


@dataclass(frozen=True, slots=True)
class Demand:
    """All households of one replication.

    Attributes
    ----------
    people, timeline
        Who they are and when things happen.
    columns
        What the flows read, by name.
    adopts
        Would file online if the service were there: the same households before and after.
    """

    people: Households
    timeline: Timeline
    columns: Columns
    adopts: Bools


def draw_demand(scenario: Scenario, horizon: Horizon, streams: Streams, memory: Memory | None = None) -> Demand:
    """Draw one replication's households and all that the flows need of them.

    Parameters
    ----------
    memory
        Of this replication: what scenarios draw alike is then drawn once for all of them.
    """
    recall = (memory or FORGETFUL).recall

    def some(*names: str) -> Scenario:
        return part_of(scenario, *names)

    people = draw_households(scenario, horizon, streams, memory)
    when = some("behaviour", "opening.back_office", "portal", "relay", "travel", "origin")
    timeline = recall(draw_timeline, when, horizon, people)
    adopts = _adopts(scenario, horizon, people, timeline)
    columns: Columns = {"site": people.site, "main_site": np.full(len(people), _main(scenario))}
    columns |= _channels(scenario, horizon, people, timeline, adopts)
    columns["by_card_route"] = recall(_by_card_route, some("behaviour"), people, timeline)
    columns |= recall(_habits, some("behaviour"), people)
    season = ("opening.peak_from", "opening.peak_to")
    crowd = some("behaviour", *season, "office", "volumes", "work", "cards", "sites", "staff")
    columns["balk_length"] = recall(balk_length, crowd, horizon, people)
    columns |= _visit_columns(scenario, horizon, people, timeline, columns)
    hands = recall(_hands, some("behaviour", "work"), people)
    columns |= hands.columns | _window_minutes(scenario, people, columns, hands.at_window)
    columns |= recall(_system_columns, some("behaviour", "portal", "relay", "jlis", "work"), people, timeline)
    columns["prepare_time"] = _prepare_time(scenario, horizon, timeline)
    return Demand(people, timeline, columns, adopts)


def _main(scenario: Scenario) -> int:
    return next(number for number, site in enumerate(scenario.sites) if site.main)


def _is(people: Households, kind: str) -> Bools:
    return np.asarray(people.kind == KINDS.index(kind), dtype=bool)


def _adopts(scenario: Scenario, horizon: Horizon, people: Households, timeline: Timeline) -> Bools:
    """Who files online where the service is offered: may and can, knows of it, and files after it has begun.

    One uniform number per household is held against uptake over ceiling, so a higher uptake only adds households.
    """
    cards = scenario.cards
    able = (
        timeline.can_file
        & people.has_card
        & (people.uniform("live certificate") < float(cards.live_signing_certificate))
        & (people.uniform("knows password") < float(cards.password_known))
        & (people.uniform("excluded") >= float(cards.excluded))
        & (_is(people, "move_in") | _is(people, "move_out") | _is(people, "move_within"))
    )
    first, last = int(timeline.submit_day.min(initial=0)), int(timeline.submit_day.max(initial=0))
    by_day = np.array([scenario.one_stop.uptake_in(f"{horizon.date_of(day):%Y-%m}") for day in range(first, last + 1)])
    ceiling = cards.ceiling()
    share = by_day[timeline.submit_day - first] / ceiling if ceiling > 0 else np.zeros(len(people))
    offered = timeline.submit_day >= horizon.day_of(scenario.one_stop.since)
    return np.asarray(able & offered & (people.uniform("uptake") < share), dtype=bool)


def _channels(scenario: Scenario, horizon: Horizon, people: Households, timeline: Timeline, adopts: Bools) -> Columns:
    """Which flows each household lives. Visits after the end are drawn for the sake of what precedes them.

    Everybody whose filing falls before the end lives exactly one channel to its own end, also after the period's.
    """
    online = adopts & scenario.one_stop.available
    counted = people.day < horizon.days
    begins_in_time = online & (timeline.submit_time < horizon.window[1])
    move_in, move_out, within = (_is(people, kind) for kind in ("move_in", "move_out", "move_within"))
    by_post = move_out & ~online & (people.uniform("by post") < float(scenario.behaviour.by_post)) & counted
    files_in, files_within = begins_in_time & move_in, begins_in_time & within
    files_out = move_out & (begins_in_time | (online & counted))
    # A card route has lapsed for those who come late; they bring a paper certificate like everybody else.
    races = files_in & ~timeline.late
    other = _is(people, "certificate") | _is(people, "card_only")
    return {
        "files_in": files_in,
        "files_within": files_within,
        "files_out": files_out,
        "files_twice": files_out & (people.uniform("duplicate") < float(scenario.behaviour.duplicate)),
        "is_prepared_for": (files_in | files_within) & scenario.one_stop.prepare_visits,
        "by_post": by_post,
        "visits_after_filing_in": races,
        "visits_after_filing_within": files_within,
        "visits_plain": counted & ~other & ~by_post & ~(online & move_out) & ~races & ~files_within,
        "visits_certificate": counted & _is(people, "certificate"),
        "visits_card_only": counted & _is(people, "card_only"),
    }


def _habits(scenario: Scenario, people: Households) -> Columns:
    """What they bring along to a visit, whichever way they file: patience, forgotten things, cards."""
    behaviour = scenario.behaviour
    return {
        "visit_time": people.visit_time,
        "counter_class": np.where(people.is_evening, EVENING_CLASS, DAY_CLASS),
        "patience": _patience(scenario, people),
        "balks": people.uniform_of_all("balks") < float(behaviour.balk),
        "forgets_card": people.has_card & (people.uniform("card forgotten") < float(behaviour.card_not_brought)),
        "same_day": people.uniform("same day after call") < float(behaviour.same_day_after_call),
        "card_work": people.has_card & (_is(people, "move_in") | _is(people, "move_within")),
        "pin_forgotten": people.uniform("pin forgotten") < float(behaviour.pin_forgotten),
        "signing": people.uniform("signing certificate") < float(behaviour.wants_signing_certificate),
    }


def _visit_columns(
    scenario: Scenario, horizon: Horizon, people: Households, timeline: Timeline, columns: Columns
) -> Columns:
    """The visit: who is turned away, the card work, the way back another day.

    Who comes back does so on the next opening day; who waits for certificate data, on the first after they are due.
    """
    office = people.site
    races, by_card_route, forgot = (
        columns[name].astype(bool) for name in ("visits_after_filing_in", "by_card_route", "forgets_card")
    )
    card_work, same_day, balks = (columns[name].astype(bool) for name in ("card_work", "same_day", "balks"))
    turned_away = (races | by_card_route) & forgot & _is(people, "move_in")
    by_day, in_the_evening = _card_desks(scenario)
    at_card_desk = by_day[office]
    desks_now = np.where(people.is_evening, in_the_evening[office], at_card_desk)
    postponed = card_work & forgot & ~turned_away
    data_day = np.floor(timeline.origin_done_time / MINUTES_PER_DAY).astype(np.int64)
    return_day = horizon.next_open(np.where(races, np.maximum(people.day, data_day), people.day) + 1)
    return {
        "turned_away": turned_away,
        "may_return": balks | np.isfinite(columns["patience"]) | turned_away | (races & ~same_day),
        "return_time": return_day * float(MINUTES_PER_DAY) + _day_hour(scenario, people, "hour of return"),
        "card_return_time": horizon.next_open(return_day + 1) * float(MINUTES_PER_DAY)
        + _day_hour(scenario, people, "hour of card visit"),
        "card_postponed": postponed,
        "card_at_desk": card_work & ~postponed & desks_now,
        "card_at_window": card_work & ~postponed & ~desks_now,
        "at_card_desk": at_card_desk,
    }


def _card_desks(scenario: Scenario) -> tuple[Bools, Bools]:
    """Which sites have card desks by day, and in the late opening; without them cards are done at the window."""
    staff = [scenario.staff[site.staff] for site in scenario.sites]
    by_day = [int(own.card_desks.ordinary) > 0 for own in staff]
    late = [own.evening is not None and int(own.evening.card_desks) > 0 for own in staff]
    return np.array(by_day), np.array(by_day) & np.array(late)


def _by_card_route(scenario: Scenario, people: Households, timeline: Timeline) -> Bools:
    """Card holders who use the card route (特例転入) without the service, in time."""
    uses = people.uniform("card route") < float(scenario.behaviour.card_route)
    return people.has_card & uses & _is(people, "move_in") & ~timeline.late


def _patience(scenario: Scenario, people: Households) -> Floats:
    """Exponential patience from the share that leaves per hour; infinite for those who would outlast the day."""
    per_hour = float(scenario.behaviour.renege_per_hour)
    if per_hour <= 0:
        return np.full(len(people), np.inf)
    minutes = 60.0 * np.log1p(-people.uniform_of_all("patience")) / np.log1p(-per_hour)
    return np.where(minutes < LONGEST_DAY_IN_QUEUE, minutes, np.inf)


def _day_hour(scenario: Scenario, people: Households, name: str) -> Floats:
    """A minute of the opening hours, even over the morning and early afternoon."""
    start, end = span(scenario.opening.weekday)
    return start + people.uniform(name) * (end - 60.0 - start)


@dataclass(frozen=True, slots=True)
class _Hands:
    """Minutes of the staff that do not depend on how somebody files, and how slow each household is at the window."""

    columns: Columns
    at_window: Floats


def _slowness(scenario: Scenario, uniform: Floats) -> Floats:
    """How many times the mean somebody's work takes: lognormal with the scenario's coefficient of variation."""
    variance = np.log1p(float(scenario.work.cv) ** 2)
    return np.asarray(np.exp(np.sqrt(variance) * normal(uniform) - variance / 2), dtype=np.float64)


def _hands(scenario: Scenario, people: Households) -> _Hands:
    """Minutes of the staff. A household keeps its slowness at each desk, whichever way it files."""
    work, behaviour = scenario.work, scenario.behaviour
    window = _slowness(scenario, people.uniform_of_all("window minutes"))
    card, office, answer = (
        _slowness(scenario, people.uniform(name)) for name in ("card minutes", "back office minutes", "answer")
    )
    columns = {
        "turned_away_minutes": float(work.turned_away) * window,
        "missing_data_minutes": float(work.missing_data) * window,
        "answer_minutes": float(work.missing_data_answer) * answer,
        "card_minutes": float(work.card_update) * card * np.maximum(people.cards, 1),
        "signing_minutes": float(work.signing_certificate) * card,
        "pin_reset_minutes": float(work.pin_reset) * card,
        "check_minutes": float(work.check_online) * office,
        "process_minutes": float(work.process_online) * office,
        "phone_minutes": float(work.phone_check) * office,
        "duplicate_minutes": float(work.duplicate_check) * office,
        "prepare_minutes": float(work.prepare_visit) * office,
        "phoned": people.uniform("phone check") < float(behaviour.phone_check),
        "returned": people.uniform("returned") < float(behaviour.returned),
        "withdrawn": people.uniform("withdrawn") < float(behaviour.withdrawn),
    }
    return _Hands(columns, window)


def _window_minutes(scenario: Scenario, people: Households, columns: Columns, slowness: Floats) -> Columns:
    """Minutes at the window, without and with preparation: by the household's slowness, and more for each person."""
    further = np.where(_counts_persons(people), (people.persons - 1) * float(scenario.work.extra_person), 0.0)
    plain, prepared = _window_means(scenario, people, columns)
    return {"serve_minutes": plain * slowness + further, "serve_prepared_minutes": prepared * slowness + further}


def _counts_persons(people: Households) -> Bools:
    return _is(people, "move_in") | _is(people, "move_within") | _is(people, "from_abroad")


def _window_means(scenario: Scenario, people: Households, columns: Columns) -> tuple[Floats, Floats]:
    """Mean minutes at the window, without and with preparation."""
    work = scenario.work
    mean = np.zeros(len(people))
    for kind, minutes in (
        ("move_in", work.move_in_paper),
        ("move_out", work.move_out_counter),
        ("move_within", work.move_within),
        ("from_abroad", work.from_abroad),
        ("certificate", work.certificate),
        ("card_only", work.card_customer),
    ):
        mean[_is(people, kind)] = float(minutes)
    mean[columns["by_post"].astype(bool)] = float(work.move_out_post)
    by_card = columns["visits_after_filing_in"].astype(bool) | columns["by_card_route"].astype(bool)
    mean[by_card] = float(work.move_in_card_route)
    prepared = np.where(_is(people, "move_in"), float(work.move_in_prepared), float(work.move_within_prepared))
    return mean, prepared


def _system_columns(scenario: Scenario, people: Households, timeline: Timeline) -> Columns:
    """Portal, relay, J-LIS and the other town."""
    size = len(people)
    portal, call, signing = (
        _slowness(scenario, people.uniform(name)) for name in ("portal", "card call", "signing call")
    )
    duplicate_after = -np.log1p(-people.uniform("second filing")) * float(scenario.behaviour.duplicate_after)
    retry = -np.log1p(-people.uniform("portal retry")) * float(scenario.portal.retry)
    correct = -np.log1p(-people.uniform("correction")) * float(scenario.behaviour.resubmit_hours) * 60
    return {
        "submit_time": np.maximum(timeline.submit_time, 0.0),
        "second_submit_time": np.maximum(timeline.submit_time + duplicate_after, 0.0),
        "submit_minutes": float(scenario.portal.submit) * portal,
        "portal_patience": np.full(size, float(scenario.portal.give_up)),
        "retry_minutes": retry,
        "relay_minutes": np.full(size, float(scenario.relay.message)),
        "latency_minutes": people.uniform("relay latency") * float(scenario.relay.latency),
        "telegram_minutes": np.full(size, float(scenario.relay.message)),
        "correct_minutes": correct,
        "origin_done_time": np.maximum(timeline.origin_done_time, 0.0),
        "call_minutes": float(scenario.jlis.call) * call,
        "signing_call_minutes": float(scenario.jlis.signing_call) * signing,
        "jlis_patience": np.full(size, float(scenario.jlis.give_up)),
        "no_patience": np.zeros(size),
    }


def _prepare_time(scenario: Scenario, horizon: Horizon, timeline: Timeline) -> Floats:
    """When a visit is due for preparation: in the morning, so many opening days before it is planned."""
    ahead = np.full(len(timeline.planned_day), -int(scenario.one_stop.prepare_ahead))
    day = horizon.add_open_days(timeline.planned_day, ahead)
    morning = span(scenario.opening.back_office)[0]
    return np.asarray(np.maximum(day * float(MINUTES_PER_DAY) + morning, 0.0), dtype=np.float64)
