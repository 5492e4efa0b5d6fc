"""What a page takes from a load test: the verdict that the load test itself wrote, line by line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from report.words import Both
from results.errors import ResultsError

VERDICT = "verdict.json"
FORMAT = 1
BADGES = {"enough": "met", "not_enough": "not_met", "faulty": "not_met", "cannot_say": "cannot_say"}
"""The badge of each outcome of `loadtests.verdict`; the worst comes last."""


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One line of the verdict: a rule, a finding or a gate, and what it says."""

    name: str
    outcome: str
    says: Both

    @property
    def badge(self) -> str:
        """Met, not met, or cannot be told."""
        return BADGES[self.outcome]


@dataclass(frozen=True, slots=True)
class LoadRun:
    """A load test as its verdict tells it."""

    path: Path
    outcome: str
    label: Both
    rows: list[LoadRow]

    @property
    def badge(self) -> str:
        """Met, not met, or cannot be told, of the whole test."""
        return BADGES[self.outcome]

    def worst_of(self, names: tuple[str, ...]) -> str | None:
        """Return the badge of the worst of some lines; None where the verdict has none of them."""
        order = list(BADGES)
        found = [row.outcome for row in self.rows if row.name in names]
        return BADGES[max(found, key=order.index)] if found else None


def read_load_run(folder: Path) -> LoadRun:
    """Read the verdict of a load test.

    Raises
    ------
    ResultsError
        `E-load-verdict` where it cannot be read, or is of another version of the format.
    """
    file = folder / VERDICT
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ResultsError("E-load-version", path=folder, found=data["format"], known=FORMAT)
        rows = [LoadRow(str(row["name"]), _outcome(row), Both(**row["says"])) for row in data["rows"]]
        return LoadRun(folder, _outcome(data), Both(**data["label"]), rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultsError("E-load-verdict", path=folder, reason=f"{type(error).__name__}: {error}") from error


def _outcome(part: dict[str, Any]) -> str:
    if part["outcome"] not in BADGES:
        raise ValueError(part["outcome"])
    return str(part["outcome"])
