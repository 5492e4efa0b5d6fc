"""What a run shows of two measures of security that no rule speaks of: encryption on the way, and the signature.

Only what was looked at is claimed, and counts in the verdict: who asks for TLS and finds a server that answers without
it has found a fault. What was not looked at is "cannot say", with no bearing on the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from fakes.states.application import ApplicationState, status_code
from loadtests.calls import Call, Came
from loadtests.history import Fact, Kind
from loadtests.transport import PLAIN, Door
from loadtests.verdict import Outcome, Row, Seen
from texts import LANGS, say

_SIGN: Final = "sign"
_PORTAL: Final = "portal"
_ACCEPTED: Final = status_code(ApplicationState.ACCEPTED)


class Measure(Struct, frozen=True):
    """One measure, what the run says of it, and the sentence that does (key of a text, and what it needs)."""

    name: str
    outcome: Outcome
    key: str
    values: Mapping[str, object]


class Signatures:
    """Counts, while facts go by, what the portal says it accepted, and what of it by a signature."""

    def __init__(self) -> None:
        self.accepted = 0
        self.signed = 0
        self.tried = 0
        """Probes with a certificate that was revoked, and got an answer."""
        self.let_through = 0

    def seen(self, facts: Iterable[Fact]) -> Iterator[Fact]:
        """Pass facts on."""
        for fact in facts:
            if fact.kind is Kind.STATE and fact.server == _PORTAL and _ACCEPTED and fact.state == _ACCEPTED.value:
                self.accepted += 1
                self.signed += fact.signed
            yield fact

    def add(self, calls: Iterable[Call]) -> None:
        """Count the probes among what was sent."""
        for call in calls:
            if call.refused and call.call == _SIGN and call.answered:
                self.tried += 1
                self.let_through += call.came is Came.OK


def of_encryption(doors: Sequence[Door], connections: Mapping[str, int]) -> Measure:
    """Judge the way: which connections were made, and whether a server answers without TLS.

    Parameters
    ----------
    connections
        Of all workers, by version and cipher; those without TLS under `PLAIN`.
    """
    encrypted = {name: number for name, number in connections.items() if name != PLAIN}
    open_ = [door for door in doors if door.plain]
    values = {
        "connections": f"{sum(encrypted.values()):,}",
        "ciphers": ", ".join(sorted(encrypted)),
        "servers": len(doors),
        "open": ", ".join(door.url for door in open_),
    }
    wanted = bool(encrypted) and all(door.url.startswith("https:") for door in doors) and bool(doors)
    if not wanted:
        return Measure("encryption", Outcome.CANNOT_SAY, "load.security.encryption.without", values)
    if open_ or connections.get(PLAIN):
        return Measure("encryption", Outcome.FAULTY, "load.security.encryption.open", values)
    if not all(door.version for door in doors):
        return Measure("encryption", Outcome.CANNOT_SAY, "load.security.encryption.silent", values)
    return Measure("encryption", Outcome.ENOUGH, "load.security.encryption.all", values)


def of_signatures(found: Signatures) -> Measure:
    """Judge the signature: nothing accepted without one, and no revoked certificate let through."""
    values = {
        "accepted": f"{found.accepted:,}",
        "unsigned": f"{found.accepted - found.signed:,}",
        "tried": f"{found.tried:,}",
        "let_through": f"{found.let_through:,}",
    }
    if found.signed < found.accepted or found.let_through:
        return Measure("signature", Outcome.FAULTY, "load.security.signature.wrong", values)
    if not found.accepted or not found.tried:
        return Measure("signature", Outcome.CANNOT_SAY, "load.security.signature.untried", values)
    return Measure("signature", Outcome.ENOUGH, "load.security.signature.all", values)


def rows_of(measures: Iterable[Measure]) -> list[Row]:
    """Return the lines of the verdict: measures that were looked at."""
    return [
        Row(f"security.{own.name}", own.outcome, Seen(own.key, own.values))
        for own in measures
        if own.outcome is not Outcome.CANNOT_SAY
    ]


def as_data(measures: Iterable[Measure]) -> list[dict[str, object]]:
    """Return measures as plain data for `verdict.json`."""
    return [
        {
            "name": own.name,
            "outcome": own.outcome.word,
            "says": {lang: say(own.key, lang, **own.values) for lang in LANGS},
        }
        for own in measures
    ]
