"""The one table of endpoints, a module for each server: paths, callers, messages, answers, refusals.

Where an interface is not published, its path and fields are an assumption that stands here and nowhere else.
"""

from __future__ import annotations

from fakes.endpoints import common, jlis, portal, ward
from fakes.endpoints.endpoint import BodyKind, Caller, Endpoint
from fakes.servers import Server

__all__ = ["BodyKind", "Caller", "Endpoint", "Server", "endpoints_of"]

_OWN = {Server.PORTAL: portal.ENDPOINTS, Server.JLIS: jlis.ENDPOINTS, Server.WARD: ward.ENDPOINTS}


def endpoints_of(server: Server) -> tuple[Endpoint, ...]:
    """Return the rows of one server, those that every server has among them."""
    return (*_OWN[server], *common.endpoints(server))
