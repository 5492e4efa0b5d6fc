"""What applicants ask: how far a submission is, and what the town says of an application."""

from __future__ import annotations

import base64
from typing import Final

from sqlalchemy import bindparam, select

from fakes.clock import moment_of
from fakes.endpoints.portal import INQUIRE, INQUIRE_BY_POST, STATUS
from fakes.messages.portal import (
    ApplicantMessage,
    ApplicationStatus,
    ProcedureStatus,
    SubmissionInquiry,
    SubmissionStatus,
)
from fakes.portal.context import Portal
from fakes.portal.signing import to_sign
from fakes.portal.tables import APPLICATION
from fakes.refusals import Code, RefusedError
from fakes.states.application import MOVE_OUT_APPLICATION, ApplicationState, status_code, submission_code
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Portal]] = Handlers()

_C = APPLICATION.c
_BY_TEMPORARY = Statement(
    select(_C.applicant, _C.state, _C.reference, _C.city_service_code, _C.submitted_at, _C.owner, _C.digest).where(
        _C.temporary == bindparam("number")
    )
)
_BY_REFERENCE = Statement(
    select(
        *(_C.applicant, _C.state, _C.municipality, _C.city_service_code, _C.owner, _C.message, _C.changed_at),
    ).where(_C.reference == bindparam("number"))
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
        _, state, reference, service, submitted_at, owner, digest = row
        code = submission_code(ApplicationState(state))
        result = SubmissionStatus(
            code.value if code is not None else "",
            reference is not None,
            reference or "",
            service,
            moment_of(submitted_at).isoformat(),
            base64.b64encode(to_sign(number, digest)).decode() if state == ApplicationState.SIGN_WAIT else "",
            owner,
        )
        return Decision(reply(result, call.request.path, call.lang), subject=number)

    return decide


@HANDLERS.on(STATUS)
def status(call: WebCall, _portal: Portal) -> Decide:
    """Say in which state an application is, to whom it belongs and nobody else."""
    number = call.values["reference_number"]
    asker = call.identity.subject

    def decide(tx: Transaction) -> Decision:
        row = tx.one(_BY_REFERENCE, number=number)
        if row is None or row[0] != asker:
            raise RefusedError(Code.NOT_FOUND)
        _, name, municipality, service, owner, text, changed_at = row
        state = ApplicationState(name)
        code = status_code(state)
        assert code is not None, "an application with a receipt number has a status"
        procedure = ProcedureStatus(service, code.value, MOVE_OUT_APPLICATION.label(state, call.lang))
        at = moment_of(changed_at).isoformat()
        told = [ApplicantMessage(f"{number}-1", state, True, at, text, "")] if text else []
        result = ApplicationStatus(number, municipality, [procedure], told, owner)
        return Decision(reply(result, call.request.path, call.lang), subject=number)

    return decide
