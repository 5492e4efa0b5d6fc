"""TLS between systems: a test authority (trustme), certificates of servers and peers, and contexts that use them.

A peer is known by the fingerprint of its certificate. One that the authority issued but nobody listed gets through TLS;
the allow-list (`fakes.web.authentication`) is what refuses it.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from fakes.towns import TOWNS
from fakes.web.authentication import Peer

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
PORTAL: Final = "portal"
STRANGER: Final = "stranger"
"""A peer with a certificate of the authority that is on no list; tests use it."""

AUTHORITY_FILE: Final = "authority.pem"
SERVERS: Final = ("portal", "jlis", "ward")


def fingerprint_of(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate (DER), hexadecimal."""
    return hashlib.sha256(certificate).hexdigest()


def peer_names() -> tuple[str, ...]:
    """Return the names of all peers that have a certificate, the stranger last."""
    return (PORTAL, *(town_peer(code) for code in TOWNS), STRANGER)


def town_peer(code: str) -> str:
    """Return the name of a municipality's system as a peer."""
    return f"town-{code}"


def write_certificates(folder: Path) -> None:
    """Write the authority and the certificates of all servers and peers into a folder that exists.

    `authority.pem` is the trust anchor; `server-NAME.pem` and `peer-NAME.pem` hold a key and its certificate. The
    authority's own key is not kept, so that nobody can issue more.
    """
    authority = trustme.CA(organization_name="hikkoshi TEST", organization_unit_name="TLS test authority")
    authority.cert_pem.write_to_path(folder / AUTHORITY_FILE)
    leaves = {
        **{f"server-{name}": authority.issue_cert(*LOOPBACK, common_name=f"TEST {name}") for name in SERVERS},
        **{f"peer-{name}": authority.issue_cert(f"{name}.peers.test", common_name=name) for name in peer_names()},
    }
    for name, leaf in leaves.items():
        path = folder / f"{name}.pem"
        path.touch(mode=0o600)
        leaf.private_key_and_cert_chain_pem.write_to_path(path)


def listed_peers(folder: Path, municipalities: Iterable[str] = TOWNS, *, portal: bool = True) -> dict[str, Peer]:
    """Return the allow-list of peers whose certificates `write_certificates` wrote, by name: portal and municipalities.

    Servers get it as `Settings.peers`; the stranger stands on none.
    """
    peers = [Peer(town_peer(code), code, _fingerprint(folder, town_peer(code))) for code in municipalities]
    if portal:
        peers.append(Peer(PORTAL, "", _fingerprint(folder, PORTAL)))
    return {peer.name: peer for peer in peers}


def server_context(folder: Path, name: str, *, clients: ssl.VerifyMode = ssl.CERT_OPTIONAL) -> ssl.SSLContext:
    """Return the context of a server: TLS 1.2 or newer; client certificates required, optional or not asked for."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / AUTHORITY_FILE)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = clients
    context.load_cert_chain(folder / f"server-{name}.pem")
    return context


def client_context(folder: Path, peer: str | None = None) -> ssl.SSLContext:
    """Return the context of a client that trusts the servers, and shows the certificate of a peer if it is one."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=folder / AUTHORITY_FILE)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if peer is not None:
        context.load_cert_chain(folder / f"peer-{peer}.pem")
    return context


def _fingerprint(folder: Path, peer: str) -> str:
    pem = (folder / f"peer-{peer}.pem").read_bytes()
    return fingerprint_of(x509.load_pem_x509_certificates(pem)[0].public_bytes(Encoding.DER))
