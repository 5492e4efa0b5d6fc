"""The page on the event log tells the columns as they are, and its examples run."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import scenarios
from results.tables import TABLES, arrange, to_arrow, write_parquet
from scenarios.loading import load
from scenarios.schema import Period, Scenario
from sim.engines.reference import run
from sim.eventlog import event_log
from sim.replication import replicate

PAGE = Path(scenarios.__file__).parent.parent / "docs" / "event_log.md"
TYPES = {"text": "string", "whole number": "integer", "whole number or missing": "integer", "true or false": "boolean"}


def test_the_page_describes_every_column_in_order() -> None:
    described = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    columns = TABLES["events"].columns
    assert [name for name, _ in described] == [column.name for column in columns]
    assert [TYPES.get(kind, "number") for _, kind in described] == [column.kind for column in columns]


def test_the_examples_find_and_place_everybody_of_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = load(PAGE.parent.parent / "scenarios" / "launch.toml", Scenario)
    short = whole.model_copy(update={"period": Period(start=date(2023, 3, 30), end=date(2023, 3, 31), warm_up_days=1)})
    table = event_log(replicate(short, 1, 0, run), "launch")
    write_parquet(to_arrow("events", arrange("events", table)), str(tmp_path / "events.parquet"))
    monkeypatch.chdir(tmp_path)
    made: dict[str, pd.DataFrame] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, made)  # noqa: S102  the page's own examples
    day, positions = made["day"], made["positions"]
    assert day["timestamp"].str.startswith("2023-03-31").all()
    shown = day[day["event_type"] != "resource_use_end"]
    assert set(shown["event"]) == set(positions["event"])
    assert not positions.duplicated(["x", "y"]).any()
