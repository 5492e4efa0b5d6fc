"""Submission of an application: its package is read and checked, kept, and given a temporary number."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Final

from fakes.clock import moment_of
from fakes.endpoints.portal import SUBMIT
from fakes.identifiers import owner_token
from fakes.messages.portal import SubmitApplicationSet, Submitted
from fakes.numbering import receipt_number, temporary_number
from fakes.package.application import Package
from fakes.package.reading import read_package
from fakes.portal.context import Portal
from fakes.portal.events import ApplicationSubmitted
from fakes.procedures import Procedure, city_service_code
from fakes.refusals import Code, RefusedError
from fakes.states.application import ApplicationState
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Portal]] = Handlers()

INQUIRY: Final = "/inquiries/reference_number?temporary_reference_number="
_READ_ASIDE: Final = 256 * 1024
"""A larger package is read in a thread, so that others need not wait for it."""


@HANDLERS.on(SUBMIT)
async def submit(call: WebCall, portal: Portal) -> Decide:
    """Take a package, if it is a whole and right one for the town and procedure that are named."""
    message: SubmitApplicationSet = call.message
    content = message.application_zip
    if len(content) > _READ_ASIDE:
        package = await asyncio.to_thread(read_package, content)
    else:
        package = read_package(content)
    municipality = _destination(package, message.city_service_code)
    digest = hashlib.sha256(content).digest()
    applicant = call.identity.subject
    owner = owner_token(portal.seed, applicant, municipality)
    signed = message.sign_flg == "1"
    today = moment_of(call.at).date()

    def decide(tx: Transaction) -> Decision:
        temporary = temporary_number(today, tx.next_seq)
        body = ApplicationSubmitted(
            temporary,
            applicant,
            message.city_service_code,
            ApplicationState.SIGN_WAIT if signed else ApplicationState.ACCEPTED,
            None if signed else receipt_number(today, tx.next_seq),
        )
        answer = reply(Submitted(temporary, owner), call.request.path, call.lang, reference=INQUIRY + temporary)
        event = Event(temporary, body, municipality, owner, content, digest)
        return Decision(answer, (event,), temporary)

    return decide


def _destination(package: Package, code: str) -> str:
    """Return the town that a package goes to; its own address and the procedure code must say the same.

    Raises
    ------
    RefusedError
        E0004 when they do not.
    """
    application = package.application
    first = application.procedures[0]
    main = Procedure.MOVE_OUT if first is Procedure.MOVE_OUT else first
    municipality = application.municipality_for(main)
    if code != city_service_code(municipality, main):
        raise RefusedError(Code.MISMATCH, "city_service_code")
    return municipality
