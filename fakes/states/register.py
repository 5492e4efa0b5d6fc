"""The resident register's side: a transaction of a town's staff, the planned move-in, the removed record.

States of a transaction are those of a public reference design
(https://github.com/highdefinitionaudiodriver/juki-web-reference); who may do what there is an assumption.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from fakes.states.machine import Actor, Arrow, Machine


class TransactionState(StrEnum):
    """States of a change to the register."""

    NOT_ENTERED = "not_entered"
    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    APPLIED = "applied"
    CANCELLED = "cancelled"


class TransactionEvent(StrEnum):
    """What the staff does with a change."""

    ENTER = "enter"
    SUBMIT = "submit"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    APPLY = "apply"
    CANCEL = "cancel"


class PlannedState(StrEnum):
    """Whether the destination's register shows the planned move-in (転入予定)."""

    NOT_VISIBLE = "not_visible"
    VISIBLE = "visible"


class PlannedEvent(StrEnum):
    """What happens to a planned move-in."""

    SHOW = "show"


class RemovalState(StrEnum):
    """The origin's removed record (除票): planned when the move-out is applied, final with the destination's notice."""

    NOT_CONFIRMED = "not_confirmed"
    CONFIRMED = "confirmed"


class RemovalEvent(StrEnum):
    """What happens to a removed record."""

    CONFIRM = "confirm"


_T, _TE = TransactionState, TransactionEvent
_ENTERED: Final = (_T.DRAFT, _T.REVIEW, _T.APPROVED)


def transaction_machine(staff: Actor) -> Machine[TransactionState, TransactionEvent]:
    """Return the life of a change that the staff of one town makes."""
    return Machine(
        "transaction",
        _T.NOT_ENTERED,
        [
            Arrow((_T.NOT_ENTERED, _T.CANCELLED), _TE.ENTER, (staff,), _T.DRAFT),
            Arrow((_T.DRAFT,), _TE.SUBMIT, (staff,), _T.REVIEW),
            Arrow((_T.REVIEW,), _TE.SEND_BACK, (staff,), _T.DRAFT),
            Arrow((_T.REVIEW,), _TE.APPROVE, (staff,), _T.APPROVED),
            Arrow((_T.APPROVED,), _TE.APPLY, (staff,), _T.APPLIED),
            Arrow(_ENTERED, _TE.CANCEL, (staff,), _T.CANCELLED),
        ],
        finished=(_T.APPLIED,),
    )


OUT_TRANSACTION: Final = transaction_machine(Actor.ORIGIN_STAFF)
"""The move-out (転出) in the origin's register."""

IN_TRANSACTION: Final = transaction_machine(Actor.DESTINATION_STAFF)
"""The move-in (転入) or the move within the ward (転居) at the counter."""

PLANNED: Final = Machine(
    "planned",
    PlannedState.NOT_VISIBLE,
    [Arrow((PlannedState.NOT_VISIBLE,), PlannedEvent.SHOW, (Actor.SYSTEM,), PlannedState.VISIBLE)],
    finished=(PlannedState.VISIBLE,),
)

REMOVAL: Final = Machine(
    "removal",
    RemovalState.NOT_CONFIRMED,
    [
        Arrow(
            (RemovalState.NOT_CONFIRMED,),
            RemovalEvent.CONFIRM,
            (Actor.SYSTEM, Actor.ORIGIN_STAFF),
            RemovalState.CONFIRMED,
        )
    ],
    finished=(RemovalState.CONFIRMED,),
)
