"""Login of a town's staff and of its link server (ログインAPI)."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, select

from fakes.clock import micros_of, moment_of
from fakes.endpoints.jlis import LOGIN
from fakes.jlis.context import Jlis
from fakes.jlis.events.staff import StaffTried
from fakes.jlis.tables import STAFF_TRIES
from fakes.messages.jlis import StaffLogin, StaffToken
from fakes.refusals import Code, RefusedError
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.tokens import Token, ends

HANDLERS: Final[Handlers[Jlis]] = Handlers()

TRIES: Final = 5
"""Wrong passwords in a row that lock an account (the standard says several; the number is an assumption)."""

LOCKED_FOR: Final = timedelta(minutes=30)
"""How long (assumption)."""

_COMPARING = ThreadPoolExecutor(1, thread_name_prefix="password")
"""One at a time: a comparison takes memory and time on purpose, and answers to others go on meanwhile."""

_TRIED = Statement(
    select(STAFF_TRIES.c.failures, STAFF_TRIES.c.locked_until).where(STAFF_TRIES.c.account == bindparam("who"))
)


@HANDLERS.on(LOGIN)
async def login(call: WebCall, jlis: Jlis) -> Decide:
    """Give a token to a town's staff or link server, under the town's own certificate."""
    message: StaffLogin = call.message
    town = call.identity.municipality
    if message.municipality != town:
        raise RefusedError(Code.NOT_ALLOWED)
    account = jlis.staff.find(town, message.staff_id)
    compared = account or jlis.staff.nobody
    right = await asyncio.get_running_loop().run_in_executor(_COMPARING, compared.opens, message.password)
    who = f"{town}/{message.staff_id}"

    def decide(tx: Transaction) -> Decision:
        if account is None:
            return Decision(call.refuse(RefusedError(Code.WRONG_STAFF_PASSWORD)), subject=who)
        failures, locked_until = tx.one(_TRIED, who=who) or (0, 0)
        if call.at < locked_until:
            locked = RefusedError(Code.STAFF_LOCKED, until=f"{moment_of(locked_until):%Y-%m-%d %H:%M}")
            return Decision(call.refuse(locked), subject=who)
        if not right:
            failures = (0 if locked_until else failures) + 1
            opens = micros_of(moment_of(call.at) + LOCKED_FOR) if failures >= TRIES else 0
            failed = Event(who, StaffTried(failures, opens), town)
            return Decision(call.refuse(RefusedError(Code.WRONG_STAFF_PASSWORD)), (failed,), who)
        counted = (Event(who, StaffTried(0, 0), town),) if failures else ()
        until, number = ends(call.at, jlis.token_s), f"{call.at}-{tx.next_seq}"
        authorities = (account.section.value,)
        token = jlis.tokens.issue(Token("staff", account.id, town, authorities, until, number))
        result = StaffToken(token, jlis.token_s, list(authorities))
        return Decision(reply(result, call.request.path, call.lang), counted, who)

    return decide
