"""The figures on hours: where those of the staff go, and what is saved."""

from __future__ import annotations

import pandas as pd

from report import charts
from report.figures import Figure, arm_names, cells_of, value_columns
from report.findings import Change, Verdict, change, pick
from report.svg import Wording
from report.words import Both, both, name_of, number, places
from results.store import Run

ACTIVITIES = ("counter", "card", "checking", "preparing", "post", "rework", "other")
CITIZEN_ITEMS = ("waiting", "service", "travel", "form")
SAVED = {
    "citizens": [("citizen", i, f"citizen_hours_{i}") for i in CITIZEN_ITEMS] + [("citizen", "total", "citizen_hours")],
    "visits": [("measure", "visits", "visits")],
    "staff": [("activity", i, f"staff_hours_{i}") for i in ACTIVITIES]
    + [("activity", "total", "staff_hours_total"), ("activity", "overtime", "overtime_hours")],
}
"""The panels of the savings: for each item the group and id of its name, and its measure."""


def staff_hours(run: Run, arms: list[str]) -> Figure | None:
    """Draw the hours of the staff by activity; None where the summary has none of them."""
    summary = run.table("summary")
    found = {
        (item, arm): rows.iloc[0]
        for item in ACTIVITIES
        for arm in arms
        if not (rows := pick(summary[summary["arm"] == arm], f"staff_hours_{item}").dropna(subset="estimate")).empty
    }
    items = [item for item in ACTIVITIES if any((item, arm) in found for arm in arms)]
    if not items:
        return None
    names = arm_names(arms)
    keys = [(item, arm) for item in items for arm in arms if (item, arm) in found]
    long = pd.DataFrame([found[key] for key in keys]).reset_index(drop=True)
    wording = Wording()
    frame = pd.DataFrame(
        {
            "item": [wording(name_of("activity", item)) for item, _ in keys],
            "arm": [wording(names[arms.index(arm)]) for _, arm in keys],
            "value": long["estimate"],
            "text": [
                wording(_at_end(names[arms.index(arm)], value, alone=len(arms) == 1))
                for (_, arm), value in zip(keys, long["estimate"], strict=True)
            ],
        }
    )
    titles = [name_of("activity", item) for item in items]
    return Figure(
        "staff_hours",
        _staff_title(run, items, long),
        both("report.staff.subtitle"),
        None,
        charts.bars(frame, titles, charts.Arms(names), both("report.axis.hours"), wording),
        [both("report.staff.x"), *value_columns(names)],
        [
            cells_of((item, [found.get((item, arm)) for arm in arms]), lambda i: name_of("activity", i))
            for item in items
        ],
        pd.DataFrame({"activity": [item for item, _ in keys], "arm": [arm for _, arm in keys], "unit": "h"}).assign(
            hours=long["estimate"], lo95=long["lo95"], hi95=long["hi95"]
        ),
    )


def _at_end(arm: Both, value: float, *, alone: bool) -> Both:
    figure = number(value, places(value))
    return Both(figure, figure) if alone else Both(f"{arm.ja} {figure}", f"{arm.en} {figure}")


def _staff_title(run: Run, items: list[str], long: pd.DataFrame) -> Both:
    """Name the activities that surely lose and gain the most hours."""
    if "comparison" not in run.tables:
        most = items[int(long["estimate"].to_numpy().argmax())]
        return both("report.staff.title.one", item=name_of("activity", most))
    comparison = run.table("comparison")
    changes = {item: change(comparison, f"staff_hours_{item}") for item in items}
    return staff_title({item: found for item, found in changes.items() if found is not None})


def staff_title(changes: dict[str, Change]) -> Both:
    """Name the activity that surely loses most hours and the one that surely gains most, as far as there are such."""
    down = [item for item, found in changes.items() if found.verdict is Verdict.LOWER]
    up = [item for item, found in changes.items() if found.verdict is Verdict.HIGHER]
    key = f"{'down' if down else ''}{'up' if up else ''}" or "none"
    values: dict[str, object] = {}
    if down:
        values["less"] = name_of("activity", min(down, key=lambda item: changes[item].difference))
    if up:
        values["more"] = name_of("activity", max(up, key=lambda item: changes[item].difference))
    return both(f"report.staff.title.{key}", **values)


def savings(run: Run) -> Figure | None:
    """Draw what is saved, of people's hours, visits and staff hours, with intervals; None where nothing is compared."""
    comparison = run.table("comparison")
    found = {
        group: [(name_of(kind, item), row) for kind, item, m in parts if (row := change(comparison, m)) is not None]
        for group, parts in SAVED.items()
    }
    found = {group: rows for group, rows in found.items() if rows}
    if not found:
        return None
    wording = Wording()
    totals = {
        group: change(comparison, m) for group, m in (("citizens", "citizen_hours"), ("staff", "staff_hours_total"))
    }
    panels = [
        charts.Panel(
            both(f"report.savings.panel.{group}"),
            both(f"report.axis.saved.{'visits' if group == 'visits' else 'hours'}"),
            [name for name, _ in rows],
            _saving_frame([row for _, row in rows], wording),
        )
        for group, rows in found.items()
    ]
    flat = [(group, name, row) for group, rows in found.items() for name, row in rows]
    return Figure(
        "savings",
        savings_title(totals["citizens"], totals["staff"]),
        both("report.savings.subtitle"),
        both("report.savings.note"),
        charts.intervals(panels, wording),
        [both("report.savings.x"), *map(both, ("report.column.saved", "report.column.range", "report.column.verdict"))],
        [_saving_row(group, name, row) for group, name, row in flat],
        pd.DataFrame(
            {
                "measure": [row.measure for _, _, row in flat],
                "unit": [row.unit for _, _, row in flat],
                "saved": [-row.difference for _, _, row in flat],
                "lo95": [-row.hi for _, _, row in flat],
                "hi95": [-row.lo for _, _, row in flat],
            }
        ),
    )


def savings_title(citizens: Change | None, staff: Change | None) -> Both:
    """Say what is saved of people's hours and of staff hours, each only as far as its interval allows."""
    clauses = [
        both(
            f"report.savings.{who}.{found.verdict}",
            amount=number(abs(found.difference), places(found.difference)),
        )
        for who, found in (("citizens", citizens), ("staff", staff))
        if found is not None
    ]
    if not clauses:
        return both("report.savings.title")
    return clauses[0] if len(clauses) == 1 else both("report.savings.both", first=clauses[0], second=clauses[1])


def _saving_frame(rows: list[Change], wording: Wording) -> pd.DataFrame:
    unsure = wording(both("report.verdict.cannot_say"))
    return pd.DataFrame(
        {
            "value": [-row.difference for row in rows],
            "lo": [-row.hi for row in rows],
            "hi": [-row.lo for row in rows],
            "text": [
                unsure if row.verdict is Verdict.CANNOT_SAY else number(-row.difference, places(row.difference))
                for row in rows
            ],
        }
    )


def _saving_row(group: str, name: Both, row: Change) -> list[Both | str]:
    decimals = places(row.difference)
    low, high = number(-row.hi, decimals), number(-row.lo, decimals)
    title = both("report.savings.row", group=both(f"report.savings.panel.{group}"), item=name)
    return [title, number(-row.difference, decimals), f"{low} – {high}", both(f"report.verdict.{row.verdict}")]
