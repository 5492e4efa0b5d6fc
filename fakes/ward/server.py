"""The handlers of this server, put together."""

from __future__ import annotations

from typing import Final

from fakes.ward.context import Ward
from fakes.web.core import Handlers

HANDLERS: Final[Handlers[Ward]] = Handlers()
