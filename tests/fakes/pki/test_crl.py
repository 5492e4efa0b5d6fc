"""Revocation lists."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.pki.crl import VALID_FOR, check_listed, read_list, revocation_list
from fakes.pki.oids import Purpose
from fakes.pki.register import MemoryRegister, Reason, Revocation, Standing
from fakes.refusals import Code
from tests.fakes.pki.authorities import NOW, authority, refusal, stranger

ISSUER = authority().certificate


def listed(*serials: int) -> bytes:
    register = MemoryRegister()
    for serial in serials:
        register.revoke(Purpose.SIGNING, serial, Revocation(NOW - timedelta(hours=1), Reason.AFFILIATION_CHANGED))
    register.revoke(Purpose.AUTHENTICATION, 999, Revocation(NOW, Reason.KEY_COMPROMISE))
    return revocation_list(authority(), register, NOW, number=7)


@settings(max_examples=20)
@given(st.sets(st.integers(1, 2**31), max_size=20), st.integers(1, 2**31))
def test_exactly_the_revoked_certificates_of_the_authority_are_listed(serials: set[int], other: int) -> None:
    found = read_list(listed(*serials), ISSUER, NOW)
    assert {entry.serial_number for entry in found} == serials
    for serial in serials:
        assert refusal(partial(check_listed, found, serial)) is Code.REVOKED
    if other not in serials:
        check_listed(found, other)


def test_a_list_has_a_number_and_each_entry_a_reason() -> None:
    found = read_list(listed(5), ISSUER, NOW)
    assert found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7
    entry = found.get_revoked_certificate_by_serial_number(5)
    assert entry is not None
    assert entry.revocation_date_utc == NOW - timedelta(hours=1)
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.affiliation_changed


@pytest.mark.parametrize("shift", [timedelta(seconds=-1), VALID_FOR + timedelta(seconds=1)])
def test_a_list_of_another_time_is_not_relied_on(shift: timedelta) -> None:
    assert refusal(lambda: read_list(listed(5), ISSUER, NOW + shift)) is Code.STATUS_UNCHECKED


def test_a_list_of_another_authority_is_not_relied_on() -> None:
    other = stranger().authorities[Purpose.SIGNING].certificate
    assert refusal(lambda: read_list(listed(5), other, NOW)) is Code.STATUS_UNCHECKED
    mixed = authority(Purpose.AUTHENTICATION).certificate
    assert refusal(lambda: read_list(listed(5), mixed, NOW)) is Code.STATUS_UNCHECKED


@given(st.data())
def test_a_changed_list_is_not_relied_on(data: st.DataObject) -> None:
    original = listed(5, 6)
    place = data.draw(st.integers(0, len(original) - 1))
    changed = original[:place] + bytes([original[place] ^ data.draw(st.integers(1, 255))]) + original[place + 1 :]
    assert refusal(lambda: read_list(changed, ISSUER, NOW)) is Code.STATUS_UNCHECKED


def test_a_signature_that_leaves_a_bit_out_is_not_relied_on() -> None:
    """Where the last bit is a zero, saying that it does not count leaves the same bytes and another file."""
    even = next(own for number in range(1, 100) if not (own := listed(number))[-1] & 1)
    signature = x509.load_der_x509_crl(even).signature
    place = len(even) - len(signature) - 1
    assert even[place] == 0
    changed = even[:place] + b"\x01" + even[place + 1 :]
    assert x509.load_der_x509_crl(changed).signature == signature
    assert refusal(lambda: read_list(changed, ISSUER, NOW)) is Code.STATUS_UNCHECKED


def test_the_first_revocation_stays() -> None:
    register = MemoryRegister()
    first = Revocation(NOW, Reason.AFFILIATION_CHANGED)
    register.issue(Purpose.SIGNING, 5)
    register.revoke(Purpose.SIGNING, 5, first)
    register.revoke(Purpose.SIGNING, 5, Revocation(NOW + timedelta(1), Reason.SUPERSEDED))
    assert register.standing(Purpose.SIGNING, 5) == Standing(issued=True, revocation=first)
    assert register.standing(Purpose.SIGNING, 6) == Standing(issued=False)
    assert list(register.revoked(Purpose.AUTHENTICATION)) == []
