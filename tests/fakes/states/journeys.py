"""Moves that go well, for the tests: rules of a spring, moments, and the steps of a whole life in order."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from fakes.clock import JST
from fakes.states.application import ApplicationEvent
from fakes.states.certificate import CertificateEvent
from fakes.states.machine import Actor
from fakes.states.moving import Part
from fakes.states.register import PlannedEvent, RemovalEvent, TransactionEvent
from fakes.states.rules import MoveDays, Rules
from fakes.states.telegram import TelegramEvent
from fakes.states.visit import VisitEvent

RULES = Rules.around(date(2023, 1, 1), date(2023, 12, 31))
DAYS = MoveDays(lives_there_from=date(2023, 4, 3), planned_move_out=date(2023, 4, 1))
OFFICE_HOURS = datetime(2023, 4, 4, 10, 0, tzinfo=JST)
"""A Tuesday after the move: everything that only waits for time is possible."""

_A, _T, _V = ApplicationEvent, TransactionEvent, VisitEvent
Steps = list[tuple[Part, StrEnum, Actor]]


def filed(staff: Actor) -> Steps:
    """The applicant submits and signs, the town takes it in and accepts the notice."""
    return [
        (Part.APPLICATION, _A.SUBMIT, Actor.APPLICANT),
        (Part.APPLICATION, _A.BEGIN_CHECK, Actor.PORTAL),
        (Part.APPLICATION, _A.ASK_SIGNATURE, Actor.PORTAL),
        (Part.APPLICATION, _A.SIGN, Actor.APPLICANT),
        (Part.APPLICATION, _A.ARRIVE, Actor.RELAY),
        (Part.APPLICATION, _A.DOWNLOAD, Actor.SYSTEM),
        (Part.APPLICATION, _A.BEGIN_REVIEW, staff),
        (Part.APPLICATION, _A.ACCEPT_NOTICE, staff),
    ]


def entered(part: Part, staff: Actor) -> Steps:
    """The staff enters a change of the register and applies it."""
    return [(part, event, staff) for event in (_T.ENTER, _T.SUBMIT, _T.APPROVE, _T.APPLY)]


def sent(part: Part) -> Steps:
    """A telegram is sent, handed over and acknowledged."""
    return [
        (part, TelegramEvent.SEND, Actor.SYSTEM),
        (part, TelegramEvent.DELIVER, Actor.RELAY),
        (part, TelegramEvent.ACK, Actor.SYSTEM),
    ]


def visited() -> Steps:
    """The destination receives the visit notice, prepares, and the people come."""
    return [
        (Part.VISIT, _V.RECEIVE, Actor.RELAY),
        (Part.VISIT, _V.BEGIN_PREPARATION, Actor.DESTINATION_STAFF),
        (Part.VISIT, _V.FINISH_PREPARATION, Actor.DESTINATION_STAFF),
        (Part.VISIT, _V.VISIT, Actor.DESTINATION_STAFF),
    ]


OUT: Steps = [*filed(Actor.ORIGIN_STAFF), *entered(Part.OUT, Actor.ORIGIN_STAFF)]
"""Until the move-out is applied."""

DATA: Steps = [*OUT, *sent(Part.CERTIFICATE_DATA)]
"""Until the destination has the certificate data."""

VISIBLE: Steps = [
    *DATA,
    (Part.SIGNING, CertificateEvent.REVOKE, Actor.SYSTEM),
    (Part.PLANNED, PlannedEvent.SHOW, Actor.SYSTEM),
]
"""Until the planned move-in is visible."""

IN: Steps = [*VISIBLE, *visited(), *entered(Part.IN, Actor.DESTINATION_STAFF)]
"""Until the move-in is applied."""

BETWEEN_TOWNS: Steps = [
    *IN,
    *sent(Part.NOTICE),
    (Part.REMOVAL, RemovalEvent.CONFIRM, Actor.SYSTEM),
    (Part.SIGNING, CertificateEvent.REISSUE, Actor.DESTINATION_STAFF),
    (Part.APPLICATION, _A.COMPLETE, Actor.ORIGIN_STAFF),
]
"""A whole move between two towns."""

WITHIN_THE_WARD: Steps = [
    *filed(Actor.DESTINATION_STAFF),
    (Part.APPLICATION, _A.COMPLETE, Actor.DESTINATION_STAFF),
    *visited(),
    *entered(Part.IN, Actor.DESTINATION_STAFF),
    (Part.SIGNING, CertificateEvent.REVOKE, Actor.SYSTEM),
    (Part.SIGNING, CertificateEvent.REISSUE, Actor.DESTINATION_STAFF),
]
"""A whole move within the ward."""
