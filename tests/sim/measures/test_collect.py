"""All tables of one replication: marked with their run, lawful, in words, and there even when nobody comes."""

from __future__ import annotations

from datetime import date

import pytest

from sim.measures.collect import tables_of
from sim.measures.tidy import COLUMNS
from tests.sim.measures.plain import crowded, crowded_tables, value
from tests.sim.small import run_of, small
from texts import LANGS, catalogue


def test_every_table_says_of_which_run_it_is() -> None:
    tables = crowded_tables()
    for table in (tables.measures, tables.daily, tables.quantiles):
        assert (table["arm"] == "launch").all()
        assert (table["replication"] == 0).all()
        assert len(table) > 0
    assert tables.measures.columns.tolist() == list(COLUMNS)


@pytest.mark.parametrize("arm", ["launch", "before"])
def test_the_operational_laws_hold_at_every_place(arm: str) -> None:
    laws = crowded_tables(arm).laws
    assert {check.place for check in laws} == set(crowded(arm).places.names())
    assert [check for check in laws if not check.holds] == []


def test_every_measure_unit_and_group_has_a_name_in_both_languages() -> None:
    table, known = crowded_tables().measures, catalogue()
    keys = {f"measure.{name}" for name in table["measure"]} | {f"unit.{name}" for name in table["unit"]}
    keys |= {f"{column}.{name}" for column in ("kind", "users", "weekday") for name in table[column] if name != "all"}
    keys |= {f"measure.{name}" for name in crowded_tables().daily["measure"]}
    assert sorted(key for key in keys if key not in known) == []
    assert all(known[key][lang] for key in keys for lang in LANGS)


def test_a_day_on_which_nobody_comes_has_tables_without_numbers() -> None:
    """Saturday 25 March 2023."""
    saturday = {"start": date(2023, 3, 25), "end": date(2023, 3, 25), "warm_up_days": 3}
    tables = tables_of(run_of(small({"period": saturday})), "launch")
    assert value(tables, "visits") == 0.0
    for measure in ("wait_mean", "left_share", "visits_per_move", "early_visit_share", "utilisation_clerks"):
        row = tables.measures[tables.measures["measure"] == measure].iloc[0]
        assert (row["count"], row.isna()["value"]) == (0, True)
    assert all(check.holds for check in tables.laws)
    assert tables.quantiles["minutes"].isna().all()
