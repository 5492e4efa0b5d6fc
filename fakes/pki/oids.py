"""Object identifiers and names: as in the certificates of the service, marked as tests."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID


class Purpose(StrEnum):
    """What a certificate of a card is for; each has a certification authority of its own."""

    SIGNING = "signing"
    """署名用."""
    AUTHENTICATION = "authentication"
    """利用者証明用."""


_PRIVATE_ARC = "2.25.143800893346596517921646604843028007440"  # of a UUID, which anybody may use (ITU-T X.667)

POLICIES: Final = {
    Purpose.SIGNING: x509.ObjectIdentifier("1.2.392.200149.8.5.1.0.20"),
    Purpose.AUTHENTICATION: x509.ObjectIdentifier(f"{_PRIVATE_ARC}.1"),
}
"""Certificate policies: the test policy of signing certificates (as public programs name it), else a private arc."""

_HOLDER_ARC = "1.2.392.200149.8.5.5"
HOLDER_NAME: Final = x509.ObjectIdentifier(f"{_HOLDER_ARC}.1")
HOLDER_SEX: Final = x509.ObjectIdentifier(f"{_HOLDER_ARC}.3")
HOLDER_BIRTH: Final = x509.ObjectIdentifier(f"{_HOLDER_ARC}.4")
HOLDER_ADDRESS: Final = x509.ObjectIdentifier(f"{_HOLDER_ARC}.5")
"""The four items of a signing certificate, in otherName of the subject's alternative name."""

_UNITS = {
    Purpose.SIGNING: "JPKI for digital signature TEST",
    Purpose.AUTHENTICATION: "JPKI for user authentication TEST",
}
_AGENCY = "Japan Agency for Local Authority Information Systems TEST"


def authority_name(purpose: Purpose) -> x509.Name:
    """Return the name of a certification authority."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "JPKI TEST"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, _UNITS[purpose]),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, _AGENCY),
        ]
    )


def subject_name(common_name: str) -> x509.Name:
    """Return the name of a subject; TEST stands first."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"TEST {common_name}"),
        ]
    )
