"""The client's ledger: what a worker is about to send, written before it is sent, and what came of it.

One file a worker, append-only. A line reaches the operating system before the call goes out, so it outlives the
process; it carries a checksum chained through all lines, so a torn, changed, removed or planted line is recognised. A
file without its last line belongs to a worker that died.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec
from msgspec import Struct

from loadtests.errors import LoadError

FORMAT: Final = 1


class Line(Struct, frozen=True, array_like=True, tag=True, forbid_unknown_fields=True):
    """Base of all lines."""


class Opened(Line, frozen=True, tag="open"):
    """First line: whose ledger it is.

    Attributes
    ----------
    run, schedule
        Name of the run, and hash of its schedule.
    worker, workers
        Which of how many, from 0.
    """

    run: str
    schedule: str
    worker: int
    workers: int
    format: int = FORMAT


class Intent(Line, frozen=True, tag="intent"):
    """A call is about to be sent; times are real microseconds since the run began.

    Attributes
    ----------
    request, attempt
        X-Request-Id and X-Attempt; a call that is sent again has the same id and the next attempt.
    server, call
        To whom, and what kind of call.
    due, sent
        When it should have gone out, and when it did.
    application
        The client's own name of what is filed; empty for calls about nobody.
    owner
        Owner token that the answer must carry, if it carries one.
    digest
        Of the document that is handed in, hexadecimal; empty without one.
    parts
        Where what is handed in must arrive: "out:131041,visit:990019"; empty for calls that hand in nothing.
    members
        People in it.
    reference
        Number that the call is about, where the client knows it.
    refused
        The rules refuse this call (a probe): success is the failure.
    key
        Of a probe, the request under whose idempotency key it goes out with other content.
    """

    request: str
    attempt: int
    server: str
    call: str
    due: int
    sent: int
    application: str = ""
    owner: str = ""
    digest: str = ""
    parts: str = ""
    members: int = 0
    reference: str = ""
    refused: bool = False
    key: str = ""


class Outcome(Line, frozen=True):
    """What came of a call; `end` is when."""

    request: str
    attempt: int
    end: int


class Ok(Outcome, frozen=True, tag="ok"):
    """It was carried out.

    Attributes
    ----------
    status
        HTTP status.
    reference
        Number that the answer gives.
    owner, digest, state
        Owner token, digest of the document, and state of the application in the answer.
    town
        Which town got the document, where a town asked.
    repeated
        The answer says that it is a repetition (a redelivery, or the stored answer of an idempotency key).
    """

    status: int
    reference: str = ""
    owner: str = ""
    digest: str = ""
    state: str = ""
    town: str = ""
    part: str = ""
    members: int = 0
    repeated: bool = False


class Failed(Outcome, frozen=True, tag="failed"):
    """It was refused, or the server says that it failed: whole answers with a status of 400 or more."""

    status: int
    code: str = ""


class Unknown(Outcome, frozen=True, tag="unknown"):
    """No whole answer came: nobody can know from outside whether it was carried out."""

    error: str = ""


class Closed(Line, frozen=True, tag="close"):
    """Last line: how many lines there were before it, and arrivals that were due and not offered."""

    lines: int
    not_offered: int = 0


AnyLine = Opened | Intent | Ok | Failed | Unknown | Closed
_DECODE = msgspec.json.Decoder(AnyLine)
_ENCODE = msgspec.json.Encoder()


class Ledger:
    """A ledger that is being written.

    Raises
    ------
    LoadError
        E-load-ledger-file when the file cannot be made, or is there already: ledgers are never written twice.
    """

    def __init__(self, path: Path, opened: Opened) -> None:
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o644)
        except OSError as error:
            raise LoadError("E-load-ledger-file", path=path, reason=error.strerror or error) from error
        self._sum = 0
        self._lines = 0
        self.not_offered = 0
        self.write(opened)

    def write(self, line: AnyLine) -> None:
        """Append a line; when this returns, it outlives the process.

        Raises
        ------
        OSError
            When the disk is full.
        """
        text = _ENCODE.encode(line)
        self._sum = zlib.crc32(text, self._sum)
        whole = b"%08x %b\n" % (self._sum, text)
        # A short write would tear the line; regular files give one only when the disk is full.
        if os.write(self._file, whole) != len(whole):
            raise OSError("a line of the ledger was cut")
        self._lines += 1

    def close(self) -> None:
        """Write the last line and close the file."""
        self.write(Closed(self._lines, self.not_offered))
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Reading:
    """A ledger that is being read, line by line.

    Attributes
    ----------
    opened
        Its first line, once it was read; None for an empty file.
    closed
        Its last line; None while lines are left, and for good when the worker died.
    torn
        Whether the file ends in the middle of a line, as it does when a worker is killed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened: Opened | None = None
        self.closed: Closed | None = None
        self.torn = False

    def lines(self) -> Iterator[Intent | Ok | Failed | Unknown]:
        """Yield every line of a call.

        Raises
        ------
        LoadError
            E-load-ledger-file when it cannot be read; E-load-ledger-damaged, with the line, when a line was changed,
            removed or put in, or something follows the last.
        """
        for number, line in enumerate(self._checked(), 1):
            if self.closed is not None or isinstance(line, Opened) != (number == 1):
                raise LoadError("E-load-ledger-damaged", path=self.path, line=number)
            if isinstance(line, Opened):
                self.opened = line
            elif isinstance(line, Closed):
                if line.lines != number - 1:
                    raise LoadError("E-load-ledger-damaged", path=self.path, line=number)
                self.closed = line
            else:
                yield line

    def _checked(self) -> Iterator[AnyLine]:
        chained = 0
        try:
            with self.path.open("rb") as file:
                for number, whole in enumerate(file, 1):
                    if not whole.endswith(b"\n"):
                        self.torn = True  # only the last line of a file can be without its end
                        return
                    text = whole[9:-1]
                    chained = zlib.crc32(text, chained)
                    try:
                        if whole[:9] != b"%08x " % chained:
                            raise LoadError("E-load-ledger-damaged", path=self.path, line=number)
                        line = _DECODE.decode(text)
                    except msgspec.MsgspecError as error:
                        raise LoadError("E-load-ledger-damaged", path=self.path, line=number) from error
                    yield line
        except OSError as error:
            raise LoadError("E-load-ledger-file", path=self.path, reason=error.strerror or error) from error
