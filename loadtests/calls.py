"""Every call of every worker with what came of it: the ledgers, joined and sorted by request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct

from loadtests.errors import LoadError
from loadtests.ledger import Closed, Failed, Intent, Ok, Opened, Reading, Unknown
from loadtests.sorting import CHUNK, ExternalSort


class Came(StrEnum):
    """What came of a call."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """No whole answer; or the worker died before it noted one."""


class Call(Struct, frozen=True, tag="call"):
    """One try of one call: its `Intent`, and its outcome with the fields of `Ok` under names with `got_`."""

    request: str
    attempt: int
    server: str
    call: str
    due: int
    sent: int
    came: Came
    end: int = -1
    application: str = ""
    owner: str = ""
    digest: str = ""
    parts: str = ""
    members: int = 0
    reference: str = ""
    refused: bool = False
    key: str = ""
    status: int = 0
    got_reference: str = ""
    got_owner: str = ""
    got_digest: str = ""
    got_state: str = ""
    got_town: str = ""
    got_part: str = ""
    got_members: int = 0
    got_repeated: bool = False

    @property
    def answered(self) -> bool:
        """Whether a whole answer came."""
        return self.came is not Came.UNKNOWN


class Held(Struct, frozen=True):
    """What a ledger says about its worker.

    Attributes
    ----------
    opened
        None for a file without a whole first line.
    closed
        None when the worker died.
    """

    path: Path
    opened: Opened | None
    closed: Closed | None
    torn: bool


AnyLine = Intent | Ok | Failed | Unknown


class Calls:
    """The calls of all workers, sorted by request and attempt; can be gone through again and again.

    Parameters
    ----------
    ledgers
        Files of the workers.
    folder
        Where sorted chunks are kept; the caller removes it.

    Attributes
    ----------
    held
        What each ledger says about its worker.

    Raises
    ------
    LoadError
        As `loadtests.ledger.Reading.lines`.
    """

    def __init__(self, ledgers: Iterable[Path], folder: Path, chunk: int = CHUNK) -> None:
        self._lines: ExternalSort[AnyLine] = ExternalSort(AnyLine, _place, folder, chunk)
        held = []
        for path in ledgers:
            reading = Reading(path)
            for line in reading.lines():
                self._lines.put(line)
            held.append(Held(path, reading.opened, reading.closed, reading.torn))
        self.held = tuple(held)

    def __iter__(self) -> Iterator[Call]:
        """Yield every call.

        Raises
        ------
        LoadError
            E-load-ledger-orphan for an outcome of a call that was never announced, or two of one call.
        """
        intent: Intent | None = None
        outcome: Ok | Failed | Unknown | None = None
        for line in self._lines:
            if isinstance(line, Intent):
                if intent is not None:
                    yield _joined(intent, outcome)
                    if _place(intent)[:2] == _place(line)[:2]:
                        raise LoadError("E-load-ledger-orphan", request=line.request, attempt=line.attempt)
                intent, outcome = line, None
            elif intent is None or outcome is not None or _place(intent)[:2] != _place(line)[:2]:
                raise LoadError("E-load-ledger-orphan", request=line.request, attempt=line.attempt)
            else:
                outcome = line
        if intent is not None:
            yield _joined(intent, outcome)


def _place(line: AnyLine) -> tuple[str, int, bool]:
    return line.request, line.attempt, not isinstance(line, Intent)


def _joined(intent: Intent, outcome: Ok | Failed | Unknown | None) -> Call:
    if isinstance(outcome, Ok):
        return Call(
            **_announced(intent),
            came=Came.OK,
            end=outcome.end,
            status=outcome.status,
            got_reference=outcome.reference,
            got_owner=outcome.owner,
            got_digest=outcome.digest,
            got_state=outcome.state,
            got_town=outcome.town,
            got_part=outcome.part,
            got_members=outcome.members,
            got_repeated=outcome.repeated,
        )
    if isinstance(outcome, Failed):
        return Call(**_announced(intent), came=Came.FAILED, end=outcome.end, status=outcome.status)
    return Call(**_announced(intent), came=Came.UNKNOWN, end=-1 if outcome is None else outcome.end)


def _announced(intent: Intent) -> dict[str, Any]:
    return {name: getattr(intent, name) for name in Intent.__struct_fields__}
