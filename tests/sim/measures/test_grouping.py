"""Groups: they share out the rows, and sums, means and quantiles of all at once are those of each alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.measures.grouping import ALL, DIMENSIONS, Labels, groups, per

KINDS, USERS = ("a", "b", "c"), ("x", "y")
BREAKDOWNS = ((), ("kind",), ("users",), ("kind", "users"))
rows_of = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 9).map(lambda whole: whole / 4), st.booleans()),
    max_size=20,
)


def columns(rows: list[tuple[int, int, float, bool]]) -> dict[str, Labels]:
    return {
        "kind": Labels(KINDS, np.array([row[0] for row in rows], dtype=np.int64)),
        "users": Labels(USERS, np.array([row[1] for row in rows], dtype=np.int64)),
    }


@given(rows_of)
def test_the_groups_of_a_breakdown_share_out_all_rows(rows: list[tuple[int, int, float, bool]]) -> None:
    for breakdown, own in zip(BREAKDOWNS, groups(columns(rows), *BREAKDOWNS), strict=True):
        assert len(set(own.labels)) == len(own.labels)
        assert own.count().min(initial=1) > 0 or not breakdown
        assert int(own.count().sum()) == len(rows)
        for row, group in zip(rows, own.of_row, strict=True):
            label = dict(zip(DIMENSIONS, own.labels[group], strict=True))
            told = {"kind": KINDS[row[0]], "users": USERS[row[1]]}
            assert label == {name: told[name] if name in breakdown else ALL for name in DIMENSIONS}


@given(rows_of)
def test_all_groups_at_once_are_as_each_alone(rows: list[tuple[int, int, float, bool]]) -> None:
    values = np.array([row[2] for row in rows], dtype=np.float64)
    chosen = np.array([row[3] for row in rows], dtype=bool)
    ascending = np.flatnonzero(chosen)[np.argsort(values[chosen])]
    for own in groups(columns(rows), *BREAKDOWNS):
        ordered, number = own.ordered(values, ascending), own.count(chosen)
        mean, greatest = per(own.sum(values, chosen), number), ordered.greatest()
        quantiles = {share: ordered.quantile(share) for share in (0.0, 0.5, 0.9, 1.0)}
        for group in range(len(own.labels)):
            alone = values[chosen & (own.of_row == group)]
            assert number[group] == len(alone)
            if not len(alone):
                assert np.isnan([mean[group], greatest[group], *(each[group] for each in quantiles.values())]).all()
                continue
            assert (mean[group], greatest[group]) == (alone.mean(), alone.max())
            assert all(each[group] == np.quantile(alone, share) for share, each in quantiles.items())
