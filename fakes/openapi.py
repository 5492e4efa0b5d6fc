"""OpenAPI 3.1 documents of the servers, from the table of endpoints and the message types; nothing is written twice."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec import Struct

from fakes.endpoints import BodyKind, Caller, Endpoint, Server, endpoints_of
from fakes.endpoints.endpoint import PATH_VALUES
from fakes.messages.envelope import Refusal, Reply
from fakes.refusals import STATUS
from texts import say

_REF: Final = "#/components/schemas/{name}"
_WITHOUT_BODY: Final = frozenset({204, 304})
_FORMS: Final = frozenset({BodyKind.QUERY, BodyKind.FORM, BodyKind.MULTIPART})
"""What is sent as text, which has no null: what may be missing is left out."""

_BASE64: Final = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_TEXT: Final = {"type": "string"}
_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "X-Test-Data": {"required": True, "schema": {"const": "synthetic"}},
    "X-Request-Id": {"required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 64}},
    "X-Attempt": {"required": True, "schema": {"type": "integer", "minimum": 1}},
    "Cache-Control": {"required": True, "schema": {"const": "no-store"}},
    "X-Seeded-Defects": {"required": False, "schema": _TEXT},
    "WWW-Authenticate": {"required": True, "schema": _TEXT},
    "Allow": {"required": True, "schema": _TEXT},
    "Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 0}},
}
_ON_ALL: Final = ("X-Test-Data", "X-Request-Id", "X-Attempt", "Cache-Control", "X-Seeded-Defects")
"""Headers of every answer (`fakes.web.asgi`)."""

_ON_REFUSALS: Final = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}
"""Headers of some refusals, by their status (`fakes.web.answers`)."""

_IN_PROTOCOL: Final = frozenset({400, 503})
"""What OCSP refuses in its own form (malformedRequest, tryLater)."""
_NUMBERED: Final = frozenset({"reference_number", "temporary_reference_number"})
"""Values of answers by which something can be asked for elsewhere (`links` of the document)."""

_VALUE: Final = re.compile(r"{(\w+)}")

_SECURITY: Final[dict[Caller, list[dict[str, list[str]]]]] = {
    Caller.PROVIDER: [{"accessKey": [], "providerId": []}],
    Caller.APPLICANT: [{"accessKey": []}],
    Caller.PEER: [{"clientCertificate": []}],
    Caller.STAFF: [{"clientCertificate": [], "bearer": []}],
    Caller.SYSTEM: [{"bearer": []}],
    Caller.OPERATOR: [{"bearer": []}],
}
_SCHEMES: Final = {
    "accessKey": {"type": "apiKey", "in": "header", "name": "X-Access-Key"},
    "providerId": {"type": "apiKey", "in": "header", "name": "X-Provider-Id"},
    "clientCertificate": {"type": "mutualTLS"},
    "bearer": {"type": "http", "scheme": "bearer"},
}


def document(server: Server) -> bytes:
    """Return the document of a server, JSON."""
    rows = endpoints_of(server)
    types = [Refusal, *(row.message for row in rows if row.message is not None)]
    types += [_answered(row, result) for row in rows for result in row.answers.values() if result is not None]
    _, schemas = msgspec.json.schema_components(types, ref_template=_REF)
    _say_base64(schemas)
    named = {_key(kind): schema for kind, schema in zip(types, _references(types), strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, named, schemas)
    described = {
        "openapi": "3.1.0",
        "info": {"title": f"{say(f'fakes.server.{server.value}', 'ja')} / {say(f'fakes.server.{server.value}', 'en')}",
                 "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas, "headers": _HEADERS, "securitySchemes": _SCHEMES},
    }  # fmt: skip
    return msgspec.json.encode(described)


def _say_base64(value: Any) -> None:
    """Add what base64 looks like: `contentEncoding` alone is only a remark to whoever reads the document."""
    if isinstance(value, list):
        for item in value:
            _say_base64(item)
    elif isinstance(value, dict):
        if value.get("contentEncoding") == "base64":
            value["pattern"] = _BASE64
        for item in value.values():
            _say_base64(item)


def _answered(row: Endpoint, result: Any) -> Any:
    return result if row.bare else Reply[result]


def _key(kind: Any) -> str:
    return repr(kind)


def _references(types: list[Any]) -> tuple[dict[str, Any], ...]:
    return msgspec.json.schema_components(types, ref_template=_REF)[0]


def _operation(row: Endpoint, named: dict[str, dict[str, Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{row.server.value}.{row.name}",
        "summary": row.summary,
        "parameters": [*_path_values(row), *_headers(row)],
        "responses": {**_answers(row, named, schemas), **_refusals(row, named)},
    }
    if row.assumed:
        operation["x-assumption"] = True
    if row.caller in _SECURITY:
        operation["security"] = _SECURITY[row.caller]
    if row.body is BodyKind.QUERY and row.message is not None:
        operation["parameters"] += _query(row.message, schemas)
    elif row.body is not BodyKind.NONE:
        operation["requestBody"] = {
            "required": True,
            "content": {row.body.value: {"schema": _body(row, named, schemas)} if row.message is not None else {}},
        }
    return operation


def _body(row: Endpoint, named: dict[str, dict[str, Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a body; in a form there is no null, and a file is bytes, not base64."""
    assert row.message is not None
    if row.body not in _FORMS:
        return named[_key(row.message)]
    schema: dict[str, Any] = dict(schemas[row.message.__name__])
    schema["properties"] = {
        name: {"type": "string", "contentMediaType": "application/octet-stream"}
        if value.get("contentEncoding") == "base64"
        else value
        for name, value in _sent_as_text(schema)
    }
    return schema


def _sent_as_text(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return name and schema of each field of a form."""
    return [(name, _not_null(value)) for name, value in schema["properties"].items()]


def _not_null(value: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" not in value:
        return value
    others = [choice for choice in value["anyOf"] if choice != {"type": "null"}]
    return others[0] if len(others) == 1 else {"anyOf": others}


def _path_values(row: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": PATH_VALUES[name]}}
        for name in _VALUE.findall(row.path)
    ]


def _headers(row: Endpoint) -> list[dict[str, Any]]:
    headers = []
    if row.changes:
        schema = {"type": "string", "pattern": "^[!-~]{1,128}$"}
        headers.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema})
    if row.synthetic:
        mark = {"type": "string", "const": "synthetic"}
        headers.append({"name": "X-Test-Data", "in": "header", "required": True, "schema": mark})
    return headers


def _query(message: type[Struct], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    schema = schemas[message.__name__]
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": value}
        for name, value in _sent_as_text(schema)
    ]


def _answers(row: Endpoint, named: dict[str, dict[str, Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    return {str(status): _answer(row, status, result, named, schemas) for status, result in row.answers.items()}


def _answer(
    row: Endpoint, status: int, result: Any, named: dict[str, dict[str, Any]], schemas: dict[str, Any]
) -> dict[str, Any]:
    description: dict[str, Any] = {"description": say("fakes.answer.done", "en"), "headers": _told(*_ON_ALL)}
    if links := _links(row, result, schemas):
        description["links"] = links
    if result is not None:
        return {**description, "content": {"application/json": {"schema": named[_key(_answered(row, result))]}}}
    if row.media and status not in _WITHOUT_BODY:
        return {**description, "content": {row.media: {}}}
    return description


def _refusals(row: Endpoint, named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in row.codes:
        by_status.setdefault(STATUS.get(code, 400), []).append(code.value)
    content: dict[str, Any] = {"application/json": {"schema": named[_key(Refusal)]}}
    protocol: dict[str, Any] = {row.media: {}} if row.body is BodyKind.OCSP else {}
    return {
        str(status): {
            "description": ", ".join(codes),
            "headers": _told(*_ON_ALL, *([_ON_REFUSALS[status]] if status in _ON_REFUSALS else [])),
            "content": content | protocol if status in _IN_PROTOCOL else content,
        }
        for status, codes in sorted(by_status.items())
    }


def _told(*names: str) -> dict[str, dict[str, str]]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _links(row: Endpoint, result: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """Return where the server can be asked about what an answer names."""
    told = _NUMBERED & schemas.get(getattr(result, "__name__", ""), {}).get("properties", {}).keys()
    return {
        other.name: {
            "operationId": f"{other.server.value}.{other.name}",
            "parameters": {name: f"$response.body#/result/{name}"},
        }
        for other in endpoints_of(row.server)
        for name in told & _asked_by(other, schemas)
        if other is not row
    }


def _asked_by(row: Endpoint, schemas: dict[str, Any]) -> set[str]:
    """Return the numbers in an endpoint's path or query."""
    in_query: set[str] = set()
    if row.body is BodyKind.QUERY and row.message is not None:
        in_query = schemas[row.message.__name__]["properties"].keys() & _NUMBERED
    return in_query | {name for name in _VALUE.findall(row.path) if name in _NUMBERED}
