"""A pool of RSA keys made once and used for many card holders.

Making a key takes tens of milliseconds, issuing a certificate for one less than one; so thousands of card holders share
a few keys. Who has the key of one therefore has the key of others: a fake may do that, a certification authority never.
Certificates differ, and a signature is bound to one of them by issuer and serial number.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

RSA_BITS: Final = 2048
POOL_SIZE: Final = 8

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def new_key() -> rsa.RSAPrivateKey:
    """Return a new RSA key of 2,048 bits, as the service has them."""
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


class KeyPool:
    """The keys of card holders."""

    def __init__(self, keys: Sequence[rsa.RSAPrivateKey]) -> None:
        self.keys = tuple(keys)

    @classmethod
    def create(cls, size: int = POOL_SIZE) -> KeyPool:
        """Make a pool."""
        return cls([new_key() for _ in range(size)])

    def key_for(self, serial: int) -> rsa.RSAPrivateKey:
        """Return the key that goes with a certificate's serial number."""
        return self.keys[serial % len(self.keys)]

    def save(self, folder: Path) -> None:
        """Write the keys into a folder, readable by their owner only."""
        for number, key in enumerate(self.keys):
            write_key(folder / f"holder-{number}.key.pem", key)

    @classmethod
    def load(cls, folder: Path) -> KeyPool:
        """Read the keys of a folder."""
        count = len(list(folder.glob("holder-*.key.pem")))
        return cls([read_rsa_key(folder / f"holder-{number}.key.pem") for number in range(count)])


def write_key(path: Path, key: Key) -> None:
    """Write a private key, readable by its owner only."""
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)


def read_rsa_key(path: Path) -> rsa.RSAPrivateKey:
    """Read an RSA key that `write_key` wrote; that it is a good one is known, and costs more than all else to check."""
    key = load_pem_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def read_ec_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Read a key on an elliptic curve that `write_key` wrote."""
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key
