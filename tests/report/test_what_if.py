import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report.what_if import TARGET, grid_of, judged
from tests.report.sample_run import TABLE_OF_GRID, what_if_table

WAITS = st.floats(0, 120)


@given(WAITS, st.floats(0, 30), st.floats(0, 30))
def test_a_cell_is_judged_only_where_its_whole_interval_agrees(wait: float, down: float, up: float) -> None:
    verdict = judged(wait - down, wait + up, wait)
    assert (verdict == "met") == (wait + up <= TARGET)
    assert (verdict == "not_met") == (wait - down > TARGET)


def test_a_cell_without_an_interval_cannot_be_told() -> None:
    assert judged(math.nan, math.nan, 5.0) == "cannot_say"


@st.composite
def grids(draw: st.DrawFn) -> pd.DataFrame:
    """Any waits: not even more desks need to help."""
    rows = []
    for uptake in (0.0, 0.16, 0.4):
        for more in (-1, 0, 1):
            wait, half = draw(st.sampled_from([5.0, 20.0, 29.0, 31.0, 60.0])), draw(st.sampled_from([0.5, 3.0]))
            rows.append((uptake, more, 9 + more, 13 + more, "wait_mean", "min", wait, wait - half, wait + half, 5))
    return pd.DataFrame(rows, columns=TABLE_OF_GRID)


@settings(max_examples=200)
@given(grids())
def test_the_fewest_desks_that_meet_the_target_are_marked_in_each_column_and_named(rows: pd.DataFrame) -> None:
    grid = grid_of(rows)
    assert grid is not None
    fewest = []
    for column, uptake in enumerate((0.0, 0.16, 0.4)):
        of_column = rows[(rows["uptake"] == uptake) & (rows["hi95"] <= TARGET)]
        expected = None if of_column.empty else int(of_column["windows"].min())
        marked = [line for line in grid.lines if (cell := line.cells[column]) is not None and cell.fewest]
        assert len(marked) == (expected is not None)
        assert all(line.name.en.startswith(f"{expected} windows") for line in marked)
        fewest.append(expected)
    sentence = grid.sentence
    for windows in {fewest[0], fewest[-1]} - {None}:
        assert f"窓口{windows}" in sentence.ja
        assert f"{windows} windows" in sentence.en or f"and {windows} at" in sentence.en
    surely = "とは言えません" in sentence.ja
    assert surely == (fewest[0] is None or fewest[-1] is None) == ("no staffing" in sentence.en.lower())


def test_the_row_of_the_assumptions_is_marked() -> None:
    grid = grid_of(what_if_table())
    assert grid is not None
    assert [line.current for line in grid.lines] == [False, True, False, False]
    assert [name.ja for name in grid.uptakes] == ["利用率0%", "利用率16%", "利用率40%"]


def test_a_grid_with_a_hole_is_shown_with_the_hole() -> None:
    rows = what_if_table().iloc[1:]
    grid = grid_of(rows)
    assert grid is not None
    assert grid.lines[0].cells[0] is None
    assert grid_of(rows.iloc[:0]) is None


@pytest.mark.parametrize(("faster", "words"), [(0.1, "利用率が0%でも40%でも窓口8"), (9.0, "どの体制でも")])
def test_the_sentence_of_easy_and_of_hopeless_grids(faster: float, words: str) -> None:
    grid = grid_of(what_if_table(faster))
    assert grid is not None
    assert words in grid.sentence.ja
