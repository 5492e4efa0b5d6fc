import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results.fingerprint import canonical_json, fingerprint


@settings(max_examples=200)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_canonical_numbers_read_back_as_themselves(value: float) -> None:
    assert float(canonical_json(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    # RFC 8785, appendix B
    [
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-1.7976931348623157e308, "-1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.33333325, "333333333.33333325"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
    ],
)
def test_numbers_are_written_as_rfc_8785_writes_them(value: float, text: str) -> None:
    assert canonical_json(value) == text


def test_the_hash_knows_neither_key_order_nor_unset_keys_but_every_value() -> None:
    data = {"name": "launch", "uptake": 0.16, "unset": None, "days": [1, 2]}
    assert fingerprint({"days": (1, 2), "uptake": 0.16, "name": "launch"}) == fingerprint(data)
    assert fingerprint(data | {"uptake": 0.17}) != fingerprint(data)
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2, "a": 1.0}) == '{"a":1,"\U0001f600":2,"\ufb33":1}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}])
def test_what_is_not_plain_data_has_no_hash(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        fingerprint({"x": value})
