"""Other assumptions: one row for each, against the country as it is, on the same random numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from scenarios.errors import ScenarioError
from sim.national.variants import AS_IT_IS, FIGURES, cells, extremes, headings, show, vary
from tests.sim.national.small_country import small

PART = {"moves.part": 0.006}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    scenario = small(PART)
    return vary(
        scenario, extremes(scenario, ["one_stop.uptake", "offices.peak_windows"]), {"quiet": {"incidents": []}}, seed=3
    )


def test_there_is_a_row_for_each_end_of_a_range_and_for_nothing_changed(table: pd.DataFrame) -> None:
    assert table["variant"].tolist() == [
        AS_IT_IS,
        "one_stop.uptake = 0.08",
        "one_stop.uptake = 0.25",
        "offices.peak_windows = 1",
        "offices.peak_windows = 2",
        "quiet",
    ]
    assert list(table.columns) == ["variant", *FIGURES]


def test_figures_go_where_an_assumption_pushes_them(table: pd.DataFrame) -> None:
    rows = table.set_index("variant")
    assert rows["portal_hour"]["one_stop.uptake = 0.08"] < rows["portal_hour"]["one_stop.uptake = 0.25"]
    held = rows["filings_held_up"]
    assert held["one_stop.uptake = 0.08"] < held[AS_IT_IS] < held["one_stop.uptake = 0.25"]
    for figure in ("waiting", "overflowing", "load_largest"):
        assert rows[figure]["offices.peak_windows = 1"] > rows[figure]["offices.peak_windows = 2"]
    assert rows["portal_hour"]["offices.peak_windows = 1"] == rows["portal_hour"][AS_IT_IS]


def test_without_incidents_there_is_nothing_that_they_make_more(table: pd.DataFrame) -> None:
    quiet = table.set_index("variant").loc["quiet"]
    assert quiet[list(FIGURES[-5:])].isna().all()
    assert quiet["portal_hour"] == table["portal_hour"][0]
    assert cells(table.iloc[-1], "en")[-5:] == ("–",) * 5


def test_a_number_without_a_range_or_of_another_name_is_refused() -> None:
    with pytest.raises(KeyError):
        extremes(small(PART), ["country.population"])
    with pytest.raises(KeyError):
        extremes(small(PART), ["offices.utilization"])
    with pytest.raises(ScenarioError):
        vary(small(PART), {"wrong": {"offices.utilization": 0.3}})


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_table_is_shown_with_a_line_for_each_variant(
    table: pd.DataFrame, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    show(table, "ja" if lang == "ja" else "en")
    said = capsys.readouterr().out
    assert "one_stop.uptake = 0.25" in said
    assert all(len(cells(row, "en")) == len(headings("en")) for _, row in table.iterrows())
