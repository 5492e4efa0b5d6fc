"""Handlers that every server has: health and its OpenAPI document."""

from __future__ import annotations

from typing import Any, Protocol

from fakes.clock import moment_of
from fakes.endpoints import Endpoint, Server, endpoints_of
from fakes.endpoints.common import HEALTH, OPENAPI
from fakes.messages.common import Health
from fakes.openapi import document as openapi_document
from fakes.store.store import Store
from fakes.web.answers import document, reply
from fakes.web.core import Handlers, Work
from fakes.web.request import WebCall


class HasStore(Protocol):
    """A server's context, as far as these need it."""

    @property
    def store(self) -> Store:
        """The store."""
        ...


def common_handlers(server: Server) -> Handlers[Any]:
    """Return the handlers for one server."""
    rows: dict[str, Endpoint] = {row.name: row for row in endpoints_of(server)}
    described = openapi_document(server)
    handlers: Handlers[Any] = Handlers()

    @handlers.on(rows[HEALTH])
    def health(call: WebCall, context: HasStore) -> Work:
        state = Health(server.value, moment_of(call.at).isoformat(), context.store.waiting)
        return reply(state, call.request.path, call.lang)

    @handlers.on(rows[OPENAPI])
    def openapi(_call: WebCall, _context: HasStore) -> Work:
        return document(described, "application/json")

    return handlers
