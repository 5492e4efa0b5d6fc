"""The handlers of this server, put together."""

from __future__ import annotations

from typing import Final

from fakes.jlis import cards, certificates, jpki, lists, logins, network, receipt, relay, statuses
from fakes.jlis.context import Jlis
from fakes.web.core import Handlers

HANDLERS: Final[Handlers[Jlis]] = Handlers()
for _module in (relay, logins, receipt, lists, statuses, network, jpki, certificates, cards):
    HANDLERS.include(_module.HANDLERS)
