"""Values of a form against its rules: needed, length, characters; each refusal names the item, never the value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from fakes.identifiers import checked_individual_number, checked_municipality_code, checked_resident_code
from fakes.package.forms import EMAIL, NOT_KANA, NOT_PHONE, NOT_WIDE, SEXES, Group, Kind
from fakes.refusals import Code, RefusedError

_WIDE, _KANA, _DATE = Kind.WIDE, Kind.KANA, Kind.DATE  # looked up once: members of an Enum are slow to find

Value = str | date | bool | None


def checked_group(values: Mapping[str, str], rules: Group) -> list[Value]:
    """Return the values of an item in the order of its rules; an empty one that may be empty is "" or None.

    Raises
    ------
    RefusedError
        E0001 to E0003, E0005, E2002, E2003.
    """
    checked: list[Value] = []
    wide = ""
    for field, label, kind, required, length in rules:
        value = values.get(field)
        if not value:
            if required:
                raise RefusedError(Code.REQUIRED, label)
            checked.append(None if kind is _DATE else "")
        elif kind is _WIDE:
            if len(value) > length:
                raise RefusedError(Code.TOO_LONG, label, length=length)
            wide += value
            checked.append(value)
        elif kind is _KANA:
            if len(value) > length:
                raise RefusedError(Code.TOO_LONG, label, length=length)
            if NOT_KANA.search(value):
                raise RefusedError(Code.CHARACTERS, label)
            checked.append(value)
        else:
            checked.append(_CHECKS[kind](value, label, length))
    # one search over all of them is several times faster than one for each
    if wide and NOT_WIDE.search(wide):
        raise RefusedError(Code.CHARACTERS, _first_not_wide(values, rules))
    return checked


def _first_not_wide(values: Mapping[str, str], rules: Group) -> str:
    return next(rule.label for rule in rules if rule.kind is Kind.WIDE and NOT_WIDE.search(values.get(rule.field, "")))


def _date(value: str, label: str, length: int) -> date:
    if len(value) != length:
        raise RefusedError(Code.LENGTH, label, length=length)
    try:
        if value[4] == value[7] == "-":
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise RefusedError(Code.CHARACTERS, label)


def _postcode(value: str, label: str, length: int) -> str:
    if not (value.isascii() and value.isdigit()):
        raise RefusedError(Code.CHARACTERS, label)
    if len(value) != length:
        raise RefusedError(Code.LENGTH, label, length=length)
    return value


def _phone(value: str, label: str, length: int) -> str:
    return _short(value, label, length, right=NOT_PHONE.search(value) is None)


def _email(value: str, label: str, length: int) -> str:
    return _short(value, label, length, right=EMAIL.fullmatch(value) is not None)


def _sex(value: str, label: str, length: int) -> str:
    return _short(value, label, length, right=value in SEXES)


def _flag(value: str, label: str, length: int) -> bool:
    return _short(value, label, length, right=value in {"0", "1"}) == "1"


def _short(value: str, label: str, length: int, *, right: bool) -> str:
    if len(value) > length:
        raise RefusedError(Code.TOO_LONG, label, length=length)
    if not right:
        raise RefusedError(Code.CHARACTERS, label)
    return value


_CHECKS: Final[dict[Kind, Callable[[str, str, int], Value]]] = {
    Kind.DATE: _date,
    Kind.POSTCODE: _postcode,
    Kind.PHONE: _phone,
    Kind.EMAIL: _email,
    Kind.SEX: _sex,
    Kind.FLAG: _flag,
    Kind.MUNICIPALITY: lambda value, label, _: checked_municipality_code(value, label),
    Kind.INDIVIDUAL_NUMBER: lambda value, label, _: checked_individual_number(value, label),
    Kind.RESIDENT_CODE: lambda value, label, _: checked_resident_code(value, label),
}
