"""From bytes to a checked message: query, JSON, form or multipart, by the endpoint's row in the table."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct, ValidationError, structs

from fakes.endpoints.endpoint import BodyKind, Endpoint
from fakes.refusals import Code, RefusedError
from fakes.web.answers import Reason
from fakes.web.multipart import read_multipart
from fakes.web.request import Request

_MOST_FIELDS: Final = 64
_MISSING = re.compile(r"missing required field `([^`]+)`")
_LENGTH = re.compile(r"Expected `(?:str|bytes|array)` of length (<=|>=|==)? ?([0-9]+)")
_PATTERN = re.compile(r"matching regex")
_PLACE = re.compile(r"at `\$\.?([^`]*)`")


def read_message(endpoint: Endpoint, request: Request) -> Any:
    """Return what was sent as the endpoint's message; None if it takes none.

    Raises
    ------
    RefusedError
        415 for another content type, E0001 to E0003 and E5000 for a message that does not fit.
    """
    if endpoint.message is None:
        return None
    try:
        match endpoint.body:
            case BodyKind.JSON:
                _check_type(request, endpoint.body)
                return _decoded(request.body, endpoint.message)
            case BodyKind.MULTIPART:
                kind = _check_type(request, endpoint.body)
                return _converted(read_multipart(request.body, kind, _files(endpoint.message)), endpoint.message)
            case BodyKind.FORM:
                _check_type(request, endpoint.body)
                return _converted(_form(request.body), endpoint.message)
            case _:
                return _converted(_form(request.query), endpoint.message)
    except ValidationError as problem:
        raise refused_by(problem) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise RefusedError(Code.MALFORMED, reason=Reason("json", where=_cause(problem))) from None


def refused_by(problem: ValidationError) -> RefusedError:
    """Return the refusal for a message that does not fit its type: which item, and what is wrong with it."""
    text = str(problem)
    place = _PLACE.search(text)
    where = place[1] if place else ""
    if missing := _MISSING.search(text):
        return RefusedError(Code.REQUIRED, f"{where}.{missing[1]}".strip("."))
    if length := _LENGTH.search(text):
        if length[1] == "<=":
            return RefusedError(Code.TOO_LONG, where, length=int(length[2]))
        return RefusedError(Code.LENGTH, where, length=int(length[2]))
    if _PATTERN.search(text):
        return RefusedError(Code.CHARACTERS, where)
    return RefusedError(Code.MALFORMED, where, reason=Reason("json", where=where or "$"))


def _cause(problem: Exception) -> str:
    return "UTF-8" if isinstance(problem, UnicodeDecodeError) else "$"


def _check_type(request: Request, wanted: BodyKind) -> bytes:
    """Return the content type if it is the wanted one, in UTF-8."""
    given = request.headers.get(b"content-type", b"")
    kind, _, options = given.partition(b";")
    if kind.strip().lower() != wanted.encode():
        raise RefusedError(Code.MEDIA_TYPE, wanted=wanted.value)
    if options and b"charset" in options.lower() and b"utf-8" not in options.lower():
        raise RefusedError(Code.MALFORMED, reason=Reason("utf8"))
    return given


def _form(encoded: bytes) -> dict[str, str]:
    if not encoded:
        return {}
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict",
            max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except UnicodeDecodeError:
        raise RefusedError(Code.MALFORMED, reason=Reason("utf8")) from None
    except ValueError:
        raise RefusedError(Code.MALFORMED, reason=Reason("form", where="&=")) from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise RefusedError(Code.MALFORMED, reason=Reason("form", where="&="))
    return fields


def _decoded(body: bytes, message: type[Struct]) -> Any:
    try:
        return _decoder(message).decode(body)
    except ValidationError:
        if b"." not in body and b"e" not in body.lower():
            raise
        return msgspec.convert(_whole(msgspec.json.decode(body)), message)


def _whole(value: Any) -> Any:
    """Return a JSON value in which 2.0 is 2: JSON Schema calls both an integer, and messages have no fractions."""
    match value:
        case float():
            return int(value) if value.is_integer() else value
        case list():
            return [_whole(item) for item in value]
        case dict():
            return {key: _whole(item) for key, item in value.items()}
        case _:
            return value


def _converted(fields: dict[str, Any], message: type[Struct]) -> Any:
    made = msgspec.convert(fields, message, strict=False, builtin_types=(bytes,))
    if any(isinstance(value, str) and value.lower() == "null" for value in fields.values()):
        _check_no_null(made, fields)
    return made


def _check_no_null(made: Struct, fields: dict[str, Any]) -> None:
    """Refuse the word null for nothing, which msgspec takes for it: in a form, what is not there is left out."""
    for name, field in zip(made.__struct_encode_fields__, made.__struct_fields__, strict=True):
        if name in fields and getattr(made, field) is None:
            raise RefusedError(Code.CHARACTERS, name)


@cache
def _files(message: type[Struct]) -> frozenset[str]:
    """Return the fields that are bytes."""
    return frozenset(field.encode_name for field in structs.fields(message) if _is_bytes(field.type))


def _is_bytes(kind: Any) -> bool:
    return kind is bytes or getattr(kind, "__origin__", None) is bytes


@cache
def _decoder(message: type[Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(message)
