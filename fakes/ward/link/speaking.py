"""The way out: what waits in the outbox is said to jlis, line by line, and what came of it is reported.

An item is said until it is answered, always under the same key. So whatever is killed at whatever moment, it is done
once; and as every start of the link server counts, an item that may have been said before says so in `X-Attempt`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from fakes.endpoints import Endpoint
from fakes.endpoints import jlis as j
from fakes.endpoints import ward as w
from fakes.links import Response, UnreachableError
from fakes.messages.cards import CertificateIssued, IssueCertificate, RevokeCertificate, UnlockCard
from fakes.messages.jlis import AcknowledgeApplication, Acknowledged
from fakes.messages.linking import (
    AckApplication,
    AckTelegram,
    Issue,
    Outbox,
    OutboxItem,
    OutboxWanted,
    Revoke,
    Said,
    Send,
    TellStatus,
)
from fakes.messages.telegrams import AcknowledgeTelegrams, TelegramStored, TelegramTaken
from fakes.refusals import Code
from fakes.ward.link.jlis import Jlis
from fakes.ward.link.systems import Systems

_PAGE: Final = 100
_LINES: Final = 8
"""Lines at once."""
_SERVER_ERROR: Final = 500
_LATER: Final = frozenset(
    {"", *(Code.UNKNOWN_PEER, Code.NOT_ALLOWED, Code.NOT_AUTHENTICATED, Code.TOO_MANY, Code.BUSY, Code.STANDBY)}
)
"""Not the item is refused, but who says it, or now; and what has no code is not jlis's answer."""


class Speaker:
    """Says what waits.

    Parameters
    ----------
    start
        The how-manieth start of the link server this is.
    """

    def __init__(self, systems: Systems, jlis: Jlis, municipality: str, start: int) -> None:
        self._systems = systems
        self._jlis = jlis
        self._municipality = municipality
        self._start = start
        self._tried: dict[int, int] = {}
        self.seen = 0
        """Number of the last item that was looked at."""

    async def say_all(self) -> bool:
        """Say all that can be said now; return whether jlis answered all of it."""
        whole, after = True, 0
        while True:
            answer = await self._systems.call(w.READ_OUTBOX, OutboxWanted(after, _PAGE))
            outbox: Outbox = answer.result(Outbox)
            lines = _lines(outbox.items)
            limit = asyncio.Semaphore(_LINES)
            said = await asyncio.gather(*(self._say_line(line, limit) for line in lines))
            whole = whole and all(said)
            after = self.seen = outbox.cursor
            if not outbox.more:
                return whole

    async def _say_line(self, line: list[OutboxItem], limit: asyncio.Semaphore) -> bool:
        """Say the items of one line in their order; stop at the first one that cannot be said now."""
        async with limit:
            for item in line:
                if not await self._say(item):
                    return False
        return True

    async def _say(self, item: OutboxItem) -> bool:
        try:
            response = await self._call(item)
        except UnreachableError as problem:
            self._tried[item.number] = problem.attempt + 1
            return False
        if not response.done and (response.status >= _SERVER_ERROR or response.code in _LATER):
            self._tried[item.number] = response.attempt + 1
            return False
        self._tried.pop(item.number, None)
        said = _said(item, response)
        await self._systems.call(w.SAID, said, key=f"said-{item.number}")
        return True

    async def _call(self, item: OutboxItem) -> Response:
        endpoint, values, message = _spoken(item)
        name = f"{self._municipality}-{item.number}"
        first = 1 + max(0, self._start - item.start)
        return await self._jlis.call(
            endpoint,
            message,
            key=f"outbox-{name}",
            request_id=f"town-{name}",
            attempt=self._tried.get(item.number, first),
            **values,
        )


def _lines(items: Iterable[OutboxItem]) -> list[list[OutboxItem]]:
    """Return the items line by line, each in its order."""
    by_line = sorted(items, key=lambda item: (item.line, item.number))
    return [list(line) for _, line in groupby(by_line, key=lambda item: item.line)]


def _spoken(item: OutboxItem) -> tuple[Endpoint, dict[str, str], object]:
    """Return how an item is said: endpoint, values of its path, message."""
    values: dict[str, str] = {}
    endpoint: Endpoint
    message: object
    match item.task:
        case AckApplication(reference_number=number, delivery=delivery):
            endpoint, message = j.ACK, AcknowledgeApplication(delivery)
            values = {"reference_number": number}
        case TellStatus(reference_number=number, status=status):
            endpoint, message = j.SET_STATUS, status
            values = {"reference_number": number}
        case Send(telegram=telegram):
            endpoint, message = j.SEND_TELEGRAM, telegram
        case AckTelegram(telegram=name, edition=edition):
            endpoint, message = j.ACK_INBOX, AcknowledgeTelegrams([TelegramStored(name, edition)])
        case Revoke(serial=serial):
            endpoint, message = j.REVOKE, RevokeCertificate(serial)
        case Issue(card_serial=card, address=address):
            endpoint, message = j.ISSUE, IssueCertificate(card, address)
        case task:
            endpoint, message = j.UNLOCK, UnlockCard(task.card_serial, task.secrets)
    return endpoint, values, message


def _said(item: OutboxItem, response: Response) -> Said:
    """Return what came of an item."""
    if not response.done:
        return Said(item.number, False, response.code)
    task = item.task
    if isinstance(task, Send):
        taken: TelegramTaken = response.result(TelegramTaken)
        return Said(item.number, True, telegram=taken.telegram, edition=taken.edition)
    if isinstance(task, AckTelegram):
        acknowledged: Acknowledged = response.result(Acknowledged)
        code = acknowledged.results[0].code
        return Said(item.number, not code, code)
    if isinstance(task, Issue):
        issued: CertificateIssued = response.result(CertificateIssued)
        return Said(item.number, True, serial=issued.serial)
    return Said(item.number, True)
