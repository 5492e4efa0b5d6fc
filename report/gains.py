"""Who gains and who loses: every kind of customer, and who files online beside who does not."""

from __future__ import annotations

from dataclasses import dataclass

from report.findings import ChangeInWords, Verdict, change, in_words
from report.headline import still_inside_figures
from report.words import Both, both, name_of
from results.store import Run

KINDS = ("move_in", "move_out", "move_within", "from_abroad", "certificate", "card_only")
USERS = ("adopters", "others")
GAINS = (("wait_mean", "report.gains.wait"), ("citizen_hours_per_move", "report.gains.time"))
"""What is compared group by group, and the title of its table."""


@dataclass(frozen=True, slots=True)
class GainRow:
    """One group of people: its change, and how many of it were still inside in each arm."""

    name: Both
    words: ChangeInWords
    inside: list[str]


@dataclass(frozen=True, slots=True)
class Gains:
    """One table of who gains and who loses, with its sentence."""

    ident: str
    title: Both
    sentence: Both
    rows: list[GainRow]


def gains(run: Run, arms: list[str]) -> list[Gains]:
    """Compare each kind of customer and group of users; groups without a comparison are left out."""
    comparison, summary = run.table("comparison"), run.table("summary")
    found = []
    for measure, title in GAINS:
        rows = []
        for kind in KINDS:
            for users in USERS:
                row = change(comparison, measure, kind=kind, users=users)
                if row is not None and row.n > 0:
                    name = both("report.gains.row", kind=name_of("kind", kind), users=name_of("users", users))
                    inside = still_inside_figures(summary, arms, kind=kind, users=users)
                    rows.append(GainRow(name, in_words(row), inside))
        if rows:
            found.append(
                Gains(f"gains-{measure}", both(title), gains_sentence([row.words.verdict for row in rows]), rows)
            )
    return found


def gains_sentence(verdicts: list[Verdict]) -> Both:
    """Count the groups whose figure falls, rises, stays, and those of which nothing can be said."""
    counts = {verdict.value: verdicts.count(verdict) for verdict in Verdict}
    return both("report.gains.sentence", total=len(verdicts), **counts)
