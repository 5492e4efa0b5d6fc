"""What applicants ask: how far a submission is, and what the town says of an application."""

from __future__ import annotations

import base64
from functools import cache
from typing import Final

from sqlalchemy import bindparam, select

from fakes.clock import moment_of
from fakes.endpoints.portal import INQUIRE, INQUIRE_BY_POST, STATUS
from fakes.messages.portal import ApplicationStatus, ProcedureStatus, SubmissionInquiry, SubmissionStatus
from fakes.portal.context import Portal
from fakes.portal.lists import newest_messages
from fakes.portal.signing import to_sign
from fakes.portal.tables import APPLICATION, MESSAGE
from fakes.procedures import SERVICE_CODES
from fakes.refusals import Code, RefusedError
from fakes.states.application import MOVE_OUT_APPLICATION, ApplicationState, status_code, submission_code
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision
from fakes.towns import TOWNS
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from texts import Lang, say

HANDLERS: Final[Handlers[Portal]] = Handlers()

_TOWN_DIGITS: Final = 6

_C = APPLICATION.c
_BY_TEMPORARY = Statement(
    select(
        *(_C.applicant, _C.state, _C.reference, _C.services, _C.submitted_at, _C.owner, _C.digest, _C.messages),
    ).where(_C.temporary == bindparam("number"))
)
_BY_REFERENCE = Statement(
    select(
        *(_C.applicant, _C.state, _C.municipality, _C.services, _C.owner, _C.messages, _C.duplicate_of),
        _C.resubmission_of,
    ).where(_C.reference == bindparam("number"))
)

_TOLD = Statement(
    select(MESSAGE.c.state).where(MESSAGE.c.reference == bindparam("number")).order_by(MESSAGE.c.seq.desc())
)


@HANDLERS.on(INQUIRE)
@HANDLERS.on(INQUIRE_BY_POST)
def inquire(call: WebCall, _portal: Portal) -> Decide:
    """Say how far a submission is, to whom it belongs and nobody else."""
    message: SubmissionInquiry = call.message
    number = message.temporary_reference_number
    asker = call.identity.subject

    def decide(tx: Transaction) -> Decision:
        row = tx.one(_BY_TEMPORARY, number=number)
        if row is None or row[0] != asker:
            raise RefusedError(Code.NO_SUCH_APPLICATION)
        _, state, reference, services, submitted_at, owner, digest, messages = row
        code = submission_code(ApplicationState(state))
        filed = moment_of(submitted_at).isoformat()
        result = SubmissionStatus(
            code.value if code is not None else "",
            reference is not None,
            reference or "",
            services.partition(" ")[0],
            filed,
            base64.b64encode(to_sign(number, digest)).decode() if state == ApplicationState.SIGN_WAIT else "",
            _copy(reference, filed, services, digest, call.lang) if reference is not None else "",
            newest_messages(tx, reference, call.lang) if messages else [],
            owner,
        )
        return Decision(reply(result, call.request.path, call.lang), subject=number)

    return decide


@HANDLERS.on(STATUS)
def status(call: WebCall, portal: Portal) -> Decide:
    """Say in which state an application is, to whom it belongs and nobody else.

    Its procedures share the state: the town that is left decides, and the visit notice goes with it (assumption).
    """
    number = call.values["reference_number"]
    asker = call.identity.subject

    def decide(tx: Transaction) -> Decision:
        row = tx.one(_BY_REFERENCE, number=number)
        if row is None or row[0] != asker:
            raise RefusedError(Code.NOT_FOUND)
        _, name, municipality, services, owner, messages, duplicate_of, resubmission_of = row
        state = ApplicationState(name)
        if portal.defects.hits("stale-status", f"{number}/{call.request_id}"):  # seeded defect
            state = _state_before(tx, number, state)
        code = status_code(state)
        assert code is not None, "an application with a receipt number has a status"
        label = MOVE_OUT_APPLICATION.label(state, call.lang)
        procedures = [ProcedureStatus(service, code.value, label) for service in services.split()]
        told = newest_messages(tx, number, call.lang) if messages else []
        result = ApplicationStatus(
            number, municipality, procedures, told, duplicate_of, resubmission_of or "", owner
        )  # fmt: skip
        return Decision(reply(result, call.request.path, call.lang), subject=number)

    return decide


def _state_before(view: View, number: str, now: ApplicationState) -> ApplicationState:
    """Return the newest earlier state with another code; what applicants see is the code."""
    told = [ApplicationState(row[0]) for row in view.all(_TOLD, number=number)]
    return next((one for one in (*told, ApplicationState.ACCEPTED) if status_code(one) is not status_code(now)), now)


def _copy(reference: str, filed: str, services: str, digest: bytes, lang: Lang) -> str:
    """Return the applicant's copy (控え) of an accepted application: a text, base64."""
    text = _form(services, lang).format(number=reference, filed=filed, digest=digest.hex())
    return base64.b64encode(text.encode()).decode()


@cache
def _form(services: str, lang: Lang) -> str:
    """Return the copy of applications of the same procedures, with places for what differs."""
    labels = {code: procedure.label(lang) for procedure, code in SERVICE_CODES.items()}
    lines = []
    for service in services.split():
        town = TOWNS[service[:_TOWN_DIGITS]]
        lines.append(f"{labels[service[_TOWN_DIGITS:]]} ({town.name if lang == 'ja' else town.romaji})")
    blanks = {"number": "{number}", "filed": "{filed}", "digest": "{digest}"}
    return say("fakes.customers_copy", lang, procedures=", ".join(lines), **blanks) + "\n"
