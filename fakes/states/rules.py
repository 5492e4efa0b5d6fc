"""Rules of time of the life of a move: when one may file, when the card route ends, when the network is open.

The law itself is `scenarios.law`; here a moment and the days of a move come in and a refusal goes out, or None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from fakes.clock import JST
from fakes.hours import DEFAULT, NetworkHours
from fakes.states.machine import Refusal, Refused
from scenarios import law
from scenarios.opening import OpeningCalendar


class TimeRule(StrEnum):
    """Rules of time that a step of a move may be under."""

    FILING_WINDOW = "filing_window"
    AFTER_MOVE = "after_move"
    CARD_ROUTE = "card_route"
    NETWORK_HOURS = "network_hours"


@dataclass(frozen=True, slots=True)
class MoveDays:
    """The days that a notice names.

    Attributes
    ----------
    lives_there_from
        First day at the new address (新住所に住み始める日).
    planned_move_out
        Planned day of moving out (転出予定日); the same day if not given.
    """

    lives_there_from: date
    planned_move_out: date | None = None

    @property
    def moves_out(self) -> date:
        """Day from which the 30 days of the card route count."""
        return self.planned_move_out or self.lives_there_from


def filing_refused(at: datetime, lives_there_from: date) -> Refused | None:
    """Return why nobody can file online at a moment; the window needs no calendar, closed days count like others."""
    lead = (lives_there_from - at.astimezone(JST).date()).days
    if -law.ONLINE_DAYS_AFTER_MOVE <= lead <= law.ONLINE_DAYS_BEFORE_MOVE:
        return None
    # only the end that was passed is computed: the other one may lie outside the calendar
    if lead > 0:
        first = lives_there_from - timedelta(law.ONLINE_DAYS_BEFORE_MOVE)
        return Refused(Refusal.BEFORE_WINDOW, "filing_window", detail=f"{first}")
    last = lives_there_from + timedelta(law.ONLINE_DAYS_AFTER_MOVE)
    return Refused(Refusal.AFTER_WINDOW, "filing_window", detail=f"{last}")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the rules of time need to know.

    Attributes
    ----------
    calendar
        Opening days of the offices; deadlines pass over closed ones.
    network
        Hours of the resident network.
    """

    calendar: OpeningCalendar
    network: NetworkHours

    @classmethod
    def around(cls, first: date, last: date, hours: str = DEFAULT) -> Rules:
        """Rules for moves between two days, with years to spare on both sides."""
        calendar = OpeningCalendar.around(first, last)
        return cls(calendar, NetworkHours.of(hours, calendar))

    def refused(self, rule: TimeRule, at: datetime, days: MoveDays) -> Refused | None:
        """Return why a rule stands against a step at a moment; None when it does not."""
        if rule is TimeRule.NETWORK_HOURS:
            return self.network_refused(at)
        checks = {
            TimeRule.FILING_WINDOW: self.filing_refused,
            TimeRule.AFTER_MOVE: self.counter_refused,
            TimeRule.CARD_ROUTE: self.card_route_refused,
        }
        return checks[rule](at, days)

    def filing_refused(self, at: datetime, days: MoveDays) -> Refused | None:
        """Return why nobody can file online at a moment: too early or too late for the day of the move."""
        return filing_refused(at, days.lives_there_from)

    def counter_refused(self, at: datetime, days: MoveDays) -> Refused | None:
        """Return why a counter cannot take the notice of a move: nobody lives there yet."""
        if at.astimezone(JST).date() < days.lives_there_from:
            return Refused(Refusal.BEFORE_MOVE, "move_in", detail=f"{days.lives_there_from}")
        return None

    def card_route_refused(self, at: datetime, days: MoveDays) -> Refused | None:
        """Return why a move-in cannot be taken on the card: nobody lives there yet, or the card route has ended."""
        if (refused := self.counter_refused(at, days)) is not None:
            return refused
        limit = self.card_route_limit(days)
        late = at.astimezone(JST).date() > limit
        return Refused(Refusal.CARD_ROUTE_LAPSED, "move_in", detail=f"{limit}") if late else None

    def card_route_limit(self, days: MoveDays) -> date:
        """Last day of the card route (特例転入)."""
        return law.card_route_limit(days.moves_out, days.lives_there_from, self.calendar)

    def network_refused(self, at: datetime) -> Refused | None:
        """Return why no telegram can be sent at a moment; `detail` is when the network opens."""
        opening = self.network.next_opening(at)
        if opening == at:
            return None
        return Refused(Refusal.CLOSED_HOURS, "network", detail=f"{opening.astimezone(JST):%Y-%m-%d %H:%M}")
