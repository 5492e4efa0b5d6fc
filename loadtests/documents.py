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
from loadtests.matrix import FORMAT, Made, Proof, table
from texts import LANGS, pages

_ROOT: Final = Path(loadtests.__file__).parent.parent
DOCS: Final = _ROOT / "docs"
KEPT: Final = _ROOT / "results" / "launch-2023-02" / "matrix" / "matrix.json"


class Matrix(Struct, frozen=True):
    """What is kept of a matrix."""

    format: int
    made: Made
    proofs: tuple[Proof, ...]


def matrix_in(file: Path) -> Matrix:
    """Read a `matrix.json`.

    Raises
    ------
    ValueError
        For one of another format.
    """
    content = file.read_bytes()
    found = msgspec.json.decode(content)["format"]
    if found != FORMAT:
        raise ValueError(f"{file}: format {found}, not {FORMAT}")
    return msgspec.json.decode(content, type=Matrix)


def _reference(_: str) -> str:
    kept = matrix_in(KEPT)
    said = "\n".join(kept.made.says(lang) for lang in LANGS)
    return f"{said}\n\n{table(kept.proofs)}".rstrip("\n")


FILLERS: Final = {"matrix": _reference}


if __name__ == "__main__":
    pages.refresh(DOCS, FILLERS)
