"""The numbers that scenarios take from tables: months, weekdays, seasons, hours, areas.

Every reader takes the path of a scenario's own table; without one it reads the packaged table of `scenarios/data/`,
which names the source of each row. A table that does not fit raises `DataTableError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

from scenarios.csvtable import DataTableError, Row, Table, allowed, read_table

__all__ = [
    "FLOWS",
    "Area",
    "DataTableError",
    "Flow",
    "SeasonMultipliers",
    "SeasonSpan",
    "annual_inter_municipal_movers",
    "area_weights",
    "hourly_profile",
    "month_shares",
    "monthly_inter_municipal_movers",
    "packaged",
    "season_multipliers",
    "weekday_multipliers",
]

Flow = Literal["move_in", "move_out", "from_abroad", "move_within"]

FLOWS: Final[dict[str, Flow]] = {
    "move_in": "move_in",
    "move_out": "move_out",
    "from_abroad": "from_abroad",
    "move_within": "move_within",
    "国内転入": "move_in",
    "国内転出": "move_out",
    "国外からの転入": "from_abroad",
    "転居": "move_within",
}
"""The flow of each name that a table may use, in English or Japanese."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri")
AFTER_HOLIDAY: Final = "after_holiday"

_ROUNDING = 0.01
"""Published tables are rounded: months may miss their year, and shares their 100 %, by this much of it."""


@dataclass(frozen=True, slots=True)
class SeasonSpan:
    """Days, first and last included, on which arrivals are `multiplier` times those of a mean weekday of the year."""

    first: date
    last: date
    multiplier: float


@dataclass(frozen=True, slots=True)
class SeasonMultipliers:
    """The crowded spans of one year in order, and the multiplier of every other weekday."""

    spans: tuple[SeasonSpan, ...]
    otherwise: float

    def on(self, day: date) -> float:
        """Return the multiplier of one day."""
        return next((span.multiplier for span in self.spans if span.first <= day <= span.last), self.otherwise)


@dataclass(frozen=True, slots=True)
class Area:
    """A branch office's area; each weight is its share of the ward, the ten areas together 1."""

    id: str
    label_ja: str
    label_en: str
    population_weight: float
    foreign_weight: float


def packaged(name: str) -> Path:
    """Path of a table that comes with the project, by its file name."""
    return Path(__file__).parent / "data" / name


def month_shares(flow: Flow, year: int, path: Path | None = None) -> dict[int, float]:
    """Share of a year's moves in each month: base of the month over base of the year.

    Parameters
    ----------
    flow
        Kind of move.
    year
        Year of the table, not necessarily the year that is simulated.
    path
        Table with the columns `period` (2023 or 2023-03), `flow` (a name of `FLOWS`) and `base` (persons).

    Returns
    -------
    dict[int, float]
        Shares by month 1 to 12. They add up to 1 but for the rounding of the table (at most 1 %).

    Raises
    ------
    DataTableError
        When the table does not hold the year and its twelve months once each, or they do not add up.
    """
    table = read_table(path or packaged("monthly_moves_shinjuku.csv"), ("period", "flow", "base"))
    persons: dict[tuple[Flow, int, int | None], float] = {}
    for row in table.rows:
        found = FLOWS[row.one_of("flow", FLOWS)]
        key = (found, *row.period("period"))
        if key in persons:
            raise row.error("period", allowed("once"), "E-table-repeat")
        persons[key] = row.positive("base") if key[2] is None else row.number("base")
    needed: list[int | None] = [None, *range(1, 13)]
    if missing := [_period(year, month) for month in needed if (flow, year, month) not in persons]:
        raise _missing(table, "period", [_period(*key[1:]) for key in persons if key[0] == flow], missing)
    annual = persons[flow, year, None]
    shares = {month: persons[flow, year, month] / annual for month in range(1, 13)}
    _check_sum(table, "base", sum(shares.values()) * annual, annual)
    return shares


def weekday_multipliers(path: Path | None = None) -> dict[str, float]:
    """Arrivals of each weekday relative to a mean opening day: mon to fri, and after_holiday.

    `after_holiday` takes the place of the weekday's own value on the first opening day after a holiday. The packaged
    values are assumptions whose five weekdays average 1.

    Parameters
    ----------
    path
        Table with the columns `day` and `multiplier`.

    Raises
    ------
    DataTableError
        When a day is missing, repeated or unknown.
    """
    table = read_table(path or packaged("weekday_multipliers.csv"), ("day", "multiplier"))
    days = (*WEEKDAYS, AFTER_HOLIDAY)
    found: dict[str, float] = {}
    for row in table.rows:
        day = row.one_of("day", days)
        if day in found:
            raise row.error("day", allowed("once"), "E-table-repeat")
        found[day] = row.number("multiplier")
    if missing := [day for day in days if day not in found]:
        raise _missing(table, "day", list(found), missing)
    return {day: found[day] for day in days}


def season_multipliers(year: int, path: Path | None = None) -> SeasonMultipliers:
    """Arrivals in the crowded weeks of a year, relative to a mean opening weekday of that year.

    Parameters
    ----------
    year
        Year of the table.
    path
        Table with the columns `year`, `from_date`, `to_date`, `multiplier`. The one row of a year without dates holds
        for all other weekdays.

    Raises
    ------
    DataTableError
        When the year has no row for other weekdays, or a span ends before it starts, leaves its year or meets another.
    """
    columns = ("year", "from_date", "to_date", "multiplier")
    table = read_table(path or packaged("season_multipliers.csv"), columns)
    spans: list[SeasonSpan] = []
    otherwise: float | None = None
    for row in table.rows:
        if row.whole("year", 1) != year:
            continue
        if row.blank("from_date") and row.blank("to_date"):
            if otherwise is not None:
                raise row.error("from_date", allowed("once"), "E-table-repeat")
            otherwise = row.number("multiplier")
        else:
            spans.append(_season_span(row, year, spans))
    if otherwise is None:
        years = sorted({str(row.whole("year", 1)) for row in table.rows})
        raise _missing(table, "year", years, [str(year)])
    return SeasonMultipliers(tuple(sorted(spans, key=lambda span: span.first)), otherwise)


def hourly_profile(name: str, path: Path | None = None) -> list[float]:
    """Shares of a day's arrivals by hour of the day, 24 numbers that add up to 1.

    The packaged profiles are A (weekday 8:30-17:00, the shape measured in Ofunato), B (the same hours, inner city with
    its peak at lunch), C (Tuesday to 19:00) and D (monthly Sunday 9:00-17:00), and the measured `ofunato` and
    `ofunato_mon_fri`. All arrivals of the hour in which the office opens come after it has opened.

    Parameters
    ----------
    name
        A profile of the table.
    path
        Table with the columns `profile`, `hour` (0 to 23) and `share_pct`; hours that are not there have no arrivals.

    Raises
    ------
    DataTableError
        When the table does not hold the profile, repeats an hour, or the shares miss 100 % by more than 1.
    """
    table = read_table(path or packaged("hourly_arrival_profile.csv"), ("profile", "hour", "share_pct"))
    hours: dict[tuple[str, int], float] = {}
    for row in table.rows:
        key = (row.text("profile"), row.whole("hour", 0, 23))
        if key in hours:
            raise row.error("hour", allowed("once"), "E-table-repeat")
        hours[key] = row.number("share_pct", 0, 100)
    shares = [hours.get((name, hour), 0.0) for hour in range(24)]
    if not any(profile == name for profile, _ in hours):
        raise _missing(table, "profile", list(dict.fromkeys(profile for profile, _ in hours)), [name])
    total = sum(shares)
    _check_sum(table, "share_pct", total, 100.0)
    return [share / total for share in shares]


def area_weights(path: Path | None = None) -> list[Area]:
    """Areas of the branch offices with their shares of the ward's people and of its foreign residents.

    The packaged table splits Shinjuku by the figures of 2015
    (http://ja.linkdata.org/work/rdf1s7913i/tokushutuchikibetsu_gaikokujinjinko_wariai2015.html).

    Parameters
    ----------
    path
        Table with the columns `area`, `label_ja`, `label_en`, `population_weight`, `foreign_weight`; weights in any
        unit, for they are divided by their sum.

    Raises
    ------
    DataTableError
        When an area is repeated, or all weights of a column are 0.
    """
    columns = ("area", "label_ja", "label_en", "population_weight", "foreign_weight")
    table = read_table(path or packaged("area_split_shinjuku.csv"), columns)
    rows: dict[str, Row] = {}
    for row in table.rows:
        if row.identifier("area") in rows:
            raise row.error("area", allowed("once"), "E-table-repeat")
        rows[row.identifier("area")] = row
    people = _normalised(table, "population_weight")
    foreign = _normalised(table, "foreign_weight")
    return [
        Area(area, row.text("label_ja"), row.text("label_en"), weight, of_foreign)
        for (area, row), weight, of_foreign in zip(rows.items(), people, foreign, strict=True)
    ]


def monthly_inter_municipal_movers(path: Path | None = None) -> dict[tuple[int, int], int]:
    """Persons who moved between municipalities of Japan, by (year, month).

    Counted when the moving-in notice is filed, not when they moved (http://www.stat.go.jp/data/idou/2.htm), so that
    monthly counts are counter arrivals.

    Parameters
    ----------
    path
        Table with the columns `period` and `inter_municipal_movers`.
    """
    movers = _movers(path)
    return {(year, month): persons for (year, month), persons in movers.items() if month is not None}


def annual_inter_municipal_movers(path: Path | None = None) -> dict[int, int]:
    """Persons who moved between municipalities of Japan, by year; the same table as the monthly numbers."""
    return {year: persons for (year, month), persons in _movers(path).items() if month is None}


def _movers(path: Path | None) -> dict[tuple[int, int | None], int]:
    table = read_table(path or packaged("national_monthly_moves.csv"), ("period", "inter_municipal_movers"))
    movers: dict[tuple[int, int | None], int] = {}
    for row in table.rows:
        if row.period("period") in movers:
            raise row.error("period", allowed("once"), "E-table-repeat")
        movers[row.period("period")] = row.whole("inter_municipal_movers")
    return movers


def _season_span(row: Row, year: int, before: Sequence[SeasonSpan]) -> SeasonSpan:
    for column in ("from_date", "to_date"):
        if row.blank(column):
            raise row.error(column, allowed("both_days"))
    span = SeasonSpan(row.day("from_date"), row.day("to_date"), row.number("multiplier"))
    if span.first.year != year:
        raise row.error("from_date", allowed("day_in", first=date(year, 1, 1), last=date(year, 12, 31)))
    if not span.first <= span.last <= date(year, 12, 31):
        raise row.error("to_date", allowed("day_in", first=span.first, last=date(year, 12, 31)))
    if any(span.first <= other.last and other.first <= span.last for other in before):
        raise row.error("from_date", allowed("once"), "E-table-repeat")
    return span


def _normalised(table: Table, column: str) -> list[float]:
    weights = [row.number(column) for row in table.rows]
    total = sum(weights)
    if total <= 0.0:
        raise DataTableError("E-table-sum", table.path, f"{total:g}", allowed("positive"), column=column)
    return [weight / total for weight in weights]


def _check_sum(table: Table, column: str, total: float, target: float) -> None:
    if abs(total - target) > _ROUNDING * target:
        low, high = (f"{target * factor:g}" for factor in (1.0 - _ROUNDING, 1.0 + _ROUNDING))
        raise DataTableError(
            "E-table-sum", table.path, f"{total:g}", allowed("sum", minimum=low, maximum=high), column=column
        )


def _missing(table: Table, column: str, found: Sequence[str], missing: Sequence[str]) -> DataTableError:
    needed = allowed("rows", rows=", ".join(missing))
    return DataTableError("E-table-rows", table.path, ", ".join(found) or "-", needed, column=column)


def _period(year: int, month: int | None) -> str:
    return str(year) if month is None else f"{year}-{month:02d}"
