"""The portal's link to J-LIS: hands over what was accepted, fetches what the towns say, again and again.

What is handed over twice (the answer was lost) is one application at J-LIS, because its number is the idempotency key;
what is fetched is acknowledged only after it is on disk here.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from contextlib import suppress
from typing import Final

from sqlalchemy import bindparam, select

from fakes.clock import moment_of
from fakes.links import Link, Response, UnreachableError
from fakes.messages.answer import Answer
from fakes.messages.jlis import AcknowledgeChanges, Change, ChangeKind, Changes, ChangesWanted, ChangeTaken
from fakes.portal.context import Portal
from fakes.portal.events import (
    ApplicationChanged,
    ApplicationForgotten,
    ApplicationRelayed,
    ApplicationSigned,
    SecretEntered,
)
from fakes.portal.tables import APPLICATION, OUTBOX
from fakes.states.application import ApplicationState
from fakes.states.card import SecretKind
from fakes.store.documents import read_document
from fakes.store.statements import Statement
from fakes.store.transaction import Row, Transaction, View
from fakes.store.unit import Decision, Event
from fakes.web.multipart import write_multipart
from fakes.web.request import Identity, Request, WebCall

PUSH: Final = "/relay/v1/applications"
FETCH: Final = "/relay/v1/statuses"
ACKNOWLEDGE: Final = "/relay/v1/statuses/ack"

_AT_ONCE: Final = 16
_NEVER: Final = frozenset({400, 409, 413, 422})
"""Refusals of an application that will be the same next time."""
_SELF = Identity("system:portal-link")
_Learned = ApplicationRelayed | ApplicationForgotten | ApplicationChanged
_log = logging.getLogger("fakes.portal")

_C = APPLICATION.c
_WAITING = Statement(select(OUTBOX.c.reference).order_by(OUTBOX.c.seq).limit(bindparam("limit")))
_PACKED = Statement(
    select(
        *(_C.services, _C.accepted_at, _C.owner, _C.digest, _C.signing_serial, _C.seq, _C.signature_seq),
        _C.resubmission_of,
    ).where(_C.reference == bindparam("number"))
)
_OUTSTANDING = Statement(select(OUTBOX.c.seq).where(OUTBOX.c.reference == bindparam("number")))
_STATE = Statement(
    select(_C.state, _C.municipality, _C.owner, _C.last_change).where(_C.reference == bindparam("number"))
)


class Relaying:
    """The link's work.

    Parameters
    ----------
    portal, link
        Whose applications go where.
    interval_s
        Real seconds between looks at J-LIS when nothing else happens.
    """

    def __init__(self, portal: Portal, link: Link, interval_s: float) -> None:
        self._portal = portal
        self._link = link
        self._interval = interval_s
        self._signed = portal.store.heard(ApplicationSigned)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.hand_over()
                await self.fetch()
            except UnreachableError:
                _log.warning("J-LIS does not answer")
            except Exception:
                _log.exception("the link to J-LIS failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._signed.wait(), self._interval)

    async def hand_over(self) -> None:
        """Hand over everything that was accepted."""
        self._signed.clear()
        while rows := await self._portal.store.read(lambda view: view.all(_WAITING, limit=_AT_ONCE)):
            taken = await asyncio.gather(*(self._push(number) for (number,) in rows))
            if not any(taken):
                return

    async def _push(self, number: str) -> bool:
        """Hand one over; return whether J-LIS has it."""
        if self._portal.defects.hits("lost-after-ack", number):  # seeded defect: dropped instead
            await self._note(number, ApplicationForgotten())
            return True
        answer = await push(self._portal, self._link, number)
        if answer.done:
            await self._note(number, ApplicationRelayed())
            return True
        _log.error("J-LIS refuses an application: %s", answer.code)
        if answer.status not in _NEVER:
            return False
        await self._note(number, ApplicationChanged(ApplicationState.RECEPTION_ERROR))
        return True

    async def fetch(self) -> None:
        """Fetch what has changed, note it, then acknowledge it."""
        while True:
            wanted = ChangesWanted(terminal="portal")
            changes: Changes = (await self._link.call("POST", FETCH, wanted)).result(Changes)
            if not changes.changes:
                return
            for change in changes.changes:
                await self._learn(change)
            taken = [ChangeTaken(change.change, change.delivery) for change in changes.changes]
            await self._link.call("POST", ACKNOWLEDGE, AcknowledgeChanges(taken))

    async def _learn(self, change: Change) -> None:
        if change.kind is ChangeKind.CARD_UNLOCKED:
            await self._note(change.subject, SecretEntered(SecretKind(change.state), 0))
        else:
            body = ApplicationChanged(ApplicationState(change.state), change.message, change.change)
            await self._note(change.subject, body)

    async def _note(self, subject: str, body: _Learned | SecretEntered) -> Answer:
        """Record what the link has learned, unless it is known already."""
        call = WebCall(Request("LINK", PUSH, b"", {}, b""), self._portal.clock.micros())
        call.identified(_SELF)

        def decide(tx: Transaction) -> Decision:
            if isinstance(body, SecretEntered):
                return Decision(Answer(204), (Event(subject, body),), subject)
            row = tx.one(_STATE, number=subject)
            if row is None or _is_known(tx, subject, row, body):
                return Decision(Answer(204), subject=subject)
            return Decision(Answer(204), (Event(subject, body, row[1], row[2]),), subject)

        return await self._portal.store.submit(call, decide, always=True)


async def push(portal: Portal, link: Link, number: str) -> Response:
    """Hand an application over; once more is the same as once.

    Raises
    ------
    UnreachableError
        When nobody answers.
    """
    form = await portal.store.read(lambda view: _form(view, number))
    boundary = hashlib.sha256(number.encode()).hexdigest()[:32]  # the same form is the same bytes under its key
    kind = f"multipart/form-data; boundary={boundary}"
    return await link.call("POST", PUSH, body=write_multipart(form, boundary), content_type=kind, key=number)


def waits_for_relay(view: View, number: str) -> bool:
    """Whether J-LIS is not known to have an accepted application."""
    return view.one(_OUTSTANDING, number=number) is not None


def _is_known(tx: Transaction, number: str, row: Row, body: _Learned) -> bool:
    """Whether what the link has learned stands in the log: it came before, or something newer did."""
    if isinstance(body, ApplicationRelayed | ApplicationForgotten):
        return not waits_for_relay(tx, number)
    return bool(row[0] == body.state or (body.change and body.change <= row[3]))


def _form(view: View, number: str) -> dict[str, str | bytes]:
    """Return what J-LIS is sent for an application."""
    row: Row | None = view.one(_PACKED, number=number)
    assert row is not None, "what is in the outbox was accepted"
    services, accepted_at, owner, digest, serial, package_seq, signature_seq, returned = row
    package = read_document(view, package_seq)
    signature = read_document(view, signature_seq) if signature_seq is not None else None
    assert package is not None, "an application was submitted with its package"
    form: dict[str, str | bytes] = {
        "reference_number": number,
        "city_service_code": services.partition(" ")[0],
        "accepted_at": moment_of(accepted_at).isoformat(),
        "owner_token": owner,
        "sha256": digest.hex(),
        "application_zip": package,
        "signature": signature or b"",
        "signing_serial": str(serial or 0),
    }
    if returned is not None:
        form["resubmission_of"] = returned
    return form
