"""All households of one replication of the country as columns: channels, the way out of the old town, minutes of hands.

Dates are the ward's (`sim.demand.timeline`); so are the rates of what goes wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from scenarios.datatables import weekday_multipliers
from scenarios.schema.base import span
from scenarios.schema.national import NationalScenario
from sim.demand.horizon import MINUTES_PER_DAY, Horizon
from sim.demand.hours import ArrivalHours
from sim.demand.households import KINDS, MOST_PERSONS, Households
from sim.demand.intensity import WEEKDAYS
from sim.demand.timeline import Timeline, draw_timeline
from sim.national.hands import hands
from sim.national.moves import Moves, draw_moves
from sim.national.online import online_columns
from sim.national.ward import as_ward
from sim.program import Bools, Floats, Ints
from sim.streams import Streams

Columns = dict[str, npt.NDArray[np.generic]]

BETWEEN, WITHIN = KINDS.index("move_in"), KINDS.index("move_within")
"""What the ward's parts of the model call a move between two municipalities and one within."""


@dataclass(frozen=True, slots=True)
class NationalDemand:
    """All households of one replication.

    Attributes
    ----------
    moves, people, timeline
        From where to where, who they are, and when things happen.
    columns
        What the flows read, by name.
    """

    moves: Moves
    people: Households
    timeline: Timeline
    columns: Columns


def draw_national_demand(
    scenario: NationalScenario, horizon: Horizon, people_of_towns: Ints, streams: Streams
) -> NationalDemand:
    """Draw one replication's households and all that the flows need of them."""
    moves = draw_moves(scenario, horizon, people_of_towns, streams)
    people = _people(scenario, moves)
    timeline = draw_timeline(as_ward(scenario), horizon, people)
    adopts = _adopts(scenario, horizon, people, timeline)
    columns: Columns = {"site": moves.destination, "origin": moves.origin, "visit_time": people.visit_time}
    columns |= _leaving(scenario, horizon, people, timeline)
    columns |= _channels(scenario, horizon, people, timeline, adopts, columns)
    columns |= _window_minutes(scenario, people, columns)
    columns |= online_columns(scenario, horizon, people, timeline, adopts)
    return NationalDemand(moves, people, timeline, columns)


def _people(scenario: NationalScenario, moves: Moves) -> Households:
    hours = ArrivalHours(scenario.offices.profile, span(scenario.offices.weekday))
    has_card = moves.uniform("card") < float(scenario.cards.held)
    others = _cards_of_others(moves.persons, moves.uniform("cards of others"), float(scenario.cards.held))
    return Households(
        kind=np.where(moves.between, BETWEEN, WITHIN),
        day=moves.day,
        visit_time=moves.day * float(MINUTES_PER_DAY) + hours.at(moves.uniform("hour")),
        site=moves.destination,
        persons=moves.persons,
        has_card=has_card,
        cards=np.where(has_card, 1 + others, 0),
        is_evening=np.zeros(len(moves), dtype=bool),
        uniform=moves.uniform,
        uniform_of_all=moves.uniform,
    )


def _cards_of_others(persons: Ints, uniform: Floats, held: float) -> Ints:
    """Cards of all but the first person, binomial; by a table of its distribution, as persons are few."""
    others = np.arange(MOST_PERSONS)
    # Row: how many others, column: how many cards.
    at_most = np.asarray(binom.cdf(others[None, :], others[:, None], held))
    cards = np.zeros(len(persons), dtype=np.int64)
    for number in others[:-1]:
        cards += uniform > at_most[persons - 1, number]
    return cards


def _adopts(scenario: NationalScenario, horizon: Horizon, people: Households, timeline: Timeline) -> Bools:
    """Who files online: may and can, knows of it, and files after the service has begun; as in the ward."""
    cards, service = scenario.cards, scenario.one_stop
    able = (
        timeline.can_file
        & people.has_card
        & (people.uniform("live certificate") < float(cards.live_signing_certificate))
        & (people.uniform("knows password") < float(cards.password_known))
        & (people.uniform("excluded") >= float(cards.excluded))
    )
    first, last = int(timeline.submit_day.min(initial=0)), int(timeline.submit_day.max(initial=0))
    by_day = np.array([service.uptake_in(f"{horizon.date_of(day):%Y-%m}") for day in range(first, last + 1)])
    share = by_day[timeline.submit_day - first] / cards.ceiling()
    offered = (timeline.submit_day >= horizon.day_of(service.since)) & service.available
    return np.asarray(able & offered & (people.uniform("uptake") < share), dtype=bool)


def _leaving(scenario: NationalScenario, horizon: Horizon, people: Households, timeline: Timeline) -> Columns:
    """When who does not file online is at the origin's counter, or their letter is.

    On the day on which they would have filed online, moved to an opening day; before the visit to the new town, which
    asks for the certificate, and a letter in time for the post to come back.
    """
    behaviour = scenario.behaviour
    by_post = people.uniform("by post") < float(behaviour.by_post)
    day = opening_day(horizon, timeline.submit_day, people.uniform("weekday of moving out"))
    ahead = np.where(by_post, max(int(scenario.moves.letter_days), 1), 1)
    day = np.minimum(day, horizon.add_open_days(people.day, -ahead))
    hours = ArrivalHours(scenario.offices.profile, span(scenario.offices.weekday))
    work, uniform = scenario.work, people.uniform("moving out minutes")
    mean = np.where(by_post, float(work.move_out_post), float(work.move_out_counter))
    return {
        "out_time": np.maximum(day * float(MINUTES_PER_DAY) + hours.at(people.uniform("hour of moving out")), 0.0),
        "out_day": day,
        "prefers_post": by_post,
        "out_minutes": hands(scenario, mean, uniform),
    }


def opening_day(horizon: Horizon, day: Ints, uniform: Floats) -> Ints:
    """Days on which the office is open, for days on which people would like to file.

    Who would file at a weekend files in the week after it, on such days that the week as a whole follows the table of
    weekdays: of seven even days two are dealt out.
    """
    multipliers = np.array([weekday_multipliers()[name] for name in WEEKDAYS])
    of_weekend = np.maximum((7 * multipliers / multipliers.sum() - 1) / 2, 0.0)
    later = np.searchsorted(np.cumsum(of_weekend / of_weekend.sum())[:-1], uniform, side="right")
    open_day = horizon.next_open(day)
    return np.where(open_day == day, day, horizon.add_open_days(open_day, later))


def _channels(
    scenario: NationalScenario,
    horizon: Horizon,
    people: Households,
    timeline: Timeline,
    adopts: Bools,
    columns: Columns,
) -> Columns:
    """Which flows each household lives. Who comes after the end is in the model for what they do before it."""
    between, end = people.kind == BETWEEN, horizon.window[1]
    online = adopts & (timeline.submit_time < end)
    filed = online & (timeline.submit_time >= 0)
    comes = people.day < horizon.days
    out_day, post = columns["out_day"].astype(np.int64), columns["prefers_post"].astype(bool)
    leaves = between & ~adopts & (out_day >= 0) & (out_day < horizon.days)
    # A card route has lapsed for those who come late; they bring a paper certificate like everybody else.
    races = online & between & comes & ~timeline.late
    files_out = filed & between
    return {
        "leaves_at_counter": leaves & ~post,
        "leaves_by_post": leaves & post,
        "files_out": files_out,
        "files_within": filed & ~between,
        "filed_before": online & ~filed,
        "files_twice": files_out & (people.uniform("duplicate") < float(scenario.behaviour.duplicate)),
        "is_prepared_for": online & scenario.one_stop.prepare_visits,
        "visits_after_filing": races,
        "visits_paper": between & comes & ~races,
        "needs_certificate": leaves | (online & between),
        "visits_within_after_filing": online & ~between & comes,
        "visits_within": comes & ~between & ~online,
    }


def _window_minutes(scenario: NationalScenario, people: Households, columns: Columns) -> Columns:
    """Minutes at the destination's window, the work on cards included; each household as slow as it is at all of it."""
    work, between = scenario.work, people.kind == BETWEEN
    by_card = columns["visits_after_filing"].astype(bool)
    plain = np.where(between, float(work.move_in_paper), float(work.move_within))
    plain[by_card] = float(work.move_in_card_route)
    prepared = np.where(between, float(work.move_in_prepared), float(work.move_within_prepared))
    uniform = people.uniform("window minutes")
    more = (people.persons - 1) * float(work.extra_person) + _card_minutes(scenario, people)
    return {
        "serve_minutes": hands(scenario, plain, uniform) + more,
        "serve_prepared_minutes": hands(scenario, prepared, uniform) + more,
        "missing_data_minutes": hands(scenario, work.missing_data, uniform),
    }


def _card_minutes(scenario: NationalScenario, people: Households) -> Floats:
    """Continuation and face update, a new signing certificate, a forgotten PIN; calls of J-LIS included."""
    work, behaviour, jlis = scenario.work, scenario.behaviour, scenario.jlis
    wants = people.uniform("signing certificate") < float(behaviour.wants_signing_certificate)
    forgot = people.uniform("pin forgotten") < float(behaviour.pin_forgotten)
    mean = (
        float(work.card_update) * people.cards
        + float(jlis.call)
        + wants * (float(work.signing_certificate) + float(jlis.signing_call))
        + forgot * float(work.pin_reset)
    )
    return np.where(people.has_card, hands(scenario, mean, people.uniform("card minutes")), 0.0)
