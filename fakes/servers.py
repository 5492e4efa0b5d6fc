"""The three servers, one for each zone of trust."""

from __future__ import annotations

from enum import StrEnum


class Server(StrEnum):
    """A server."""

    PORTAL = "portal"
    """Internet: applicants and providers (ぴったりサービス)."""
    JLIS = "jlis"
    """LGWAN: relay, resident network, certificates."""
    WARD = "ward"
    """Ward: the systems of the municipalities, several towns."""
