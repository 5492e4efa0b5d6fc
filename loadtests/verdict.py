"""The verdict: rules, findings and gates, each once, and the worst of them.

    ENOUGH < NOT ENOUGH < FAULTY < CANNOT SAY

A run that cannot be believed says nothing, whatever it found; faulty data are worse than slow answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from loadtests.gates import Gate, Passed
from loadtests.reconcile.findings import FAULTY, NO_EVIDENCE, TOO_WEAK, Line, rarer_than
from loadtests.rules import Judged
from texts import LANGS, Lang, say

FORMAT: Final = 2


class Outcome(IntEnum):
    """The four outcomes; the larger is the worse."""

    ENOUGH = 0
    """十分: every rule is kept."""
    NOT_ENOUGH = 1
    """不足: a limit is not kept."""
    FAULTY = 2
    """異常あり: data are wrong."""
    CANNOT_SAY = 3
    """判定できない: the run proves nothing."""

    @property
    def word(self) -> str:
        """Its name in files: enough, not_enough, faulty, cannot_say."""
        return self.name.lower()

    def label(self, lang: Lang) -> str:
        """Return the name in one language."""
        return say(f"load.outcome.{self.word}", lang)


class Seen(Struct, frozen=True):
    """What a run showed of a measure of security: the key of a text, and what stands in it."""

    key: str
    values: Mapping[str, object]

    def says(self, lang: Lang) -> str:
        """Return it in one language."""
        return say(self.key, lang, **self.values)


class Row(Struct, frozen=True):
    """One line of the verdict.

    Attributes
    ----------
    name
        "rule.…", "finding.…", "gate.…" or "security.…"; unique.
    outcome
        What this line alone would lead to.
    source
        The rule, finding, gate or measure.
    """

    name: str
    outcome: Outcome
    source: Judged | Line | Passed | Seen

    def says(self, lang: Lang) -> str:
        """Return the line in one language."""
        return self.source.says(lang)


class Verdict(Struct, frozen=True):
    """All lines, and what they come to."""

    rows: tuple[Row, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of all lines; without any line nothing can be said."""
        return max((row.outcome for row in self.rows), default=Outcome.CANNOT_SAY)

    @property
    def reasons(self) -> tuple[Row, ...]:
        """Lines that are not well, the worst first; a rule that only repeats a finding stands behind it."""
        bad = [row for row in self.rows if row.outcome is not Outcome.ENOUGH and not _repeats(row)]
        return tuple(sorted(bad, key=lambda row: -row.outcome))

    def and_rows(self, rows: Iterable[Row]) -> Verdict:
        """Return the verdict with further lines."""
        return Verdict((*self.rows, *rows))

    def says(self, lang: Lang) -> str:
        """Return the verdict and its reasons."""
        head = say("load.verdict", lang, outcome=self.outcome.label(lang))
        return "\n".join([head, *(f"  {row.says(lang)}" for row in self.reasons)])


def verdict_of(rules: Sequence[Judged], findings: Iterable[Line], gates: Iterable[Passed]) -> Verdict:
    """Put the lines together, each rule, finding and gate once.

    Raises
    ------
    ValueError
        When one is there twice.
    """
    rows = [
        *(Row(f"gate.{own.gate}", Outcome.ENOUGH if own.holds else Outcome.CANNOT_SAY, own) for own in gates),
        *(Row(f"finding.{own.finding}", _of_finding(own), own) for own in findings),
        *(Row(f"rule.{own.name}", _of_rule(own), own) for own in rules),
    ]
    names = [row.name for row in rows]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"there twice: {', '.join(sorted(twice))}")
    missing = [gate for gate in Gate if f"gate.{gate}" not in names]
    # A gate that nobody looked at does not hold: silence must not be green.
    rows += [Row(f"gate.{gate}", Outcome.CANNOT_SAY, Passed(gate, holds=False)) for gate in missing]
    return Verdict(tuple(rows))


def _repeats(row: Row) -> bool:
    """Whether a row is a rule on data, whose finding says the same with its witnesses."""
    return isinstance(row.source, Judged) and row.source.data and row.source.measured is not None


def _of_rule(judged: Judged) -> Outcome:
    if judged.kept:
        return Outcome.ENOUGH
    # A rule on data without samples is a check that did not take place, not faulty data.
    return Outcome.FAULTY if judged.data and judged.measured is not None else Outcome.NOT_ENOUGH


def _of_finding(line: Line) -> Outcome:
    if not line.count:
        return Outcome.ENOUGH
    if line.finding in FAULTY:
        return Outcome.FAULTY
    if line.finding in NO_EVIDENCE:
        return Outcome.CANNOT_SAY
    # Late, slow and growing are held by rules, which a scenario may set otherwise.
    assert line.finding in TOO_WEAK or line.finding == "recovered"
    return Outcome.ENOUGH


def counts_of(findings: Iterable[Line]) -> dict[str, tuple[int, int]]:
    """Return cases and checked ones by finding, as rules want them."""
    return {str(line.finding): (line.count, line.checked) for line in findings}


def as_data(verdict: Verdict, run: dict[str, object], security: Sequence[object] = ()) -> dict[str, object]:
    """Return the verdict as plain data for `verdict.json`; `run` says what was run, and stands first.

    Parameters
    ----------
    security
        What the run shows of measures of security, as `loadtests.security.as_data`.
    """
    return {
        "format": FORMAT,
        "outcome": verdict.outcome.word,
        "label": {lang: verdict.outcome.label(lang) for lang in LANGS},
        "run": run,
        "rows": [_row(row) for row in verdict.rows],
        "security": list(security),
    }


def write_json(verdict: Verdict, run: dict[str, object], file: Path, security: Sequence[object] = ()) -> None:
    """Write `verdict.json`; as `as_data`."""
    data = msgspec.json.encode(as_data(verdict, run, security), enc_hook=str)
    file.write_bytes(msgspec.json.format(data, indent=2) + b"\n")


def _row(row: Row) -> dict[str, object]:
    own: dict[str, object] = {
        "name": row.name,
        "outcome": row.outcome.word,
        "says": {lang: row.says(lang) for lang in LANGS},
    }
    source = row.source
    if isinstance(source, Judged):
        own |= {"rule": str(source.rule), "kept": source.kept, "found": source.found, "samples": source.samples}
        bounds = [None if bound is None else source.rule.said(bound) for bound in (source.low, source.high)]
        own["bounds"] = bounds
    elif isinstance(source, Line):
        own |= {"count": source.count, "checked": source.checked, "rarer_than_one_in": _power(source)}
        own["witnesses"] = source.witnesses
    elif isinstance(source, Passed):
        own |= {"holds": source.holds, "found": source.found, "allowed": source.allowed}
    return own


def _power(line: Line) -> int | None:
    """For a zero: of one in how many a case would have shown with 95 %."""
    return None if line.count or not line.checked else rarer_than(line.checked)
