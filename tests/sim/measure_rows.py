"""Tables of measures, small and made up, for the tests of what is made of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from hypothesis import strategies as st


def rows(
    arm: str, values: npt.ArrayLike, count: int | Sequence[int] = 100, measure: str = "wait_mean", **group: str
) -> pd.DataFrame:
    """One measure of one arm, one row per replication."""
    numbers = np.asarray(values, dtype=np.float64)
    fixed = {"unit": "min", "kind": "move_in", "users": "all", "site": "main", "weekday": "all", "hour": "all"} | group
    counts = [count] * len(numbers) if isinstance(count, int) else list(count)
    return pd.DataFrame(
        {
            "arm": arm,
            "replication": range(len(numbers)),
            "measure": measure,
            **fixed,
            "value": numbers,
            "count": counts,
        }
    )


def both(before: npt.ArrayLike, after: npt.ArrayLike, count: int = 100, measure: str = "wait_mean") -> pd.DataFrame:
    """One measure of the arms before and after."""
    return pd.concat([rows("before", before, count, measure), rows("after", after, count, measure)])


def only(table: pd.DataFrame) -> Mapping[str, Any]:
    """The one row of a table."""
    assert len(table) == 1
    return {str(name): value for name, value in table.iloc[0].items()}


NUMBERS = st.integers(-(10**6), 10**6).map(lambda number: number / 64)  # exact sums and differences
Draws = list[tuple[float, float, float, float, int]]
EXPERIMENT = st.lists(
    st.tuples(NUMBERS, NUMBERS, NUMBERS | st.just(np.nan), NUMBERS, st.integers(25, 34)), min_size=2, max_size=14
)


def experiment(draws: Draws) -> pd.DataFrame:
    first, second, third, fourth, counts = zip(*draws, strict=True)
    return pd.concat(
        [
            rows("before", first),
            rows("after", second),
            rows("before", third, counts, "wait_p90", hour="09"),
            rows("after", fourth, counts, "wait_p90", hour="09"),
        ],
        ignore_index=True,
    )
