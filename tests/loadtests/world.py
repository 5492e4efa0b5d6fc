"""A small world that works: filings, tries, lost answers, a relay with labels, telegrams; its ledgers and server logs.

Everything that happens here is legal. Tests spoil one thing of it, and ask what is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from loadtests.calls import Calls
from loadtests.history import Fact, Kind, Setting
from loadtests.ledger import AnyLine, Failed, Intent, Ledger, Ok, Opened, Unknown
from loadtests.reconcile.findings import Finding
from loadtests.reconcile.reconciliation import Reconciliation, reconcile

SECOND = 1_000_000
SPEED = 60.0
DRAINED = 10**12
TOWNS = ("131041", "990019", "990027")
SETTING = Setting(
    speed=SPEED, drained={"portal": DRAINED, **dict.fromkeys(TOWNS, DRAINED)}, audited=frozenset({"portal", "jlis"})
)
STATES = ("accepted", "arrived", "in_review", "completed")


@dataclass
class World:
    """What clients noted and servers logged.

    Attributes
    ----------
    lines
        Of the ledger, with the real moment at which each was written.
    """

    random: Random
    lines: list[tuple[int, AnyLine]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    clock: int = 0
    seq: int = 0

    def now(self) -> int:
        """Let a little real time pass."""
        self.clock += self.random.randint(1000, 200_000)
        return self.clock

    def says(self, kind: Kind, server: str, **what: object) -> None:
        """A server logs something now."""
        self.seq += 1
        at = round(self.now() * SPEED)
        self.facts.append(Fact(kind, server, at, self.seq, **what))  # type: ignore[arg-type]

    def call(self, server: str, intent: Intent, outcome: Callable[[int], AnyLine] | None) -> None:
        """A client calls a server, which sees and audits it."""
        self.lines.append((intent.sent, intent))
        own = {"request": intent.request, "attempt": intent.attempt}
        self.says(Kind.SEEN, server, **own)
        self.says(Kind.AUDITED, server, **own)
        if outcome is not None:
            end = self.now()
            self.lines.append((end, outcome(end)))

    def file(self, number: int) -> None:
        """One household files, its application reaches its towns, it asks for its state, a telegram follows."""
        random = self.random
        reference, owner, digest = f"R{number:06d}", f"owner-{number}", f"{number:08x}" * 8
        towns = random.sample(TOWNS, 2)
        parts = f"stored:portal,out:{towns[0]},visit:{towns[1]}"
        members = random.randint(1, 4)
        request, attempt, stored = f"q{number:06d}", 0, False
        while True:
            attempt += 1
            intent = Intent(
                request, attempt, "portal", "sign", self.now(), self.clock, f"a{number}", owner, digest, parts, members
            )
            way = random.choice(("ok", "ok", "ok", "lost before", "lost after", "busy"))
            if way in ("ok", "lost after") and not stored:
                stored = True
                self.says(
                    Kind.STORED,
                    "portal",
                    request=request,
                    attempt=attempt,
                    reference=reference,
                    part="stored",
                    town="portal",
                    owner=owner,
                    digest=digest,
                    members=members,
                )
            self.call("portal", intent, self._outcome(way, intent, reference, owner))
            if way == "ok" or attempt == 2:
                break
        if not stored:
            return
        for part, town in zip(("out", "visit"), towns, strict=True):
            self.relay(reference, part, town, owner, digest, members)
        self.ask(reference, owner, number)
        for telegram in range(1, random.randint(1, 3) + 1):
            what = {"reference": f"person-{number}", "part": "telegram", "number": telegram, "town": towns[1]}
            self.says(Kind.SENT, "jlis", **what, owner=owner, digest=f"t{telegram}{digest}")
            self.relay(f"person-{number}", "telegram", towns[1], owner, f"t{telegram}{digest}", 0, telegram)

    def _outcome(self, way: str, intent: Intent, reference: str, owner: str) -> Callable[[int], AnyLine]:
        request, attempt = intent.request, intent.attempt
        if way == "ok":
            return lambda end: Ok(request, attempt, end, 200, reference, owner)
        if way == "busy":
            return lambda end: Failed(request, attempt, end, 503)
        return lambda end: Unknown(request, attempt, end, "reset")

    def relay(
        self, reference: str, part: str, town: str, owner: str, digest: str, members: int, number: int = 0
    ) -> None:
        """Hand something over, once more with a label while the answer is lost, until the town has it."""
        what = {"reference": reference, "part": part, "town": town, "owner": owner, "digest": digest, "number": number}
        repeated = False
        while True:
            self.says(Kind.HANDED_OVER, "jlis", **what, repeated=repeated)
            if self.random.random() < 0.7:
                self.says(Kind.RECEIVED, "ward", **what, members=members, repeated=repeated)
                return
            repeated = True

    def ask(self, reference: str, owner: str, number: int) -> None:
        """The states of an application one after the other, each asked for."""
        for count, state in enumerate(STATES[: self.random.randint(1, len(STATES))]):
            self.says(Kind.STATE, "portal", reference=reference, state=state)
            request = f"s{number:06d}-{count}"
            intent = Intent(
                request, 1, "portal", "status", self.now(), self.clock, f"a{number}", owner, reference=reference
            )
            self.call("portal", intent, self._told(request, owner, state))

    @staticmethod
    def _told(request: str, owner: str, state: str) -> Callable[[int], AnyLine]:
        return lambda end: Ok(request, 1, end, 200, owner=owner, state=state)


def random_of(seed: int) -> Random:
    """Return random numbers for a test."""
    return Random(seed)  # noqa: S311


def world(seed: int, filings: int) -> World:
    """Let some households file, one after the other."""
    made = World(random_of(seed))
    for number in range(filings):
        made.file(number)
    return made


def reconciled(
    folder: Path,
    lines: Iterable[AnyLine],
    facts: Iterable[Fact],
    setting: Setting = SETTING,
    workers: int = 1,
    chunk: int = 7,
) -> Reconciliation:
    """Write ledgers and reconcile them with facts, in small chunks, so that everything goes over the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{len(list(folder.iterdir()))}-{worker}.ledger" for worker in range(workers)]
    ledgers = [Ledger(path, Opened("run", "hash", worker, workers)) for worker, path in enumerate(paths)]
    for line in lines:
        assert isinstance(line, Intent | Ok | Failed | Unknown)
        ledgers[hash(line.request) % workers].write(line)
    for ledger in ledgers:
        ledger.close()
    return reconcile(Calls(paths, folder / "calls", chunk), facts, setting, folder, chunk=chunk)


def findings(found: Reconciliation) -> dict[Finding, int]:
    """What was found, but for what is legal."""
    return {line.finding: line.count for line in found.lines if line.count and line.finding is not Finding.RECOVERED}
