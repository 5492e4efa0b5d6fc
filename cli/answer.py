"""What a run says: the planner's questions in order, each with the rows that answer it, and how the program ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from cli.arms import Arms
from cli.exits import Exit
from cli.profile import Lap, profile
from cli.runs import Written
from report.findings import Change, Level, change, level, pick
from sim.experiment import Outcome, Plan

HEADLINE = "wait_mean"


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the answer: a measure in a group, and the key of its name."""

    label: str
    measure: str
    groups: dict[str, str] = field(default_factory=dict)


def _whom(kind: str, users: str) -> Question:
    return Question(f"cli.row.{kind}.{users}", "citizen_hours_waiting", {"kind": kind, "users": users})


def _work(activity: str) -> Question:
    return Question(f"cli.row.staff.{activity}", f"staff_hours_{activity}")


QUESTIONS: dict[str, tuple[Question, ...]] = {
    "cli.section.people": (
        Question("cli.row.wait_mean", "wait_mean"),
        Question("cli.row.wait_p90", "wait_p90"),
        Question("cli.row.wait_over_30", "wait_over_30_share"),
        Question("cli.row.certificates", "wait_mean", {"kind": "certificate"}),
        Question("cli.row.visits_per_move", "visits_per_move"),
        Question("cli.row.time_per_move", "citizen_hours_per_move"),
    ),
    "cli.section.whom": (
        *(_whom("move_in", users) for users in ("adopters", "others")),
        *(_whom("move_out", users) for users in ("adopters", "others")),
        *(_whom("move_within", users) for users in ("adopters", "others")),
        _whom("from_abroad", "others"),
        Question("cli.row.all_moves", "citizen_hours_waiting"),
    ),
    "cli.section.work": (
        *(_work(name) for name in ("counter", "card", "checking", "preparing", "post", "rework", "other", "total")),
        Question("cli.row.staff.overtime", "overtime_hours"),
    ),
    "cli.section.end": (Question("cli.row.still_inside", "still_inside"),),
}
"""What the table says of one pair of scenarios, by heading."""

ACROSS = (
    Question("cli.row.wait_mean", "wait_mean"),
    Question("cli.row.wait_p90", "wait_p90"),
    Question("cli.row.time_per_move", "citizen_hours_per_move"),
    Question("cli.row.staff_hours", "staff_hours_total"),
    Question("cli.row.overtime_hours", "overtime_hours"),
    Question("cli.row.still_inside", "still_inside"),
)
"""What the table says of more than two scenarios, each against the first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished run with everything that the table and the JSON object say of it.

    Attributes
    ----------
    words
        The scenarios as they were typed.
    laws, broken
        How many checks of the laws of queueing were made, and those that do not hold (arm, replication, law, place).
    profile
        Where the time went, if that was asked for.
    """

    words: Sequence[str]
    arms: Arms
    plan: Plan
    outcome: Outcome
    written: Written
    laws: int
    broken: pd.DataFrame
    profile: list[Lap] | None = None

    @property
    def names(self) -> list[str]:
        """Names of the arms, in order."""
        return list(self.arms)

    @property
    def exit(self) -> Exit:
        """How the program ends; the worst of what happened."""
        if len(self.broken):
            return Exit.FAULTY
        if self.outcome.failures or self.written.trouble:
            return Exit.INTERNAL
        if self.outcome.verdict is not None and not self.outcome.verdict.guaranteed:
            return Exit.CANNOT_SAY
        return Exit.FINE

    @property
    def variance_ratio(self) -> float:
        """What common random numbers achieved for the mean wait of the first pair; NaN where there is no pair."""
        for frame in self.written.comparisons.values():
            rows = frame[(frame["measure"] == HEADLINE) & (frame[_GROUPS] == "all").all(axis=1)]
            return float(rows["variance_ratio"].iloc[0]) if len(rows) else math.nan
        return math.nan

    def change(self, arm: str, question: Question) -> Change | None:
        """Answer one question for an arm against the first; None where too little was observed to say anything."""
        return change(self.written.comparisons[arm], question.measure, **question.groups)

    def level(self, arm: str, question: Question) -> Level | None:
        """Answer one question for one arm; None where too little was observed to say anything."""
        return level(self.written.summary, arm, question.measure, **question.groups)

    def unit(self, question: Question) -> str | None:
        """Return the unit of a question's measure in the tables; None where it was not measured."""
        rows = pick(self.written.summary, question.measure, **question.groups)
        return None if rows.empty else str(rows["unit"].iloc[0])


_GROUPS = ["kind", "users", "site", "weekday", "hour"]


def answer_of(
    words: Sequence[str], arms: Arms, plan: Plan, outcome: Outcome, written: Written, laps: list[Lap] | None = None
) -> Answer:
    """Return the answer of a run; with its laps, also where the time went."""
    laws = outcome.results.laws
    seconds = {str(stage): spent for stage, spent in outcome.seconds.items()}
    spent = None if laps is None else profile(laps, seconds, in_process=plan.jobs == 1)
    return Answer(words, arms, plan, outcome, written, len(laws), laws[~laws["holds"]], spent)
