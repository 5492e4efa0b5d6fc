"""What a load test says of encryption and signature: what it saw, and nothing that it did not look at."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from fakes.pki.peers import AUTHORITY_FILE, server_context, write_certificates
from loadtests.calls import Call, Came
from loadtests.gates import Gate, Passed
from loadtests.history import Fact, Kind
from loadtests.junit import junit
from loadtests.security import Signatures, as_data, of_encryption, of_signatures, rows_of
from loadtests.transport import PLAIN, Door, doors_of
from loadtests.verdict import Outcome, verdict_of
from texts import LANGS, say

HOST = "127.0.0.1"
CLOSED = Door("https://p", "TLSv1.3", "TLS_AES_256_GCM_SHA384", plain=False)
OPEN = Door("https://j", "TLSv1.3", "TLS_AES_256_GCM_SHA384", plain=True)
GONE = Door("https://j", "", "", plain=False)
BARE = Door("http://p", "", "", plain=True)
CIPHER = {"TLSv1.3 TLS_AES_256_GCM_SHA384": 3}


@pytest.mark.parametrize(
    ("doors", "connections", "outcome"),
    [
        ((CLOSED,), CIPHER, Outcome.ENOUGH),
        ((CLOSED, OPEN), CIPHER, Outcome.FAULTY),
        ((CLOSED,), CIPHER | {PLAIN: 1}, Outcome.FAULTY),
        ((CLOSED, GONE), CIPHER, Outcome.CANNOT_SAY),
        ((CLOSED, BARE), CIPHER, Outcome.CANNOT_SAY),
        ((BARE,), {PLAIN: 3}, Outcome.CANNOT_SAY),
        ((CLOSED,), {}, Outcome.CANNOT_SAY),
        ((), CIPHER, Outcome.CANNOT_SAY),
    ],
)
def test_encryption_is_claimed_only_where_all_of_it_was_seen(
    doors: tuple[Door, ...], connections: dict[str, int], outcome: Outcome
) -> None:
    [said] = as_data([of_encryption(doors, connections)])
    assert (said["name"], said["outcome"]) == ("encryption", outcome.word)


def _signatures(accepted: int = 5, signed: int = 5, tried: int = 2, let_through: int = 0) -> Signatures:
    found = Signatures()
    facts = [
        Fact(Kind.STATE, "portal", number, reference=str(number), state="001", signed=number < signed)
        for number in range(accepted)
    ]
    assert list(found.seen(facts)) == facts
    found.add(
        Call(str(n), 1, "portal", "sign", 0, 0, Came.OK if n < let_through else Came.FAILED, refused=True)
        for n in range(tried)
    )
    found.add([Call("u", 1, "portal", "sign", 0, 0, Came.UNKNOWN, refused=True)])
    return found


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (_signatures(), Outcome.ENOUGH),
        (_signatures(signed=4), Outcome.FAULTY),
        (_signatures(let_through=1), Outcome.FAULTY),
        (_signatures(tried=0), Outcome.CANNOT_SAY),
        (_signatures(accepted=0), Outcome.CANNOT_SAY),
    ],
)
def test_the_signature_is_claimed_only_where_wrong_ones_were_tried_and_refused(
    found: Signatures, outcome: Outcome
) -> None:
    assert of_signatures(found).outcome is outcome


GREEN = verdict_of([], [], [Passed(gate, holds=True) for gate in Gate])


@pytest.mark.parametrize(
    ("doors", "signatures", "outcome"),
    [
        ((CLOSED,), _signatures(), Outcome.ENOUGH),
        ((CLOSED, OPEN), _signatures(), Outcome.FAULTY),
        ((CLOSED,), _signatures(signed=4), Outcome.FAULTY),
        ((), _signatures(tried=0), Outcome.ENOUGH),
    ],
)
def test_what_was_looked_at_counts_in_the_verdict_and_nothing_else(
    doors: tuple[Door, ...], signatures: Signatures, outcome: Outcome
) -> None:
    measures = [of_encryption(doors, CIPHER if doors else {}), of_signatures(signatures)]
    verdict = GREEN.and_rows(rows_of(measures))
    assert verdict.outcome is outcome
    assert [row.name for row in verdict.reasons] == [
        f"security.{own.name}" for own in measures if own.outcome is Outcome.FAULTY
    ]
    for lang in LANGS:
        told = verdict.says(lang)
        assert all(say(own.key, lang, **own.values) in told for own in measures if own.outcome is Outcome.FAULTY)
    xml = junit(verdict, "en", 1.0).decode()
    looked_at = sum(own.outcome is not Outcome.CANNOT_SAY for own in measures)
    assert xml.count('classname="hikkoshi.load.security"') == looked_at


def answer(listening: socket.socket, context: ssl.SSLContext | None) -> None:
    """Answer every connection with a line of HTTP, over TLS or without, until the listener is shut."""
    while True:
        try:
            raw, _ = listening.accept()
        except OSError:
            return
        with raw, suppress(OSError):
            sock = context.wrap_socket(raw, server_side=True) if context is not None else raw
            with sock:
                sock.recv(100)
                sock.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")


@contextmanager
def serving(context: ssl.SSLContext | None) -> Iterator[int]:
    """Such a server, and its port."""
    with socket.create_server((HOST, 0)) as listening:
        thread = threading.Thread(target=answer, args=(listening, context))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def test_doors_say_which_tls_they_have_and_whether_they_answer_without(tmp_path: Path) -> None:
    write_certificates(tmp_path)
    authority = str(tmp_path / AUTHORITY_FILE)
    with serving(server_context(tmp_path, "portal")) as secure, serving(None) as bare:
        doors = doors_of([f"https://{HOST}:{secure}", f"http://{HOST}:{bare}"], authority)
    assert [(door.version, bool(door.cipher), door.plain) for door in doors] == [
        ("TLSv1.3", True, False),
        ("", False, True),
    ]
    [gone] = doors_of([f"https://{HOST}:{secure}"], authority)
    assert (gone.version, gone.plain) == ("", False)
