"""Submission of an application: its package is read and checked, kept, and given a temporary number.

Several procedures of one application share one receipt number, because the status of a receipt number lists
`procedures[]`. What is filed twice is taken twice and marked: which one counts is for the town to say.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, select

from fakes.clock import moment_of
from fakes.endpoints.portal import SUBMIT
from fakes.identifiers import owner_token
from fakes.messages.portal import SubmitApplicationSet, Submitted
from fakes.numbering import temporary_number
from fakes.package.application import Application
from fakes.package.reading import read_package
from fakes.portal.context import Portal
from fakes.portal.events import ApplicationSubmitted
from fakes.portal.tables import APPLICATION
from fakes.procedures import city_service_code
from fakes.refusals import Code, RefusedError
from fakes.states.application import ENDED, ApplicationState, resubmission_refused
from fakes.states.rules import filing_refused
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.towns import town
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import refused_by_rule

HANDLERS: Final[Handlers[Portal]] = Handlers()

INQUIRY: Final = "/inquiries/reference_number?temporary_reference_number="
_SIGNED: Final = "1"
"""Every procedure of a relocation is signed: certificate and password keep out who files for somebody else."""
_READ_ASIDE: Final = 256 * 1024
"""A larger package is read in a thread, so that others need not wait for it."""
_OF_DIGEST: Final = 15
"""Hexadecimal digits that fit into a column of 64 bits; with the applicant's name beside them nothing else is meant."""

_ENDED: Final = frozenset((*ENDED, ApplicationState.EXPIRED))

_C = APPLICATION.c
_TWIN = Statement(
    select(_C.temporary, _C.state)
    .where(_C.content == bindparam("content"), _C.applicant == bindparam("applicant"))
    .order_by(_C.seq.desc())
    .limit(1)
)
_RETURNED = Statement(select(_C.applicant, _C.state).where(_C.reference == bindparam("number")))
_SUCCESSOR = Statement(
    select(_C.state).where(_C.resubmission_of == bindparam("number")).order_by(_C.seq.desc()).limit(1)
)


@HANDLERS.on(SUBMIT)
async def submit(call: WebCall, portal: Portal) -> Decide:
    """Take a package, if it is a whole and right one for the town and procedure that are named."""
    message: SubmitApplicationSet = call.message
    if message.sign_flg != _SIGNED:
        raise RefusedError(Code.MISMATCH, "sign_flg")
    content = message.application_zip
    if len(content) > _READ_ASIDE:
        package = await asyncio.to_thread(read_package, content)
    else:
        package = read_package(content)
    services = _services(package.application)
    if message.city_service_code != services[0]:
        raise RefusedError(Code.MISMATCH, "city_service_code")
    municipality = package.application.municipality_for(package.application.procedures[0])
    moving = package.application.moving_date
    digest = hashlib.sha256(content).digest()
    applicant = call.identity.subject
    card = _card(call, message)
    owner = owner_token(portal.seed, card or applicant, municipality)
    same = int(package.digest[:_OF_DIGEST], 16)
    now = moment_of(call.at)
    today = now.date()

    def decide(tx: Transaction) -> Decision:
        _check_filing(tx, now, moving, message.resubmission_of, applicant)
        twin = tx.one(_TWIN, content=same, applicant=applicant)
        temporary = temporary_number(today, tx.next_seq)
        body = ApplicationSubmitted(
            temporary,
            applicant,
            services,
            moving,
            card,
            same,
            ApplicationState.SIGN_WAIT,
            None,
            twin[0] if twin is not None and twin[1] not in _ENDED else "",
            message.resubmission_of or "",
        )
        result = Submitted(temporary, owner, body.duplicate_of)
        answer = reply(result, call.request.path, call.lang, reference=INQUIRY + temporary)
        event = Event(temporary, body, municipality, owner, content, digest)
        return Decision(answer, (event,), temporary)

    return decide


def _card(call: WebCall, message: SubmitApplicationSet) -> str:
    """Return the serial of the card that will sign; empty when a provider does not say it yet."""
    if call.identity.actor.startswith("provider:"):
        return message.card_serial or ""
    if message.card_serial not in (None, call.identity.subject):
        raise RefusedError(Code.MISMATCH, "card_serial")
    return call.identity.subject


def _services(application: Application) -> list[str]:
    """Return the codes of an application's procedures, the one that is decided on first.

    Raises
    ------
    RefusedError
        E2004 for a town that takes no part, in this country or another: nobody could be handed the application.
    """
    return [
        city_service_code(town(application.municipality_for(procedure)).code, procedure)
        for procedure in application.procedures
    ]


def _check_filing(tx: Transaction, now: datetime, moving: date, returned: str | None, applicant: str) -> None:
    """Check that an application may be filed now, and in the place of the one that it names.

    Raises
    ------
    RefusedError
        400 outside the filing window; for a resubmission 400 when there is no such application, 409 when it was not
        returned, or has a successor.
    """
    refused = filing_refused(now, moving)
    if refused is None and returned is not None:
        row = tx.one(_RETURNED, number=returned)
        if row is None or row[0] != applicant:
            raise RefusedError(Code.NO_SUCH_APPLICATION)
        successor = tx.one(_SUCCESSOR, number=returned)
        after = None if successor is None else ApplicationState(successor[0])
        refused = resubmission_refused(ApplicationState(row[1]), after)
    if refused is not None:
        raise refused_by_rule(refused)
