"""Signatures: what was signed with a valid certificate is accepted, and nothing else, with its own code."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.package.building import build_package
from fakes.package.reading import read_package
from fakes.pki.cms import LARGEST_SIGNATURE, sign, signer_certificate, verify
from fakes.pki.keys import new_key
from fakes.pki.oids import Purpose
from fakes.pki.trust import TrustStore, der_of
from fakes.refusals import Code, RefusedError
from tests.fakes.households import household_of, move, package_of_three
from tests.fakes.pki.authorities import NOW, authority, head, issuer, refusal, signing_key, stranger

CONTENT = read_package(package_of_three()).canonical
SIGNATURE = sign(CONTENT, signing_key().key, signing_key().certificate)
TRUST = issuer().trust


def test_a_signed_package_names_its_signer() -> None:
    card = verify(CONTENT, SIGNATURE, TRUST, NOW)
    assert card.serial == signing_key().certificate.serial_number
    assert card.purpose is Purpose.SIGNING
    assert card.holder is not None
    assert card.holder.name == head().name
    assert card.holder.birth_date == head().birth_date
    assert signer_certificate(SIGNATURE) == der_of(signing_key().certificate)


@settings(max_examples=30)
@given(st.binary(max_size=300))
def test_any_content_can_be_signed_and_only_that_content_is_accepted(content: bytes) -> None:
    signature = sign(content, signing_key().key, signing_key().certificate)
    assert verify(content, signature, TRUST, NOW).serial == signing_key().certificate.serial_number
    assert refusal(lambda: verify(content + b"x", signature, TRUST, NOW)) is Code.SIGNATURE_WRONG


@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_one_changed_byte_of_the_content_is_noticed(place: int, change: int) -> None:
    other = bytearray(CONTENT)
    other[place] ^= change
    assert refusal(lambda: verify(bytes(other), SIGNATURE, TRUST, NOW)) is Code.SIGNATURE_WRONG


def test_one_changed_byte_of_an_attachment_is_noticed() -> None:
    changed = read_package(build_package(move(), {"賃貸借契約書.pdf": b"%PDF-1.7 TEST\n" * 20})).canonical
    assert refusal(lambda: verify(changed, SIGNATURE, TRUST, NOW)) is Code.SIGNATURE_WRONG


def test_a_signature_by_another_key_is_refused() -> None:
    signature = sign(CONTENT, new_key(), signing_key().certificate)
    assert refusal(lambda: verify(CONTENT, signature, TRUST, NOW)) is Code.SIGNATURE_WRONG


def test_a_certificate_of_an_authority_that_only_has_the_same_name_is_refused() -> None:
    other = stranger().signing(head(), household_of(3).address)
    signature = sign(CONTENT, other.key, other.certificate)
    assert refusal(lambda: verify(CONTENT, signature, TRUST, NOW)) is Code.ISSUER_UNKNOWN


def test_a_certificate_for_authentication_cannot_sign_an_application() -> None:
    key = issuer().authentication(head())
    signature = sign(CONTENT, key.key, key.certificate)
    assert refusal(lambda: verify(CONTENT, signature, TRUST, NOW)) is Code.PURPOSE
    assert verify(CONTENT, signature, TRUST, NOW, Purpose.AUTHENTICATION).holder is None
    assert refusal(lambda: verify(CONTENT, SIGNATURE, TRUST, NOW, Purpose.AUTHENTICATION)) is Code.PURPOSE


def test_an_authority_cannot_sign_an_application_itself() -> None:
    signature = sign(CONTENT, authority().key, authority().certificate)
    assert refusal(lambda: verify(CONTENT, signature, TRUST, NOW)) in {Code.PURPOSE, Code.ISSUER_UNKNOWN}


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (signing_key().certificate.not_valid_after_utc + timedelta(seconds=1), Code.EXPIRED),
        (signing_key().certificate.not_valid_before_utc - timedelta(seconds=1), Code.NOT_YET_VALID),
    ],
)
def test_validity_is_judged_by_the_clock_of_the_scenario(moment: datetime, code: Code) -> None:
    assert refusal(lambda: verify(CONTENT, SIGNATURE, TRUST, moment)) is code


def test_the_first_and_the_last_second_are_valid() -> None:
    certificate = signing_key().certificate
    for moment in (certificate.not_valid_before_utc, certificate.not_valid_after_utc):
        assert verify(CONTENT, SIGNATURE, TRUST, moment).serial == certificate.serial_number


def test_an_expired_authority_takes_its_certificates_with_it() -> None:
    late = NOW + timedelta(days=4 * 366)
    renewed = issuer().renewed_signing(head(), household_of(3).address, 2, late)
    signature = sign(CONTENT, renewed.key, renewed.certificate)
    assert verify(CONTENT, signature, TRUST, late).serial == renewed.certificate.serial_number
    after = authority().certificate.not_valid_after_utc + timedelta(seconds=1)
    assert renewed.certificate.not_valid_after_utc > after
    assert refusal(lambda: verify(CONTENT, signature, TRUST, after)) is Code.EXPIRED


def test_a_verifier_without_authorities_trusts_nobody() -> None:
    assert refusal(lambda: verify(CONTENT, SIGNATURE, TrustStore({}), NOW)) is Code.ISSUER_UNKNOWN


def builder(algorithm: hashes.SHA256 | hashes.SHA512) -> pkcs7.PKCS7SignatureBuilder:
    return (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(CONTENT)
        .add_signer(signing_key().certificate, signing_key().key, algorithm)
    )


DETACHED = pkcs7.PKCS7Options.DetachedSignature


def test_other_algorithms_are_refused() -> None:
    signature = builder(hashes.SHA512()).sign(Encoding.DER, [DETACHED, pkcs7.PKCS7Options.Binary])
    assert refusal(lambda: verify(CONTENT, signature, TRUST, NOW)) is Code.ALGORITHM


def test_a_signature_with_capabilities_of_mail_programs_is_the_same_to_us() -> None:
    signature = builder(hashes.SHA256()).sign(Encoding.DER, [DETACHED, pkcs7.PKCS7Options.Binary])
    assert verify(CONTENT, signature, TRUST, NOW).serial == signing_key().certificate.serial_number


@pytest.mark.parametrize(
    "options",
    [
        [pkcs7.PKCS7Options.Binary],  # the content inside
        [DETACHED, pkcs7.PKCS7Options.NoAttributes],
        [DETACHED, pkcs7.PKCS7Options.NoCerts],
    ],
)
def test_other_profiles_are_refused(options: list[pkcs7.PKCS7Options]) -> None:
    signature = builder(hashes.SHA256()).sign(Encoding.DER, options)
    assert refusal(lambda: verify(CONTENT, signature, TRUST, NOW)) is Code.SIGNATURE_FORM


def test_two_signers_or_two_certificates_are_refused() -> None:
    twice = builder(hashes.SHA256()).add_signer(signing_key().certificate, signing_key().key, hashes.SHA256())
    more = builder(hashes.SHA256()).add_certificate(authority().certificate)
    for one in (twice, more):
        signature = one.sign(Encoding.DER, [DETACHED, pkcs7.PKCS7Options.Binary])
        assert refusal(partial(verify, CONTENT, signature, TRUST, NOW)) is Code.SIGNATURE_FORM


def test_a_key_on_a_curve_is_refused() -> None:
    responder = authority()
    signature = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(CONTENT)
        .add_signer(responder.responder_certificate, responder.responder_key, hashes.SHA256())
        .sign(Encoding.DER, [DETACHED, pkcs7.PKCS7Options.Binary])
    )
    assert isinstance(responder.responder_key, ec.EllipticCurvePrivateKey)
    assert refusal(lambda: verify(CONTENT, signature, TRUST, NOW)) is Code.ALGORITHM


def test_the_certificate_inside_must_be_the_one_that_is_named() -> None:
    other = issuer().renewed_signing(head(), household_of(3).address, 1, NOW)
    mine, theirs = der_of(signing_key().certificate), der_of(other.certificate)
    assert len(mine) == len(theirs)
    swapped = SIGNATURE.replace(mine, theirs)
    assert swapped != SIGNATURE
    assert refusal(lambda: verify(CONTENT, swapped, TRUST, NOW)) is Code.SIGNATURE_FORM


@pytest.mark.parametrize(
    "signature", [b"", b"\x30", b"\x30\x80", b"\x00" * 100, b"hello", bytes(LARGEST_SIGNATURE + 1)]
)
def test_what_is_no_signature_is_refused(signature: bytes) -> None:
    assert refusal(lambda: verify(CONTENT, signature, TRUST, NOW)) is Code.SIGNATURE_FORM
    assert refusal(lambda: signer_certificate(signature)) is Code.SIGNATURE_FORM


def test_ber_is_refused_where_der_is_wanted() -> None:
    assert SIGNATURE[:2] == b"\x30\x82"
    longer = b"\x30\x83\x00" + SIGNATURE[2:]
    assert refusal(lambda: verify(CONTENT, longer, TRUST, NOW)) is Code.SIGNATURE_FORM
    assert refusal(lambda: verify(CONTENT, SIGNATURE + b"\x00", TRUST, NOW)) is Code.SIGNATURE_FORM


@settings(max_examples=400)
@given(st.data())
def test_a_changed_signature_is_refused_or_says_the_same(data: st.DataObject) -> None:
    changed = bytearray(SIGNATURE)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(changed)))
        changed[start : start + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    try:
        card = verify(CONTENT, bytes(changed), TRUST, NOW)
    except RefusedError:
        return
    assert card.certificate == signing_key().certificate


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_whatever_comes_in_as_a_signature_is_refused(signature: bytes) -> None:
    assert refusal(lambda: verify(CONTENT, signature, TRUST, NOW)) is Code.SIGNATURE_FORM
    assert refusal(lambda: TRUST.trusted(signature, Purpose.SIGNING, NOW)) is Code.SIGNATURE_FORM


@settings(max_examples=200)
@given(st.data())
def test_a_changed_certificate_is_never_trusted(data: st.DataObject) -> None:
    original = der_of(signing_key().certificate)
    place = data.draw(st.integers(0, len(original) - 1))
    changed = original[:place] + bytes([original[place] ^ data.draw(st.integers(1, 255))]) + original[place + 1 :]
    assert refusal(lambda: TRUST.trusted(changed, Purpose.SIGNING, NOW)) in {
        Code.SIGNATURE_FORM,
        Code.ISSUER_UNKNOWN,
        Code.ALGORITHM,
    }
