"""The answer at the top of the page, computed from the comparison by rules; nothing here is written by hand."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from report.findings import (
    Change,
    ChangeInWords,
    Level,
    Verdict,
    change,
    in_words,
    level,
    level_in_words,
)
from report.words import Both, both, name_of, number, places

HEADLINE = "wait_mean"
LINES = (
    ("citizen_hours_per_move", "adopters"),
    ("citizen_hours_per_move", "others"),
    ("staff_hours_counter", "all"),
    ("staff_hours_total", "all"),
    ("overtime_hours", "all"),
)
"""The changes that are judged under the headline: measure and group of users."""

CARDS = (
    "wait_mean",
    "wait_p90",
    "wait_over_30_share",
    "citizen_hours_per_move",
    "staff_hours_total",
    "overtime_hours",
)
MEANS = {"wait_mean", "office_time_mean", "citizen_hours_per_move", "visits_per_move"}
"""Measures over finished customers: the number still inside stands beside each of them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The sentence at the top, and the difference with its range below it."""

    sentence: Both
    detail: Both | None


def headline(found: Change | None) -> Answer:
    """Say in one sentence what happens to the mean wait.

    The sentence claims a direction only where the whole interval and the two printed figures agree with it.
    """
    if found is None:
        return Answer(both("report.headline.missing"), None)
    words = in_words(found)
    key = f"report.headline.{found.verdict}"
    if found.verdict in (Verdict.LOWER, Verdict.HIGHER) and words.alike:
        key = "report.headline.tiny"
    detail = None if found.verdict is Verdict.SAME else words.difference
    return Answer(both(key, before=words.before, after=words.after), detail)


def headline_of_one(found: Level | None) -> Answer:
    """Say in one sentence how long people wait, for a run with one arm."""
    if found is None:
        return Answer(both("report.headline.missing"), None)
    figure, _, span = level_in_words(found)
    return Answer(both("report.headline.one", figure=figure), span)


def headline_of_load(outcome: str) -> Both:
    """Say in one sentence what a load test came to."""
    return both(f"report.load.answer.{outcome}")


@dataclass(frozen=True, slots=True)
class Line:
    """One judged change under the headline."""

    title: Both
    words: ChangeInWords


def lines(comparison: pd.DataFrame) -> list[Line]:
    """Judge the changes of `LINES`, those that the run has."""
    found = []
    for measure, users in LINES:
        row = change(comparison, measure, users=users)
        if row is not None:
            title = name_of("measure", measure)
            if users != "all":
                title = both("report.line.of_users", measure=title, users=name_of("users", users))
            found.append(Line(title, in_words(row)))
    return found


@dataclass(frozen=True, slots=True)
class Card:
    """One main figure: its name, the figure (two of them where there are two arms), unit, range and remark."""

    title: Both
    figures: list[str]
    unit: Both
    span: Both
    verdict: Verdict | None
    remark: Both | None


def cards(summary: pd.DataFrame, comparison: pd.DataFrame | None, arms: list[str]) -> list[Card]:
    """Return the main figures that the run has."""
    found: list[Card] = []
    for measure in CARDS:
        title = name_of("measure", measure)
        remark = still_inside(summary, arms) if measure in MEANS else None
        if comparison is not None:
            row = change(comparison, measure)
            if row is not None:
                words = in_words(row)
                pair = [words.before, words.after]
                found.append(Card(title, pair, words.unit, words.difference, words.verdict, remark))
        else:
            one = level(summary, arms[0], measure)
            if one is not None:
                figure, unit, span = level_in_words(one)
                found.append(Card(title, [figure], unit, span, None, remark))
    return found


def still_inside_figures(summary: pd.DataFrame, arms: list[str], **groups: str) -> list[str]:
    """Return the mean number of people still inside at the end, per arm, as printed; a dash where it is not known."""
    levels = [level(summary, arm, "still_inside", **groups) for arm in arms]
    decimals = places(*(found.estimate for found in levels if found is not None))
    return [number(found.estimate, min(decimals, 1)) if found is not None else "—" for found in levels]


def still_inside(summary: pd.DataFrame, arms: list[str], **groups: str) -> Both:
    """Say how many people were still inside when counting ended, whom a mean over finished customers leaves out."""
    figures = still_inside_figures(summary, arms, **groups)
    if len(figures) == 1:
        return both("report.still_inside.one", figure=figures[0])
    return both("report.still_inside.two", before=figures[0], after=figures[1])
