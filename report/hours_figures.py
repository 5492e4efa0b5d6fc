"""The figures on hours: where those of the staff go, and what is saved."""

from __future__ import annotations

import altair as alt
import pandas as pd

from report import charts
from report.figures import Figure, arm_names, cells_of, drawn, value_columns
from report.findings import Change, Verdict, change, pick
from report.words import Both, both, name_of, number, places
from results.store import Run
from texts import Lang

ACTIVITIES = ("counter", "card", "checking", "preparing", "post", "rework", "other")
CITIZEN_ITEMS = ("waiting", "service", "travel", "form")


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
    texts = [number(value, places(value)) for value in long["estimate"]]
    title = _staff_title(run, items, long)
    subtitle = both("report.staff.subtitle")

    def draw(lang: Lang) -> alt.TopLevelMixin:
        arm = [names[arms.index(a)].in_(lang) for _, a in keys]
        frame = pd.DataFrame(
            {
                "item": [name_of("activity", item).in_(lang) for item, _ in keys],
                "arm": arm,
                "value": long["estimate"],
                "text": [f"{a} {t}" if len(arms) > 1 else t for a, t in zip(arm, texts, strict=True)],
            }
        )
        shown = charts.Arms([name.in_(lang) for name in names])
        return charts.bars(frame, shown, both("report.axis.hours").in_(lang))

    return Figure(
        "staff_hours",
        title,
        subtitle,
        None,
        drawn("staff", title, subtitle, draw),
        [both("report.staff.x"), *value_columns(names)],
        [
            cells_of((item, [found.get((item, arm)) for arm in arms]), lambda i: name_of("activity", i))
            for item in items
        ],
        pd.DataFrame({"activity": [item for item, _ in keys], "arm": [arm for _, arm in keys], "unit": "h"}).assign(
            hours=long["estimate"], lo95=long["lo95"], hi95=long["hi95"]
        ),
    )


def _staff_title(run: Run, items: list[str], long: pd.DataFrame) -> Both:
    """Name the activities that surely lose and gain the most hours."""
    if "comparison" not in run.tables:
        most = items[int(long["estimate"].to_numpy().argmax())]
        return both("report.staff.title.one", item=name_of("activity", most))
    comparison = run.table("comparison")
    changes = {item: change(comparison, f"staff_hours_{item}") for item in items}
    sure = {item: found for item, found in changes.items() if found is not None}
    down = [item for item, found in sure.items() if found.verdict is Verdict.LOWER]
    up = [item for item, found in sure.items() if found.verdict is Verdict.HIGHER]
    key = (
        f"report.staff.title.{'down' if down else ''}{'up' if up else ''}" if down or up else "report.staff.title.none"
    )
    values: dict[str, object] = {}
    if down:
        values["less"] = name_of("activity", min(down, key=lambda item: sure[item].difference))
    if up:
        values["more"] = name_of("activity", max(up, key=lambda item: sure[item].difference))
    return both(key, **values)


def savings(run: Run) -> Figure | None:
    """Draw what is saved, of people's and of staff hours, with intervals; None where nothing is compared."""
    if "comparison" not in run.tables:
        return None
    comparison = run.table("comparison")
    groups = {
        "citizens": [("citizen", i, f"citizen_hours_{i}") for i in CITIZEN_ITEMS]
        + [("citizen", "total", "citizen_hours")],
        "staff": [("activity", i, f"staff_hours_{i}") for i in ACTIVITIES]
        + [("activity", "total", "staff_hours_total"), ("activity", "overtime", "overtime_hours")],
    }
    found = {
        group: [(name_of(kind, item), row) for kind, item, m in parts if (row := change(comparison, m)) is not None]
        for group, parts in groups.items()
    }
    found = {group: rows for group, rows in found.items() if rows}
    if not found:
        return None
    totals = {
        group: change(comparison, m) for group, m in (("citizens", "citizen_hours"), ("staff", "staff_hours_total"))
    }
    title = savings_title(totals["citizens"], totals["staff"])
    subtitle = both("report.savings.subtitle")

    def draw(lang: Lang) -> alt.TopLevelMixin:
        panels = [
            (both(f"report.savings.panel.{group}").in_(lang), _saving_frame(rows, lang))
            for group, rows in found.items()
        ]
        return charts.savings(panels, both("report.axis.saved").in_(lang))

    flat = [(group, name, row) for group, rows in found.items() for name, row in rows]
    return Figure(
        "savings",
        title,
        subtitle,
        both("report.savings.note"),
        drawn("savings", title, subtitle, draw),
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


def _saving_frame(rows: list[tuple[Both, Change]], lang: Lang) -> pd.DataFrame:
    unsure = both("report.verdict.cannot_say").in_(lang)
    return pd.DataFrame(
        {
            "item": [name.in_(lang) for name, _ in rows],
            "value": [-row.difference for _, row in rows],
            "lo": [-row.hi for _, row in rows],
            "hi": [-row.lo for _, row in rows],
            "text": [
                unsure if row.verdict is Verdict.CANNOT_SAY else number(-row.difference, places(row.difference))
                for _, row in rows
            ],
        }
    )


def _saving_row(group: str, name: Both, row: Change) -> list[Both | str]:
    decimals = places(row.difference)
    low, high = number(-row.hi, decimals), number(-row.lo, decimals)
    title = both("report.savings.row", group=both(f"report.savings.panel.{group}"), item=name)
    return [title, number(-row.difference, decimals), f"{low} – {high}", both(f"report.verdict.{row.verdict}")]
