"""Builds the package of an application, as a client of the portal does; for load generators and tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import chain
from xml.sax.saxutils import escape

from msgspec import Struct

from fakes.package.application import Application
from fakes.package.forms import (
    APPLICANT,
    APPLICATION,
    ATTACHMENTS,
    FORMS,
    MARKER,
    MEMBER_ITEMS,
    REQUIRED,
    Form,
    Group,
    Kind,
)
from fakes.procedures import Procedure

_TYPES = {Kind.DATE: "date", Kind.FLAG: "checkbox", Kind.SEX: "radio"}
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the same application gives the same bytes


def build_package(application: Application, contents: Mapping[str, bytes] | None = None) -> bytes:
    """Return the ZIP of an application.

    Parameters
    ----------
    application
        What is filed; its `attachments` are not looked at.
    contents
        Attachments: bytes by file name.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for form, values in zip(FORMS, (_applicant(application), _application(application)), strict=True):
            archive.writestr(_info(form.file), form_xml(form, values))
        for name, content in (contents or {}).items():
            archive.writestr(_info(ATTACHMENTS + name), content)
    return target.getvalue()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _MOMENT)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def form_xml(form: Form, values: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return a form with its values by item and fragment; empty ones are left out."""
    items = chain.from_iterable(_item(item, form.groups[item], values[item]) for item in form.groups if item in values)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{form.root} form-subject="{form.title}" {MARKER[0]}="{MARKER[1]}">'
        f"<FormItems>{''.join(items)}</FormItems></{form.root}>\n"
    ).encode()


def _item(item: str, rules: Group, values: Mapping[str, str]) -> Iterable[str]:
    yield f'<FormItem id="{item}" required="{int(item in REQUIRED)}"><Fragments>'
    for rule in rules:
        if value := values.get(rule.field):
            kind = _TYPES.get(rule.kind, "text")
            yield f'<Fragment id="{rule.field}" type="{kind}"><value>{escape(value)}</value></Fragment>'
    yield "</Fragments></FormItem>"


def _applicant(application: Application) -> dict[str, dict[str, str]]:
    return {"applicant": _texts(application.applicant, APPLICANT["applicant"])}


def _application(application: Application) -> dict[str, dict[str, str]]:
    values = {
        "procedures": {kind.value: "1" for kind in Procedure if kind in application.procedures},
        "dates": _texts(application, APPLICATION["dates"]),
        "old_address": _texts(application.old_address, APPLICATION["old_address"]),
        "new_address": _texts(application.new_address, APPLICATION["new_address"]),
        "household": _texts(application, APPLICATION["household"]),
    }
    for item, member in zip(MEMBER_ITEMS, application.members, strict=False):
        values[item] = _texts(member, APPLICATION[item])
    return values


def _texts(source: Struct, rules: Group) -> dict[str, str]:
    values = ((rule.field, getattr(source, rule.field)) for rule in rules)
    return {
        field: value.isoformat() if isinstance(value, date) else value for field, value in values if value is not None
    }
