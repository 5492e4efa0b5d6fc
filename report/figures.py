"""What a figure of the page is, and what all figures share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from report.svg import Drawing
from report.words import Both, both, number, places


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its words, its chart, and its numbers as they are printed and as they are."""

    ident: str
    title: Both
    subtitle: Both
    note: Both | None
    drawing: Drawing
    header: list[Both]
    rows: list[list[Both | str]]
    data: pd.DataFrame


def arm_names(arms: list[str]) -> list[Both]:
    """Return "before" and "after" as the page calls them; one arm alone is called "estimate"."""
    if len(arms) == 1:
        return [both("report.arm.one")]
    return [both("report.arm.before"), both("report.arm.after")]


def grouped(long: pd.DataFrame, column: str, arms: list[str]) -> list[tuple[str, list[pd.Series | None]]]:
    """Group rows by one column, keeping for each arm its row or None."""
    groups = []
    for value, part in long.groupby(column, sort=True):
        by_arm = {str(row["arm"]): row for _, row in part.iterrows()}
        groups.append((str(value), [by_arm.get(arm) for arm in arms]))
    return groups


def cells_of(group: tuple[str, list[pd.Series | None]], name: Callable[[str], Both]) -> list[Both | str]:
    """Print one row of a figure's table: its name, then for each arm the estimate and its range."""
    value, rows = group
    cells: list[Both | str] = [name(value)]
    for row in rows:
        if row is None:
            cells += ["—", "—"]
        else:
            decimals = places(row["estimate"])
            low, high = number(row["lo95"], decimals), number(row["hi95"], decimals)
            cells += [number(row["estimate"], decimals), f"{low} – {high}"]
    return cells


def value_columns(names: list[Both]) -> list[Both]:
    """Name the columns that `cells_of` fills."""
    return [column for name in names for column in (both("report.column.of", arm=name), both("report.column.range"))]
