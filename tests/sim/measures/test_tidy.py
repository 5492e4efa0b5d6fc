"""Tidy rows: nothing observed is not a number, and a value of each group is put as if alone."""

from __future__ import annotations

from math import isnan

import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal

from sim.frames import frame
from sim.measures.tidy import COLUMNS, MEASURES, TidyRows


def table(rows: TidyRows) -> pd.DataFrame:
    return frame(MEASURES, [(("launch", 4), rows.rows)])


def test_no_observation_is_not_zero() -> None:
    rows = TidyRows()
    rows.put("wait_mean", "min", 0.0, 0, kind="move_in")
    rows.put("wait_mean", "min", 0.0, 3)
    made = table(rows)
    assert made.columns.tolist() == list(COLUMNS)
    assert isnan(made["value"][0])
    assert made["value"][1] == 0.0
    assert made["kind"].tolist() == ["move_in", "all"]
    assert (made["arm"] == "launch").all()
    assert (made["replication"] == 4).all()


def test_each_group_gets_its_own_value_as_if_put_alone() -> None:
    labels = (("all", "adopters", "all", "all", "all"), ("all", "others", "all", "all", "all"))
    together, alone = TidyRows(), TidyRows()
    together.put_each("wait_mean", "min", np.array([1.5, 0.0]), np.array([2, 0]), labels)
    alone.put("wait_mean", "min", 1.5, 2, users="adopters")
    alone.put("wait_mean", "min", 0.0, 0, users="others")
    assert_frame_equal(table(together), table(alone))
