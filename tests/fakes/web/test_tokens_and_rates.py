"""Tokens say who somebody is, to their server and for their time; rates count callers apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.refusals import RefusedError
from fakes.web.rates import Rates
from fakes.web.tokens import Token, Tokens, ends

TOKEN = Token("staff", "s-1", "131041", ("residents",), 1_000, "n")
TOKENS = Tokens(b"k" * 32)


def test_a_token_says_what_was_put_in() -> None:
    assert TOKENS.check(TOKENS.issue(TOKEN).encode(), ("staff",), 999) == TOKEN


@pytest.mark.parametrize(
    ("tokens", "kinds", "at"),
    [(TOKENS, ("applicant",), 999), (TOKENS, ("staff",), 1_000), (Tokens(b"x" * 32), ("staff",), 999)],
)
def test_a_token_is_for_one_server_one_sort_of_caller_and_one_time(
    tokens: Tokens, kinds: tuple[str, ...], at: int
) -> None:
    assert tokens.check(TOKENS.issue(TOKEN).encode(), kinds, at) is None


@given(st.binary(max_size=3000))
def test_no_other_bytes_are_a_token(guess: bytes) -> None:
    assert TOKENS.check(guess, ("staff",), 0) is None


@given(st.data())
def test_a_changed_token_is_none(data: st.DataObject) -> None:
    text = bytearray(TOKENS.issue(TOKEN).encode())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] = data.draw(st.sampled_from(sorted({*b"ABCabc019-_"} - {text[place]})))
    changed = TOKENS.check(bytes(text), ("staff",), 999)
    assert changed is None or changed == TOKEN  # the last character has bits that say nothing


def test_a_token_ends_after_its_seconds() -> None:
    assert ends(5, 2) == 2_000_005


def test_a_caller_has_its_burst_and_then_its_rate() -> None:
    now = [0.0]
    rates = Rates(2, 3, lambda: now[0])
    for _ in range(3):
        rates.take("a")
    with pytest.raises(RefusedError) as refused:
        rates.take("a")
    assert refused.value.status == 429
    rates.take("b")
    now[0] = 0.5
    rates.take("a")
    with pytest.raises(RefusedError):
        rates.take("a")


def test_no_rate_is_no_limit() -> None:
    rates = Rates(0, 1)
    for _ in range(1000):
        rates.take("a")


def test_callers_whose_time_has_passed_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fakes.web.rates._MOST_CALLERS", 10)
    now = [0.0]
    rates = Rates(1, 1, lambda: now[0])
    for second in range(100):
        now[0] = float(second * 2)
        rates.take(f"caller {second}")
    assert len(rates._buckets) <= 11
