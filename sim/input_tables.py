"""Numbers of a scenario with their evidence, as rows of a table of `docs/`."""

from __future__ import annotations

from scenarios.evidence import Evidence

HEADS = ("input", "what", "value", "range", "unit", "source")
"""What `cells` writes."""


def cells(row: Evidence) -> tuple[str, ...]:
    """Write one number with its evidence."""
    known = row.low is not None and row.high is not None
    return (
        f"`{row.key}`",
        row.label_en,
        f"{row.value:.10g}",
        f"{row.low:.10g} – {row.high:.10g}" if known else "",
        row.unit,
        row.source or "none given",
    )
