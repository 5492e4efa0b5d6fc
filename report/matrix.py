"""The detection matrix: which seeded defects a load test caught, as `hikkoshi load --prove` wrote it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from report.load_run import BADGES
from report.words import Both, both, name_of
from results.errors import ResultsError

MATRIX = "matrix.json"
FORMAT = 4


@dataclass(frozen=True, slots=True)
class Proof:
    """One short run with one seeded defect, or without any.

    Attributes
    ----------
    found
        Kinds of findings that had cases, each with their number.
    runs, alarms, unbelieved
        How many runs this stands for; how many of them were not right although every gate held; and in how many one did
        not hold, so that they prove nothing.
    """

    defect: str
    does: Both
    expected: Both | None
    found: list[tuple[Both, int]]
    outcome: Both
    right: bool
    runs: int
    alarms: int
    unbelieved: int

    @property
    def badge(self) -> str:
        """Met, not met, or cannot be told."""
        return "met" if self.right else "not_met" if self.alarms else "cannot_say"


def matrix_in(place: Path) -> Path | None:
    """Return the file of a matrix: the place itself, or the one in its folder; None where there is none."""
    file = place / MATRIX if place.is_dir() else place
    return file if file.name == MATRIX and file.is_file() else None


def read_matrix(file: Path) -> list[Proof]:
    """Read a matrix.

    Raises
    ------
    ResultsError
        `E-load-matrix` where it cannot be read, `E-load-version` for another version of the format.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ResultsError("E-load-version", path=file, found=data["format"], known=FORMAT)
        return [_proof(one) for one in data["proofs"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResultsError("E-load-matrix", path=file, reason=f"{type(error).__name__}: {error}") from error


def _proof(one: dict[str, Any]) -> Proof:
    if one["outcome"] not in BADGES:
        raise ValueError(one["outcome"])
    return Proof(
        str(one["defects"] or one["name"]),
        Both(**one["does"]),
        None if one["expected"] is None else name_of("finding", str(one["expected"])),
        [(name_of("finding", str(name)), int(count)) for name, count in one["found"].items()],
        name_of("load.outcome", str(one["outcome"])),
        bool(one["right"]),
        int(one["runs"]),
        int(one["alarms"]),
        int(one["unbelieved"]),
    )


def matrix_sentence(proofs: list[Proof]) -> Both:
    """Say how many defects were caught, missed, or cannot be told; and what the runs without one found."""
    defects = [proof for proof in proofs if proof.expected is not None]
    clean = [proof for proof in proofs if proof.expected is None]
    caught = sum(proof.right for proof in defects)
    unknown = sum(bool(proof.unbelieved) for proof in defects)
    said = both(
        f"report.matrix.{'all' if defects and caught == len(defects) else 'some' if defects else 'none'}",
        caught=caught,
        all=len(defects),
        missed=len(defects) - caught - unknown,
        unknown=unknown,
    )
    if not clean:
        return said
    alarms, unbelieved = sum(proof.alarms for proof in clean), sum(proof.unbelieved for proof in clean)
    key = "wrong" if alarms else "unknown" if unbelieved else "right"
    runs = sum(proof.runs for proof in clean)
    alone = both(f"report.matrix.clean.{key}", runs=runs, alarms=alarms, unbelieved=unbelieved)
    return Both(f"{said.ja}{alone.ja}", f"{said.en} {alone.en}")
