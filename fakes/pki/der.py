"""Pieces of DER that signatures and certificates share."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.hazmat import asn1

RSA_ENCRYPTION: Final = x509.ObjectIdentifier("1.2.840.113549.1.1.1")
RSA_WITH_SHA256: Final = x509.ObjectIdentifier("1.2.840.113549.1.1.11")
SHA256: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


@asn1.sequence
class Algorithm:
    """AlgorithmIdentifier, for algorithms without parameters."""

    oid: x509.ObjectIdentifier
    parameters: asn1.Null | None


def encoded(element: asn1.TLV) -> bytes:
    """Return an element as it stood in its document, which is DER and so has one spelling."""
    return tagged(element.tag_bytes, bytes(element.data))


def tagged(tag: bytes, data: bytes) -> bytes:
    """Return DER of data under a tag."""
    length = len(data)
    if length < 0x80:
        return tag + bytes([length]) + data
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return tag + bytes([0x80 | len(octets)]) + octets + data
