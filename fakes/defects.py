"""Seeded defects: known bugs that can be switched on, to prove that a load test and its reconciliation see them.

Off unless named. Each is a few lines at one place of a server, found by its name: `if defects.on("batch-cut")`, or
`if defects.hits("lost-after-ack", number)` where only some are met. Which ones these are follows from the subject alone
(a keyed hash), so a run can be repeated. A server that runs with any says so in every answer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from fakes.faults.effects import Phase
from fakes.servers import Server
from fakes.streams import Stream
from scenarios.checking import nearest
from texts import Lang, say

HEADER: Final = "X-Seeded-Defects"


class Finding(StrEnum):
    """What a reconciliation of ledgers, logs and measurements reports."""

    LOST = "lost"
    """Acknowledged to the applicant and never delivered."""
    DUPLICATED = "duplicated"
    """Delivered or stored twice without a label."""
    MISROUTED = "misrouted"
    """Delivered to another municipality."""
    CROSSTALK = "crosstalk"
    """An answer that belongs to somebody else."""
    CORRUPTED = "corrupted"
    """Delivered with another digest than was sent."""
    UNEXPECTED = "unexpected"
    """Accepted or delivered although the rules refuse it."""
    OUT_OF_ORDER = "out_of_order"
    """A person's telegrams in another order than they were sent."""
    STALE = "stale"
    """An answer that is older than what was acknowledged before."""
    FALSE_ERROR = "false_error"
    """Told to have failed, and done all the same."""
    UNAUDITED = "unaudited"
    """A call without an audit record."""
    SLOW = "slow"
    """Answers over the limit of time."""
    GROWTH = "growth"
    """Memory, or time with the size of the store, that goes on growing."""


class Amount(NamedTuple):
    """How much of a defect: the usual value, and what may be given as in `lost-after-ack=50`."""

    usual: int
    least: int
    most: int


class Defect(NamedTuple):
    """One bug.

    Attributes
    ----------
    name
        How it is switched on.
    server, phase
        Where it bites, and when in the life of a call.
    finding
        What must be reported when it is on, and nothing else.
    amount
        What its sentence says as `{amount}`; None for a defect that is on or off.
    """

    name: str
    server: Server
    phase: Phase
    finding: Finding
    amount: Amount | None = None

    def label(self, lang: Lang, amount: int | None = None) -> str:
        """Say what the server does wrong, in one sentence, with the usual amount or another."""
        if self.amount is None:
            return say(f"defect.{self.name}", lang)
        return say(f"defect.{self.name}", lang, amount=f"{self.amount.usual if amount is None else amount:,}")


_P, _J, _W = Server.PORTAL, Server.JLIS, Server.WARD
_BEFORE, _COMMITTED, _ANSWER, _INSIDE = Phase.BEFORE, Phase.COMMITTED, Phase.ANSWER, Phase.INSIDE

_SHARE: Final = Amount(20, 1, 1_000_000)
"""One in so many. Of 300 subjects none is met with probability 2e-7, so a short run with the usual amount sees it."""

DEFECTS: Final[dict[str, Defect]] = {
    defect.name: defect
    for defect in (
        Defect("ack-before-commit", _P, _ANSWER, Finding.LOST, _SHARE),
        Defect("lost-after-ack", _P, _COMMITTED, Finding.LOST, _SHARE),
        Defect("double-delivery", _J, _INSIDE, Finding.DUPLICATED, _SHARE),
        Defect("idempotency-ignored", _P, _BEFORE, Finding.DUPLICATED),
        Defect("idempotency-body-unchecked", _P, _BEFORE, Finding.UNEXPECTED),
        Defect("crosstalk-timeout", _W, _INSIDE, Finding.CROSSTALK, _SHARE),
        Defect("same-instant-overwrite", _P, _INSIDE, Finding.LOST, Amount(20, 1, 600_000)),
        Defect("misroute-old-address", _J, _INSIDE, Finding.MISROUTED),
        Defect("truncated-name", _J, _INSIDE, Finding.CORRUPTED, Amount(20, 3, 1_000)),
        Defect("stale-standby", _J, _INSIDE, Finding.STALE, Amount(2, 1, 600)),
        Defect("cursor-skips", _J, _INSIDE, Finding.LOST, _SHARE),
        Defect("ack-wrong-one", _J, _INSIDE, Finding.LOST, Amount(5, 1, 1_000_000)),
        Defect("batch-cut", _J, _INSIDE, Finding.LOST, Amount(200, 1, 1_000_000)),
        Defect("stall", _P, _BEFORE, Finding.SLOW, Amount(60, 1, 86_400)),
        Defect("slow-with-size", _P, _INSIDE, Finding.GROWTH, Amount(20, 1, 1_000_000)),
        Defect("memory-growth", _P, _INSIDE, Finding.GROWTH, Amount(16, 1, 65_536)),
        Defect("stored-but-500", _P, _COMMITTED, Finding.FALSE_ERROR, _SHARE),
        Defect("unaudited-call", _W, _INSIDE, Finding.UNAUDITED, _SHARE),
        Defect("revoked-accepted", _P, _INSIDE, Finding.UNEXPECTED),
        Defect("out-of-order-telegram", _J, _INSIDE, Finding.OUT_OF_ORDER),
        Defect("partial-household", _W, _INSIDE, Finding.CORRUPTED),
        Defect("stale-status", _P, _INSIDE, Finding.STALE, Amount(5, 1, 1_000_000)),
    )
}
"""All of them, by name."""


class DefectError(ValueError):
    """What is asked for is no list of defects."""

    code = ""

    def say(self, lang: Lang) -> str:
        """Return the message in one language."""
        raise NotImplementedError


class UnknownDefectError(DefectError):
    """A name that no defect has."""

    code = "E-defect-unknown"

    def __init__(self, found: str) -> None:
        self.found = found
        self.suggestion = nearest(found, DEFECTS)
        super().__init__(self.say("en"))

    def say(self, lang: Lang) -> str:
        """Return the message in one language, with the name that was probably meant."""
        if self.suggestion is None:
            return say(self.code, lang, found=self.found, allowed=", ".join(DEFECTS))
        meant = say("errors.did_you_mean", lang, suggestion=self.suggestion)
        return f"{say('E-defect-unknown-near', lang, found=self.found)} {meant}"


class DefectAmountError(DefectError):
    """An amount that a defect cannot have."""

    code = "E-defect-amount"

    def __init__(self, name: str, found: str) -> None:
        self.name = name
        self.found = found
        super().__init__(self.say("en"))

    def say(self, lang: Lang) -> str:
        """Return the message in one language, with what is allowed."""
        allowed = DEFECTS[self.name].amount
        if allowed is None:
            return say("E-defect-amount-none", lang, name=self.name, found=self.found)
        least, most = f"{allowed.least:,}", f"{allowed.most:,}"
        return say(self.code, lang, name=self.name, found=self.found, least=least, most=most)


class Defects:
    """The defects that are on in a server, each given as `name` or `name=amount`.

    Raises
    ------
    UnknownDefectError
        For a name that no defect has.
    DefectAmountError
        For an amount that is none, or too small or too large; and for two of one defect.
    """

    __slots__ = ("_amounts", "_draws")

    def __init__(self, *given: str) -> None:
        self._amounts: dict[str, int] = {}
        for one in given:
            name, amount = _read(one)
            if self._amounts.setdefault(name, amount) != amount:
                raise DefectAmountError(name, one.partition("=")[2] or str(amount))
        self._draws = {name: Stream(0, f"defect/{name}") for name in self._amounts}

    @classmethod
    def parse(cls, text: str) -> Defects:
        """Return the defects of a comma list; spaces, empty places and repetitions do not matter.

        Raises
        ------
        UnknownDefectError, DefectAmountError
            For the first one that cannot be.
        """
        return cls(*(one for part in text.split(",") if (one := part.strip())))

    def on(self, name: str) -> bool:
        """Whether a defect is on."""
        return name in self._amounts

    def hits(self, name: str, subject: str) -> bool:
        """Whether a defect is on and meets a subject: one in as many as its amount says, always the same ones."""
        return name in self._amounts and self._draws[name].of(subject) % self._amounts[name] == 0

    def amount(self, name: str) -> int:
        """Return the amount of a defect that is on."""
        return self._amounts[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are on, in the order of the table."""
        return tuple(name for name in DEFECTS if name in self._amounts)

    @property
    def given(self) -> tuple[str, ...]:
        """Those that are on, in the order of the table, as they are given: with the amount unless it is the usual."""
        return tuple(name if self._is_usual(name) else f"{name}={self._amounts[name]}" for name in self.names)

    @property
    def header(self) -> str:
        """Value of the header `X-Seeded-Defects`; empty when none is on, and then there is no header."""
        return ",".join(self.given)

    def of(self, server: Server) -> Defects:
        """Return those of one server."""
        own = zip(self.names, self.given, strict=True)
        return Defects(*(given for name, given in own if DEFECTS[name].server is server))

    def __bool__(self) -> bool:
        return bool(self._amounts)

    def _is_usual(self, name: str) -> bool:
        usual = DEFECTS[name].amount
        return usual is None or self._amounts[name] == usual.usual


def label_of(given: str, lang: Lang) -> str:
    """Say what a server does wrong that was given this defect, in one sentence."""
    name, amount = _read(given)
    return DEFECTS[name].label(lang, amount)


def _read(given: str) -> tuple[str, int]:
    """Return name and amount of one; 1 for one that has no amount."""
    name, says, text = (part.strip() for part in given.partition("="))
    if name not in DEFECTS:
        raise UnknownDefectError(name)
    allowed = DEFECTS[name].amount
    if not says:
        return name, 1 if allowed is None else allowed.usual
    whole = text.isascii() and text.isdigit() and len(text) <= len(str(10**9))
    if allowed is None or not whole or not allowed.least <= int(text) <= allowed.most:
        raise DefectAmountError(name, text)
    return name, int(text)
