"""The visit notice (来庁予定の連絡) at the town of the counter, and its preparation there.

A notice is a date without a time of day. A newer one takes the place of an older one, and what was prepared is
prepared again. People may also come without a notice, too early, or twice.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from fakes.states.machine import Actor, Arrow, Machine


class VisitState(StrEnum):
    """States of a notice."""

    NONE = "none"
    RECEIVED = "received"
    PREPARING = "preparing"
    PREPARED = "prepared"
    VISITED = "visited"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class VisitEvent(StrEnum):
    """What can happen to a notice."""

    RECEIVE = "receive"
    BEGIN_PREPARATION = "begin_preparation"
    FINISH_PREPARATION = "finish_preparation"
    VISIT = "visit"
    CANCEL = "cancel"
    """The applicant takes back the notice alone; each of 転出届, 転入予約 and 転居予約 can be."""
    DROP = "drop"
    """The application that it came with has ended without being carried out."""
    LAPSE = "lapse"


_S, _E = VisitState, VisitEvent
EXPECTED: Final = (_S.RECEIVED, _S.PREPARING, _S.PREPARED)
"""The town expects a visit."""

_STAFF: Final = (Actor.DESTINATION_STAFF,)

VISIT: Final = Machine(
    "visit",
    _S.NONE,
    [
        Arrow((_S.NONE, *EXPECTED, _S.CANCELLED, _S.LAPSED), _E.RECEIVE, (Actor.RELAY,), _S.RECEIVED),
        Arrow((_S.RECEIVED,), _E.BEGIN_PREPARATION, _STAFF, _S.PREPARING),
        Arrow((_S.PREPARING,), _E.FINISH_PREPARATION, _STAFF, _S.PREPARED),
        Arrow(tuple(_S), _E.VISIT, _STAFF, _S.VISITED),
        Arrow(EXPECTED, _E.CANCEL, (Actor.APPLICANT,), _S.CANCELLED),
        Arrow(EXPECTED, _E.DROP, (Actor.RELAY,), _S.CANCELLED),
        Arrow(EXPECTED, _E.LAPSE, (Actor.SYSTEM,), _S.LAPSED),
    ],
)
"""Visit notice of a move in (転入) or within the ward (転居)."""
