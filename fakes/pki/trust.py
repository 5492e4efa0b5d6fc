"""Which certificates are trusted: issued by a known authority, for the purpose, and valid at a moment of the scenario.

Of a certificate that comes in, only the outline is read until an authority's signature on it is verified; so what the
rest of the library parses is what an authority of ours wrote. What never changes about it is remembered; moments and
revocation are asked every time.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec import Struct

from fakes.clock import JST
from fakes.pki.der import RSA_WITH_SHA256, Algorithm, encoded
from fakes.pki.holder import Holder, read_holder
from fakes.pki.keys import RSA_BITS
from fakes.pki.oids import POLICIES, Purpose
from fakes.refusals import Code, RefusedError

_REMEMBERED: Final = 512
"""Certificates that were read; each takes 6 KiB. One is shown again soon, when its application is corrected, or not."""
_ITEM: Final = "certificate"


@asn1.sequence
class _Signed:
    """Certificate (RFC 5280)."""

    content: asn1.TLV
    algorithm: Algorithm
    signature: asn1.BitString


@asn1.sequence
class _Outline:
    """TBSCertificate of version 3 with extensions."""

    version: Annotated[int, asn1.Explicit(0)]
    serial: int
    algorithm: Algorithm
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key: asn1.TLV
    extensions: Annotated[asn1.TLV, asn1.Explicit(3)]


class CardCertificate(Struct, frozen=True):
    """A certificate of a card that a known authority issued.

    Attributes
    ----------
    purpose, serial
        Together they name it.
    issuer
        Name of the authority, DER.
    holder
        The four items, of signing certificates.
    since, until
        Moments between which it is valid, both included.
    certificate
        As issued.
    """

    purpose: Purpose
    serial: int
    issuer: bytes
    holder: Holder | None
    since: datetime
    until: datetime
    certificate: x509.Certificate

    def public_key(self) -> rsa.RSAPublicKey:
        """Return the holder's key."""
        key = self.certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        return key


class TrustStore:
    """The authorities that a verifier knows.

    Parameters
    ----------
    authorities
        Their certificates, by purpose.
    """

    def __init__(self, authorities: dict[Purpose, x509.Certificate]) -> None:
        self.authorities = dict(authorities)
        self._by_name = {one.subject.public_bytes(): purpose for purpose, one in authorities.items()}
        self._read = lru_cache(_REMEMBERED)(self._read_certificate)

    def trusted(self, certificate: bytes, purpose: Purpose, at: datetime) -> CardCertificate:
        """Return a certificate (DER) that may be used for a purpose at a moment.

        Raises
        ------
        RefusedError
            E3001 for what is no certificate, E3003, E3010, E3007 for another purpose, E3004 or E3005 by its validity.
        """
        card = self._read(certificate)
        if card.purpose is not purpose:
            raise RefusedError(Code.PURPOSE, _ITEM)
        authority = self.authorities[purpose]
        for since, until in (
            (card.since, card.until),
            (authority.not_valid_before_utc, authority.not_valid_after_utc),
        ):
            if at > until:
                raise RefusedError(Code.EXPIRED, _ITEM, day=_day(until))
            if at < since:
                raise RefusedError(Code.NOT_YET_VALID, _ITEM, day=_day(since))
        return card

    def _read_certificate(self, der: bytes) -> CardCertificate:
        try:
            signed = asn1.decode_der(_Signed, der)
            content = encoded(signed.content)
            issuer = encoded(asn1.decode_der(_Outline, content).issuer)
        except ValueError:
            raise RefusedError(Code.SIGNATURE_FORM, _ITEM) from None
        purpose = self._by_name.get(issuer)
        if purpose is None:
            raise RefusedError(Code.ISSUER_UNKNOWN, _ITEM)
        if signed.algorithm.oid != RSA_WITH_SHA256:
            raise RefusedError(Code.ALGORITHM, _ITEM)
        self._check_signature(purpose, signed.signature.as_bytes(), content)
        # from here on the certificate is as an authority of ours made it
        certificate = x509.load_der_x509_certificate(der)
        extensions = certificate.extensions
        _check_use(certificate, extensions, purpose)
        since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        holder = read_holder(extensions)
        return CardCertificate(purpose, certificate.serial_number, issuer, holder, since, until, certificate)

    def _check_signature(self, purpose: Purpose, signature: bytes, content: bytes) -> None:
        key = self.authorities[purpose].public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        try:
            key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise RefusedError(Code.ISSUER_UNKNOWN, _ITEM) from None


def der_of(certificate: x509.Certificate) -> bytes:
    """Return a certificate in DER."""
    return certificate.public_bytes(Encoding.DER)


def _check_use(certificate: x509.Certificate, extensions: x509.Extensions, purpose: Purpose) -> None:
    """A certificate of another kind (of an OCSP responder, of an authority) is none of a card."""
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != RSA_BITS:
        raise RefusedError(Code.ALGORITHM, _ITEM)
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        policies = extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        raise RefusedError(Code.PURPOSE, _ITEM) from None
    commits = purpose is Purpose.SIGNING
    if not usage.digital_signature or usage.content_commitment != commits or usage.key_cert_sign:
        raise RefusedError(Code.PURPOSE, _ITEM)
    if POLICIES[purpose] not in {policy.policy_identifier for policy in policies}:
        raise RefusedError(Code.PURPOSE, _ITEM)


def _day(moment: datetime) -> str:
    return moment.astimezone(JST).date().isoformat()
