"""State machines as data: who may cause what, where it leads, and how a refusal is said.

Enumerations of states and events and a list of transitions come in; `Machine.step` gives the next state or a `Refused`
that says why not. Nothing here knows of storage or the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, NamedTuple, TypeVar

from texts import Lang, say

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class Actor(StrEnum):
    """Who can cause an event."""

    APPLICANT = "applicant"
    PORTAL = "portal"
    RELAY = "relay"
    """J-LIS: the relay of applications and the resident network."""
    ORIGIN_STAFF = "origin_staff"
    ORIGIN_SUPERVISOR = "origin_supervisor"
    """Whoever may send a telegram again by hand."""
    DESTINATION_STAFF = "destination_staff"
    DESTINATION_SUPERVISOR = "destination_supervisor"
    SYSTEM = "system"
    """What runs without hands: a town's link server, the register's telegrams, the certification authority, time."""


class Refusal(StrEnum):
    """Why an event is refused."""

    WRONG_ACTOR = "wrong_actor"
    ILLEGAL_TRANSITION = "illegal_transition"
    NOT_YET = "not_yet"
    CERTIFICATE_INVALID = "certificate_invalid"
    ALREADY_PROCESSED = "already_processed"
    BEFORE_WINDOW = "before_window"
    AFTER_WINDOW = "after_window"
    BEFORE_MOVE = "before_move"
    CARD_ROUTE_LAPSED = "card_route_lapsed"
    CLOSED_HOURS = "closed_hours"
    OUT_OF_ORDER = "out_of_order"
    OUTDATED = "outdated"
    LEASED = "leased"
    LEASE_LOST = "lease_lost"
    GONE = "gone"
    WRONG_SECRET = "wrong_secret"  # noqa: S105 - a code, no password
    LOCKED = "locked"

    @property
    def status(self) -> int:
        """HTTP status of the refusal; an assumption, as no list of the real systems' answers is published."""
        return _STATUS.get(self, 409)


_STATUS: Final = {
    Refusal.WRONG_ACTOR: 403,
    Refusal.BEFORE_WINDOW: 400,
    Refusal.AFTER_WINDOW: 400,
    Refusal.CLOSED_HOURS: 503,
    Refusal.GONE: 410,
    Refusal.WRONG_SECRET: 403,
    Refusal.LOCKED: 423,
}


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that changes nothing.

    Attributes
    ----------
    code
        Why.
    subject
        What refuses: the name of a machine or of a rule.
    state, event
        Its state and what was tried.
    detail
        What the sentence names besides: a day, a number, a moment; the same in both languages.
    """

    code: Refusal
    subject: str
    state: str = ""
    event: str = ""
    detail: str = ""

    def reason(self, lang: Lang) -> str:
        """Say why, in one sentence."""
        named = {"subject": f"machine.{self.subject}", "state": f"state.{self.subject}.{self.state}"}
        values = {name: say(key, lang) if self.state else "" for name, key in named.items()}
        return say(f"refusal.{self.code}", lang, detail=self.detail, **values)


class Arrow(NamedTuple, Generic[S, E]):
    """Some events lead from any of `sources` to `target` when one of `actors` causes them."""

    sources: tuple[S, ...]
    event: E
    actors: tuple[Actor, ...]
    target: S


class Machine(Generic[S, E]):
    """The states of one kind of thing.

    Parameters
    ----------
    name
        Of the machine, also in the catalogue of texts.
    initial
        State in which a thing begins.
    arrows
        All legal transitions; a pair of state and event may stand in one only.
    finished
        States in which nothing is decided any more; events there are refused as ALREADY_PROCESSED.
    too_late
        Pairs of state and event that are refused so as well.
    """

    def __init__(
        self,
        name: str,
        initial: S,
        arrows: Iterable[Arrow[S, E]],
        finished: Iterable[S] = (),
        too_late: Iterable[tuple[S, E]] = (),
    ) -> None:
        self.name = name
        self.initial = initial
        self.arrows = tuple(arrows)
        self.finished = frozenset(finished)
        self._too_late = frozenset(too_late)
        self.states: tuple[S, ...] = tuple(type(initial))
        self.events: tuple[E, ...] = tuple(type(self.arrows[0].event))
        self._table: dict[tuple[S, E], Arrow[S, E]] = {}
        for arrow in self.arrows:
            for source in arrow.sources:
                if (source, arrow.event) in self._table:
                    raise ValueError(f"{name}: {arrow.event} leads from {source} to two states")
                self._table[source, arrow.event] = arrow

    def step(self, state: S, event: E, actor: Actor) -> S | Refused:
        """Return the next state, or why the event is refused."""
        arrow = self._table.get((state, event))
        if arrow is None:
            late = state in self.finished or (state, event) in self._too_late
            code = Refusal.ALREADY_PROCESSED if late else Refusal.ILLEGAL_TRANSITION
            return Refused(code, self.name, state, event)
        if actor not in arrow.actors:
            return Refused(Refusal.WRONG_ACTOR, self.name, state, event)
        return arrow.target

    def transitions(self) -> Iterator[tuple[S, E, tuple[Actor, ...], S]]:
        """Every single transition: from, event, who may cause it, to."""
        for arrow in self.arrows:
            for source in arrow.sources:
                yield source, arrow.event, arrow.actors, arrow.target

    def label(self, state: S, lang: Lang) -> str:
        """Name of a state for people."""
        return say(f"state.{self.name}.{state}", lang)

    def event_label(self, event: E, lang: Lang) -> str:
        """Name of an event for people."""
        return say(f"event.{self.name}.{event}", lang)
