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
    named = {_key(kind): schema for kind, schema in zip(types, _references(types), strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, named, schemas)
    described = {
        "openapi": "3.1.0",
        "info": {"title": f"{say(f'fakes.server.{server.value}', 'ja')} / {say(f'fakes.server.{server.value}', 'en')}",
                 "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SCHEMES},
    }  # fmt: skip
    return msgspec.json.encode(described)


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
        "responses": {**_answers(row, named), **_refusals(row, named)},
    }
    if row.assumed:
        operation["x-assumption"] = True
    if row.caller in _SECURITY:
        operation["security"] = _SECURITY[row.caller]
    if row.body is BodyKind.QUERY and row.message is not None:
        operation["parameters"] += _query(row.message, schemas)
    elif row.message is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {row.body.value: {"schema": _body(row, named, schemas)}},
        }
    elif row.body is not BodyKind.NONE:
        operation["requestBody"] = {"required": True, "content": {row.body.value: {}}}
    return operation


def _body(row: Endpoint, named: dict[str, dict[str, Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a body; in a multipart form a file is bytes, not base64."""
    assert row.message is not None
    if row.body is not BodyKind.MULTIPART:
        return named[_key(row.message)]
    schema: dict[str, Any] = dict(schemas[row.message.__name__])
    schema["properties"] = {
        name: {"type": "string", "contentMediaType": "application/octet-stream"}
        if value.get("contentEncoding") == "base64"
        else value
        for name, value in schema["properties"].items()
    }
    return schema


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
        for name, value in schema["properties"].items()
    ]


def _answers(row: Endpoint, named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {str(status): _answer(row, status, result, named) for status, result in row.answers.items()}


def _answer(row: Endpoint, status: int, result: Any, named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    description = {"description": say("fakes.answer.done", "en")}
    if result is not None:
        return {**description, "content": {"application/json": {"schema": named[_key(_answered(row, result))]}}}
    if row.media and status not in _WITHOUT_BODY:
        return {**description, "content": {row.media: {}}}
    return description


def _refusals(row: Endpoint, named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in row.codes:
        by_status.setdefault(STATUS.get(code, 400), []).append(code.value)
    content = {"application/json": {"schema": named[_key(Refusal)]}}
    if row.body is BodyKind.OCSP:
        content[row.media] = {}  # the protocol has refusals of its own
    return {
        str(status): {"description": ", ".join(codes), "content": content}
        for status, codes in sorted(by_status.items())
    }
