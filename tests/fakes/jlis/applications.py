"""Applications as the portal brings them to the relay."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from fakes.filing import application_of
from fakes.package.building import build_package
from fakes.people import People
from fakes.procedures import Procedure, city_service_code
from tests.fakes.conftest import SEED, START

TODAY = START.date()
PEOPLE = People(SEED, TODAY)
ORIGIN, DESTINATION, OTHER = "990019", "131041", "990027"
MOVE = TODAY + timedelta(days=5)


@cache
def package(index: int = 0, old: str = ORIGIN, new: str = DESTINATION, visit: bool = True) -> bytes:
    """Return the ZIP of a household's application."""
    household = PEOPLE.household(index, old)
    day: date | None = MOVE + timedelta(days=2) if visit else None
    return build_package(application_of(household, PEOPLE.address(index, new, 1), TODAY, MOVE, day))


def service(town: str = ORIGIN, procedure: Procedure = Procedure.MOVE_OUT) -> str:
    return city_service_code(town, procedure)


def number_of(index: int) -> str:
    """Return a receipt number."""
    return f"20230301{index:09d}"
