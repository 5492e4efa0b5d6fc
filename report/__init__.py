"""What is shown: one self-contained page from a run folder. `build_report` is the way in."""

from __future__ import annotations

from pathlib import Path

__all__ = ["REPORT", "build_report"]

REPORT = "report.html"


def build_report(run_folder: Path) -> Path:
    """Write the page of a run folder; see `report.page.build_report`. Charts are imported when they are drawn."""
    from report.page import build_report as build  # noqa: PLC0415

    return build(run_folder)
