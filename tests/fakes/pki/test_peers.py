"""TLS between systems: who is not listed, not certified or too old does not get in."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from fakes.pki.peers import (
    LOOPBACK,
    PORTAL,
    SERVERS,
    STRANGER,
    client_context,
    fingerprint_of,
    listed_peers,
    peer_names,
    server_context,
    town_peer,
    write_certificates,
)
from fakes.refusals import Code
from fakes.towns import TOWNS
from fakes.web.authentication import Authentication, Peer
from fakes.web.request import Request
from fakes.web.tokens import Tokens
from tests.fakes.pki.authorities import refusal


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls")
    write_certificates(path)
    return path


class HungUpError(Exception):
    """TLS did not come about, or the other side ended it."""


def meet(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "localhost") -> tuple[bytes | None, str | None]:
    """Return the client's certificate and the version of TLS as the server sees them, after one byte went each way."""
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    theirs.settimeout(10)
    seen: list[tuple[bytes | None, str | None]] = []

    def serve() -> None:
        try:
            with server.wrap_socket(ours, server_side=True) as secured:
                secured.sendall(secured.recv(1))
                seen.append((secured.getpeercert(binary_form=True), secured.version()))
        except OSError:
            ours.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(theirs, server_hostname=name) as secured:
            secured.sendall(b"x")
            if secured.recv(1) != b"x":
                raise HungUpError
    except ssl.SSLCertVerificationError:
        raise
    except OSError as error:
        raise HungUpError(str(error)) from error
    finally:
        theirs.close()
        thread.join()
    return seen[0]


def admitted(peers: Mapping[str, Peer], certificate: bytes | None) -> Peer:
    """Return the peer that a server of this allow-list takes a client for."""
    request = Request("POST", "/", b"", {b"x-peer": b"portal"}, b"", certificate=certificate, encrypted=True)
    return Authentication(Tokens(b"key"), peers).peer(request)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("name", LOOPBACK)
def test_servers_answer_on_every_name_of_loopback(folder: Path, server: str, name: str) -> None:
    certificate, version = meet(server_context(folder, server), client_context(folder), name)
    assert certificate is None
    assert version == "TLSv1.3"


def test_a_server_is_not_believed_under_another_name(folder: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        meet(server_context(folder, "jlis"), client_context(folder), "jlis.example.jp")


@pytest.mark.parametrize("peer", [PORTAL, *(town_peer(code) for code in TOWNS)])
def test_every_peer_is_known_by_its_certificate(folder: Path, peer: str) -> None:
    certificate, _ = meet(server_context(folder, "jlis", clients=ssl.CERT_REQUIRED), client_context(folder, peer))
    known = admitted(listed_peers(folder), certificate)
    assert known.name == peer
    assert known.municipality == peer.removeprefix("town-").removeprefix(PORTAL)


def test_a_stranger_with_a_certificate_of_the_authority_is_refused_by_the_list(folder: Path) -> None:
    certificate, _ = meet(server_context(folder, "jlis"), client_context(folder, STRANGER))
    assert certificate is not None
    assert refusal(lambda: admitted(listed_peers(folder), certificate)) is Code.UNKNOWN_PEER


def test_no_certificate_is_nobody(folder: Path) -> None:
    assert refusal(lambda: admitted(listed_peers(folder), None)) is Code.UNKNOWN_PEER
    assert refusal(lambda: admitted(listed_peers(folder), b"")) is Code.UNKNOWN_PEER


def test_without_a_certificate_a_server_that_requires_one_hangs_up(folder: Path) -> None:
    with pytest.raises(HungUpError):
        meet(server_context(folder, "jlis", clients=ssl.CERT_REQUIRED), client_context(folder))


def test_a_certificate_of_another_authority_does_not_get_through(folder: Path, tmp_path: Path) -> None:
    write_certificates(tmp_path)
    client = client_context(folder)
    client.load_cert_chain(tmp_path / f"peer-{PORTAL}.pem")
    with pytest.raises(HungUpError):
        meet(server_context(folder, "jlis"), client)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_versions_of_tls_are_refused(folder: Path) -> None:
    client = client_context(folder)
    client.minimum_version = ssl.TLSVersion.TLSv1
    client.maximum_version = ssl.TLSVersion.TLSv1_1
    client.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(HungUpError):
        meet(server_context(folder, "jlis"), client)


def test_version_1_2_is_taken(folder: Path) -> None:
    client = client_context(folder)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    assert meet(server_context(folder, "jlis"), client)[1] == "TLSv1.2"


def test_plain_text_gets_no_answer(folder: Path) -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(ssl.SSLError):
        server_context(folder, "jlis").wrap_socket(ours, server_side=True)
    ours.close()
    theirs.close()


def test_a_town_that_is_taken_off_the_list_is_refused(folder: Path) -> None:
    certificate, _ = meet(server_context(folder, "jlis"), client_context(folder, town_peer("990019")))
    assert certificate is not None
    rest = [code for code in TOWNS if code != "990019"]
    assert refusal(lambda: admitted(listed_peers(folder, rest), certificate)) is Code.UNKNOWN_PEER
    assert listed_peers(folder, ["990019"], portal=False) == {
        "town-990019": Peer("town-990019", "990019", fingerprint_of(certificate))
    }


def test_a_peer_without_a_fingerprint_is_not_found_by_an_empty_one() -> None:
    assert refusal(lambda: admitted({"portal": Peer("portal")}, b"certificate")) is Code.UNKNOWN_PEER


def test_keys_are_for_their_owner_and_the_authoritys_own_is_not_kept(folder: Path) -> None:
    files = {path.name for path in folder.iterdir()}
    assert files == {"authority.pem", *(f"server-{n}.pem" for n in SERVERS), *(f"peer-{n}.pem" for n in peer_names())}
    assert b"PRIVATE" not in (folder / "authority.pem").read_bytes()
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir() if path.name != "authority.pem"} == {0}
