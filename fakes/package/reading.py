"""Reads the package of an application without trust: bytes go in, a `Package` or a `RefusedError` comes out."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from fakes.package.application import Address, Applicant, Application, Attachment, Member, Package, packaged
from fakes.package.archive import Entry, entries, inflate
from fakes.package.attachments import checked_attachments
from fakes.package.forms import (
    APPLICANT,
    APPLICANT_FILE,
    APPLICATION,
    APPLICATION_FILE,
    ATTACHMENTS,
    FORMS,
    MEMBER_ITEMS,
    REQUIRED,
    Form,
)
from fakes.package.values import Value, checked_group
from fakes.package.xmlform import LARGEST_FORM, Values, read_form
from fakes.procedures import TOGETHER, Procedure
from fakes.refusals import Code, RefusedError

_HEAD = "世帯主"
_PROCEDURES = tuple(Procedure)


def read_package(data: bytes) -> Package:
    """Return what a package says.

    Raises
    ------
    RefusedError
        With the code, the item or file, and the HTTP status: see `fakes.refusals`.
    """
    files = entries(data)
    for name in files:
        if name not in {APPLICANT_FILE, APPLICATION_FILE} and not name.startswith(ATTACHMENTS):
            raise RefusedError(Code.UNKNOWN_FILE, name)
    applicant, application = (_values(data, files, form) for form in FORMS)
    return packaged(_application(applicant, application, checked_attachments(data, files)))


def attachment_content(data: bytes, name: str) -> bytes:
    """Return the bytes of an attachment of a package that was read before.

    Raises
    ------
    RefusedError
        E1011 when there is none of that name; else as `read_package`.
    """
    entry = entries(data).get(ATTACHMENTS + name)
    if entry is None:
        raise RefusedError(Code.MISSING_FILE, name)
    return inflate(data, entry)


def _values(data: bytes, files: dict[str, Entry], form: Form) -> Values:
    entry = files.get(form.file)
    if entry is None:
        raise RefusedError(Code.MISSING_FILE, form.file)
    if entry.size > LARGEST_FORM:
        raise RefusedError(Code.FILE_SIZE, form.file, limit=LARGEST_FORM)
    values = read_form(inflate(data, entry), form)
    for item in form.groups:
        if item in REQUIRED and item not in values:
            raise RefusedError(Code.REQUIRED, "member" if item in MEMBER_ITEMS else item)
    return values


def _application(applicant: Values, values: Values, attachments: tuple[Attachment, ...]) -> Application:
    flags = checked_group(values["procedures"], APPLICATION["procedures"])
    requested, moving, visit = cast("list[date | None]", checked_group(values["dates"], APPLICATION["dates"]))
    assert requested is not None
    assert moving is not None
    application = Application(
        tuple(procedure for procedure, wanted in zip(_PROCEDURES, flags, strict=True) if wanted),
        requested,
        moving,
        visit,
        Applicant(*_typed(checked_group(applicant["applicant"], APPLICANT["applicant"]))),
        Address(*_typed(checked_group(values["old_address"], APPLICATION["old_address"]))),
        Address(*_typed(checked_group(values["new_address"], APPLICATION["new_address"]))),
        _typed(checked_group(values["household"], APPLICATION["household"]))[0],
        tuple(
            Member(*_typed(checked_group(values[item], APPLICATION[item]))) for item in MEMBER_ITEMS if item in values
        ),
        attachments,
    )
    check_consistent(application)
    return application


def _typed(values: list[Value]) -> list[Any]:
    # the kinds of the rules are the types of the fields, which a test holds
    return values


def check_consistent(application: Application) -> None:
    """Check what only several items together can be wrong in.

    Raises
    ------
    RefusedError
        E0004 (相関チェック), for the item that would have to change.
    """
    kinds = application.procedures
    within = application.old_address.municipality == application.new_address.municipality
    visit = application.planned_visit_date
    if frozenset(kinds) not in TOGETHER:
        raise RefusedError(Code.MISMATCH, "procedures")
    if within != (Procedure.MOVE_WITHIN_VISIT in kinds):
        raise RefusedError(Code.MISMATCH, "new_address.municipality")
    if (visit is None) != (kinds == (Procedure.MOVE_OUT,)):
        raise RefusedError(Code.MISMATCH if visit else Code.REQUIRED, "planned_visit_date")
    # a moving-in notice can only be made by someone who lives there (Basic Resident Registration Act Art. 22, 23)
    if visit is not None and visit < application.moving_date:
        raise RefusedError(Code.MISMATCH, "planned_visit_date")
    if sum(member.relationship == _HEAD for member in application.members) > 1:
        raise RefusedError(Code.MISMATCH, "relationship")
    for item, numbers in (
        ("individual_number", [member.individual_number for member in application.members]),
        ("resident_code", [member.resident_code for member in application.members]),
    ):
        given = [number for number in numbers if number]
        if len(set(given)) != len(given):
            raise RefusedError(Code.MISMATCH, item)
