"""What the page of a load test alone says where that of a simulation speaks of the simulation."""

from __future__ import annotations

from report.headline import Answer, headline_of_load
from report.load_figure import load_title, window_words
from report.load_run import LoadRun
from report.provenance import reproduce
from report.words import Both, both

LIMITS = ("fakes", "machine", "scenario", "rare")
WORDS = ("fakes", "outcomes", "reconciled", "within")
"""By their keys."""


def of_load_alone(load: LoadRun) -> dict[str, object]:
    """Return the header, the answer, and what stands at the end of the page."""
    played = load.played
    return {
        "label": both("report.label.load"),
        "title": both("report.title.load"),
        "scope": both("report.scope.load", window=window_words(played.window), arrivals=f"{played.arrivals:,}"),
        "arms": [both("report.scope.scenario", title=Both(a.title.ja, a.title.en)) for a in load.manifest.arms],
        "left_out": 0,
        "failures": None,
        "answer": Answer(headline_of_load(load.outcome), load_title(load.outcome, played)),
        "lines": [],
        "assumptions": None,
        "limits_title": both("report.section.limits.load"),
        "limits": [both(f"report.limits.load.{name}") for name in LIMITS],
        "words": [(both(f"report.word.load.{name}"), both(f"report.word.load.{name}.meaning")) for name in WORDS],
        "again": both("report.again.load.sentence"),
        "reproduce": reproduce(load.manifest, replicated=False),
    }
