"""Logins of staff."""

from __future__ import annotations

from sqlalchemy import bindparam, update

from fakes.jlis.events.projections import PROJECTIONS
from fakes.jlis.tables import STAFF_TRIES
from fakes.store.statements import Statement, insertion
from fakes.store.transaction import Transaction
from fakes.store.unit import EventBody, Recorded


class StaffTried(EventBody, tag="staff-tried"):
    """Somebody gave a password; so many were wrong in a row since, and until when that locks the account (0: not)."""

    failures: int
    locked_until: int


_TRIED = Statement(
    update(STAFF_TRIES)
    .where(STAFF_TRIES.c.account == bindparam("who"))
    .values(failures=bindparam("count"), locked_until=bindparam("until"))
)
_FIRST_TRY = insertion(STAFF_TRIES)


@PROJECTIONS.on(StaffTried)
def _tried(tx: Transaction, event: Recorded[StaffTried]) -> None:
    body = event.body
    if not tx.run(_TRIED, who=event.subject, count=body.failures, until=body.locked_until):
        tx.run(_FIRST_TRY, account=event.subject, failures=body.failures, locked_until=body.locked_until)
