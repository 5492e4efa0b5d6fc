"""The computed part of `docs/load_matrix.md`: the detection matrix that is kept with the reference run.

`make prove` plays the matrix again, keeps it, and fills the page; `python -m loadtests.documents` fills it alone. A
test compares.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

import loadtests
from loadtests.matrix import FORMAT, Proof, table
from texts import pages

_ROOT: Final = Path(loadtests.__file__).parent.parent
DOCS: Final = _ROOT / "docs"
KEPT: Final = _ROOT / "results" / "launch-2023-02" / "matrix" / "matrix.json"


class _Matrix(Struct, frozen=True):
    format: int
    proofs: tuple[Proof, ...]


def proofs_in(file: Path) -> tuple[Proof, ...]:
    """Read a `matrix.json`.

    Raises
    ------
    ValueError
        For one of another format.
    """
    found = msgspec.json.decode(file.read_bytes(), type=_Matrix)
    if found.format != FORMAT:
        raise ValueError(f"{file}: format {found.format}, not {FORMAT}")
    return found.proofs


def _reference(_: str) -> str:
    return table(proofs_in(KEPT)).rstrip("\n")


FILLERS: Final = {"matrix": _reference}


if __name__ == "__main__":
    pages.refresh(DOCS, FILLERS)
