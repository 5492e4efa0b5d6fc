"""Staff of a town: login with ID and password, the lock after wrong ones, and what a section may do."""

from __future__ import annotations

import asyncio
from typing import Final

from sqlalchemy import bindparam, select

from fakes.endpoints.ward import CHIEF as CHIEF_AUTHORITY
from fakes.endpoints.ward import LOGIN, UNLOCK_ACCOUNT
from fakes.messages.ward import AccountUnlocked, Login, Session
from fakes.procedures import HANDLED_BY, Procedure
from fakes.refusals import Code, RefusedError
from fakes.staff import CHIEF
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.ward.context import Ward
from fakes.ward.events.access import PasswordEntered
from fakes.ward.tables import ACCOUNT
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import Identity, WebCall
from fakes.web.tokens import Token, ends

HANDLERS: Final[Handlers[Ward]] = Handlers()

WRONG_PASSWORDS: Final = 5
"""In a row, that end a login by force (複数回失敗時の強制終了, 住民記録システム標準仕様書; the number is assumed)."""

_FAILURES = Statement(
    select(ACCOUNT.c.failures).where(ACCOUNT.c.municipality == bindparam("town"), ACCOUNT.c.id == bindparam("staff"))
)


@HANDLERS.on(LOGIN)
async def login(call: WebCall, ward: Ward) -> Decide:
    """Open a session for a member of the town's staff; wrong passwords are counted, and the fifth locks."""
    message: Login = call.message
    town, name = call.identity.municipality, message.staff_id
    account = ward.staff.find(town, name)
    right = account is not None and await asyncio.to_thread(account.opens, message.password)

    def decide(tx: Transaction) -> Decision:
        if account is None:
            raise RefusedError(Code.WRONG_STAFF_PASSWORD)
        failures = failures_of(tx, town, name)
        if failures >= WRONG_PASSWORDS:
            raise RefusedError(Code.STAFF_LOCKED)
        if not right:
            counted = (Event(name, PasswordEntered(failures + 1), town),)
            locks = failures + 1 >= WRONG_PASSWORDS
            problem = RefusedError(Code.STAFF_LOCKED if locks else Code.WRONG_STAFF_PASSWORD)
            return Decision(call.refuse(problem), counted, name)
        authorities = (account.section.value, *((CHIEF_AUTHORITY,) if name == CHIEF else ()))
        said = Token("staff", name, town, authorities, ends(call.at, ward.session_s), f"{call.at}-{tx.next_seq}")
        result = Session(ward.tokens.issue(said), ward.session_s, account.section.value, list(authorities))
        answer = reply(result, call.request.path, call.lang)
        return Decision(answer, (Event(name, PasswordEntered(0), town),) if failures else (), name)

    return decide


@HANDLERS.on(UNLOCK_ACCOUNT)
def unlock(call: WebCall, ward: Ward) -> Decide:
    """Let a member of staff try again; the supervisor decides."""
    town, name = call.identity.municipality, call.values["id"]
    account = ward.staff.find(town, name)

    def decide(tx: Transaction) -> Decision:
        at_work(tx, call)
        if account is None:
            raise RefusedError(Code.NOT_FOUND)
        answer = reply(AccountUnlocked(name), call.request.path, call.lang)
        return Decision(answer, (Event(name, PasswordEntered(0), town),), name)

    return decide


def failures_of(tx: View, town: str, name: str) -> int:
    """Return the wrong passwords in a row."""
    row = tx.one(_FAILURES, town=town, staff=name)
    return row[0] if row else 0


def at_work(tx: View, call: WebCall) -> None:
    """Check that the account has not been locked since its session began.

    Raises
    ------
    RefusedError
        401 when it has.
    """
    if failures_of(tx, call.identity.municipality, call.identity.subject) >= WRONG_PASSWORDS:
        raise RefusedError(Code.NOT_AUTHENTICATED)


def handled_by(identity: Identity) -> tuple[Procedure, ...]:
    """Return the procedures that somebody's section handles.

    Raises
    ------
    RefusedError
        403 when it handles none.
    """
    own = tuple(procedure for procedure, section in HANDLED_BY.items() if section.value in identity.authorities)
    if not own:
        raise RefusedError(Code.NOT_ALLOWED)
    return own
