"""Certificate revocation lists (RFC 5280) in DER: made by the authority, checked by a verifier."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from fakes.pki.authority import Authority
from fakes.pki.register import RevocationRegister
from fakes.refusals import Code, RefusedError

VALID_FOR: Final = timedelta(hours=24)
"""How long a list may be used (assumption)."""

_ITEM: Final = "certificate"


def revocation_list(authority: Authority, register: RevocationRegister, at: datetime, number: int) -> bytes:
    """Return the list of an authority's revoked certificates.

    Parameters
    ----------
    authority, register
        Who issues it, and what was revoked.
    at
        Moment of the scenario.
    number
        Of the list; each is larger than the one before.
    """
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(at)
        .next_update(at + VALID_FOR)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for serial, revocation in register.revoked(authority.purpose):
        reason = x509.CRLReason(x509.ReasonFlags[revocation.reason.value])
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(revocation.at)
        builder = builder.add_revoked_certificate(entry.add_extension(reason, critical=False).build())
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER)


def read_list(data: bytes, issuer: x509.Certificate, at: datetime) -> x509.CertificateRevocationList:
    """Return a list that can be relied on at a moment.

    Raises
    ------
    RefusedError
        E3009 when it is not readable, not of this authority, or not of this time.
    """
    try:
        found = x509.load_der_x509_crl(data)
        key = issuer.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        ours = found.is_signature_valid(key) and found.issuer == issuer.subject  # names of strangers are not parsed
        ours = ours and data.endswith(b"\0" + found.signature)  # all bits of it count, as DER has it (X.690, 8.6.2.2)
        until = found.next_update_utc
        timely = found.last_update_utc <= at and until is not None and at <= until
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        ours = timely = False
    if not ours or not timely:
        raise RefusedError(Code.STATUS_UNCHECKED, _ITEM)
    return found


def check_listed(revoked: x509.CertificateRevocationList, serial: int) -> None:
    """Return when a certificate does not stand on a list; raises E3006 when it does."""
    if revoked.get_revoked_certificate_by_serial_number(serial) is not None:
        raise RefusedError(Code.REVOKED, _ITEM)
