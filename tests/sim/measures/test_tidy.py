"""Tidy rows: nothing observed is not a number, and groups divide the rows among them."""

from __future__ import annotations

from math import isnan

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.measures.tidy import COLUMNS, Labels, TidyRows, groups


def test_no_observation_is_not_zero() -> None:
    rows = TidyRows()
    rows.put("wait_mean", "min", 0.0, 0, kind="move_in")
    rows.put("wait_mean", "min", 0.0, 3)
    table = rows.table("launch", 4)
    assert table.columns.tolist() == list(COLUMNS)
    assert isnan(table["value"][0])
    assert table["value"][1] == 0.0
    assert table["kind"].tolist() == ["move_in", "all"]
    assert (table["arm"] == "launch").all()
    assert (table["replication"] == 4).all()


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), max_size=20))
def test_the_groups_of_a_breakdown_share_out_all_rows(codes: list[tuple[int, int]]) -> None:
    one = Labels(("a", "b", "c"), np.array([code for code, _ in codes], dtype=np.int64))
    two = Labels(("x", "y"), np.array([code for _, code in codes], dtype=np.int64))
    columns = {"one": one, "two": two}
    for breakdown in ((), ("one",), ("two",), ("one", "two")):
        seen: list[int] = []
        for group, members in groups(columns, breakdown):
            assert set(group) == set(breakdown)
            assert len(members) > 0 or not breakdown
            for name, label in group.items():
                assert {columns[name].names[columns[name].codes[row]] for row in members} <= {label}
            seen += members.tolist()
        assert sorted(seen) == list(range(len(codes)))
