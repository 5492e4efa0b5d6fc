"""Lists for applicants: their own applications, and what they are told of one. Answered beside the writer, in pages."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, select

from fakes.clock import moment_of
from fakes.endpoints.portal import MESSAGES, OWN_APPLICATIONS
from fakes.messages.portal import (
    ApplicantMessage,
    ApplicantMessageRows,
    OwnApplication,
    OwnApplicationRows,
    OwnApplications,
)
from fakes.portal.context import Portal
from fakes.portal.tables import APPLICATION, MESSAGE
from fakes.refusals import Code, RefusedError
from fakes.states.application import MOVE_OUT_APPLICATION, ApplicationState, status_code
from fakes.store.statements import Statement
from fakes.store.transaction import Row, View
from fakes.store.unit import Decision
from fakes.web.answers import reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall
from texts import Lang

HANDLERS: Final[Handlers[Portal]] = Handlers()

_NEWEST: Final = 20
"""Messages that come with an answer about an application."""

_C, _M = APPLICATION.c, MESSAGE.c
_OWN = Statement(
    select(
        *(_C.temporary, _C.reference, _C.services, _C.state, _C.submitted_at, _C.duplicate_of, _C.resubmission_of),
        *(_C.owner, _C.seq),
    )
    .where(_C.applicant == bindparam("applicant"), _C.seq > bindparam("after"))
    .order_by(_C.seq)
    .limit(bindparam("limit"))
)
_TOLD = (_M.seq, _M.at, _M.state, _M.text)
_LAST = Statement(
    select(*_TOLD).where(_M.reference == bindparam("number")).order_by(_M.seq.desc()).limit(bindparam("limit"))
)
_PAGE = Statement(
    select(*_TOLD)
    .where(_M.reference == bindparam("number"), _M.seq > bindparam("after"))
    .order_by(_M.seq)
    .limit(bindparam("limit"))
)
_WHOSE = Statement(select(_C.applicant).where(_C.reference == bindparam("number")))


@HANDLERS.on(OWN_APPLICATIONS)
def own_applications(call: WebCall, _portal: Portal) -> Reading:
    """List the asker's applications in the order of their submission."""
    message: OwnApplications = call.message
    asker = call.identity.subject

    def ask(view: View) -> Decision:
        rows = view.all(_OWN, applicant=asker, after=message.after, limit=message.per_page + 1)
        page = [_application(row, call.lang) for row in rows[: message.per_page]]
        cursor = page[-1].cursor if page else message.after
        result = OwnApplicationRows(page, cursor, len(rows) > len(page))
        return Decision(reply(result, call.request.path, call.lang))

    return Reading(ask)


@HANDLERS.on(MESSAGES)
def messages(call: WebCall, _portal: Portal) -> Reading:
    """List what the asker was told of an application of theirs, oldest first."""
    message: OwnApplications = call.message
    number, asker = call.values["reference_number"], call.identity.subject

    def ask(view: View) -> Decision:
        if view.one(_WHOSE, number=number) != (asker,):
            raise RefusedError(Code.NOT_FOUND)
        rows = view.all(_PAGE, number=number, after=message.after, limit=message.per_page + 1)
        [newest] = view.all(_LAST, number=number, limit=1) or [(0,)]
        shown = rows[: message.per_page]
        page = [_message(row, number, row[0] == newest[0], call.lang) for row in shown]
        cursor = shown[-1][0] if shown else message.after
        result = ApplicantMessageRows(page, cursor, len(rows) > len(page))
        return Decision(reply(result, call.request.path, call.lang), subject=number)

    return Reading(ask)


def newest_messages(view: View, number: str, lang: Lang) -> list[ApplicantMessage]:
    """Return the newest messages on an application, oldest first."""
    rows = view.all(_LAST, number=number, limit=_NEWEST)
    return [_message(row, number, row is rows[0], lang) for row in reversed(rows)]


def _message(row: Row, number: str, newest: bool, lang: Lang) -> ApplicantMessage:
    seq, at, state, text = row
    title = MOVE_OUT_APPLICATION.label(ApplicationState(state), lang)
    return ApplicantMessage(f"{number}-{seq}", state, newest, moment_of(at).isoformat(), title, text, "")


def _application(row: Row, lang: Lang) -> OwnApplication:
    temporary, reference, services, name, submitted_at, duplicate_of, resubmission_of, owner, seq = row
    state = ApplicationState(name)
    code = status_code(state)
    return OwnApplication(
        temporary,
        reference or "",
        services.split(),
        "" if code is None else code.value,
        MOVE_OUT_APPLICATION.label(state, lang),
        moment_of(submitted_at).isoformat(),
        duplicate_of,
        resubmission_of or "",
        owner,
        seq,
    )
