"""What is shown: one self-contained page from run folders. `build_report` is the way in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

__all__ = ["REPORT", "build_report"]

REPORT = "report.html"


def build_report(folders: Sequence[Path], out: Path | None = None, *, pictures: bool = True) -> Path:
    """Write the page; see `report.writing.build_report`. Charts are imported when they are drawn."""
    from report.writing import build_report as build  # noqa: PLC0415

    return build(folders, out, pictures=pictures)
