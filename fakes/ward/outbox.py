"""The town's side towards its link server: what waits to be said, what came of it, and what the relay reports."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select

from fakes.endpoints.ward import OPEN_LINK, READ_OUTBOX, REPORT_STATUSES, REPORT_TELEGRAMS, SAID
from fakes.messages.linking import (
    AckApplication,
    AckTelegram,
    Issue,
    Opened,
    Outbox,
    OutboxItem,
    OutboxWanted,
    Reported,
    ReportStatuses,
    ReportTelegrams,
    Said,
    SaidItem,
    Send,
    Task,
    TellStatus,
)
from fakes.messages.telegrams import SendTelegram
from fakes.refusals import Code, RefusedError
from fakes.states.application import ApplicationEvent, ApplicationState
from fakes.states.machine import Actor, Refused
from fakes.states.register import REMOVAL, RemovalEvent, RemovalState
from fakes.states.visit import EXPECTED, VISIT, VisitEvent
from fakes.store.statements import Statement
from fakes.store.transaction import Row, Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.ward.cases import Held, find
from fakes.ward.context import Ward
from fakes.ward.events.applications import ApplicationReviewed, LinkStarted, RelayRead, Told
from fakes.ward.events.register import CertificateLinked, RemovalConfirmed
from fakes.ward.events.telegrams import TelegramAcked, TelegramFollowed, TelegramTold
from fakes.ward.oauth import live
from fakes.ward.records import by_card, by_person, document_of
from fakes.ward.tables import LINK, NOTICE, OUTBOX, TELEGRAM
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed

HANDLERS: Final[Handlers[Ward]] = Handlers()

_O, _T = OUTBOX.c, TELEGRAM.c
_LINK = Statement(select(LINK).where(LINK.c.municipality == bindparam("town")))
_WAITING = Statement(
    select(_O.seq, _O.line, _O.task, _O.start)
    .where(_O.municipality == bindparam("town"), _O.state == "waiting", _O.seq > bindparam("after"))
    .order_by(_O.seq)
    .limit(bindparam("limit"))
)
_ITEM = Statement(select(_O.task, _O.state).where(_O.municipality == bindparam("town"), _O.seq == bindparam("number")))
_STUCK = Statement(
    select(_T.seq).where(
        _T.municipality == bindparam("town"),
        _T.state == "refused",
        _T.person == bindparam("whose"),
        _T.seq < bindparam("number"),
    )
)
_SENT = Statement(
    select(_T.state, _T.edition).where(_T.municipality == bindparam("town"), _T.name == bindparam("receipt"))
)
_NOTICE = Statement(
    select(NOTICE.c.person, NOTICE.c.edition).where(
        NOTICE.c.municipality == bindparam("town"), NOTICE.c.telegram == bindparam("name")
    )
)
_task: Final = msgspec.json.Decoder(Task).decode
_telegram: Final = msgspec.json.Decoder(SendTelegram).decode
_DROPPED: Final = (ApplicationState.WITHDRAWN, ApplicationState.REJECTED, ApplicationState.RECEPTION_ERROR)
"""An application that ends so takes its visit notice along."""


@HANDLERS.on(OPEN_LINK)
def open_link(call: WebCall, ward: Ward) -> Decide:
    """Note that the town's link server starts; what it says again from now on may be a repetition."""
    town = call.identity.municipality

    def decide(tx: Transaction) -> Decision:
        live(tx, call, ward)
        row = tx.one(_LINK, town=town) or (town, 0, 0, 0)
        result = Opened(row[1] + 1, row[2], row[3])
        answer = reply(result, call.request.path, call.lang, status=201)
        return Decision(answer, (Event(town, LinkStarted(result.start), town),), town)

    return decide


@HANDLERS.on(READ_OUTBOX)
def read_outbox(call: WebCall, ward: Ward) -> Decide:
    """List what waits. It goes through the writer, so that it shows what was decided just before."""
    message: OutboxWanted = call.message
    town = call.identity.municipality

    def decide(tx: Transaction) -> Decision:
        live(tx, call, ward)
        rows = tx.all(_WAITING, town=town, after=message.after, limit=message.per_page + 1)
        page = rows[: message.per_page]
        items = [item for row in page if (item := _item(tx, town, row)) is not None]
        result = Outbox(items, page[-1][0] if page else message.after, len(rows) > len(page))
        return Decision(reply(result, call.request.path, call.lang))

    return decide


def _item(view: View, town: str, row: Row) -> OutboxItem | None:
    """Return an item with its task; None while it has to wait for something before it.

    A state is told only after the relay has the acknowledgement, a telegram not while an earlier one of the person is
    refused.
    """
    seq, line, text, start = row
    if not text:
        if view.one(_STUCK, town=town, whose=line.partition(":")[2], number=seq) is not None:
            return None
        return OutboxItem(seq, line, start, Send(_telegram(document_of(view, seq))))
    task = _task(text)
    if isinstance(task, TellStatus):
        own = find(view, town, task.reference_number)
        if own is None or own.told is ApplicationState.ARRIVED:
            return None
    return OutboxItem(seq, line, start, task)


@HANDLERS.on(SAID)
def said(call: WebCall, ward: Ward) -> Decide:
    """Note what came of an item, and let happen what waited for it."""
    message: Said = call.message
    town = call.identity.municipality
    ward.wake(town)

    def decide(tx: Transaction) -> Decision:
        live(tx, call, ward)
        row = tx.one(_ITEM, town=town, number=message.number)
        if row is None:
            raise RefusedError(Code.NOT_FOUND)
        text, state = row
        result = SaidItem(message.number, "done" if message.done else "refused")
        if state != "waiting":
            result = SaidItem(message.number, state)
        events = _after_saying(tx, town, message, text) if state == "waiting" else ()
        return Decision(reply(result, call.request.path, call.lang), events, str(message.number))

    return decide


def _after_saying(tx: Transaction, town: str, message: Said, text: str) -> tuple[Event[Any], ...]:
    number, done, code = message.number, message.done, message.code
    if not text:
        told = TelegramTold(number, done, code, message.telegram, message.edition)
        return (Event(message.telegram or str(number), told, town),)
    task = _task(text)
    if isinstance(task, AckTelegram) and done:
        return (Event(task.telegram, TelegramAcked(number, task.edition), town), *_final(tx, town, task))
    state = ""
    subject = str(number)
    if isinstance(task, AckApplication):
        state, subject = (ApplicationState.DOWNLOADED.value if done else ""), task.reference_number
    elif isinstance(task, TellStatus):
        state, subject = (task.status.state if done else ""), task.reference_number
    events: list[Event[Any]] = [Event(subject, Told(number, done, code, state), town)]
    if isinstance(task, Issue) and done and message.serial:
        own = by_card(tx, town, task.card_serial)
        if own is not None:
            events.append(Event(own.address_number, CertificateLinked(message.serial), town))
    return tuple(events)


def _final(tx: Transaction, town: str, task: AckTelegram) -> tuple[Event[Any], ...]:
    """A notice of a move-in that is acknowledged makes the removed record final."""
    row = tx.one(_NOTICE, town=town, name=task.telegram)
    own = by_person(tx, town, row[0]) if row is not None and row[1] == task.edition else None
    if own is None or own.state != "leaving":
        return ()
    allowed(REMOVAL.step(RemovalState(own.removal), RemovalEvent.CONFIRM, Actor.SYSTEM))
    return (Event(own.address_number, RemovalConfirmed(), town),)


@HANDLERS.on(REPORT_STATUSES)
def report_statuses(call: WebCall, ward: Ward) -> Decide:
    """Follow what the relay says of applications: withdrawn by the applicant, or ended by the town that decides."""
    message: ReportStatuses = call.message
    town = call.identity.municipality

    def decide(tx: Transaction) -> Decision:
        live(tx, call, ward)
        found = ((find(tx, town, row.reference_number), row.state) for row in message.statuses)
        changed = [event for own, state in found if own is not None and (event := _followed(own, state)) is not None]
        read = Event(town, RelayRead(statuses=message.cursor), town)
        result = Reported(len(changed), message.cursor)
        return Decision(reply(result, call.request.path, call.lang), (*changed, read), town)

    return decide


def _followed(own: Held, state: ApplicationState) -> Event[ApplicationReviewed] | None:
    """Return what a state at the relay changes here; None for nothing.

    The relay says which came first, a withdrawal or the acceptance: a town that has accepted what the relay never
    learned has to take it back.
    """
    if own.decides and state is not ApplicationState.WITHDRAWN:
        return None  # the town said so itself
    if own.decides:
        step = own.machine.step(own.told, ApplicationEvent.WITHDRAW, Actor.APPLICANT)
        if isinstance(step, Refused) or own.state is step:
            return None
    elif own.state is state:
        return None
    visit = own.visit
    if state in _DROPPED and visit in EXPECTED:
        visit = allowed(VISIT.step(visit, VisitEvent.DROP, Actor.RELAY))
    return own.after(f"relay:{state}", state=state, visit=visit)


@HANDLERS.on(REPORT_TELEGRAMS)
def report_telegrams(call: WebCall, ward: Ward) -> Decide:
    """Follow what became of telegrams that the town sent."""
    message: ReportTelegrams = call.message
    town = call.identity.municipality

    def decide(tx: Transaction) -> Decision:
        live(tx, call, ward)
        events: list[Event[Any]] = []
        for row in message.telegrams:
            known = tx.all(_SENT, town=town, receipt=row.telegram)
            if any(edition == row.edition and state not in {row.state.value, "replaced"} for state, edition in known):
                events.append(Event(row.telegram, TelegramFollowed(row.state, row.edition), town))
        read = Event(town, RelayRead(telegrams=message.cursor), town)
        result = Reported(len(events), message.cursor)
        return Decision(reply(result, call.request.path, call.lang), (*events, read), town)

    return decide
