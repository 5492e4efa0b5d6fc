"""The portal's handlers, put together."""

from __future__ import annotations

from typing import Final

from fakes.portal import inquiries, lists, logins, searching, signing, submitting, withdrawing
from fakes.portal.context import Portal
from fakes.web.core import Handlers

HANDLERS: Final[Handlers[Portal]] = Handlers()
for _module in (logins, submitting, signing, withdrawing, inquiries, lists, searching):
    HANDLERS.include(_module.HANDLERS)
