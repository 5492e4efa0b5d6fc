"""The detection matrix: which seeded defect has to turn the verdict how, in which short run, and whether it did.

A defect is caught when its finding, and no other, has cases, the verdict is what that finding leads to, and every gate
holds: a run that cannot be believed proves nothing, and a finding beside it would be a false alarm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from fakes.defects import DEFECTS, label_of
from loadtests.gates import Passed
from loadtests.reconcile.findings import FAULTY, Finding, Line
from loadtests.verdict import Outcome, Verdict
from texts import LANGS, Lang, say

FORMAT: Final = 4
"""Of `matrix.json`."""
CLEAN: Final = "clean"
"""Name of the run without any defect."""
LAUNCH: Final = "launch"
FAILOVER: Final = "relay_failover"


class Recipe(Struct, frozen=True):
    """One short run.

    Attributes
    ----------
    name
        Of the defect, or `CLEAN`.
    defects
        As `hikkoshi serve --defects` takes it.
    scenario, window
        What is played.
    """

    name: str
    defects: str = ""
    scenario: str = LAUNCH
    window: str = "2023-03-28 09:00/10:30"

    @property
    def expected(self) -> Finding | None:
        """What must be found; None for nothing."""
        return None if self.name == CLEAN else Finding(DEFECTS[self.name].finding.value)


_AMOUNTS: Final = {"batch-cut": 5, "stall": 10, "slow-with-size": 100, "memory-growth": 256}
"""Amounts with which half a minute is long enough; the others' usual ones are made for that."""
_FAILOVER: Final = Recipe("stale-standby", "stale-standby", FAILOVER, "2023-03-27 09:30/11:00")


def recipes(names: Sequence[str] = ()) -> list[Recipe]:
    """Return the runs of the whole matrix, the clean one first; or of some of it.

    Raises
    ------
    KeyError
        For a name that no defect has.
    """
    every = {CLEAN: Recipe(CLEAN)}
    for name in DEFECTS:
        amount = _AMOUNTS.get(name)
        every[name] = Recipe(name, name if amount is None else f"{name}={amount}")
    every[_FAILOVER.name] = _FAILOVER
    return [every[name] for name in names or every]


class Proof(Struct, frozen=True):
    """What came of one run.

    Attributes
    ----------
    outcome
        Word of the verdict.
    found
        Cases of each finding that has any; what is legal is left out.
    broken
        Gates that do not hold.
    missed
        Rules that are not kept, but for those that only repeat a finding.
    seconds
        How long the run took.
    runs, alarms, unbelieved
        How many runs this stands for; how many of them were not right although they could be believed; and how many
        could not be believed.
    again
        How often a run was played once more because it could not be believed.
    """

    name: str
    defects: str
    outcome: str
    found: dict[Finding, int]
    broken: tuple[str, ...]
    missed: tuple[str, ...]
    seconds: float
    runs: int = 1
    alarms: int = 0
    unbelieved: int = 0
    again: int = 0

    @property
    def expected(self) -> Finding | None:
        """What must be found."""
        return Recipe(self.name).expected

    @property
    def right(self) -> bool:
        """Whether the defect was caught for the right reason and for no other; of a clean run, whether it is green."""
        if self.broken:
            return False
        if self.expected is None:
            return not self.found and self.outcome == Outcome.ENOUGH.word
        wanted = Outcome.FAULTY if self.expected in FAULTY else Outcome.NOT_ENOUGH
        return set(self.found) == {self.expected} and self.outcome == wanted.word


def proof_of(recipe: Recipe, verdict: Verdict, seconds: float) -> Proof:
    """Return what a run's verdict says about the matrix."""
    lines = [row.source for row in verdict.rows if isinstance(row.source, Line)]
    broken = [row.name.removeprefix("gate.") for row in verdict.rows if isinstance(row.source, Passed)]
    held = {row.name.removeprefix("gate.") for row in verdict.rows if row.outcome is Outcome.ENOUGH}
    counted = {str(line.finding) for line in lines}
    missed = [
        name
        for row in verdict.rows
        if row.name.startswith("rule.") and row.outcome is not Outcome.ENOUGH
        for name in [row.name.removeprefix("rule.")]
        if name not in counted
    ]
    proof = Proof(
        recipe.name,
        recipe.defects,
        verdict.outcome.word,
        {line.finding: line.count for line in lines if line.count and line.finding is not Finding.RECOVERED},
        tuple(name for name in broken if name not in held),
        tuple(missed),
        round(seconds, 1),
    )
    return together([proof])


class Made(Struct, frozen=True):
    """When, of what and on what a matrix was made.

    Attributes
    ----------
    version, commit, dirty
        Of the program; commit and whether the tree was changed are None outside a repository.
    at
        When it began, ISO 8601.
    machine
        Processor, cores and system.
    seed
        Of the first run of each kind.
    """

    version: str
    commit: str | None
    dirty: bool | None
    at: str
    machine: str
    seed: int

    def says(self, lang: Lang) -> str:
        """Return it in one sentence."""
        commit = f"{self.commit[:7]}{'+' if self.dirty else ''}" if self.commit else "–"
        at = self.at[:16].replace("T", " ")
        return say("load.matrix.made", lang, version=self.version, commit=commit, at=at, machine=self.machine)


def together(proofs: Sequence[Proof]) -> Proof:
    """Return runs of one kind as one proof, which is right if every one of them is; what they found is added up.

    Parameters
    ----------
    proofs
        One at least, each of a single run.
    """
    found: Counter[Finding] = Counter()
    for proof in proofs:
        found.update(proof.found)
    worst = max(Outcome[proof.outcome.upper()] for proof in proofs)
    return msgspec.structs.replace(
        proofs[0],
        outcome=worst.word,
        found=dict(found),
        broken=tuple(dict.fromkeys(name for proof in proofs for name in proof.broken)),
        missed=tuple(dict.fromkeys(name for proof in proofs for name in proof.missed)),
        seconds=round(sum(proof.seconds for proof in proofs), 1),
        runs=len(proofs),
        alarms=sum(not proof.right and not proof.broken for proof in proofs),
        unbelieved=sum(bool(proof.broken) for proof in proofs),
        again=sum(proof.again for proof in proofs),
    )


def as_data(proofs: Sequence[Proof], made: Made) -> dict[str, object]:
    """Return the matrix as plain data for `matrix.json`: each proof with what its defect does, in both languages."""
    return {
        "format": FORMAT,
        "made": made,
        "right": all(proof.right for proof in proofs),
        "proofs": [
            {
                **msgspec.structs.asdict(proof),
                "expected": proof.expected,
                "right": proof.right,
                "does": {lang: _does(proof, lang) for lang in LANGS},
            }
            for proof in proofs
        ],
    }


def table(proofs: Iterable[Proof], lang: Lang | None = None) -> str:
    """Return the matrix as a table of Markdown: defect, what it does, what must be found, what was, and if it is right.

    Beside it stands what else was not kept: rules of speed and failures that a defect breaks too, or the machine.

    Parameters
    ----------
    lang
        None for both languages in one table.
    """
    langs = LANGS if lang is None else (lang,)
    heads = [" / ".join(say(f"load.matrix.{name}", one) for one in langs) for name in _COLUMNS]
    rows = [heads, ["---"] * len(heads), *(_row(proof, langs) for proof in proofs)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


_COLUMNS: Final = ("defect", "does", "expected", "found", "verdict", "others", "right")


def _does(proof: Proof, lang: Lang) -> str:
    return label_of(proof.defects, lang) if proof.defects else say("load.matrix.nothing", lang)


def _row(proof: Proof, langs: Sequence[Lang]) -> list[str]:
    def words(key: str) -> str:
        return " / ".join(say(key, one) for one in langs)

    def named(finding: Finding) -> str:
        return " / ".join(finding.label(one) for one in langs)

    does = " / ".join(_does(proof, one) for one in langs)
    found = ", ".join(f"{named(finding)} {count:,}" for finding, count in proof.found.items())
    often = f" × {proof.runs}" if proof.runs > 1 else ""
    right = words("load.matrix.yes" if proof.right else "load.matrix.no")
    return [
        f"`{proof.defects or proof.name}`{often}",
        does,
        named(proof.expected) if proof.expected is not None else "–",
        found or "–",
        words(f"load.outcome.{proof.outcome}"),
        ", ".join(f"`{name}`" for name in (*proof.broken, *proof.missed)) or "–",
        right if proof.runs == 1 else f"{right} ({proof.runs - proof.alarms - proof.unbelieved} / {proof.runs})",
    ]
