"""The handlers of this server, put together."""

from __future__ import annotations

from typing import Final

from fakes.jlis import receive, relay
from fakes.jlis.context import Jlis
from fakes.web.core import Handlers

HANDLERS: Final[Handlers[Jlis]] = Handlers()
for _module in (relay, receive):
    HANDLERS.include(_module.HANDLERS)
