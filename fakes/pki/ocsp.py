"""Certificate status online (OCSP, RFC 6960): request and answer in DER, for the verifier and for the authority."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from fakes.pki.authority import Authority
from fakes.pki.register import Revocation, RevocationRegister
from fakes.refusals import Code, RefusedError

VALID_FOR: Final = timedelta(minutes=10)
"""How long an answer may be used (assumption)."""

SKEW: Final = timedelta(minutes=5)
"""How far the clocks of verifier and authority may differ (assumption)."""

MALFORMED: Final = bytes.fromhex("30030a0101")
"""The answer to what is no request."""

LARGEST_REQUEST: Final = 4096
_NONCE_BYTES: Final = 16
_ITEM: Final = "certificate"
_DAMAGED = (ValueError, TypeError, UnsupportedAlgorithm)


def request_for(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """Return the question whether a certificate is good, with a fresh nonce so that no old answer fits."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256())
    return (
        builder.add_extension(x509.OCSPNonce(secrets.token_bytes(_NONCE_BYTES)), critical=False)
        .build()
        .public_bytes(Encoding.DER)
    )


class Responder:
    """The authority's side."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._ours = {
            algorithm.name: _issuer_hashes(authority.certificate, algorithm)
            for algorithm in (hashes.SHA1(), hashes.SHA256())  # noqa: S303 (names an issuer, protects nothing)
        }

    def answer(self, request: bytes, register: RevocationRegister, at: datetime) -> bytes:
        """Return the answer to a request: good, revoked, unknown, or that it cannot be read.

        A certificate that was never issued, or by another authority, is unknown.
        """
        if len(request) > LARGEST_REQUEST:
            return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        try:
            asked = ocsp.load_der_ocsp_request(request)
            ours = self._ours.get(asked.hash_algorithm.name) == (asked.issuer_name_hash, asked.issuer_key_hash)
            nonce = _nonce(asked.extensions)
            size = asked.hash_algorithm.digest_size
            if asked.serial_number < 1 or {len(asked.issuer_name_hash), len(asked.issuer_key_hash)} != {size}:
                raise ValueError("no certificate can be meant")
        except _DAMAGED:
            return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        standing = register.standing(self._authority.purpose, asked.serial_number)
        status, revocation = ocsp.OCSPCertStatus.GOOD, None
        if not ours or not standing.issued:
            status = ocsp.OCSPCertStatus.UNKNOWN
        elif standing.revocation is not None:
            status, revocation = ocsp.OCSPCertStatus.REVOKED, standing.revocation
        return self._signed(asked, nonce, status, revocation, at)

    def _signed(
        self,
        asked: ocsp.OCSPRequest,
        nonce: x509.OCSPNonce | None,
        status: ocsp.OCSPCertStatus,
        revocation: Revocation | None,
        at: datetime,
    ) -> bytes:
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=status,
            this_update=at,
            next_update=at + VALID_FOR,
            revocation_time=revocation.at if revocation else None,
            revocation_reason=x509.ReasonFlags[revocation.reason.value] if revocation else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self._authority.responder_certificate)
        builder = builder.certificates([self._authority.responder_certificate])
        if nonce is not None:
            builder = builder.add_extension(nonce, critical=False)
        return builder.sign(self._authority.responder_key, hashes.SHA256()).public_bytes(Encoding.DER)


def try_later() -> bytes:
    """Return the answer of a responder that is too busy."""
    return _unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)


def check_status(answer: bytes, request: bytes, issuer: x509.Certificate, at: datetime) -> None:
    """Check an answer; return when it says that the certificate of the request is good.

    Parameters
    ----------
    answer, request
        DER; the request is the one that was sent.
    issuer
        Certificate of the authority.
    at
        Moment of the scenario.

    Raises
    ------
    RefusedError
        E3006 revoked, E3008 unknown; E3009 when the answer says nothing: too busy, not readable, not signed by the
        authority's responder, for another request, too old.
    """
    try:
        found, asked = ocsp.load_der_ocsp_response(answer), ocsp.load_der_ocsp_request(request)
        status = found.certificate_status if _believable(found, asked, issuer, at) else None
    except _DAMAGED:
        status = None
    if status is ocsp.OCSPCertStatus.REVOKED:
        raise RefusedError(Code.REVOKED, _ITEM)
    if status is ocsp.OCSPCertStatus.UNKNOWN:
        raise RefusedError(Code.STATUS_UNKNOWN, _ITEM)
    if status is not ocsp.OCSPCertStatus.GOOD:
        raise RefusedError(Code.STATUS_UNCHECKED, _ITEM)


def _believable(found: ocsp.OCSPResponse, asked: ocsp.OCSPRequest, issuer: x509.Certificate, at: datetime) -> bool:
    if found.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return False
    same = (
        found.serial_number == asked.serial_number
        and found.issuer_name_hash == asked.issuer_name_hash
        and found.issuer_key_hash == asked.issuer_key_hash
    )
    wanted, given = _nonce(asked.extensions), _nonce(found.extensions)
    fresh = wanted is None or (given is not None and hmac.compare_digest(wanted.nonce, given.nonce))
    until = found.next_update_utc
    timely = found.this_update_utc - SKEW <= at and (until is None or at <= until + SKEW)
    return same and fresh and timely and _signed_by_responder(found, issuer)


def _signed_by_responder(found: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    for certificate in found.certificates:
        key = certificate.public_key()
        try:
            certificate.verify_directly_issued_by(issuer)
            usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            if ExtendedKeyUsageOID.OCSP_SIGNING not in usage or not isinstance(key, ec.EllipticCurvePublicKey):
                continue
            key.verify(found.signature, found.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))
        except (*_DAMAGED, InvalidSignature, x509.ExtensionNotFound):
            continue
        return True
    return False


def _nonce(extensions: x509.Extensions) -> x509.OCSPNonce | None:
    try:
        return extensions.get_extension_for_class(x509.OCSPNonce).value
    except x509.ExtensionNotFound:
        return None


def _issuer_hashes(issuer: x509.Certificate, algorithm: hashes.HashAlgorithm) -> tuple[bytes, bytes]:
    """Return how a request names the issuer: digests of its name and of its key, as the library computes them."""
    named = ocsp.OCSPRequestBuilder().add_certificate(issuer, issuer, algorithm).build()
    return named.issuer_name_hash, named.issuer_key_hash


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
