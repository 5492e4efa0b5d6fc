"""申請管理 for staff: the list of applications, and one of them with who is who in the register (宛名番号変換)."""

from __future__ import annotations

from functools import cache
from typing import Final

from sqlalchemy import bindparam, or_, select

from fakes.clock import moment_of
from fakes.endpoints.ward import APPLICATION as APPLICATION_ROW
from fakes.endpoints.ward import APPLICATIONS
from fakes.identifiers import person_token
from fakes.messages.ward import (
    ApplicationDetails,
    FindApplications,
    FoundApplication,
    FoundApplications,
    FoundPerson,
)
from fakes.package.application import Member
from fakes.package.reading import read_package
from fakes.procedures import Procedure
from fakes.refusals import Code, RefusedError
from fakes.store.statements import Statement
from fakes.store.transaction import View
from fakes.store.unit import Decision
from fakes.ward.cases import Held, held, row_of
from fakes.ward.context import Ward
from fakes.ward.records import Resident, by_person, by_serial, document_of
from fakes.ward.staff import at_work, handled_by
from fakes.ward.tables import APPLICATION, CHANGE
from fakes.web.answers import reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Ward]] = Handlers()

_A = APPLICATION.c
_COMPARED: Final = ("name", "kana", "birth_date", "sex")
_CHANGES = Statement(
    select(CHANGE.c.seq)
    .where(CHANGE.c.municipality == bindparam("town"), CHANGE.c.reference == bindparam("number"))
    .order_by(CHANGE.c.seq)
)


@cache
def _list(*, by_state: bool, by_visit: bool, by_procedure: bool, by_day: bool) -> Statement:
    """Return the question for a list, with the conditions that are asked for."""
    conditions = [_A.municipality == bindparam("town"), _A.seq > bindparam("after")]
    conditions += [_A.state == bindparam("wanted_state")] if by_state else []
    conditions += [_A.visit == bindparam("wanted_visit")] if by_visit else []
    conditions += [_A.visit_date == bindparam("day")] if by_day else []
    if by_procedure:  # the names of procedures are no parts of each other
        conditions += [or_(_A.procedures == bindparam("procedure"), _A.procedures.contains(bindparam("procedure")))]
    return Statement(select(APPLICATION).where(*conditions).order_by(_A.seq).limit(bindparam("limit")))


@HANDLERS.on(APPLICATIONS)
def applications(call: WebCall, _ward: Ward) -> Reading:
    """List the town's applications in the order of their import, as far as the section handles them."""
    message: FindApplications = call.message
    handled = handled_by(call.identity)
    if message.procedure and message.procedure not in handled:
        raise RefusedError(Code.NOT_ALLOWED)
    conditions = {
        "town": call.identity.municipality,
        "after": message.after,
        "wanted_state": message.state,
        "wanted_visit": message.visit,
        "procedure": message.procedure,
        "day": message.planned_visit,
        "limit": message.per_page + 1,
    }
    statement = _list(
        by_state=bool(message.state),
        by_visit=bool(message.visit),
        by_procedure=bool(message.procedure),
        by_day=bool(message.planned_visit),
    )

    def ask(view: View) -> Decision:
        at_work(view, call)
        rows = [row_of(row) for row in view.all(statement, **conditions)]
        page = rows[: message.per_page]
        listed = [_listed(own) for own in page if set(own.filed) <= set(handled)]
        result = FoundApplications(listed, page[-1].seq if page else message.after, len(rows) > len(page))
        return Decision(reply(result, call.request.path, call.lang))

    return Reading(ask)


def _listed(own: Held) -> FoundApplication:
    return FoundApplication(
        own.reference,
        own.seq,
        own.filed,
        own.state,
        own.visit,
        own.applicant,
        own.moving_date,
        own.visit_date,
        moment_of(own.arrived_at).isoformat(),
        own.owner,
    )


@HANDLERS.on(APPLICATION_ROW)
def application(call: WebCall, ward: Ward) -> Reading:
    """Show an application of the town to the section that handles it."""
    town, number = call.identity.municipality, call.values["reference_number"]
    handled = handled_by(call.identity)

    def ask(view: View) -> Decision:
        at_work(view, call)
        own = held(view, town, number)
        if not set(own.filed) <= set(handled):
            raise RefusedError(Code.NOT_ALLOWED)
        result = ApplicationDetails(
            own.reference,
            own.seq,
            own.filed,
            own.state,
            own.visit,
            own.formal,  # type: ignore[arg-type] # what a review step may say
            own.substantive,  # type: ignore[arg-type]
            own.told,
            who_is_who(view, ward, own),
            own.applicant,
            own.moving_date,
            own.visit_date,
            own.old_town,
            own.new_town,
            own.replaces,
            own.delivery,
            own.message,
            [str(row[0]) for row in view.all(_CHANGES, town=town, number=number)],
            own.owner,
        )
        return Decision(reply(result, call.request.path, call.lang), subject=number)

    return Reading(ask)


def who_is_who(view: View, ward: Ward, own: Held) -> list[FoundPerson]:
    """Return the people of an application with their 宛名番号: the applicant by the serial number of the signing
    certificate, everybody by the resident-record code that was filed. People who are to come have none.
    """
    if Procedure.MOVE_IN_VISIT in own.filed:
        return []
    application = read_package(document_of(view, own.seq)).application
    signed = by_serial(view, own.municipality, own.signing_serial)
    found = []
    for member in application.members[: own.members]:
        code = member.resident_code
        by_code = by_person(view, own.municipality, person_token(ward.seed, code)) if code else None
        if signed is not None and (by_code is None or by_code.person == signed.person) and _fits(member, signed):
            found.append(_found(member, signed, "certificate"))
        else:
            found.append(_found(member, by_code, "number" if by_code is not None else ""))
    return found


def _fits(member: Member, own: Resident) -> bool:
    return not _differences(member, own)


def _differences(member: Member, own: Resident) -> list[str]:
    filed = {item: getattr(member, item) for item in _COMPARED}
    filed["birth_date"] = member.birth_date.isoformat()
    return [item for item in _COMPARED if filed[item] != getattr(own, item)]


def _found(member: Member, own: Resident | None, by: str) -> FoundPerson:
    if own is None or not own.present:
        return FoundPerson(member.name, "", "", [])
    return FoundPerson(member.name, own.address_number, by, _differences(member, own))  # type: ignore[arg-type]
