"""What the house's own schema refuses although every single value is possible."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import scenarios
from scenarios.errors import ScenarioError
from scenarios.loading import load
from scenarios.replacing import replace
from scenarios.schema import Scenario

LAUNCH = load(Path(scenarios.__file__).parent / "launch.toml", Scenario)


NO_DESKS = {"ordinary": 0, "peak": 0}


def surge(first: date, last: date) -> list[dict[str, Any]]:
    return [{"flow": "from_abroad", "first": first, "last": last, "persons": 100}]


@pytest.mark.parametrize(
    ("changes", "code", "key"),
    [
        ({"behaviour.files_from": 600.0}, "E-files_from_late", "behaviour.files_from"),
        ({"opening.lunch.hours": "08:00-09:00"}, "E-lunch_outside", "opening.lunch.hours"),
        ({"opening.lunch.hours": "16:30-17:30"}, "E-lunch_outside", "opening.lunch.hours"),
        ({"volumes.persons_per_filing": 0.5}, "E-greater_than_equal", "volumes.persons_per_filing"),
        ({"volumes.surges": surge(date(2023, 4, 29), date(2023, 4, 30))}, "E-never_open", "volumes.surges[1].first"),
        ({"staff.main.sunday": None}, "E-sunday_nobody", "opening.sunday"),
        ({"staff.main.card_desks": NO_DESKS}, "E-no_card_desk", "volumes.card_customers_per_day"),
        ({"staff.main.card_desks": {"ordinary": 0, "peak": 6}}, "E-card_desks_sometimes", "staff.main.card_desks"),
    ],
    ids=[
        *("files from late", "lunch early", "lunch late", "half a person", "a surge on a weekend"),
        *("nobody on Sunday", "no card desk", "card desks in the peak alone"),
    ],
)
def test_a_contradiction_is_refused_at_its_key(changes: dict[str, Any], code: str, key: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        replace(LAUNCH, changes)
    (problem,) = caught.value.problems
    assert (problem.code, problem.key) == (code, key)
    assert problem.sentence("ja") != problem.sentence("en") != ""


@pytest.mark.parametrize(
    "changes",
    [
        {"behaviour.files_from": 510.0},
        {"opening.lunch.hours": "08:30-17:00"},
        {"volumes.persons_per_filing": 1.0},
        {"volumes.surges": surge(date(2023, 4, 28), date(2023, 4, 30))},
        {"staff.main.sunday": None, "opening.sunday": None},
        {"staff.main.card_desks": NO_DESKS, "volumes.card_customers_per_day": 0.0},
    ],
    ids=[
        *("as the office opens", "lunch all day", "one person", "a Friday and a weekend"),
        *("never on Sunday", "cards at windows"),
    ],
)
def test_the_edge_of_what_is_refused_is_allowed(changes: dict[str, Any]) -> None:
    assert isinstance(replace(LAUNCH, changes), Scenario)
