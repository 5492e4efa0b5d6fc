"""The ward of the building bench grows as told, and a size is measured with all its stages."""

from __future__ import annotations

import pytest

from bench.building import Built, table, ward


@pytest.mark.parametrize("times", [1, 10])
def test_people_and_staff_grow_together(times: int) -> None:
    one, many = ward(1), ward(times)
    assert int(many.volumes.move_in) == times * int(one.volumes.move_in)
    for kind, staff in many.staff.items():
        assert int(staff.clerks.peak) == times * int(one.staff[kind].clerks.peak)


def test_the_table_says_what_a_household_costs() -> None:
    built = Built(10, 1_000_000, 3_000_000, 2.0, 0.5, 1.0, 512.0)
    assert table([built]).splitlines()[-1] == "| × 10 | 1,000,000 | 3,000,000 | 2.00 | 0.50 | 1.00 | 512 |"
