"""Staff of a town: login with ID and password, the lock after wrong ones, and what a section may do."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, select

from fakes.endpoints.ward import CHIEF as CHIEF_AUTHORITY
from fakes.endpoints.ward import LOGIN, UNLOCK_ACCOUNT
from fakes.messages.ward import AccountUnlocked, Login, Session
from fakes.procedures import HANDLED_BY, Procedure
from fakes.refusals import Code, RefusedError
from fakes.staff import CHIEF, Tries
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

_TRIES = Statement(
    select(ACCOUNT.c.failures, ACCOUNT.c.locked_until).where(
        ACCOUNT.c.municipality == bindparam("town"), ACCOUNT.c.id == bindparam("staff")
    )
)


@HANDLERS.on(LOGIN)
async def login(call: WebCall, ward: Ward) -> Decide:
    """Open a session for a member of the town's staff; wrong passwords are counted, and the fifth locks."""
    message: Login = call.message
    town, name = call.identity.municipality, message.staff_id
    account = ward.staff.find(town, name)
    right = await ward.staff.opens(account, message.password)

    def decide(tx: Transaction) -> Decision:
        if account is None:
            return Decision(call.refuse(RefusedError(Code.WRONG_STAFF_PASSWORD)), subject=name)
        before = tries_of(tx, town, name)
        if (locked := before.refused(call.at)) is not None:
            return Decision(call.refuse(locked), subject=name)
        after = before.after(call.at, right=right)
        counted = () if after == before else (_entered(town, name, after),)
        if not right:
            return Decision(call.refuse(RefusedError(Code.WRONG_STAFF_PASSWORD)), counted, name)
        authorities = (account.section.value, *((CHIEF_AUTHORITY,) if name == CHIEF else ()))
        said = Token("staff", name, town, authorities, ends(call.at, ward.session_s), f"{call.at}-{tx.next_seq}")
        result = Session(ward.tokens.issue(said), ward.session_s, account.section.value, list(authorities))
        return Decision(reply(result, call.request.path, call.lang), counted, name)

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
        return Decision(answer, (_entered(town, name, Tries()),), name)

    return decide


def _entered(town: str, name: str, after: Tries) -> Event[PasswordEntered]:
    return Event(name, PasswordEntered(after.failures, after.locked_until), town)


def tries_of(view: View, town: str, name: str) -> Tries:
    """Return the wrong passwords of an account."""
    return Tries(*(view.one(_TRIES, town=town, staff=name) or ()))


def at_work(view: View, call: WebCall) -> None:
    """Check that the account has not been locked since its session began.

    Raises
    ------
    RefusedError
        401 when it has.
    """
    if tries_of(view, call.identity.municipality, call.identity.subject).refused(call.at) is not None:
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
