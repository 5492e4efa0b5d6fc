from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from scenarios.quantity import (
    Count,
    Factor,
    Minutes,
    PositiveCount,
    PositiveMinutes,
    Quantity,
    Rate,
    Share,
    is_quantity_table,
)


def read(kind: Any, given: object) -> Quantity:
    quantity = TypeAdapter(kind).validate_python(given)
    assert isinstance(quantity, Quantity)
    return quantity


def refused(kind: Any, given: object) -> list[tuple[str, str]]:
    """Return the key and type of every error."""
    with pytest.raises(ValidationError) as error:
        TypeAdapter(kind).validate_python(given)
    return [(".".join(map(str, e["loc"])), e["type"]) for e in error.value.errors()]


def test_a_plain_number_is_a_quantity_without_evidence() -> None:
    assert read(Share, 0.16) == Quantity(value=0.16)
    assert not read(Share, 0.16).assumed


def test_a_quantity_carries_its_range_unit_and_source() -> None:
    table = {"value": 0.16, "low": 0.08, "high": 0.25, "unit": "share", "source": "https://example.org"}
    assert read(Share, table) == Quantity(value=0.16, low=0.08, high=0.25, unit="share", source="https://example.org")


@pytest.mark.parametrize(
    ("source", "assumed", "reason"),
    [
        ("assumption", True, ""),
        ("assumption: no figure is published", True, "no figure is published"),
        ("Assumption:two lines\nof reason", True, "two lines\nof reason"),
        ("assumptions of the ministry, 2021", False, ""),
        ("https://example.org/assumption", False, ""),
        (None, False, ""),
    ],
)
def test_a_quantity_is_assumed_when_its_source_says_so(source: str | None, assumed: bool, reason: str) -> None:
    quantity = Quantity(value=1, source=source)
    assert (quantity.assumed, quantity.reason) == (assumed, reason)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_a_range_holds_its_value(numbers: list[float]) -> None:
    low, value, high = sorted(numbers)
    quantity = read(Share, {"low": low, "value": value, "high": high})
    assert quantity.low is not None
    assert quantity.high is not None
    assert quantity.low <= float(quantity) <= quantity.high


def test_a_range_that_misses_its_value_is_refused_at_both_ends() -> None:
    table = {"value": 0.2, "low": 0.3, "high": 0.1}
    assert refused(Share, table) == [("low", "low_above_value"), ("high", "high_below_value")]


@pytest.mark.parametrize("given", [True, "0.16", [0.16], None])
def test_only_numbers_and_tables_are_quantities(given: object) -> None:
    assert refused(Share, given) == [("", "quantity_type")]


@pytest.mark.parametrize("given", ["0.16", True, None])
def test_the_numbers_of_a_quantity_are_numbers(given: object) -> None:
    assert refused(Quantity, {"value": given}) == [("value", "float_type")]


@pytest.mark.parametrize("given", [float("nan"), float("inf"), -float("inf")])
def test_a_quantity_is_finite(given: float) -> None:
    assert refused(Quantity, given) == [("value", "finite_number")]


def test_unknown_keys_are_refused() -> None:
    assert refused(Quantity, {"value": 1, "sorce": "x"}) == [("sorce", "extra_forbidden")]


def test_a_blank_unit_or_source_is_refused() -> None:
    expected = [("unit", "string_too_short"), ("source", "string_too_short")]
    assert refused(Quantity, {"value": 1, "unit": "", "source": ""}) == expected


@pytest.mark.parametrize("given", [6.0, 6.5, True, "6"])
def test_counts_are_never_floats(given: object) -> None:
    assert refused(Count, {"value": given}) == [("value", "int_type")]
    assert refused(Count, {"value": 6, "low": given}) == [("low", "int_type")]


def test_a_count_is_an_integer() -> None:
    count = read(Count, 6)
    assert isinstance(count, Count)
    assert int(count) == 6
    assert isinstance(count.value, int)


@pytest.mark.parametrize("number", [-1, 2**53, 10**400])
def test_a_count_fits_every_number_format(number: int) -> None:
    (error,) = refused(Count, number)
    assert error in [("value", "greater_than_equal"), ("value", "less_than_equal")]


@pytest.mark.parametrize(
    ("kind", "allowed", "outside", "error"),
    [
        (Share, (0, 0.5, 1), -0.01, "out_of_range"),
        (Share, (), 1.01, "out_of_range"),
        (Minutes, (0, 0.5, 1e6), -0.01, "negative_duration"),
        (PositiveMinutes, (0.01,), -1, "negative_duration"),
        (PositiveMinutes, (), 0, "greater_than"),
        (Rate, (0, 12.5), -1, "greater_than_equal"),
        (Factor, (0, 3), -0.5, "greater_than_equal"),
        (Count, (0, 7), -1, "greater_than_equal"),
        (PositiveCount, (1, 7), 0, "greater_than_equal"),
    ],
)
def test_bounds_hold_for_value_low_and_high(kind: Any, allowed: tuple[float, ...], outside: float, error: str) -> None:
    for number in allowed:
        assert float(read(kind, number)) == number
        assert float(read(kind, {"value": number, "low": number, "high": number})) == number
    assert refused(kind, outside) == [("value", error)]
    table = dict.fromkeys(("value", "low", "high"), outside)
    assert refused(kind, table) == [("value", error), ("low", error), ("high", error)]


def test_a_quantity_never_changes() -> None:
    quantity = Quantity(value=1)
    with pytest.raises(ValidationError):
        quantity.value = 2  # type: ignore[misc]


class Model(BaseModel):
    share: Share
    count: PositiveCount = Count(value=3)


@given(st.floats(0, 1), st.integers(1, 10**9), st.sampled_from([None, "assumption: why", "出典"]))
def test_a_quantity_reads_back_as_it_was_written(share: float, count: int, source: str | None) -> None:
    model = Model(share=Quantity(value=share, high=1.0, source=source), count=Count(value=count))
    assert Model.model_validate(model.model_dump()) == model
    assert Model.model_validate_json(model.model_dump_json()) == model
    assert pickle.loads(pickle.dumps(model)) == model  # noqa: S301


def test_a_quantity_without_evidence_is_written_as_a_number() -> None:
    dumped = Model(share=Quantity(value=0.5, low=0.1)).model_dump()
    assert dumped == {"share": {"value": 0.5, "low": 0.1}, "count": 3}
    assert isinstance(dumped["count"], int)


def test_a_table_is_a_quantity_when_it_has_a_value_and_nothing_foreign() -> None:
    assert is_quantity_table({"value": 1, "source": "x"})
    assert not is_quantity_table({"low": 1})
    assert not is_quantity_table({"value": 1, "metric": "wait"})
