"""Login of a town's staff and of its link server (ログインAPI)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, select

from fakes.endpoints.jlis import LOGIN
from fakes.jlis.context import Jlis
from fakes.jlis.events.staff import StaffTried
from fakes.jlis.tables import STAFF_TRIES
from fakes.messages.jlis import StaffLogin, StaffToken
from fakes.refusals import Code, RefusedError
from fakes.staff import Tries
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction
from fakes.store.unit import Decide, Decision, Event
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.tokens import Token, ends

HANDLERS: Final[Handlers[Jlis]] = Handlers()

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
    right = await jlis.staff.opens(account, message.password)
    who = f"{town}/{message.staff_id}"

    def decide(tx: Transaction) -> Decision:
        if account is None:
            return Decision(call.refuse(RefusedError(Code.WRONG_STAFF_PASSWORD)), subject=who)
        before = Tries(*(tx.one(_TRIED, who=who) or ()))
        if (locked := before.refused(call.at)) is not None:
            return Decision(call.refuse(locked), subject=who)
        after = before.after(call.at, right=right)
        counted = () if after == before else (Event(who, StaffTried(after.failures, after.locked_until), town),)
        if not right:
            return Decision(call.refuse(RefusedError(Code.WRONG_STAFF_PASSWORD)), counted, who)
        until, number = ends(call.at, jlis.token_s), f"{call.at}-{tx.next_seq}"
        authorities = (account.section.value,)
        token = jlis.tokens.issue(Token("staff", account.id, town, authorities, until, number))
        result = StaffToken(token, jlis.token_s, list(authorities))
        return Decision(reply(result, call.request.path, call.lang), counted, who)

    return decide
