"""Status of certificates online: good, revoked, unknown, try later, and no answer that could be somebody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.pki.ocsp import LARGEST_REQUEST, SKEW, VALID_FOR, Responder, check_status, request_for, try_later
from fakes.pki.oids import Purpose
from fakes.pki.register import MemoryRegister, Reason, Revocation
from fakes.refusals import Code, RefusedError
from tests.fakes.households import household_of
from tests.fakes.pki.authorities import NOW, authority, head, issuer, refusal, signing_key, stranger

CERTIFICATE = signing_key().certificate
ISSUER = authority().certificate
RESPONDER = Responder(authority())


def register(*, issued: bool = True, revoked: bool = False) -> MemoryRegister:
    kept = MemoryRegister()
    if issued:
        kept.issue(Purpose.SIGNING, CERTIFICATE.serial_number)
    if revoked:
        kept.revoke(Purpose.SIGNING, CERTIFICATE.serial_number, Revocation(NOW, Reason.AFFILIATION_CHANGED))
    return kept


REQUEST = request_for(CERTIFICATE, ISSUER)
GOOD = RESPONDER.answer(REQUEST, register(), NOW)
REVOKED = RESPONDER.answer(REQUEST, register(revoked=True), NOW)


def test_a_certificate_that_was_issued_is_good() -> None:
    check_status(GOOD, REQUEST, ISSUER, NOW)
    assert ocsp.load_der_ocsp_response(GOOD).certificate_status is ocsp.OCSPCertStatus.GOOD


def test_a_move_out_revokes_and_the_answer_says_when_and_why() -> None:
    answer = RESPONDER.answer(REQUEST, register(revoked=True), NOW)
    assert refusal(lambda: check_status(answer, REQUEST, ISSUER, NOW)) is Code.REVOKED
    found = ocsp.load_der_ocsp_response(answer)
    assert found.revocation_time_utc == NOW
    assert found.revocation_reason is x509.ReasonFlags.affiliation_changed


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_can_be_said(reason: Reason) -> None:
    kept = register()
    kept.revoke(Purpose.SIGNING, CERTIFICATE.serial_number, Revocation(NOW, reason))
    found = ocsp.load_der_ocsp_response(RESPONDER.answer(REQUEST, kept, NOW))
    assert found.revocation_reason is x509.ReasonFlags[reason.value]


def test_a_certificate_that_nobody_issued_is_unknown() -> None:
    answer = RESPONDER.answer(REQUEST, register(issued=False), NOW)
    assert refusal(lambda: check_status(answer, REQUEST, ISSUER, NOW)) is Code.STATUS_UNKNOWN


def test_a_certificate_of_another_authority_is_unknown_although_the_serial_number_fits() -> None:
    other = stranger().authorities[Purpose.SIGNING].certificate
    request = request_for(stranger().signing(head(), household_of(3).address).certificate, other)
    found = ocsp.load_der_ocsp_response(RESPONDER.answer(request, register(), NOW))
    assert found.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_the_authorities_do_not_mix_their_registers() -> None:
    certificate = issuer().authentication(head()).certificate
    assert certificate.serial_number == CERTIFICATE.serial_number
    other = authority(Purpose.AUTHENTICATION)
    request = request_for(certificate, other.certificate)
    kept = register(revoked=True)
    kept.issue(Purpose.AUTHENTICATION, certificate.serial_number)
    check_status(Responder(other).answer(request, kept, NOW), request, other.certificate, NOW)


def test_a_busy_responder_says_nothing() -> None:
    assert ocsp.load_der_ocsp_response(try_later()).response_status is ocsp.OCSPResponseStatus.TRY_LATER
    assert refusal(lambda: check_status(try_later(), REQUEST, ISSUER, NOW)) is Code.STATUS_UNCHECKED


def test_not_checked_is_503_and_revoked_is_409() -> None:
    assert RefusedError(Code.STATUS_UNCHECKED).status == 503
    assert RefusedError(Code.REVOKED).status == RefusedError(Code.STATUS_UNKNOWN).status == 409


def test_an_old_answer_does_not_fit_a_new_request() -> None:
    assert refusal(lambda: check_status(GOOD, request_for(CERTIFICATE, ISSUER), ISSUER, NOW)) is Code.STATUS_UNCHECKED


def test_an_answer_about_another_certificate_does_not_count() -> None:
    other = issuer().renewed_signing(head(), household_of(3).address, 1, NOW).certificate
    assert refusal(lambda: check_status(GOOD, request_for(other, ISSUER), ISSUER, NOW)) is Code.STATUS_UNCHECKED


@pytest.mark.parametrize("moment", [NOW - SKEW - timedelta(seconds=1), NOW + VALID_FOR + SKEW + timedelta(seconds=1)])
def test_an_answer_of_another_time_does_not_count(moment: object) -> None:
    assert refusal(lambda: check_status(GOOD, REQUEST, ISSUER, moment)) is Code.STATUS_UNCHECKED  # type: ignore[arg-type]


def test_clocks_may_differ_a_little() -> None:
    check_status(GOOD, REQUEST, ISSUER, NOW - SKEW)
    check_status(GOOD, REQUEST, ISSUER, NOW + VALID_FOR + SKEW)


def test_an_answer_of_a_strangers_responder_does_not_count() -> None:
    other = stranger().authorities[Purpose.SIGNING]
    request = request_for(CERTIFICATE, other.certificate)
    answer = Responder(other).answer(request, register(), NOW)
    check_status(answer, request, other.certificate, NOW)
    assert refusal(lambda: check_status(answer, request, ISSUER, NOW)) is Code.STATUS_UNCHECKED


def test_a_card_holder_cannot_answer_for_the_authority() -> None:
    asked = ocsp.load_der_ocsp_request(REQUEST)
    forged = (
        ocsp.OCSPResponseBuilder()
        .add_response(CERTIFICATE, ISSUER, hashes.SHA256(), ocsp.OCSPCertStatus.GOOD, NOW, NOW + VALID_FOR, None, None)
        .responder_id(ocsp.OCSPResponderEncoding.HASH, CERTIFICATE)
        .certificates([CERTIFICATE])
        .add_extension(asked.extensions.get_extension_for_class(x509.OCSPNonce).value, critical=False)
        .sign(signing_key().key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
    assert refusal(lambda: check_status(forged, REQUEST, ISSUER, NOW)) is Code.STATUS_UNCHECKED


def test_requests_with_the_older_digest_and_without_nonce_are_answered() -> None:
    request = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(CERTIFICATE, ISSUER, hashes.SHA1())  # noqa: S303 (names an issuer)
        .build()
        .public_bytes(Encoding.DER)
    )
    check_status(RESPONDER.answer(request, register(), NOW), request, ISSUER, NOW)


@pytest.mark.parametrize("request_bytes", [b"", b"\x30\x00", b"hello", REQUEST[:-1], bytes(LARGEST_REQUEST + 1)])
def test_what_is_no_request_is_answered_as_malformed(request_bytes: bytes) -> None:
    found = ocsp.load_der_ocsp_response(RESPONDER.answer(request_bytes, register(), NOW))
    assert found.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@settings(max_examples=300)
@given(st.data())
def test_a_changed_request_is_answered_and_a_changed_answer_never_makes_a_certificate_good(
    data: st.DataObject,
) -> None:
    answer, request = bytearray(REVOKED), bytearray(REQUEST)
    for changed in (answer, request):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    assert ocsp.load_der_ocsp_response(RESPONDER.answer(bytes(request), register(), NOW))
    with pytest.raises(RefusedError):
        check_status(bytes(answer), REQUEST, ISSUER, NOW)
