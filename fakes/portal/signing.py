"""The signature of an application: by the card of whoever filed it, under its password, with a certificate that stands.

What is signed is a short statement that names the submission and the SHA-256 of its package.
"""

from __future__ import annotations

import asyncio
import hmac
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select

from fakes.clock import moment_of
from fakes.endpoints.portal import SIGN
from fakes.links import UnreachableError
from fakes.messages.portal import Accepted, SubmitSignature
from fakes.numbering import receipt_number
from fakes.package.reading import read_package
from fakes.people import GENERATIONS, Card
from fakes.pki.cms import verify
from fakes.pki.ocsp import check_status, request_for
from fakes.pki.trust import CardCertificate
from fakes.portal.context import Portal
from fakes.portal.events import ApplicationForgotten, ApplicationSigned, SecretEntered
from fakes.portal.logins import card_of, entered
from fakes.portal.tables import APPLICATION
from fakes.refusals import Code, RefusedError
from fakes.states.application import MOVE_OUT_APPLICATION, ApplicationEvent, ApplicationState
from fakes.states.card import SecretKind
from fakes.states.machine import Actor
from fakes.states.rules import filing_refused
from fakes.store.documents import read_document
from fakes.store.statements import Statement
from fakes.store.transaction import Row, Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed, refused_by_rule

HANDLERS: Final[Handlers[Portal]] = Handlers()

_OCSP: Final = "/jpki/ocsp/sign"
_C = APPLICATION.c
_FOUND = Statement(
    select(_C.applicant, _C.state, _C.municipality, _C.owner, _C.digest, _C.card, _C.moving_day, _C.seq).where(
        _C.temporary == bindparam("number")
    )
)
_NEWEST = Statement(select(_C.accepted_at).where(_C.reference.is_not(None)).order_by(_C.reference.desc()).limit(1))
_encode = msgspec.json.Encoder().encode


def to_sign(number: str, digest: bytes) -> bytes:
    """Return what is signed for a submission (assumption)."""
    return _encode({"temporary_reference_number": number, "sha256": digest.hex()})


@HANDLERS.on(SIGN)
async def sign(call: WebCall, portal: Portal) -> Decide:
    """Accept an application with its signature: it gets its receipt number, and goes to J-LIS."""
    message: SubmitSignature = call.message
    number = message.temporary_reference_number
    applicant = call.identity.subject
    row = await portal.store.read(lambda view: _own(view, number, applicant))
    card, right = _card(portal, message, row[5])
    wrong: RefusedError | None = None
    serial = 0
    if right:
        try:
            serial = await _verified(call, portal, card, row[4], row[7])
        except RefusedError as problem:
            wrong = problem
    now = moment_of(call.at)

    def decide(tx: Transaction) -> Decision:
        _, state, municipality, owner, _, _, moving, _ = _own(tx, number, applicant)
        counted, problem = entered(tx, card.serial, SecretKind.SIGNING_PASSWORD, right)
        if problem := problem or wrong:
            return Decision(call.refuse(problem), counted, number)
        # what an applicant can do is the same in the life of a visit notice alone
        allowed(MOVE_OUT_APPLICATION.step(ApplicationState(state), ApplicationEvent.SIGN, Actor.APPLICANT))
        if (late := filing_refused(now, date.fromordinal(moving))) is not None:
            raise refused_by_rule(late)
        receipt = receipt_number(now.date(), tx.next_seq)
        events: list[Event[Any]] = [*counted]
        body = ApplicationSigned(number, receipt, card.serial, serial)
        events.append(Event(receipt, body, municipality, owner, message.signature))
        if portal.defects.on("same-instant-overwrite") and _is_taken(tx, portal, call.at):
            events.append(
                Event(receipt, ApplicationForgotten(), municipality, owner)
            )  # seeded defect: its key is taken
        if portal.defects.hits("ack-before-commit", receipt):  # seeded defect: of all this only the password is kept
            events = [Event(card.serial, SecretEntered(SecretKind.SIGNING_PASSWORD, 0))]
        answer = reply(Accepted(receipt, True, owner), call.request.path, call.lang)
        return Decision(answer, tuple(events), number)

    return decide


def _card(portal: Portal, message: SubmitSignature, named: str) -> tuple[Card, bool]:
    """Return the card that signs, and whether its password is right.

    Raises
    ------
    RefusedError
        E0001 when a provider has never said whose card it is, E0004 when it says another one now; 403 for a card that
        nobody has, or that cannot sign.
    """
    if named and message.card_serial not in (None, named):
        raise RefusedError(Code.MISMATCH, "card_serial")
    serial = named or message.card_serial
    if serial is None:
        raise RefusedError(Code.REQUIRED, "card_serial")
    card = card_of(portal, serial)
    if card is None or card.signing is None:
        raise RefusedError(Code.NOT_ALLOWED)
    return card, hmac.compare_digest(card.signing_password, message.signing_password)


async def _verified(call: WebCall, portal: Portal, card: Card, digest: bytes, package: int) -> int:
    """Return the serial number of the certificate with which a submission is signed.

    Raises
    ------
    RefusedError
        When it is not signed, with another card, by somebody who is not its applicant, or with a certificate that does
        not stand.
    """
    if portal.trust is None:
        raise RefusedError(Code.NOT_ALLOWED)
    message: SubmitSignature = call.message
    content = to_sign(message.temporary_reference_number, digest)
    used = verify(content, message.signature, portal.trust, moment_of(call.at))
    if (used.serial - 1) // GENERATIONS != (card.authentication.serial - 1) // GENERATIONS:
        raise RefusedError(Code.SIGNATURE_WRONG, "signature")
    try:
        await _check_standing(portal, used, call.at)
    except RefusedError as problem:
        if problem.code is not Code.REVOKED or not portal.defects.on("revoked-accepted"):  # seeded defect
            raise
    await _check_applicant(portal, used, package)
    return used.serial


async def _check_applicant(portal: Portal, used: CardCertificate, package: int) -> None:
    """Check that who signs a package is its applicant, by the items of the certificate but the address.

    Raises
    ------
    RefusedError
        E0004.
    """
    content = await portal.store.read(lambda view: read_document(view, package))
    assert content is not None, "an application was submitted with its package"
    applicant = (await asyncio.to_thread(read_package, content)).application.applicant
    said = (applicant.name, applicant.birth_date, applicant.sex)
    if used.holder is None or (used.holder.name, used.holder.birth_date, used.holder.sex) != said:
        raise RefusedError(Code.MISMATCH, "applicant")


def _is_taken(tx: Transaction, portal: Portal, at: int) -> bool:
    """Whether the application that was accepted last was so in the same instant of real time."""
    instant = portal.defects.amount("same-instant-overwrite") * 1000 * max(1.0, portal.clock.speed)
    row = tx.one(_NEWEST)
    return row is not None and row[0] // instant == at // instant


def _own(view: View, number: str, applicant: str) -> Row:
    """Return the applicant's own submission.

    Raises
    ------
    RefusedError
        E0010 when there is none, or it is somebody else's.
    """
    row = view.one(_FOUND, number=number)
    if row is None or row[0] != applicant:
        raise RefusedError(Code.NO_SUCH_APPLICATION)
    return row


async def _check_standing(portal: Portal, used: CardCertificate, at: int) -> None:
    """Ask J-LIS whether a certificate was revoked.

    Raises
    ------
    RefusedError
        E3006 and its like; E3009 when nobody can say, because then it is not accepted.
    """
    if portal.jlis is None or portal.trust is None:
        return
    issuer = portal.trust.authorities[used.purpose]
    asked = request_for(used.certificate, issuer)
    try:
        answer = await portal.jlis.call("POST", _OCSP, body=asked, content_type="application/ocsp-request")
    except UnreachableError:
        raise RefusedError(Code.STATUS_UNCHECKED, "signature") from None
    if not answer.done:
        raise RefusedError(Code.STATUS_UNCHECKED, "signature")
    check_status(answer.body, asked, issuer, moment_of(at))
