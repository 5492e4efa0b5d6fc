"""Search in the register; what a list shows is masked."""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec
from sqlalchemy import bindparam, func, select

from fakes.endpoints.ward import RESIDENTS
from fakes.identifiers import masked_name
from fakes.messages.register import FindResidents, FoundResident, FoundResidents
from fakes.refusals import Code, RefusedError
from fakes.states.register import RemovalState
from fakes.store.statements import Statement
from fakes.store.transaction import View
from fakes.store.unit import Decision
from fakes.ward.context import Ward
from fakes.ward.records import Resident, is_in_hand, owner_of
from fakes.ward.staff import at_work
from fakes.ward.tables import RESIDENT
from fakes.web.answers import reply
from fakes.web.core import Handlers, Reading
from fakes.web.request import WebCall

HANDLERS: Final[Handlers[Ward]] = Handlers()

_R = RESIDENT.c


@cache
def _search(*, by_name: bool, by_kana: bool, by_birth: bool, by_number: bool) -> Statement:
    """Return the question, with the conditions that are asked for; names count from their beginning."""
    conditions = [_R.municipality == bindparam("town")]
    conditions += [_R.address_number == bindparam("number")] if by_number else []
    conditions += [_R.birth_date == bindparam("born")] if by_birth else []
    conditions += [func.substr(_R.name, 1, bindparam("name_length")) == bindparam("name")] if by_name else []
    conditions += [func.substr(_R.kana, 1, bindparam("kana_length")) == bindparam("kana")] if by_kana else []
    found = select(RESIDENT).where(*conditions).order_by(_R.address_number)
    return Statement(found.limit(bindparam("limit")).offset(bindparam("offset")))


@HANDLERS.on(RESIDENTS)
def residents(call: WebCall, ward: Ward) -> Reading:
    """Find people of the town. Without a condition nobody is found: the register is not to be leafed through."""
    message: FindResidents = call.message
    town = call.identity.municipality
    if not (message.name or message.kana or message.birth_date or message.address_number):
        raise RefusedError(Code.REQUIRED, "name")
    statement = _search(
        by_name=bool(message.name),
        by_kana=bool(message.kana),
        by_birth=message.birth_date is not None,
        by_number=bool(message.address_number),
    )
    conditions = {
        "town": town,
        "number": message.address_number or "",
        "born": message.birth_date.isoformat() if message.birth_date is not None else "",
        "name": message.name,
        "name_length": len(message.name),
        "kana": message.kana,
        "kana_length": len(message.kana),
        "limit": message.per_page + 1,
        "offset": message.after,
    }

    def ask(view: View) -> Decision:
        at_work(view, call)
        rows = [Resident(*row) for row in view.all(statement, **conditions)]
        page = rows[: message.per_page]
        found = [_listed(ward, own, in_hand=is_in_hand(view, town, own.person, call.at)) for own in page]
        result = FoundResidents(found, message.after + len(page), len(rows) > len(page))
        subject = page[0].address_number if len(page) == 1 else ""
        return Decision(reply(result, call.request.path, call.lang), subject=subject)

    return Reading(ask)


def _listed(ward: Ward, own: Resident, *, in_hand: bool) -> FoundResident:
    return FoundResident(
        own.address_number,
        own.household,
        masked_name(own.name),
        masked_name(own.kana),
        int(own.birth_date[:4]),
        own.sex,
        msgspec.json.decode(own.address)["town"],
        own.state,  # type: ignore[arg-type] # what projections write
        RemovalState(own.removal),
        in_hand,
        owner_of(ward, own),
    )
