"""What happens to applications at a town, and its conversation with the relay."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, update

from fakes.states.application import ApplicationState
from fakes.states.visit import VisitState
from fakes.store.statements import Statement, insertion
from fakes.store.transaction import Transaction
from fakes.store.unit import EventBody, Recorded
from fakes.ward.events.base import PROJECTIONS
from fakes.ward.tables import APPLICATION, LINK, OUTBOX


class ApplicationImported(EventBody, tag="application-imported"):
    """An application was imported; its document is the package, its subject the receipt number."""

    procedures: str
    state: ApplicationState
    visit: VisitState
    applicant: str
    moving_date: str
    visit_date: str
    old_town: str
    new_town: str
    signing_serial: int
    arrived_at: int
    delivery: int
    redelivered: bool
    replaces: str
    members: int = 0
    """People in it who move, as far as they were taken in."""


class ApplicationRedelivered(EventBody, tag="application-redelivered"):
    """The relay delivered again what was imported already; nothing was imported."""

    delivery: int


class ApplicationReviewed(EventBody, tag="application-reviewed"):
    """The town decided something, the relay told that the applicant did, or people came; all states after it."""

    state: ApplicationState
    visit: VisitState
    formal: str
    substantive: str
    message: str
    event: str
    """What was done."""


class Queued(EventBody, tag="outbox-queued"):
    """Something is to be said to jlis; the subject says about what, `task` is JSON without numbers of people."""

    line: str
    task: str


class Told(EventBody, tag="outbox-told"):
    """What came of something that was said; `state` is the one that the relay took, if it was one."""

    number: int
    done: bool
    code: str
    state: str = ""


class LinkStarted(EventBody, tag="link-started"):
    """A town's link server started."""

    start: int


class RelayRead(EventBody, tag="relay-read"):
    """A town's link server has read so far at jlis."""

    statuses: int | None = None
    telegrams: int | None = None


_INSERT = insertion(APPLICATION)
_A = APPLICATION.c
_BY_REFERENCE = (_A.municipality == bindparam("town"), _A.reference == bindparam("number"))
_DELIVERED = Statement(update(APPLICATION).where(*_BY_REFERENCE).values(delivery=bindparam("delivery_number")))
_REVIEWED = Statement(
    update(APPLICATION)
    .where(*_BY_REFERENCE)
    .values(
        state=bindparam("new_state"),
        visit=bindparam("new_visit"),
        formal=bindparam("formal_result"),
        substantive=bindparam("substantive_result"),
        message=bindparam("said"),
    )
)
_STATE_TOLD = Statement(update(APPLICATION).where(*_BY_REFERENCE).values(told=bindparam("new_state")))
_QUEUE = insertion(OUTBOX)
_SAID = Statement(
    update(OUTBOX)
    .where(OUTBOX.c.municipality == bindparam("town"), OUTBOX.c.seq == bindparam("number"))
    .values(state=bindparam("new_state"), code=bindparam("refusal"))
)
_START = Statement(update(LINK).where(LINK.c.municipality == bindparam("town")).values(start=bindparam("count")))
_STATUSES = Statement(update(LINK).where(LINK.c.municipality == bindparam("town")).values(statuses=bindparam("place")))
_TELEGRAMS = Statement(
    update(LINK).where(LINK.c.municipality == bindparam("town")).values(telegrams=bindparam("place"))
)
_NEW_LINK = insertion(LINK)
_STARTS = Statement(LINK.select().where(LINK.c.municipality == bindparam("town")))


@PROJECTIONS.on(ApplicationImported)
def _imported(tx: Transaction, event: Recorded[ApplicationImported]) -> None:
    body = event.body
    tx.run(
        _INSERT,
        seq=event.seq,
        municipality=event.municipality,
        reference=event.subject,
        procedures=body.procedures,
        state=body.state,
        told=ApplicationState.ARRIVED,
        visit=body.visit,
        formal="",
        substantive="",
        applicant=body.applicant,
        moving_date=body.moving_date,
        visit_date=body.visit_date,
        old_town=body.old_town,
        new_town=body.new_town,
        owner=event.owner,
        digest=event.digest,
        signing_serial=body.signing_serial,
        arrived_at=body.arrived_at,
        delivery=body.delivery,
        replaces=body.replaces,
        message="",
        members=body.members,
    )


@PROJECTIONS.on(ApplicationRedelivered)
def _redelivered(tx: Transaction, event: Recorded[ApplicationRedelivered]) -> None:
    tx.run(_DELIVERED, town=event.municipality, number=event.subject, delivery_number=event.body.delivery)


@PROJECTIONS.on(ApplicationReviewed)
def _reviewed(tx: Transaction, event: Recorded[ApplicationReviewed]) -> None:
    body = event.body
    tx.run(
        _REVIEWED,
        town=event.municipality,
        number=event.subject,
        new_state=body.state,
        new_visit=body.visit,
        formal_result=body.formal,
        substantive_result=body.substantive,
        said=body.message,
    )


@PROJECTIONS.on(Queued)
def _queued(tx: Transaction, event: Recorded[Queued]) -> None:
    enqueue(tx, event, event.body.line, event.body.task)


def enqueue(tx: Transaction, event: Recorded[Any], line: str, task: str) -> None:
    """Put something into the outbox, under the event's number."""
    started = tx.one(_STARTS, town=event.municipality)
    tx.run(
        _QUEUE,
        seq=event.seq,
        municipality=event.municipality,
        line=line,
        task=task,
        state="waiting",
        start=started[1] if started is not None else 0,
        code="",
    )


@PROJECTIONS.on(Told)
def _told(tx: Transaction, event: Recorded[Told]) -> None:
    body = event.body
    said(tx, event.municipality, body.number, body.done, body.code)
    if body.state:
        tx.run(_STATE_TOLD, town=event.municipality, number=event.subject, new_state=body.state)


def said(tx: Transaction, town: str, number: int, done: bool, code: str) -> None:
    """Note what came of an item of the outbox."""
    tx.run(_SAID, town=town, number=number, new_state="done" if done else "refused", refusal=code)


@PROJECTIONS.on(LinkStarted)
def _started(tx: Transaction, event: Recorded[LinkStarted]) -> None:
    if not tx.run(_START, town=event.municipality, count=event.body.start):
        tx.run(_NEW_LINK, municipality=event.municipality, start=event.body.start, statuses=0, telegrams=0)


@PROJECTIONS.on(RelayRead)
def _read(tx: Transaction, event: Recorded[RelayRead]) -> None:
    town = event.municipality
    if tx.one(_STARTS, town=town) is None:
        tx.run(_NEW_LINK, municipality=town, start=0, statuses=0, telegrams=0)
    if event.body.statuses is not None:
        tx.run(_STATUSES, town=town, place=event.body.statuses)
    if event.body.telegrams is not None:
        tx.run(_TELEGRAMS, town=town, place=event.body.telegrams)


class DataTaken(EventBody, tag="shinsei-data-taken"):
    """申請管理 handed the data of an application to 基幹; the document is what it said."""

    procedure: str


@PROJECTIONS.on(DataTaken)
def _data_taken(_tx: Transaction, _event: Recorded[DataTaken]) -> None:
    """No table follows; the log and the document keep it."""
