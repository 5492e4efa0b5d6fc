"""The grid of uptake and desks, on a small ward."""

import pandas as pd
import pytest

from scenarios.packaged import scenario
from scenarios.replacing import replace
from sim import what_if as grid
from sim.experiment import Plan, run_experiment


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    short = replace(
        scenario("launch"), {"period.start": "2023-03-06", "period.end": "2023-03-12", "period.warm_up_days": 0}
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid, "UPTAKES", (0.0, 0.16, 0.9))
        patch.setattr(grid, "MORE_DESKS", (-6, 0, 2))
        patch.setattr(grid, "REPLICATIONS", 2)
        return grid.what_if(short, 1, 1)


def test_cells_that_cannot_be_are_left_out(table: pd.DataFrame) -> None:
    assert set(table["uptake"]) == {0.0, 0.16}  # nine in ten have no card
    assert set(table["desks"]) == {0, 2}  # six windows fewer are none
    assert set(table["windows"]) == {9, 11}
    assert set(table["measure"]) == set(grid.MEASURES)


def test_a_cell_is_what_the_scenario_itself_gives(table: pd.DataFrame) -> None:
    short = replace(
        scenario("launch"), {"period.start": "2023-03-06", "period.end": "2023-03-12", "period.warm_up_days": 0}
    )
    own = run_experiment(Plan({"own": short}, 1, 2)).results.summary()
    chosen = (own["measure"] == "wait_mean") & (own["site"] == "main")
    for other in ("kind", "users", "weekday", "hour"):
        chosen &= own[other] == "all"
    cell = table[(table["uptake"] == 0.16) & (table["desks"] == 0) & (table["measure"] == "wait_mean")]
    assert float(cell["estimate"].iloc[0]) == float(own[chosen]["estimate"].iloc[0])


def test_more_desks_mean_shorter_waits(table: pd.DataFrame) -> None:
    waits = table[(table["measure"] == "wait_mean") & (table["uptake"] == 0.0)].set_index("desks")["estimate"]
    assert waits[2] < waits[0]
