"""Certification authorities for signing and for authentication: they issue certificates for cards and for OCSP.

RSA 2,048 and SHA-256, basic constraints and key usage as in the service's own certificates; ten years of validity.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from fakes.clock import JST
from fakes.pki.holder import Holder, alternative_name
from fakes.pki.keys import new_key, read_ec_key, read_rsa_key, write_key
from fakes.pki.oids import POLICIES, Purpose, authority_name, subject_name

_FIVE_YEARS: Final = timedelta(days=1826)
_LAST_SECOND: Final = time(23, 59, 59)
_PATHS: Final = {Purpose.SIGNING: "sign", Purpose.AUTHENTICATION: "auth"}


class Authority:
    """One certification authority with its keys.

    Attributes
    ----------
    certificate
        Its own, self-signed: the trust anchor.
    responder_key, responder_certificate
        Of its OCSP responder; on an elliptic curve, so that an answer takes a tenth of the time of an RSA signature.
    base
        URL under which revocation lists and OCSP are found.
    """

    def __init__(
        self,
        purpose: Purpose,
        key: rsa.RSAPrivateKey,
        certificate: x509.Certificate,
        responder_key: ec.EllipticCurvePrivateKey,
        responder_certificate: x509.Certificate,
        base: str,
    ) -> None:
        self.purpose = purpose
        self.key = key
        self.certificate = certificate
        self.responder_key = responder_key
        self.responder_certificate = responder_certificate
        self.base = base
        self._extensions = _fixed_extensions(purpose, certificate, base)

    @classmethod
    def create(cls, purpose: Purpose, at: datetime, base: str = "http://127.0.0.1") -> Authority:
        """Make an authority that has worked for five years at a moment of the scenario, and goes on for five."""
        key, responder_key = new_key(), ec.generate_private_key(ec.SECP256R1())
        since, until = at - _FIVE_YEARS, at + _FIVE_YEARS
        certificate = _self_signed(purpose, key, since, until)
        responder = _responder_certificate(purpose, key, certificate, responder_key.public_key())
        return cls(purpose, key, certificate, responder_key, responder, base)

    def save(self, folder: Path) -> None:
        """Write keys and certificates into a folder."""
        for name, key in (("authority", self.key), ("responder", self.responder_key)):
            write_key(folder / f"{self.purpose.value}-{name}.key.pem", key)
        for name, certificate in (("authority", self.certificate), ("responder", self.responder_certificate)):
            (folder / f"{self.purpose.value}-{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))

    @classmethod
    def load(cls, purpose: Purpose, folder: Path, base: str = "http://127.0.0.1") -> Authority:
        """Read what `save` wrote."""
        own, responder = (folder / f"{purpose.value}-{name}" for name in ("authority", "responder"))
        return cls(
            purpose,
            read_rsa_key(own.with_suffix(".key.pem")),
            x509.load_pem_x509_certificate(own.with_suffix(".pem").read_bytes()),
            read_ec_key(responder.with_suffix(".key.pem")),
            x509.load_pem_x509_certificate(responder.with_suffix(".pem").read_bytes()),
            base,
        )

    def issue(
        self,
        public_key: rsa.RSAPublicKey,
        serial: int,
        issued_at: datetime,
        valid_until: date,
        holder: Holder | None = None,
    ) -> x509.Certificate:
        """Return a certificate for a card.

        Parameters
        ----------
        public_key
            Of the holder.
        serial
            Unique within this authority, positive.
        issued_at
            Moment from which it is valid.
        valid_until
            Last day on which it is valid, to its end in Japan.
        holder
            The four items; signing certificates have them, the others must not.

        Raises
        ------
        ValueError
            When the four items are missing from a signing certificate, or given for the other kind.
        """
        if (holder is None) == (self.purpose is Purpose.SIGNING):
            raise ValueError("signing certificates have the four items, certificates for authentication have none")
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject_name(f"{serial:010d}{_PATHS[self.purpose][0].upper()}"))
            .issuer_name(self.certificate.subject)
            .public_key(public_key)
            .serial_number(serial)
            .not_valid_before(issued_at)
            .not_valid_after(datetime.combine(valid_until, _LAST_SECOND, JST))
        )
        for extension, critical in self._extensions:
            builder = builder.add_extension(extension, critical=critical)
        if holder is not None:
            builder = builder.add_extension(alternative_name(holder), critical=False)
        return builder.sign(self.key, hashes.SHA256())


def key_usage(*, signs: bool = False, commits: bool = False, certifies: bool = False) -> x509.KeyUsage:
    """Return a key usage: digital signature, content commitment (nonRepudiation), certificates and lists."""
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=commits,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )


def _fixed_extensions(
    purpose: Purpose, issuer: x509.Certificate, base: str
) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    """Return what all certificates of an authority have in common."""
    path = _PATHS[purpose]
    lists = x509.UniformResourceIdentifier(f"{base}/jpki/crl/{path}.crl")
    responder = x509.UniformResourceIdentifier(f"{base}/jpki/ocsp/{path}")
    usage: list[tuple[x509.ExtensionType, bool]] = [
        (key_usage(signs=True, commits=purpose is Purpose.SIGNING), True),
        (x509.CertificatePolicies([x509.PolicyInformation(POLICIES[purpose], None)]), True),
        (x509.CRLDistributionPoints([x509.DistributionPoint([lists], None, None, None)]), False),
        (
            x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, responder)]),
            False,
        ),
        (_authority_key(issuer), False),
    ]
    if purpose is Purpose.AUTHENTICATION:
        usage.append((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False))
    return tuple(usage)


def _authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _self_signed(purpose: Purpose, key: rsa.RSAPrivateKey, since: datetime, until: datetime) -> x509.Certificate:
    name = authority_name(purpose)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(certifies=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _responder_certificate(
    purpose: Purpose, key: rsa.RSAPrivateKey, issuer: x509.Certificate, public_key: ec.EllipticCurvePublicKey
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject_name(f"OCSP {_PATHS[purpose]}"))
        .issuer_name(issuer.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(issuer.not_valid_before_utc)
        .not_valid_after(issuer.not_valid_after_utc)
        .add_extension(key_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=True)
        .add_extension(x509.OCSPNoCheck(), critical=False)
        .add_extension(_authority_key(issuer), critical=False)
        .sign(key, hashes.SHA256())
    )
