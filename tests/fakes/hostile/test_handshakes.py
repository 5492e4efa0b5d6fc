"""Connections that are not encrypted, or badly, or by somebody whom nobody vouches for: refused and recorded."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fakes.endpoints import Server
from fakes.pki.peers import PORTAL, STRANGER, client_context, listed_peers, write_certificates
from fakes.serving.starting import Running, start
from tests.fakes.clients import ORIGIN, Client
from tests.fakes.conftest import settings_in
from tests.fakes.hostile.evidence import CODE, STATUS, Evidence, Seen

PATIENCE_S = 20.0
METHOD, REASON = 5, 6
PLAIN = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tls")
    write_certificates(made)
    return made


@pytest.fixture(scope="module")
def jlis(folder: Path) -> Iterator[Running]:
    """A J-LIS with TLS, on whose list the origin does not stand any more."""
    peers = listed_peers(folder)
    del peers[f"town-{ORIGIN}"]
    with start(settings_in(folder, Server.JLIS, certificates=str(folder), peers=peers)) as running:
        yield running


@pytest.fixture(scope="module")
def evidence(jlis: Running) -> Evidence:
    return Evidence(jlis.settings)


def answered(jlis: Running, context: ssl.SSLContext) -> bytes:
    """Shake hands, ask, and return what comes back; with TLS 1.3 only the answer shows that the server refuses."""
    with (
        suppress(ssl.SSLError, ConnectionError),
        socket.create_connection(("127.0.0.1", jlis.port), timeout=PATIENCE_S) as line,
        context.wrap_socket(line, server_hostname="localhost") as secured,
    ):
        secured.sendall(PLAIN)
        return secured.recv(4096)
    return b""


def failed(evidence: Evidence, before: Seen) -> str:
    """Wait until the failure is recorded: once, without any change; return why the handshake failed."""
    end = time.monotonic() + PATIENCE_S
    while len(evidence.look().records) == len(before.records):
        assert time.monotonic() < end, "it was never recorded"
    record = evidence.recorded(before, 0, "handshake")
    assert (record[METHOD], record[STATUS], record[CODE]) == ("TLS", 0, "handshake")
    return str(record[REASON])


def test_plain_text_is_refused(jlis: Running, evidence: Evidence) -> None:
    before = evidence.look()
    with socket.create_connection(("127.0.0.1", jlis.port), timeout=PATIENCE_S) as line, suppress(ConnectionError):
        line.sendall(PLAIN)
        assert not line.recv(4096).startswith(b"HTTP")
    assert failed(evidence, before) == "HTTP_REQUEST"


def old(folder: Path) -> ssl.SSLContext:
    """Return the context of a listed peer that knows TLS 1.0 and 1.1 only, and whose library still speaks them."""
    context = client_context(folder, PORTAL)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context


def test_tls_1_1_is_refused(jlis: Running, evidence: Evidence, folder: Path) -> None:
    before = evidence.look()
    assert answered(jlis, old(folder)) == b""
    assert failed(evidence, before) == "UNSUPPORTED_PROTOCOL"


def test_ciphers_that_nobody_should_use_any_more_are_refused(jlis: Running, evidence: Evidence, folder: Path) -> None:
    context = client_context(folder, PORTAL)
    context.set_ciphers("NULL:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    before = evidence.look()
    assert answered(jlis, context) == b""
    assert failed(evidence, before) == "NO_SHARED_CIPHER"


def another_authority(folder: Path, _jlis: Running) -> ssl.SSLContext:
    return _showing(folder, trustme.CA().issue_cert("portal.peers.test", common_name=PORTAL))


def _showing(folder: Path, leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = client_context(folder)
    leaf.configure_cert(context)
    return context


def vouched_by_itself(folder: Path, _jlis: Running) -> ssl.SSLContext:
    """Return the context of somebody who calls himself the portal, and issued the certificate himself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, PORTAL)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    kind = serialization.Encoding.PEM
    file = folder / "himself.pem"
    file.write_bytes(
        key.private_bytes(kind, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(kind)
    )
    context = client_context(folder)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize("shown", [another_authority, vouched_by_itself])
def test_a_certificate_that_the_authority_does_not_vouch_for_is_refused(
    jlis: Running, evidence: Evidence, folder: Path, shown: Callable[[Path, Running], ssl.SSLContext]
) -> None:
    context = shown(folder, jlis)
    before = evidence.look()
    assert answered(jlis, context) == b""
    assert failed(evidence, before) == "CERTIFICATE_VERIFY_FAILED"


def test_a_certificate_that_has_ended_is_refused(tmp_path: Path) -> None:
    authority = trustme.CA(organization_name="hikkoshi TEST")
    write_certificates(tmp_path)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    server = authority.issue_cert("localhost", "127.0.0.1", common_name="TEST jlis")
    server.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server-jlis.pem")
    ended = authority.issue_cert("portal.peers.test", not_after=datetime.now(UTC) - timedelta(days=1))
    settings = settings_in(tmp_path, Server.JLIS, certificates=str(tmp_path))
    with start(settings) as running:
        evidence = Evidence(settings)
        before = evidence.look()
        assert answered(running, _showing(tmp_path, ended)) == b""
        assert failed(evidence, before) == "CERTIFICATE_VERIFY_FAILED"


@pytest.mark.parametrize("peer", [STRANGER, f"town-{ORIGIN}", None])
def test_who_stands_on_no_list_or_no_more_or_shows_nothing_is_refused_though_the_handshake_succeeds(
    jlis: Running, evidence: Evidence, folder: Path, peer: str | None
) -> None:
    client = Client(jlis.url, {"X-Peer": PORTAL}, client_context(folder, peer))
    evidence.refuses(lambda: client.post("/relay/v1/statuses", {}), 403, "E5011")
    client.close()


def test_who_stands_on_the_list_is_let_in(jlis: Running, folder: Path) -> None:
    context = client_context(folder, PORTAL)
    assert answered(jlis, context).startswith(b"HTTP/1.1 200 ")
    client = Client(jlis.url, context=context)
    assert client.post("/relay/v1/statuses", {}).status == 200
    client.close()
