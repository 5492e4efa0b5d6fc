"""What Schemathesis is told beyond the OpenAPI documents: real packages now and then, and one check more.

Loaded by its command line in a process of its own (`tests.fakes.openapi.conformance`), which has no tests.
"""

from __future__ import annotations

import json
import os
import zlib
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.transport.serialization import Binary

from fakes.endpoints import Server, endpoints_of
from fakes.endpoints.endpoint import OF_BODY
from fakes.refusals import Code
from fakes.web.multipart import write_multipart

PACKAGES = "HIKKOSHI_PACKAGES"
"""Environment variable: folder of packages (ZIP), each named by its procedure code."""
OF_FORM = {*OF_BODY, Code.MEDIA_TYPE}
"""What is said of a message that cannot be read: of one that the document allows only where the table says so."""
_LINE = "line-between-the-parts"


@cache
def packages() -> dict[str, bytes]:
    """Return them by procedure code."""
    return {path.stem: path.read_bytes() for path in sorted(Path(os.environ[PACKAGES]).glob("*.zip"))}


@cache
def rules() -> dict[str, frozenset[Code]]:
    """Return what each operation may refuse by its own rules."""
    return {f"{row.server}.{row.name}": frozenset(row.refusals) for server in Server for row in endpoints_of(server)}


schemathesis.openapi.media_type("application/ocsp-request", st.binary(max_size=200))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Send a real package in two of three valid forms; nobody would draw one by chance."""
    if not _positive(case) or not isinstance(case.body, dict) or "application_zip" not in case.body:
        return
    drawn = zlib.crc32(repr(sorted(case.body.items(), key=str)).encode())
    if drawn % 3:
        code = sorted(packages())[drawn % len(packages())]
        content = packages()[code]
        real: dict[str, str | bytes] = {"application_zip": content}
        if "city_service_code" in case.body:
            real["city_service_code"] = code
        if "sha256" in case.body:
            real["sha256"] = sha256(content).hexdigest()
        others = {name: value.data if isinstance(value, Binary) else str(value) for name, value in case.body.items()}
        kwargs["data"] = write_multipart(others | real, _LINE)
        case.headers["Content-Type"] = f"multipart/form-data; boundary={_LINE}"


@schemathesis.check
def valid_data_is_understood(ctx: Any, response: Any, case: Any) -> None:
    """Rules may refuse what the document allows; nobody may fail to read it."""
    kind = response.headers.get("content-type", [""])[0]
    if _positive(case) and response.status_code in {400, 415} and kind == "application/json":
        code = json.loads(response.content)["errors"][0]["code"]
        allowed = rules()[case.operation.definition.raw["operationId"]]
        assert code not in OF_FORM - allowed, f"valid by the document, and refused as unreadable: {code}"


def _positive(case: Any) -> bool:
    meta = case.meta
    return meta is not None and all(
        one.mode.is_positive for one in (meta.generation, *(part for part in meta.components.values()))
    )
