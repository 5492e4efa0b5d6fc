"""The way in: applications, states and telegrams that wait at jlis are brought to the town's systems.

Nothing is kept here. What is taken and not brought, because somebody is killed in between, waits at jlis until its
lease ends, and is delivered again with a label.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from typing import Final

from fakes.endpoints import jlis as j
from fakes.endpoints import ward as w
from fakes.links import Response
from fakes.messages.jlis import (
    ApplicationRow,
    ApplicationRows,
    SearchApplications,
    SearchStatuses,
    StatusRows,
    TakeApplication,
)
from fakes.messages.linking import ReceivedTelegram, RelayState, ReportStatuses, ReportTelegrams
from fakes.messages.telegrams import Inbox, InboxWanted, SearchTelegrams, TelegramRows
from fakes.refusals import Code
from fakes.states.lease import LeaseState
from fakes.ward.link.jlis import Jlis
from fakes.ward.link.systems import Systems
from fakes.web.multipart import write_multipart

_log = logging.getLogger("fakes.ward.link")

TERMINAL: Final = "link"
_PAGE: Final = 100
_NOTHING: Final = 204


class Listener:
    """Brings what is new.

    Parameters
    ----------
    statuses, telegrams
        How far the town has read.
    """

    def __init__(self, systems: Systems, jlis: Jlis, statuses: int, telegrams: int) -> None:
        self._systems = systems
        self._jlis = jlis
        self._statuses = statuses
        self._telegrams = telegrams

    async def bring_all(self) -> None:
        """Bring all that is there now; withdrawals last, so that what they withdraw is here."""
        await self._applications()
        await self._inbox()
        await self._sent()
        await self._states()

    async def _applications(self) -> None:
        after = 0
        while True:
            answer = await self._jlis.call(j.SEARCH, SearchApplications(waiting=True, after=after, per_page=_PAGE))
            if not answer.done:
                return
            rows: ApplicationRows = answer.result(ApplicationRows)
            for row in rows.applications:
                if row.lease is LeaseState.AVAILABLE:
                    await self._application(row)
            if not rows.more:
                return
            after = rows.cursor

    async def _application(self, row: ApplicationRow) -> None:
        """Take an application, check that it is what was announced, and import it."""
        number = row.reference_number
        taken = await self._jlis.call(j.TAKE, TakeApplication(TERMINAL), reference_number=number)
        if not taken.done or hashlib.sha256(taken.body).hexdigest() != row.digest:
            return  # somebody else has it, or it came damaged: its lease ends, and it comes again
        delivery = taken.headers["x-delivery"]
        form = _form(row, taken, delivery)
        imported = await self._systems.call(w.IMPORT, form=form, key=f"import-{number}-{delivery}")
        if not imported.done and imported.code != Code.DUPLICATE:
            _log.warning("application %s cannot be imported: %s", number, imported.code)

    async def _inbox(self) -> None:
        while True:
            answer = await self._jlis.call(j.INBOX, InboxWanted(TERMINAL, _PAGE))
            if not answer.done or answer.status == _NOTHING:
                return
            inbox: Inbox = answer.result(Inbox)
            for telegram in inbox.telegrams:
                name = f"telegram-{telegram.telegram}-{telegram.edition}-{telegram.delivery}"
                await self._systems.call(w.RECEIVE, ReceivedTelegram(telegram), key=name)
            if len(inbox.telegrams) < _PAGE:
                return

    async def _sent(self) -> None:
        while True:
            answer = await self._jlis.call(j.SEARCH_TELEGRAMS, SearchTelegrams(self._telegrams, _PAGE))
            if not answer.done:
                return
            rows: TelegramRows = answer.result(TelegramRows)
            if rows.telegrams:
                await self._systems.call(w.REPORT_TELEGRAMS, ReportTelegrams(rows.cursor, rows.telegrams))
            self._telegrams = rows.cursor
            if not rows.more:
                return

    async def _states(self) -> None:
        while True:
            answer = await self._jlis.call(j.SEARCH_STATUSES, SearchStatuses(after=self._statuses, per_page=_PAGE))
            if not answer.done:
                return
            rows: StatusRows = answer.result(StatusRows)
            if rows.statuses:
                told = [RelayState(row.reference_number, row.state, row.message) for row in rows.statuses]
                await self._systems.call(w.REPORT_STATUSES, ReportStatuses(rows.cursor, told))
            self._statuses = rows.cursor
            if not rows.more:
                return


def _form(row: ApplicationRow, taken: Response, delivery: str) -> tuple[str, bytes]:
    """Return the multipart form of an import: content type and body."""
    fields: dict[str, str | bytes] = {
        "reference_number": row.reference_number,
        "procedures": ",".join(row.procedures),
        "delivery": delivery,
        "redelivered": "1" if taken.headers.get("x-redelivery") == "true" else "0",
        "arrived_at": row.arrived_at,
        "sha256": row.digest,
        "owner_token": row.owner_token,
        "signing_serial": str(row.signing_serial),
        "resubmission_of": row.resubmission_of,
        "application_zip": taken.body,
    }
    boundary = secrets.token_hex(16)
    return f"multipart/form-data; boundary={boundary}", write_multipart(fields, boundary)
