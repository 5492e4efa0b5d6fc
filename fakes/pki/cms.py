"""Detached signatures in CMS (RFC 5652): made by the client with the card's key, verified by the server.

One profile and no other: one signer, its certificate inside, RSA with SHA-256, signed attributes with the digest of the
content, strict DER. `signingTime` is what a client claims and counts for nothing; validity is judged by the scenario's
clock.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Annotated, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from fakes.pki.der import RSA_ENCRYPTION, RSA_WITH_SHA256, SHA256, Algorithm, encoded, tagged
from fakes.pki.oids import Purpose
from fakes.pki.trust import CardCertificate, TrustStore
from fakes.refusals import Code, RefusedError

LARGEST_SIGNATURE: Final = 16 * 1024
"""Most bytes of a signature; one of this profile has about 2,000."""

_ITEM: Final = "signature"
_DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.1")
_SIGNED_DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.2")
_CONTENT_TYPE = x509.ObjectIdentifier("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = x509.ObjectIdentifier("1.2.840.113549.1.9.4")
_RSA = frozenset({RSA_ENCRYPTION, RSA_WITH_SHA256})
_SET = b"\x31"
_SIGNED_ATTRIBUTES = b"\xa0"


@asn1.sequence
class _Content:
    oid: x509.ObjectIdentifier
    content: Annotated[bytes | None, asn1.Explicit(0)]


@asn1.sequence
class _Signer:
    issuer: asn1.TLV
    serial: int


@asn1.sequence
class _SignerInfo:
    version: int
    signer: _Signer
    digest: Algorithm
    attributes: asn1.TLV
    algorithm: Algorithm
    signature: bytes


@asn1.sequence
class _SignedData:
    version: int
    digests: asn1.SetOf[Algorithm]
    content: _Content
    certificates: Annotated[asn1.SetOf[asn1.TLV], asn1.Implicit(0)]
    signers: asn1.SetOf[_SignerInfo]


@asn1.sequence
class _Message:
    oid: x509.ObjectIdentifier
    signed: Annotated[_SignedData, asn1.Explicit(0)]


@asn1.sequence
class _Attribute:
    oid: x509.ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class _Attributes:
    attributes: asn1.SetOf[_Attribute]


def sign(content: bytes, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> bytes:
    """Return the detached signature (DER) over a content, with the certificate inside."""
    options = [
        pkcs7.PKCS7Options.DetachedSignature,
        pkcs7.PKCS7Options.Binary,
        pkcs7.PKCS7Options.NoCapabilities,
    ]
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(Encoding.DER, options)


def verify(
    content: bytes, signature: bytes, trust: TrustStore, at: datetime, purpose: Purpose = Purpose.SIGNING
) -> CardCertificate:
    """Return the certificate by which a content was signed.

    Whether it was revoked is another question, to the authority: see `fakes.pki.ocsp` and `fakes.pki.crl`.

    Parameters
    ----------
    content
        What should have been signed: the canonical bytes of an application.
    signature
        CMS, DER.
    trust
        Authorities.
    at
        Moment of the scenario.
    purpose
        Which kind of certificate it must be.

    Raises
    ------
    RefusedError
        E3001 malformed, E3010 other algorithms, E3003 issuer, E3007 purpose, E3004 and E3005 validity, E3002 when
        content and signature do not belong together.
    """
    info, certificate = _parts(signature)
    card = trust.trusted(certificate, purpose, at)
    if (encoded(info.signer.issuer), info.signer.serial) != (card.issuer, card.serial):
        raise RefusedError(Code.SIGNATURE_FORM, _ITEM)
    attributes = bytes(info.attributes.data)
    digest = _signed_digest(attributes)
    if not hmac.compare_digest(digest, hashlib.sha256(content).digest()):
        raise RefusedError(Code.SIGNATURE_WRONG, _ITEM)
    try:
        card.public_key().verify(info.signature, tagged(_SET, attributes), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise RefusedError(Code.SIGNATURE_WRONG, _ITEM) from None
    return card


def signer_certificate(signature: bytes) -> bytes:
    """Return the certificate (DER) that a signature carries, unverified; raises E3001 and E3010."""
    return _parts(signature)[1]


def _parts(signature: bytes) -> tuple[_SignerInfo, bytes]:
    """Return what the one signer signed, and the certificate that it names."""
    if len(signature) > LARGEST_SIGNATURE:
        raise RefusedError(Code.SIGNATURE_FORM, _ITEM)
    try:
        message = asn1.decode_der(_Message, signature)
        signed = message.signed
        (info,), (certificate,) = signed.signers.as_list(), signed.certificates.as_list()
    except ValueError:
        raise RefusedError(Code.SIGNATURE_FORM, _ITEM) from None
    detached = signed.content.oid == _DATA and signed.content.content is None
    if (
        message.oid != _SIGNED_DATA
        or not detached
        or signed.version != 1
        or info.version != 1
        or info.attributes.tag_bytes != _SIGNED_ATTRIBUTES
    ):
        raise RefusedError(Code.SIGNATURE_FORM, _ITEM)
    if info.digest.oid != SHA256 or info.algorithm.oid not in _RSA:
        raise RefusedError(Code.ALGORITHM, _ITEM)
    return info, encoded(certificate)


def _signed_digest(attributes: bytes) -> bytes:
    """Return the digest among the signed attributes, each of which stands once."""
    try:
        found = asn1.decode_der(_Attributes, tagged(b"\x30", tagged(_SET, attributes))).attributes.as_list()
        values = {attribute.oid: attribute.values.as_list() for attribute in found}
        (kind,), (digest,) = values[_CONTENT_TYPE], values[_MESSAGE_DIGEST]
        right = len(values) == len(found) and kind.parse(x509.ObjectIdentifier) == _DATA
        parsed = digest.parse(bytes)
    except (ValueError, KeyError):
        raise RefusedError(Code.SIGNATURE_FORM, _ITEM) from None
    if not right or not isinstance(parsed, bytes):
        raise RefusedError(Code.SIGNATURE_FORM, _ITEM)
    return parsed
