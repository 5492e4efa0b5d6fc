"""The resident network (住基ネット): towns send telegrams, and fetch those that are for them, in order per person."""

from __future__ import annotations

import hashlib
from math import ceil
from typing import Any, Final, cast

import msgspec
from sqlalchemy import bindparam, exists, or_, select

from fakes.clock import micros_of, moment_of
from fakes.endpoints.jlis import ACK_INBOX, INBOX, SEARCH_TELEGRAMS, SEND_TELEGRAM
from fakes.identifiers import checked_individual_number, checked_resident_code, person_token
from fakes.jlis.certificates import holder_of, revocation
from fakes.jlis.context import Jlis
from fakes.jlis.events.network import TelegramAcknowledged, TelegramDelivered, TelegramSent
from fakes.jlis.mistakes import cut
from fakes.jlis.results import acknowledgement, iso, micros
from fakes.jlis.tables import TELEGRAM
from fakes.jlis.troubles import acknowledgement_lost, elsewhere, place, reordering
from fakes.messages.jlis import Acknowledged
from fakes.messages.telegrams import (
    CERTIFICATE_DATA,
    FAMILY_REGISTER_NOTICE,
    MOVE_IN_NOTICE,
    AcknowledgeTelegrams,
    CertificateData,
    DeliveredTelegram,
    Inbox,
    InboxWanted,
    MoveInNotice,
    SearchTelegrams,
    SendTelegram,
    TelegramBody,
    TelegramRow,
    TelegramRows,
    TelegramTaken,
)
from fakes.pki.register import Reason
from fakes.refusals import Code, RefusedError
from fakes.states.machine import Refused
from fakes.states.telegram import PersonLine, Telegram, TelegramState
from fakes.store.documents import opened
from fakes.store.statements import Statement
from fakes.store.tables import DOCUMENT
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.towns import town
from fakes.web.answers import nothing, reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall
from fakes.web.rules import allowed, refused_by_rule

HANDLERS: Final[Handlers[Jlis]] = Handlers()

LONGEST_WAIT_S: Final = 3600
"""Real seconds until the network opens that a refusal asks a client to wait, at most."""

_KINDS: Final = {CertificateData: CERTIFICATE_DATA, MoveInNotice: MOVE_IN_NOTICE}

_T = TELEGRAM.c
_EARLIER = TELEGRAM.alias("earlier")
_LINE = Statement(
    select(_T.name, _T.number, _T.created_at, _T.state, _T.edition, _T.deliveries)
    .where(_T.sender == bindparam("town"), _T.person == bindparam("whose"))
    .order_by(_T.number)
)
_SENT = Statement(
    select(
        *(_T.name, _T.telegram_id, _T.destination, _T.number, _T.edition, _T.state, _T.changed_at, _T.reference),
        _T.changed_seq,
    )
    .where(_T.sender == bindparam("town"), _T.changed_seq > bindparam("after"))
    .order_by(_T.changed_seq)
    .limit(bindparam("limit"))
)
_UNFINISHED_BEFORE = exists().where(
    _EARLIER.c.sender == _T.sender,
    _EARLIER.c.person == _T.person,
    _EARLIER.c.number < _T.number,
    _EARLIER.c.acknowledged.is_(None),
)
"""An earlier telegram of the sender about the person is not acknowledged: this one is not its line's head."""

_INBOX = (
    select(
        *(_T.name, _T.sender, _T.number, _T.edition, _T.deliveries, _T.created_at, _T.sent_at, _T.reference, _T.owner),
        *(_T.digest, _T.document, DOCUMENT.c.content),
    )
    .join(DOCUMENT, DOCUMENT.c.seq == _T.document)
    .where(
        _T.destination == bindparam("town"),
        _T.acknowledged.is_(None),
        or_(_T.lease_until.is_(None), _T.lease_until <= bindparam("at")),
    )
    .limit(bindparam("limit"))
)
_WAITING = Statement(_INBOX.where(~_UNFINISHED_BEFORE).order_by(_T.seq))
_BACKWARDS = Statement(_INBOX.order_by(_T.seq.desc()))
_RECEIVED = Statement(
    select(_T.sender, _T.person, _T.number, _T.telegram_id, _T.signing_serial, _T.owner, _T.digest).where(
        _T.name == bindparam("telegram"), _T.destination == bindparam("town")
    )
)

_encode = msgspec.json.Encoder().encode


@HANDLERS.on(SEND_TELEGRAM)
def send(call: WebCall, jlis: Jlis) -> Decide:
    """Take a telegram, if it is the next about the person; or a newer edition of one that was sent before."""
    message: SendTelegram = call.message
    sender = call.identity.municipality
    resident_code = _checked(message.body, sender, message.destination, jlis)
    opens = _opening(call, jlis, refuses=not jlis.holds_when_closed)
    created = micros(message.created_at, "created_at")
    person = person_token(jlis.seed, resident_code)
    content = _encode(message.body)
    digest = hashlib.sha256(content).digest()
    serial = message.body.person.signing_serial if isinstance(message.body, CertificateData) else 0
    kind = _KINDS.get(type(message.body), FAMILY_REGISTER_NOTICE)
    [destination] = elsewhere(call, [message.destination])

    def decide(tx: Transaction) -> Decision:
        names, line = _line(tx, sender, person)
        step = line.resend if message.resend else line.send
        after = allowed(step(message.number, moment_of(created)))
        edition = after.telegrams[message.number - 1].edition
        name = names.get(message.number, f"T{tx.next_seq:010d}")
        body = TelegramSent(
            *(kind, sender, person, message.number, edition, created, message.reference_number or "", serial)
        )
        event = Event(name, body, destination, message.owner_token or "", content, digest)
        result = TelegramTaken(name, message.number, edition, message.destination, iso(call.at), iso(opens))
        return Decision(reply(result, call.request.path, call.lang, status=202), (event,), name)

    return decide


def _checked(body: TelegramBody, sender: str, destination: str, jlis: Jlis) -> str:
    """Return the resident code of whom a telegram is about.

    Raises
    ------
    RefusedError
        For numbers outside the profile, an unknown town, addresses that are not those of sender and destination, and a
        certificate that is not the person's.
    """
    if town(destination, "destination").code == sender:
        raise RefusedError(Code.MISMATCH, "destination")
    if isinstance(body, CertificateData):
        number, serial = checked_individual_number(body.person.individual_number), body.person.signing_serial
        if serial and holder_of(serial, jlis) != jlis.people.with_number(number):
            raise RefusedError(Code.MISMATCH, "signing_serial")
        places = [(body.old_address.municipality, sender), (body.new_address.municipality, destination)]
        if body.household.position > body.household.members:
            raise RefusedError(Code.MISMATCH, "position")
        code = body.person.resident_code
    else:
        places = [(body.new_address.municipality, sender)]
        code = body.resident_code
    for found, wanted in places:
        if found != wanted:
            raise RefusedError(Code.MISMATCH, "destination")
    return checked_resident_code(code)


def _opening(call: WebCall, jlis: Jlis, *, refuses: bool) -> int:
    """Return when the network is open: now, or at its next opening.

    Raises
    ------
    RefusedError
        503 while it is closed, if it refuses then.
    """
    at = moment_of(call.at)
    opens = jlis.rules.network.next_opening(at)
    if refuses and (closed := jlis.rules.network_refused(at)) is not None:
        wait = min(jlis.clock.real_seconds(opens - at), LONGEST_WAIT_S)
        raise RefusedError(Code.RULE_CLOSED, reason=closed, retry_after=max(1, ceil(wait)))
    return micros_of(opens)


def _line(view: View, sender: str, person: str) -> tuple[dict[int, str], PersonLine]:
    """Return the telegrams of a sender about a person: their names by number, and their line."""
    rows = view.all(_LINE, town=sender, whose=person)
    telegrams = [
        Telegram(number, moment_of(created), TelegramState(state), edition, deliveries)
        for _, number, created, state, edition, deliveries in rows
    ]
    return {row[1]: row[0] for row in rows}, PersonLine(tuple(telegrams))


@HANDLERS.on(SEARCH_TELEGRAMS)
def search(call: WebCall, _jlis: Jlis) -> Reading:
    """List what became of the telegrams that the town sent."""
    message: SearchTelegrams = call.message
    after = place(call, message.after)
    conditions = {"town": call.identity.municipality, "after": after, "limit": message.per_page + 1}

    def ask(view: View) -> Decision:
        rows = view.all(_SENT, **conditions)
        page = [
            TelegramRow(
                *(name, kind, destination, number, edition, TelegramState(state), iso(changed_at), reference, cursor)
            )
            for name, kind, destination, number, edition, state, changed_at, reference, cursor in rows
        ][: message.per_page]
        cursor = page[-1].cursor if page else message.after
        return Decision(reply(TelegramRows(page, cursor, len(rows) > len(page)), call.request.path, call.lang))

    return Reading(ask)


@HANDLERS.on(INBOX)
def inbox(call: WebCall, jlis: Jlis) -> Decide:
    """Hand over what waits for the town: of each sender and person the oldest that is not acknowledged."""
    message: InboxWanted = call.message
    municipality = call.identity.municipality
    _opening(call, jlis, refuses=True)
    until = micros_of(moment_of(call.at) + jlis.lease)
    ordered = reordering(call)
    waiting = _BACKWARDS if jlis.defects.on("out-of-order-telegram") else _WAITING  # seeded defect

    def decide(tx: Transaction) -> Decision:
        told, events = [], []
        for row in tx.all(waiting, town=municipality, at=call.at, limit=message.limit):
            name, sender, number, edition, deliveries, created_at, sent_at, reference, owner, digest, *kept = row
            content = opened(tx, *kept)
            if jlis.defects.on("truncated-name"):  # seeded defect
                content = cut(content, jlis.defects.amount("truncated-name"))
                digest = hashlib.sha256(content).digest()
            body = TelegramDelivered(edition, deliveries + 1, until, message.terminal, deliveries > 0)
            events.append(Event(name, body, municipality, owner, digest=digest))
            told.append(
                DeliveredTelegram(
                    *(name, sender, number, edition, body.delivery, body.redelivered, iso(until), iso(created_at)),
                    *(iso(sent_at), reference, owner, digest.hex()),
                    cast("TelegramBody", msgspec.Raw(content)),
                )
            )
        told = ordered(told, lambda one: one.telegram)
        answer = reply(Inbox(told), call.request.path, call.lang) if told else nothing()
        return Decision(answer, tuple(events))

    return decide


@HANDLERS.on(ACK_INBOX)
def acknowledge(call: WebCall, _jlis: Jlis) -> Decide:
    """Note which editions the town has stored. Certificate data that have arrived end the signing certificate."""
    message: AcknowledgeTelegrams = call.message
    municipality = call.identity.municipality
    lost = acknowledgement_lost(call)

    def decide(tx: Transaction) -> Decision:
        results = []
        events: dict[str, list[Event[Any]]] = {}
        ended: set[int] = set()
        for given in message.acknowledgements:
            row = tx.one(_RECEIVED, telegram=given.telegram, town=municipality)
            problem: RefusedError | None = None
            if row is None:
                problem = RefusedError(Code.NOT_FOUND)
            else:
                sender, person, number, kind, serial, owner, digest = row
                _, line = _line(tx, sender, person)
                after = line.acknowledge(number, given.edition)
                if isinstance(after, Refused):
                    problem = refused_by_rule(after)
                elif after != line and given.telegram not in events and not lost(line.telegrams[number - 1].deliveries):
                    stored = TelegramAcknowledged(given.edition)
                    made: list[Event[Any]] = [Event(given.telegram, stored, municipality, owner, digest=digest)]
                    if kind == CERTIFICATE_DATA and serial and serial not in ended:
                        ended.add(serial)
                        made += revocation(tx, serial, Reason.AFFILIATION_CHANGED, municipality)
                    events[given.telegram] = made
            results.append(acknowledgement(given.telegram, problem, call.lang))
        happened = tuple(event for made in events.values() for event in made)
        return Decision(reply(Acknowledged(results), call.request.path, call.lang), happened)

    return decide
