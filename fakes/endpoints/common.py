"""Rows that every server has: health, and its own OpenAPI document."""

from __future__ import annotations

from typing import Final

from fakes.endpoints.endpoint import Caller, Endpoint, Server
from fakes.messages.common import Health

HEALTH: Final = "healthz"
OPENAPI: Final = "openapi"


def endpoints(server: Server) -> tuple[Endpoint, ...]:
    """Return the rows for one server."""
    return (
        Endpoint(server, HEALTH, "GET", "/healthz", Caller.ANYBODY, "稼働確認 / Health", answers={200: Health}),
        Endpoint(
            server, OPENAPI, "GET", "/openapi.json", Caller.ANYBODY, "OpenAPI 3.1 の定義 / This document",
            answers={200: None},
        ),
    )  # fmt: skip
