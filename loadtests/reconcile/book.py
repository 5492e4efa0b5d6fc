"""Counts and first witnesses of every finding, while the streams go by."""

from __future__ import annotations

from collections import Counter

from loadtests.histogram import Histogram
from loadtests.reconcile.findings import Finding, Line, Witness

SHOWN = 10
"""So many witnesses of a finding are kept."""


class Book:
    """What was checked and what was found.

    Attributes
    ----------
    checked
        How many could have been a case, by finding.
    delivered, telegram
        From the acknowledgement to the arrival at the town, microseconds of the scenario; of telegrams, from when the
        relay took it.
    """

    def __init__(self, shown: int = SHOWN) -> None:
        self.checked: Counter[Finding] = Counter()
        self.delivered = Histogram()
        self.telegram = Histogram()
        self._counts: Counter[Finding] = Counter()
        self._witnesses: dict[Finding, list[Witness]] = {}
        self._shown = shown

    def found(self, witness: Witness) -> None:
        """Count a case, and keep it while few are kept."""
        self._counts[witness.finding] += 1
        kept = self._witnesses.setdefault(witness.finding, [])
        if len(kept) < self._shown:
            kept.append(witness)

    @property
    def witnesses(self) -> list[Witness]:
        """All cases that are kept."""
        return [witness for kept in self._witnesses.values() for witness in kept]

    def lines(self, explained: dict[int, Witness]) -> tuple[Line, ...]:
        """Return a line for every finding; `explained` holds witnesses with their histories, by id of the bare ones."""
        return tuple(
            Line(
                finding,
                self._counts[finding],
                max(self.checked[finding], self._counts[finding]),
                tuple(explained.get(id(own), own) for own in self._witnesses.get(finding, ())),
            )
            for finding in Finding
        )
