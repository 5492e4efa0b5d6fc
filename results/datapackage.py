"""What other programs read beside the tables: summary.csv for a spreadsheet, datapackage.json for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from results.fingerprint import file_hash
from results.tables import TABLES, Column, Table
from texts import catalogue

SUMMARY_CSV = "summary.csv"
_LABELS = (Column("label_ja"), Column("label_en"))


def write_csv(frame: pd.DataFrame, file: Path) -> None:
    """Write a table for a spreadsheet: UTF-8 with a byte-order mark, one header row, one value in a cell."""
    frame.to_csv(file, index=False, encoding="utf-8-sig", lineterminator="\r\n", float_format="%.10g")


def write_summary_csv(folder: Path) -> None:
    """Write summary.csv from summary.parquet, with the measure's name in both languages; nothing without a summary."""
    source = folder / "summary.parquet"
    if not source.is_file():
        return
    frame = pq.read_table(source).to_pandas()
    place = frame.columns.get_loc("measure") + 1
    for column, lang in (("label_en", "en"), ("label_ja", "ja")):
        names = [catalogue().get(f"measure.{m}", {}).get(lang, m) for m in frame["measure"]]
        frame.insert(place, column, names)
    write_csv(frame, folder / SUMMARY_CSV)


def write_spreadsheets(folder: Path) -> None:
    """Write the tables that are declared so as CSV beside their Parquet file."""
    for name in _spreadsheets(folder):
        write_csv(pq.read_table(folder / f"{name}.parquet").to_pandas(), folder / f"{name}.csv")


def _spreadsheets(folder: Path) -> list[str]:
    return [
        table.name for table in TABLES.values() if table.spreadsheet and (folder / f"{table.name}.parquet").is_file()
    ]


def write_datapackage(folder: Path, name: str) -> None:
    """Describe every table of the folder by Frictionless Table Schema (https://specs.frictionlessdata.io/table-schema/).

    Titles are Japanese with `title_en` beside; `unit` is fixed, `unit_field` names the column that holds it.
    """
    resources = [
        _resource(folder, f"{table.name}.parquet", table.name, table, table.columns)
        for table in TABLES.values()
        if (folder / f"{table.name}.parquet").is_file()
    ]
    if (folder / SUMMARY_CSV).is_file():
        table = TABLES["summary"]
        place = table.names.index("measure") + 1
        columns = (*table.columns[:place], *_LABELS, *table.columns[place:])
        resources.append(_resource(folder, SUMMARY_CSV, "summary-csv", table, columns))
    resources += [
        _resource(folder, f"{own}.csv", f"{own}-csv", TABLES[own], TABLES[own].columns) for own in _spreadsheets(folder)
    ]
    package = {"profile": "data-package", "name": name.lower(), "resources": resources}
    text = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    (folder / "datapackage.json").write_text(text, encoding="utf-8", newline="\n")


def _resource(folder: Path, path: str, name: str, table: Table, columns: tuple[Column, ...]) -> dict[str, object]:
    file = folder / path
    csv = path.endswith(".csv")
    return {
        "name": name,
        "path": path,
        "title": catalogue()[f"table.{table.name}"]["ja"],
        "title_en": catalogue()[f"table.{table.name}"]["en"],
        "format": "csv" if csv else "parquet",
        "mediatype": "text/csv" if csv else "application/vnd.apache.parquet",
        **({"encoding": "utf-8-sig"} if csv else {}),
        "bytes": file.stat().st_size,
        "hash": f"sha256:{file_hash(file)}",
        "schema": {"fields": [_field(column) for column in columns], "primaryKey": list(table.key)},
    }


def _field(column: Column) -> dict[str, str]:
    title = catalogue()[column.title_key]
    field = {"name": column.name, "type": column.kind, "title": title["ja"], "title_en": title["en"]}
    if column.unit.startswith("column "):
        field["unit_field"] = column.unit.removeprefix("column ")
    elif column.unit:
        field["unit"] = column.unit
    return field
