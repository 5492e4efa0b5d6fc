"""What the page shows of one replication, straight from its log: a part of `sim.measures`, and the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sim.measures.citizens import put_hours
from sim.measures.staff import put_staff
from sim.measures.tidy import TidyRows
from sim.measures.visits import visits_of
from sim.measures.waiting import daily_waiting, put_few_waits
from sim.occupancy import Occupancy
from sim.replication import Replication

ROWS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("wait_mean", {}),
    ("wait_p90", {}),
    ("wait_over_30_share", {}),
    ("wait_mean", {"kind": "certificate"}),
    ("citizen_hours_per_move", {}),
    ("left_share", {}),
    ("staff_hours_total", {}),
    ("staff_hours_counter", {}),
    ("staff_hours_preparing", {}),
    ("staff_minutes_per_move", {}),
    ("overtime_hours", {}),
    ("utilisation_clerks", {}),
    ("backlog_mean", {}),
)
"""Measures and their groups, in the order of the page."""

_NAMES: Final = {measure for measure, _ in ROWS}

DAILY: Final = "wait_p90"
"""The curve of the season: what 90 of 100 people who come to the main office on a day stay within."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows of one replication: of `sim.measures.tidy.MEASURES`, and the season's curve by date."""

    rows: list[Row]
    days: dict[str, float]


def shown_of(replication: Replication) -> Shown:
    """Measure one replication."""
    rows = TidyRows()
    visits = visits_of(replication)
    put_few_waits(rows, replication, visits)
    put_hours(rows, replication, visits, ((),))
    put_staff(rows, replication, Occupancy(replication.compiled.program, replication.log))
    main = next(site.id for site in replication.scenario.sites if site.main)
    daily: list[Row] = daily_waiting(replication, visits, (main,))
    kept = [row for row in rows.rows if _is_shown(row, main)]
    return Shown([*kept, _minutes_per_move(rows)], {row[0]: row[4] for row in daily if row[1] == DAILY})


def _is_shown(row: Row, main: str) -> bool:
    measure, _, kind, users, site, weekday, hour, _, _ = row
    if measure not in _NAMES:
        return False
    if measure == "wait_mean" and site == main and weekday != "all" and hour != "all":
        return True
    group = {"kind": kind, "users": users, "site": site, "weekday": weekday, "hour": hour}
    return (measure, {name: own for name, own in group.items() if own != "all"}) in ROWS


def _minutes_per_move(rows: TidyRows) -> Row:
    """What the staff's work comes to for each move whose filing falls in the period."""
    overall = {str(row[0]): row for row in rows.rows if set(row[2:7]) == {"all"}}
    hours, moves = (float(str(overall[name][7])) for name in ("staff_hours_total", "moves"))
    return ("staff_minutes_per_move", "min", *("all",) * 5, 60 * hours / moves if moves else float("nan"), int(moves))
