"""Households and applications that the tests of the fakes file."""

from __future__ import annotations

from datetime import date
from functools import cache

from hypothesis import strategies as st

from fakes.filing import application_of
from fakes.package.application import Application
from fakes.package.building import build_package
from fakes.people import Household, People
from fakes.towns import WARD_CODE

TODAY = date(2026, 3, 2)
MOVE = date(2026, 3, 20)
VISIT = date(2026, 3, 23)
ELSEWHERE = "990019"
PEOPLE = People(7, TODAY)


@cache
def household_of(size: int, municipality: str = WARD_CODE) -> Household:
    """Return the first household of that many people."""
    households = (PEOPLE.household(index, municipality) for index in range(1000))
    return next(household for household in households if len(household.members) == size)


def move(size: int = 3, origin: str = WARD_CODE, destination: str = ELSEWHERE) -> Application:
    """Return what a household of a size files to move between two towns."""
    household = household_of(size, origin)
    return application_of(household, PEOPLE.address(household.index, destination, 1), TODAY, MOVE, VISIT)


@cache
def package_of_three() -> bytes:
    """Return the package of a family of three, with one attachment."""
    return build_package(move(), {"賃貸借契約書.pdf": b"%PDF-1.7 test\n" * 20})


WIDE = st.text(
    st.one_of(
        st.characters(min_codepoint=0x3041, max_codepoint=0x3094),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
        st.sampled_from("　々ー０１９Ａ𠮷"),
    ),
    min_size=1,
    max_size=40,
)
"""Texts as they stand in a resident record."""
