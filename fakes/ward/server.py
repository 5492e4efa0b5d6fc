"""The handlers of this server, put together."""

from __future__ import annotations

from typing import Final

from fakes.ward import (
    applications,
    approving,
    auditing,
    changes,
    counter,
    imports,
    inbox,
    moves_in,
    moves_out,
    moves_within,
    oauth,
    outbox,
    residents,
    review,
    shinseidata,
    staff,
    telegrams,
)
from fakes.ward.context import Ward
from fakes.web.core import Handlers

HANDLERS: Final[Handlers[Ward]] = Handlers()
for _module in (
    *(oauth, staff, imports, applications, review, residents, changes, moves_out, moves_in, moves_within, approving),
    *(counter, telegrams, shinseidata, auditing, inbox, outbox),
):
    HANDLERS.include(_module.HANDLERS)
