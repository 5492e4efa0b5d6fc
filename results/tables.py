"""The tables of a run: their columns, units and keys, stated once. Writing and describing them follow from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from results.errors import ResultsError

Kind = Literal["string", "number", "integer", "boolean"]
ARROW = {"string": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}
EMPTY = {"string": "str", "number": "float64", "integer": "int64", "boolean": "bool"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its kind, and where its unit stands (fixed, or in the column `unit` of the row)."""

    name: str
    kind: Kind = "string"
    unit: str = ""

    @property
    def title_key(self) -> str:
        """The key of its title in the catalogue of texts."""
        return f"column.{self.name}"


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in order, and how many of them (from the left) name a row; no two rows share a name.

    Attributes
    ----------
    spreadsheet
        Written as CSV too, for people who look at it in a spreadsheet.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    spreadsheet: bool = False

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]


def _columns(names: str, kind: Kind = "string", unit: str = "") -> tuple[Column, ...]:
    return tuple(Column(name, kind, unit) for name in names.split())


_BREAKDOWN = "kind users site weekday hour"
_IN_UNIT = "column unit"
"""The unit of these numbers stands in the column `unit` of the same row."""

_ALL = (
    Table(
        "measures",
        (
            *_columns("arm"),
            *_columns("replication", "integer"),
            *_columns(f"measure unit {_BREAKDOWN}"),
            *_columns("value", "number", _IN_UNIT),
            *_columns("count", "integer"),
        ),
        ("arm", "replication", "measure", *_BREAKDOWN.split()),
    ),
    Table(
        "daily",
        (
            *_columns("arm"),
            *_columns("replication", "integer"),
            *_columns("date measure unit site"),
            *_columns("value", "number", _IN_UNIT),
        ),
        ("arm", "replication", "date", "measure", "site"),
    ),
    Table(
        "summary",
        (
            *_columns(f"arm measure unit {_BREAKDOWN}"),
            *_columns("estimate lo95 hi95", "number", _IN_UNIT),
            *_columns("n", "integer"),
            *_columns("count", "number"),
            *_columns("method"),
        ),
        ("arm", "measure", *_BREAKDOWN.split()),
    ),
    Table(
        "comparison",
        (
            *_columns(f"measure unit {_BREAKDOWN}"),
            *_columns("before after difference lo95 hi95", "number", _IN_UNIT),
            *_columns("n", "integer"),
            *_columns("method"),
            *_columns("variance_ratio", "number"),
            *_columns("sure"),
        ),
        ("measure", *_BREAKDOWN.split()),
    ),
    Table(
        "comparisons",
        (
            *_columns(f"arm measure unit {_BREAKDOWN}"),
            *_columns("before after difference lo95 hi95", "number", _IN_UNIT),
            *_columns("n", "integer"),
            *_columns("method"),
            *_columns("variance_ratio", "number"),
            *_columns("sure"),
        ),
        ("arm", "measure", *_BREAKDOWN.split()),
    ),
    Table(
        "wait_quantiles",
        (*_columns("arm kind users"), *_columns("q", "integer"), *_columns("minutes", "number", "min")),
        ("arm", "kind", "users", "q"),
    ),
    Table(
        "flow_steps",
        (
            *_columns("arm flow"),
            *_columns("position", "integer"),
            *_columns("step part"),
            *_columns("optional", "boolean"),
        ),
        ("arm", "flow", "position"),
    ),
    Table(
        "what_if",
        (
            *_columns("uptake", "number", "share"),
            *_columns("desks", "integer"),
            *_columns("measure unit"),
            *_columns("windows clerks", "integer"),
            *_columns("estimate lo95 hi95", "number", _IN_UNIT),
            *_columns("n", "integer"),
        ),
        ("uptake", "desks", "measure"),
        spreadsheet=True,
    ),
    Table(
        "assumptions",
        (
            *_columns("arm key label_ja label_en"),
            *_columns("value low high", "number", _IN_UNIT),
            *_columns("unit source"),
            *_columns("assumed", "boolean"),
        ),
        ("arm", "key"),
    ),
    Table(
        "laws",
        (
            *_columns("arm"),
            *_columns("replication", "integer"),
            *_columns("law place"),
            *_columns("left right gap", "number"),
            *_columns("holds", "boolean"),
        ),
        ("arm", "replication", "law", "place"),
    ),
    Table(
        "events",
        (
            *_columns("arm"),
            *_columns("replication event_id entity_id household", "integer"),
            *_columns("kind flow"),
            *_columns("visit", "boolean"),
            *_columns("site event_type event step role"),
            *_columns("time", "number", "min"),
            *_columns("timestamp place"),
            *_columns("resource_id clerk", "integer"),
        ),
        ("arm", "replication", "event_id"),
    ),
)
_NATIONAL = (
    Table(
        "filings",
        (*_columns("arm"), *_columns("replication", "integer"), *_columns("kind"), *_columns("filings", "integer")),
        ("arm", "replication", "kind"),
    ),
    Table(
        "rates",
        (
            *_columns("arm"),
            *_columns("replication", "integer"),
            *_columns("system date"),
            *_columns("minute", "integer", "min"),
            *_columns("filings", "integer", "filings/min"),
        ),
        ("arm", "replication", "system", "date", "minute"),
    ),
    Table(
        "peaks",
        (
            *_columns("arm"),
            *_columns("replication", "integer"),
            *_columns("system span"),
            *_columns("filings", "integer"),
            *_columns("date"),
            *_columns("minute", "integer", "min"),
        ),
        ("arm", "replication", "system", "span"),
        spreadsheet=True,
    ),
    Table(
        "required_rates",
        (
            *_columns("arm system period unit"),
            *_columns("p50 p95 max", "integer", _IN_UNIT),
            *_columns("minutes_counted", "integer"),
        ),
        ("arm", "system", "period"),
        spreadsheet=True,
    ),
    Table(
        "offices",
        (
            *_columns("arm"),
            *_columns("replication", "integer"),
            *_columns("town"),
            *_columns("people", "integer", "persons"),
            *_columns("windows clerks visits", "integer"),
            *_columns("load_max", "number"),
            *_columns("days_over", "integer", "days"),
            *_columns("queue_at_closing", "integer", "people"),
            *_columns("worst_day"),
            *_columns("latest_min", "number", "min"),
            *_columns("overtime_h", "number", "h"),
            *_columns("jobs_at_closing", "integer"),
        ),
        ("arm", "replication", "town"),
        spreadsheet=True,
    ),
    Table(
        "sizes",
        (
            *_columns("arm"),
            *_columns("replication", "integer"),
            *_columns("people_from", "integer", "persons"),
            *_columns("towns", "integer"),
            *_columns("load_max", "number"),
            *_columns("waiting overflowing", "integer"),
            *_columns("share_overflowing", "number", "share"),
            *_columns("visits", "integer"),
            *_columns("overtime_h", "number", "h"),
        ),
        ("arm", "replication", "people_from"),
        spreadsheet=True,
    ),
    Table(
        "outage",
        (
            *_columns("replication", "integer"),
            *_columns("measure unit hour"),
            *_columns("without with difference", "number", _IN_UNIT),
        ),
        ("replication", "measure", "hour"),
        spreadsheet=True,
    ),
)
"""What the study of the whole country writes."""

_LOAD = (
    Table(
        "latency",
        (
            *_columns("clock call"),
            *_columns("second", "integer", "s"),
            *_columns("calls failed", "integer"),
            *_columns("p50_us p95_us p99_us max_us", "integer", "us"),
        ),
        ("clock", "call", "second"),
    ),
    Table(
        "timeline",
        (
            *_columns("second until", "integer", "s"),
            *_columns("accepted calls failed", "integer"),
            *_columns("p50_us p95_us p99_us", "integer", "us"),
        ),
        ("second",),
        spreadsheet=True,
    ),
    Table(
        "findings",
        (*_columns("finding"), *_columns("cases checked", "integer")),
        ("finding",),
        spreadsheet=True,
    ),
    Table(
        "servers",
        (
            *_columns("server"),
            *_columns("at_s", "number", "s"),
            *_columns("memory_bytes", "integer", "bytes"),
            *_columns("cpu_percent", "number", "%"),
        ),
        ("server", "at_s"),
    ),
)
"""What a load test writes."""

TABLES = {table.name: table for table in (*_ALL, *_NATIONAL, *_LOAD)}


def arrange(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Check a table and put it in its one order: columns as declared, rows sorted by their key, a fresh index.

    Raises
    ------
    ResultsError
        `E-table-unknown`, `E-table-columns` (missing or unknown columns), `E-table-duplicate` (two rows with one key).
    """
    if name not in TABLES:
        raise ResultsError("E-table-unknown", table=name, known=", ".join(TABLES))
    table = TABLES[name]
    if wrong := set(table.names) ^ set(frame.columns):
        raise ResultsError("E-table-columns", table=name, columns=", ".join(sorted(wrong)))
    key = list(table.key)
    ordered = frame[table.names].sort_values(key, kind="stable", ignore_index=True)
    if (double := ordered.duplicated(key)).any():
        row = ordered.loc[double, key].iloc[0]
        raise ResultsError("E-table-duplicate", table=name, row=", ".join(f"{k}={v}" for k, v in row.items()))
    return ordered


def to_arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """Turn an arranged table into Arrow columns with fixed types and no metadata; NaN becomes null."""
    schema = pa.schema([(column.name, ARROW[column.kind]) for column in TABLES[name].columns])
    try:
        arrow = pa.Table.from_pandas(frame, schema=schema, preserve_index=False, nthreads=1)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ResultsError("E-table-type", table=name, reason=str(error)) from error
    return arrow.replace_schema_metadata(None)


def write_parquet(arrow: pa.Table, path: str) -> None:
    """Write a table so that equal tables give equal bytes: fixed codec, row groups and format version."""
    pq.write_table(arrow, path, compression="zstd", compression_level=3, row_group_size=2**20, version="2.6")


def empty(name: str) -> pd.DataFrame:
    """A table without rows, with the declared columns and types."""
    return pd.DataFrame({c.name: pd.Series(dtype=EMPTY[c.kind]) for c in TABLES[name].columns})
