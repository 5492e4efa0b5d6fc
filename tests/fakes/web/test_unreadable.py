"""What is no HTTP, or has too large a head, is refused in the envelope, leaves a record, and the connection ends."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from sqlalchemy import select

from fakes.endpoints import common
from fakes.serving.starting import Running
from fakes.store.audit import verify
from fakes.store.databases import Place
from fakes.store.statements import Statement
from fakes.store.tables import AUDIT

_RECORDS = Statement(select(AUDIT.c.record).order_by(AUDIT.c.seq))

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
UNREADABLE = {
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "an unknown method": b"FETCH /healthz HTTP/1.1\r\n\r\n",
    "a version that does not exist": b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
    "a header without a name": HEALTH + b": nothing\r\n\r\n",
    "two lengths": b"POST /accounts/login HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length that is no number": b"POST /accounts/login HTTP/1.1\r\nContent-Length: ten\r\n\r\n",
    "a length and pieces": b"POST /accounts/login HTTP/1.1\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a piece without a length": b"POST /accounts/login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a path that is not ASCII": b"GET /caf\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
}


def told(running: Running, sent: bytes) -> tuple[int, dict[str, Any]]:
    """Send bytes, read until the server ends the connection; return status and envelope of the last answer."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as line:
        line.sendall(sent)
        received = b""
        while piece := line.recv(65_536):
            received += piece
    answer = received[received.rindex(b"HTTP/1.1 ") :]
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    assert b"x-test-data: synthetic" in head.lower()
    return int(head.split()[1]), json.loads(body)


def records(running: Running) -> list[list[object]]:
    place = Place(running.settings.database, running.settings.server.value)
    with place.snapshot() as view:
        assert verify(view).whole
        return [json.loads(row[0]) for row in view.all(_RECORDS)]


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_no_http_is_refused_and_recorded(portal: Running, what: str) -> None:
    before = len(records(portal))
    status, envelope = told(portal, UNREADABLE[what])
    assert (status, [problem["code"] for problem in envelope["errors"]]) == (400, ["E5000"])
    after = records(portal)
    assert len(after) == before + 1
    assert after[-1][8:10] == [400, "E5000"]


@pytest.mark.parametrize("large", [HEALTH + b"X-Long: " + b"x" * 70_000, HEALTH + b"X-Many: x\r\n" * 7_000])
def test_a_head_that_is_not_read_to_its_end_is_refused_and_recorded(portal: Running, large: bytes) -> None:
    before = len(records(portal))
    status, envelope = told(portal, large)
    assert (status, [problem["code"] for problem in envelope["errors"]]) == (431, ["E5003"])
    after = records(portal)
    assert len(after) == before + 1
    assert after[-1][6:10] == [common.HEALTH, "", 431, "E5003"]


def test_a_right_request_before_an_unreadable_one_is_answered_first(portal: Running) -> None:
    before = len(records(portal))
    assert told(portal, HEALTH + b"\r\n" + b"FETCH / HTTP/1.1\r\n\r\n")[0] == 400
    assert [record[8] for record in records(portal)[before:]] == [200, 400]
