"""Certificates of cards: what stands in them, and that nobody can take them for real ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from fakes.clock import JST
from fakes.people import certificate_serial
from fakes.pki.cards import CardIssuer
from fakes.pki.holder import holder_of, read_birth, read_holder, written_birth
from fakes.pki.oids import POLICIES, Purpose
from fakes.validity import nth_birthday
from tests.fakes.households import household_of
from tests.fakes.pki.authorities import NOW, authority, head, issuer, signing_key


def usage(certificate: x509.Certificate) -> x509.KeyUsage:
    extension = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert extension.critical
    return extension.value


@pytest.mark.parametrize("purpose", list(Purpose))
def test_an_authority_is_built_like_the_real_one_and_says_test(purpose: Purpose) -> None:
    certificate = authority(purpose).certificate
    names = [attribute.value for attribute in certificate.subject]
    assert names[:2] == ["JP", "JPKI TEST"]
    assert all("TEST" in str(name) for name in names[1:])
    assert certificate.subject == certificate.issuer
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 2048
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert usage(certificate).key_cert_sign
    assert usage(certificate).crl_sign
    assert not usage(certificate).digital_signature
    assert certificate.not_valid_before_utc < NOW - timedelta(days=1800)
    assert timedelta(days=3650) < certificate.not_valid_after_utc - certificate.not_valid_before_utc


def test_a_signing_certificate_names_its_holder_by_four_items() -> None:
    certificate = signing_key().certificate
    certificate.verify_directly_issued_by(authority().certificate)
    assert read_holder(certificate.extensions) == holder_of(head(), household_of(3).address)
    assert usage(certificate).digital_signature
    assert usage(certificate).content_commitment
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [name.type_id.dotted_string[-4:] for name in names if isinstance(name, x509.OtherName)] == [
        ".5.1",
        ".5.3",
        ".5.4",
        ".5.5",
    ]


def test_a_certificate_for_authentication_names_nobody_and_cannot_commit() -> None:
    certificate = issuer().authentication(head()).certificate
    certificate.verify_directly_issued_by(authority(Purpose.AUTHENTICATION).certificate)
    assert read_holder(certificate.extensions) is None
    assert not usage(certificate).content_commitment
    assert head().name.encode() not in certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_policies_are_of_the_test_arc_or_a_private_one(purpose: Purpose) -> None:
    certificate = signing_key().certificate
    if purpose is Purpose.AUTHENTICATION:
        certificate = issuer().authentication(head()).certificate
    policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert [policy.policy_identifier for policy in policies] == [POLICIES[purpose]]
    assert POLICIES[purpose].dotted_string.startswith(("1.2.392.200149.8.5.1.0.", "2.25."))
    assert str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value).startswith("TEST ")


def test_a_certificate_is_valid_from_its_issue_to_the_end_of_the_fifth_birthday() -> None:
    certificate, card = signing_key().certificate, head().card
    assert card is not None
    last = certificate.not_valid_after_utc.astimezone(JST)
    assert last.date() == min(nth_birthday(head().birth_date, card.issued_on, 5), card.valid_until)
    assert (last.hour, last.minute, last.second) == (23, 59, 59)
    assert certificate.not_valid_before_utc.astimezone(JST).date() == card.issued_on


def test_serial_numbers_are_those_on_the_card_and_a_renewed_certificate_has_the_next_one() -> None:
    card = head().card
    assert card is not None
    assert card.signing is not None
    assert signing_key().certificate.serial_number == card.signing.serial
    address = household_of(3).address
    renewed = issuer().renewed_signing(head(), address, 1, NOW).certificate
    assert renewed.serial_number == certificate_serial(head().index, 1) == card.signing.serial + 1
    assert renewed.not_valid_before_utc == NOW


def test_who_has_no_card_gets_no_certificate() -> None:
    child = next(person for size in (3, 4, 5) for person in household_of(size).members if person.card is None)
    address = household_of(3).address
    with pytest.raises(ValueError, match="has no card"):
        issuer().authentication(child)
    with pytest.raises(ValueError, match="has no signing certificate"):
        issuer().signing(child, address)
    with pytest.raises(ValueError, match="has no card"):
        issuer().renewed_signing(child, address, 1, NOW)


def test_each_kind_of_certificate_needs_the_items_that_it_has() -> None:
    key = issuer().pool.key_for(1).public_key()
    with pytest.raises(ValueError, match="four items"):
        authority().issue(key, 1, NOW, date(2027, 1, 1))
    holder = holder_of(head(), household_of(3).address)
    with pytest.raises(ValueError, match="four items"):
        authority(Purpose.AUTHENTICATION).issue(key, 1, NOW, date(2027, 1, 1), holder)


def test_authorities_and_keys_survive_a_restart(tmp_path: Path) -> None:
    issuer().save(tmp_path)
    loaded = CardIssuer.load(tmp_path)
    again = loaded.signing(head(), household_of(3).address)
    assert again.certificate == signing_key().certificate  # the same key signs the same bytes
    assert again.key.private_numbers() == signing_key().key.private_numbers()
    for purpose in Purpose:
        assert loaded.authorities[purpose].responder_certificate == authority(purpose).responder_certificate
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("*.key.pem")} == {0}


@given(st.dates(date(1850, 1, 1), date(2060, 1, 1)))
def test_dates_of_birth_come_back_with_any_era(birth: date) -> None:
    assert read_birth(written_birth(birth)) == birth


@pytest.mark.parametrize(
    ("birth", "text"),
    [
        (date(1912, 7, 29), "119120729"),
        (date(1912, 7, 30), "219120730"),
        (date(1926, 12, 24), "219261224"),
        (date(1926, 12, 25), "319261225"),
        (date(1989, 1, 7), "319890107"),
        (date(1989, 1, 8), "419890108"),
        (date(2019, 4, 30), "420190430"),
        (date(2019, 5, 1), "520190501"),
        (date(1860, 1, 1), "018600101"),
    ],
)
def test_an_era_begins_on_its_day(birth: date, text: str) -> None:
    assert written_birth(birth) == text


def test_moments_are_those_of_the_scenario_and_not_of_the_machine() -> None:
    assert issuer().authorities[Purpose.SIGNING].certificate.not_valid_after_utc > NOW
    assert abs(NOW - datetime(2026, 3, 2, 1, tzinfo=UTC)) < timedelta(seconds=1)
