"""The way out: what waits in the outbox is said to J-LIS, line by line, and what came of it is reported.

An item is said until it is answered, always under the same id and key, so that it is done once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, Final

from gevent.pool import Pool

from fakes.endpoints import Endpoint
from fakes.endpoints import jlis as j
from fakes.endpoints import ward as w
from fakes.messages.cards import IssueCertificate, RevokeCertificate, UnlockCard
from fakes.messages.jlis import AcknowledgeApplication, SearchStatuses, StatusRows, StatusSet
from fakes.messages.linking import (
    AckApplication,
    AckTelegram,
    Issue,
    Outbox,
    OutboxItem,
    Revoke,
    Said,
    Send,
    TellStatus,
)
from fakes.messages.telegrams import AcknowledgeTelegrams, TelegramStored
from fakes.refusals import Code
from loadtests.generator.asking import Letter, Told
from loadtests.generator.run import Run
from loadtests.generator.wire import Answer
from loadtests.users.entrance import Entrance

_PAGE: Final = 100
_LINES: Final = 8
"""Lines at once."""
_LOOKED_AT: Final = 3
"""After one in so many states that were told the town asks for it, as one does who wants to be sure."""
_SERVER_ERROR: Final = 500
_LATER: Final = frozenset(
    {"", *(Code.UNKNOWN_PEER, Code.NOT_ALLOWED, Code.NOT_AUTHENTICATED, Code.TOO_MANY, Code.BUSY, Code.STANDBY)}
)
"""Not the item is refused, but who says it, or now."""
_RULES: Final = frozenset(
    code.value for code in (Code.RULE_STATE, Code.RULE_GONE, Code.RULE_CLOSED, Code.RULE, Code.MISMATCH)
)
"""Answers of the rules to what is late: withdrawn meanwhile, another delivery since, a network that is closed."""


class Speaker:
    """Says what waits."""

    def __init__(self, run: Run, place: str, systems: Entrance, receipt: Entrance, network: Entrance) -> None:
        self._run = run
        self._place = place
        self._systems = systems
        self._receipt = receipt
        self._network = network
        self._tried: dict[int, Told] = {}

    def say_all(self) -> bool:
        """Say all that can be said now; return whether there was nothing."""
        after, nothing = 0, True
        while True:
            query = {"after": str(after), "per_page": str(_PAGE)}
            told = self._systems.ask(Letter(endpoint=w.READ_OUTBOX, query=query))
            if not told.done:
                return False
            outbox: Outbox = told.result
            nothing = nothing and not outbox.items
            Pool(_LINES).map(self._say_line, _lines(outbox.items))
            after = outbox.cursor
            if not outbox.more:
                return nothing

    def _say_line(self, line: list[OutboxItem]) -> None:
        """Say the items of one line in their order; stop at the first one that cannot be said now."""
        for item in line:
            if not self._say(item):
                return

    def _say(self, item: OutboxItem) -> bool:
        endpoint, values, message = _spoken(item)
        key = f"outbox-{self._place}-{item.number}"
        reference = values.get("reference_number", "")
        letter = Letter(endpoint=endpoint, values=values, message=message, key=key, reference=reference, allowed=_RULES)
        entrance = self._receipt if endpoint in (j.ACK, j.SET_STATUS) else self._network
        told = entrance.ask(letter, noted=_state if reference else None, before=self._tried.get(item.number))
        status = told.answer.status if told.answer is not None else _SERVER_ERROR
        if not told.done and (status >= _SERVER_ERROR or told.code in _LATER):
            if told.request:
                self._tried[item.number] = told
            return False
        self._tried.pop(item.number, None)
        if isinstance(item.task, AckTelegram) and told.done and not told.result.results[0].code:
            self._run.revoked(item.task.telegram)
        if told.done and reference and item.number % _LOOKED_AT == 0:
            self._look_again(reference)
        said = Letter(endpoint=w.SAID, message=_said(item, told), key=f"said-{item.number}")
        return self._systems.ask(said).done

    def _look_again(self, reference: str) -> None:
        """Ask for the state that was just told: no answer may be older than that."""
        message = SearchStatuses(reference_numbers=[reference])
        letter = Letter(endpoint=j.SEARCH_STATUSES, message=message, reference=reference)
        self._receipt.ask(letter, noted=_state_in_list)


def _state(result: StatusSet, _: Answer) -> Mapping[str, Any]:
    return {"reference": result.reference_number, "state": result.state.value}


def _state_in_list(result: StatusRows, _: Answer) -> Mapping[str, Any]:
    row = next(iter(result.statuses), None)
    return {} if row is None else {"reference": row.reference_number, "state": row.state.value}


def _lines(items: Iterable[OutboxItem]) -> list[list[OutboxItem]]:
    """Return the items line by line, each in its order."""
    by_line = sorted(items, key=lambda item: (item.line, item.number))
    return [list(line) for _, line in groupby(by_line, key=lambda item: item.line)]


def _spoken(item: OutboxItem) -> tuple[Endpoint, dict[str, str], Any]:
    """Return how an item is said: endpoint, values of its path, message."""
    spoken: tuple[Endpoint, dict[str, str], Any]
    match item.task:
        case AckApplication(reference_number=number, delivery=delivery):
            spoken = j.ACK, {"reference_number": number}, AcknowledgeApplication(delivery)
        case TellStatus(reference_number=number, status=status):
            spoken = j.SET_STATUS, {"reference_number": number}, status
        case Send(telegram=telegram):
            spoken = j.SEND_TELEGRAM, {}, telegram
        case AckTelegram(telegram=name, edition=edition):
            spoken = j.ACK_INBOX, {}, AcknowledgeTelegrams([TelegramStored(name, edition)])
        case Revoke(serial=serial):
            spoken = j.REVOKE, {}, RevokeCertificate(serial)
        case Issue(card_serial=card, address=address):
            spoken = j.ISSUE, {}, IssueCertificate(card, address)
        case task:
            spoken = j.UNLOCK, {}, UnlockCard(task.card_serial, task.secrets)
    return spoken


def _said(item: OutboxItem, told: Told) -> Said:
    """Return what came of an item."""
    if not told.done:
        return Said(item.number, False, told.code)
    task, result = item.task, told.result
    if isinstance(task, Send):
        return Said(item.number, True, telegram=result.telegram, edition=result.edition)
    if isinstance(task, AckTelegram):
        code = result.results[0].code
        return Said(item.number, not code, code)
    if isinstance(task, Issue):
        return Said(item.number, True, serial=result.serial)
    return Said(item.number, True)
