"""What is shown: one self-contained page from a run folder. `build_report` is the way in."""

from report.page import build_report

__all__ = ["build_report"]
