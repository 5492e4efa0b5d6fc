"""Telegrams of a town: those that it sends, those that come, and what they change."""

from __future__ import annotations

from sqlalchemy import bindparam, update

from fakes.states.register import PlannedState
from fakes.states.telegram import TelegramState
from fakes.store.statements import Statement, insertion
from fakes.store.transaction import Transaction
from fakes.store.unit import EventBody, Recorded
from fakes.ward.events.applications import enqueue, said
from fakes.ward.events.base import PROJECTIONS
from fakes.ward.tables import LINE, NOTICE, PLANNED, TELEGRAM


class TelegramQueued(EventBody, tag="telegram-queued"):
    """A telegram is to be sent; its document is the telegram, its subject the person. `replaces` for a new edition."""

    kind: str
    destination: str
    number: int
    created_at: int
    reference: str
    change: int
    replaces: int = 0


class TelegramTold(EventBody, tag="telegram-told"):
    """Jlis took a telegram, or refused it."""

    number: int
    done: bool
    code: str
    name: str
    edition: int


class TelegramFollowed(EventBody, tag="telegram-followed"):
    """A telegram that was sent went on; the subject is jlis's receipt."""

    state: TelegramState
    edition: int


class CertificateDataCame(EventBody, tag="certificate-data-came"):
    """Certificate data came; the document is the telegram. The planned move-in is not visible yet."""

    sender: str
    number: int
    edition: int
    delivery: int
    redelivered: bool
    person: str
    name: str
    kana: str
    birth_date: str
    sex: str
    relationship: str
    position: int
    members: int
    moves_out: str
    old_address: str
    signing_serial: int
    reference: str


class NoticeCame(EventBody, tag="move-in-notice-came"):
    """The notice of a move-in came; the document is the telegram."""

    sender: str
    edition: int
    delivery: int
    redelivered: bool
    person: str


class TelegramCameAgain(EventBody, tag="telegram-came-again"):
    """A telegram was handed over again that is stored already; it is acknowledged again."""

    edition: int
    delivery: int


class TelegramAcked(EventBody, tag="telegram-acked"):
    """Jlis has our acknowledgement, and so has revoked the signing certificate: the planned move-in is visible."""

    number: int
    edition: int


_T, _P = TELEGRAM.c, PLANNED.c
_NEW = insertion(TELEGRAM)
_LINE = Statement(
    update(LINE)
    .where(LINE.c.municipality == bindparam("town"), LINE.c.person == bindparam("whose"))
    .values(last=bindparam("place"))
)
_NEW_LINE = insertion(LINE)
_REPLACED = Statement(
    update(TELEGRAM).where(_T.municipality == bindparam("town"), _T.seq == bindparam("old")).values(state="replaced")
)
_TAKEN = Statement(
    update(TELEGRAM)
    .where(_T.municipality == bindparam("town"), _T.seq == bindparam("item"))
    .values(
        state=bindparam("new_state"),
        code=bindparam("refusal"),
        name=bindparam("receipt"),
        edition=bindparam("sent_edition"),
    )
)
_FOLLOWED = Statement(
    update(TELEGRAM)
    .where(
        _T.municipality == bindparam("town"),
        _T.name == bindparam("receipt"),
        _T.edition == bindparam("sent_edition"),
        _T.state != "replaced",
    )
    .values(state=bindparam("new_state"))
)
_PLAN = insertion(PLANNED)
_REPLAN = Statement(
    update(PLANNED)
    .where(_P.municipality == bindparam("town"), _P.telegram == bindparam("receipt"))
    .values(
        edition=bindparam("new_edition"),
        name=bindparam("new_name"),
        kana=bindparam("new_kana"),
        birth_date=bindparam("born"),
        sex=bindparam("new_sex"),
        relationship=bindparam("role"),
        moves_out=bindparam("day"),
        old_address=bindparam("from_address"),
        signing_serial=bindparam("serial"),
        source=bindparam("event"),
    )
)
_SHOW = Statement(
    update(PLANNED)
    .where(_P.municipality == bindparam("town"), _P.telegram == bindparam("receipt"), _P.edition == bindparam("newest"))
    .values(state=PlannedState.VISIBLE.value)
)
_NOTICE = insertion(NOTICE)
_RENOTICE = Statement(
    update(NOTICE)
    .where(NOTICE.c.municipality == bindparam("town"), NOTICE.c.telegram == bindparam("receipt"))
    .values(edition=bindparam("newest"), acked="")
)
_NOTICE_ACKED = Statement(
    update(NOTICE)
    .where(
        NOTICE.c.municipality == bindparam("town"),
        NOTICE.c.telegram == bindparam("receipt"),
        NOTICE.c.edition == bindparam("newest"),
    )
    .values(acked="1")
)


@PROJECTIONS.on(TelegramQueued)
def _queued(tx: Transaction, event: Recorded[TelegramQueued]) -> None:
    body, town = event.body, event.municipality
    tx.run(
        _NEW,
        seq=event.seq,
        municipality=town,
        kind=body.kind,
        destination=body.destination,
        person=event.subject,
        number=body.number,
        edition=0,
        name="",
        state="waiting",
        code="",
        reference=body.reference,
        change=body.change,
        created_at=body.created_at,
    )
    if body.replaces:
        tx.run(_REPLACED, town=town, old=body.replaces)
    elif not tx.run(_LINE, town=town, whose=event.subject, place=body.number):
        tx.run(_NEW_LINE, municipality=town, person=event.subject, last=body.number)
    enqueue(tx, event, f"person:{event.subject}", "")


@PROJECTIONS.on(TelegramTold)
def _told(tx: Transaction, event: Recorded[TelegramTold]) -> None:
    body, town = event.body, event.municipality
    said(tx, town, body.number, body.done, body.code)
    state = TelegramState.SENT.value if body.done else "refused"
    tx.run(
        _TAKEN,
        town=town,
        item=body.number,
        new_state=state,
        refusal=body.code,
        receipt=body.name,
        sent_edition=body.edition,
    )


@PROJECTIONS.on(TelegramFollowed)
def _followed(tx: Transaction, event: Recorded[TelegramFollowed]) -> None:
    body = event.body
    tx.run(
        _FOLLOWED, town=event.municipality, receipt=event.subject, sent_edition=body.edition, new_state=body.state.value
    )


@PROJECTIONS.on(CertificateDataCame)
def _data(tx: Transaction, event: Recorded[CertificateDataCame]) -> None:
    body, town = event.body, event.municipality
    known = tx.run(
        _REPLAN,
        town=town,
        receipt=event.subject,
        new_edition=body.edition,
        new_name=body.name,
        new_kana=body.kana,
        born=body.birth_date,
        new_sex=body.sex,
        role=body.relationship,
        day=body.moves_out,
        from_address=body.old_address,
        serial=body.signing_serial,
        event=event.seq,
    )
    if not known:
        tx.run(
            _PLAN,
            seq=event.seq,
            municipality=town,
            telegram=event.subject,
            sender=body.sender,
            number=body.number,
            edition=body.edition,
            person=body.person,
            name=body.name,
            kana=body.kana,
            birth_date=body.birth_date,
            sex=body.sex,
            relationship=body.relationship,
            position=body.position,
            members=body.members,
            moves_out=body.moves_out,
            old_address=body.old_address,
            state=PlannedState.NOT_VISIBLE,
            moved_in=0,
            signing_serial=body.signing_serial,
            reference=body.reference,
            owner=event.owner,
            source=event.seq,
        )


@PROJECTIONS.on(NoticeCame)
def _notice(tx: Transaction, event: Recorded[NoticeCame]) -> None:
    body, town = event.body, event.municipality
    if not tx.run(_RENOTICE, town=town, receipt=event.subject, newest=body.edition):
        tx.run(_NOTICE, municipality=town, telegram=event.subject, edition=body.edition, person=body.person, acked="")


@PROJECTIONS.on(TelegramCameAgain)
def _again(_tx: Transaction, _event: Recorded[TelegramCameAgain]) -> None:
    """The tables are as they were; the log has it."""


@PROJECTIONS.on(TelegramAcked)
def _acked(tx: Transaction, event: Recorded[TelegramAcked]) -> None:
    body, town = event.body, event.municipality
    said(tx, town, body.number, True, "")
    tx.run(_SHOW, town=town, receipt=event.subject, newest=body.edition)
    tx.run(_NOTICE_ACKED, town=town, receipt=event.subject, newest=body.edition)
