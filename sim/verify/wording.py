"""Rows of the self-test as words and figures for a table, and the sentences below it."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from scipy import stats

from sim.verify.rows import Z_LIMIT, Row
from texts import Lang, say

_COLUMNS = ("family", "case", "quantity", "target", "estimate", "half_width", "z", "verdict")


def headings(lang: Lang) -> tuple[str, ...]:
    """Return the headings of the eight columns that `cells` fills."""
    return tuple(say(f"verify.column.{column}", lang) for column in _COLUMNS)


def cells(row: Row, lang: Lang) -> tuple[str, ...]:
    """Return one row as words and figures; the half-width stands as a share of the target, as the rule has it."""
    return (
        say(f"verify.family.{row.family}", lang),
        row.case,
        say(f"verify.quantity.{row.quantity}", lang),
        f"{row.target:.5g}",
        f"{row.estimate:.5g}" if isfinite(row.estimate) else "–",
        f"{row.half_width / row.target:.2%}" if isfinite(row.half_width) else "–",
        f"{row.z:+.2f}" if isfinite(row.z) else "–",
        say(f"verify.verdict.{row.verdict}", lang),
    )


def conclusion(rows: Sequence[Row], lang: Lang, *, seconds: float, seed: int) -> str:
    """Return how many rows passed, and the rule by which they did with its odds of a false alarm."""
    failed = sum(not row.passed for row in rows)
    facts = {"rows": len(rows), "failed": failed, "seconds": f"{seconds:.0f}", "seed": seed}
    outcome = say("verify.summary.failed", lang, **facts) if failed else say("verify.summary.passed", lang, **facts)
    return outcome + "\n" + say("verify.rule", lang, chance=f"{false_alarm(len(rows)):.1%}")


def false_alarm(rows: int) -> float:
    """Return the probability that chance alone puts at least one of so many rows of a correct engine off target."""
    return float(1 - (1 - 2 * stats.norm.sf(Z_LIMIT)) ** rows)
