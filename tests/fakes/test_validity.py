"""Until when cards and certificates are valid."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.validity import age_on, birthday_in, card_valid_until, certificate_valid_until, nth_birthday


@pytest.mark.parametrize(
    ("birth", "issued", "card", "certificate"),
    [
        (date(1990, 5, 10), date(2024, 4, 1), date(2033, 5, 10), date(2028, 5, 10)),
        (date(1990, 5, 10), date(2024, 5, 10), date(2034, 5, 10), date(2029, 5, 10)),  # issued on the birthday
        (date(1990, 5, 10), date(2024, 5, 11), date(2034, 5, 10), date(2029, 5, 10)),
        (date(2010, 1, 1), date(2024, 4, 1), date(2029, 1, 1), date(2029, 1, 1)),  # under 18: five birthdays
        (date(2006, 4, 1), date(2024, 4, 1), date(2034, 4, 1), date(2029, 4, 1)),  # 18 on that day
        (date(2000, 2, 29), date(2024, 3, 1), date(2034, 2, 28), date(2029, 2, 28)),
    ],
)
def test_validity_ends_on_a_birthday(birth: date, issued: date, card: date, certificate: date) -> None:
    assert card_valid_until(birth, issued) == card
    assert certificate_valid_until(birth, issued, card) == certificate


def test_a_certificate_never_outlives_its_card() -> None:
    birth, card = date(1990, 5, 10), date(2026, 5, 10)
    assert certificate_valid_until(birth, date(2025, 1, 1), card) == card


@given(st.dates(date(1930, 1, 1), date(2020, 1, 1)), st.dates(date(2020, 1, 2), date(2040, 1, 1)), st.integers(1, 10))
def test_the_nth_birthday_lies_n_years_ahead_at_most(birth: date, after: date, count: int) -> None:
    found = nth_birthday(birth, after, count)
    assert found == birthday_in(birth, found.year)
    assert after < found
    assert age_on(birth, found) - age_on(birth, after) == count
    assert age_on(birth, found - timedelta(days=1)) == age_on(birth, found) - 1
