"""The relay's side towards the portal: applications come in, changes of their states go out."""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import bindparam, select

from fakes.clock import moment_of
from fakes.endpoints.jlis_first import CHANGES, RELAY
from fakes.jlis.context import Jlis
from fakes.jlis.events import ApplicationArrived
from fakes.jlis.tables import CHANGE, RELAYED
from fakes.messages.jlis_first import Changes, ChangesAfter, RelayApplication, Relayed, StateChange
from fakes.refusals import Code, RefusedError
from fakes.states.application import ApplicationState
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.towns import town
from fakes.web.answers import reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Jlis]] = Handlers()

_KNOWN = Statement(
    select(RELAYED.c.digest, RELAYED.c.municipality, RELAYED.c.arrived_at).where(
        RELAYED.c.reference == bindparam("number")
    )
)
_CHANGES = Statement(
    select(CHANGE).where(CHANGE.c.seq > bindparam("after")).order_by(CHANGE.c.seq).limit(bindparam("limit"))
)


@HANDLERS.on(RELAY)
def relay(call: WebCall, _jlis: Jlis) -> Decide:
    """Take an application for a town; the same one again is answered as before."""
    message: RelayApplication = call.message
    number, municipality = message.reference_number, town(message.municipality).code
    digest = hashlib.sha256(message.application_zip).digest()

    def decide(tx: Transaction) -> Decision:
        known = tx.one(_KNOWN, number=number)
        if known is None:
            body = ApplicationArrived(message.city_service_code, len(message.application_zip))
            event = Event(number, body, municipality, message.owner_token, message.application_zip, digest)
            return _relayed(call, number, municipality, call.at, (event,))
        if known[:2] != (digest, municipality):
            raise RefusedError(Code.KEY_REUSED)
        return _relayed(call, number, municipality, known[2], ())

    return decide


def _relayed(
    call: WebCall, number: str, municipality: str, arrived_at: int, events: tuple[Event[ApplicationArrived], ...]
) -> Decision:
    result = Relayed(number, municipality, moment_of(arrived_at).isoformat())
    return Decision(reply(result, call.request.path, call.lang, status=202), events, number)


@HANDLERS.on(CHANGES)
def changes(call: WebCall, _jlis: Jlis) -> Reading:
    """Say what has changed since; asking again with the same cursor gives the same, so a lost answer loses nothing."""
    message: ChangesAfter = call.message

    def ask(view: View) -> Decision:
        rows = view.all(_CHANGES, after=message.after, limit=message.limit + 1)
        page = rows[: message.limit]
        told = [
            StateChange(seq, reference, ApplicationState(state), text, moment_of(at).isoformat())
            for seq, reference, state, text, at in page
        ]
        result = Changes(told, page[-1][0] if page else message.after, len(rows) > len(page))
        return Decision(reply(result, call.request.path, call.lang))

    return Reading(ask)
