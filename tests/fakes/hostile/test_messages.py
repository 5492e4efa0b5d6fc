"""Messages that are too large, cut off, or in another charset, over real connections to a real server."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from fakes.endpoints.endpoint import MIB, SMALL
from fakes.people import People
from fakes.serving.starting import Running
from tests.fakes.clients import BOUNDARY, FORM, Client, Person, Response, multipart
from tests.fakes.hostile.doors import whole
from tests.fakes.hostile.evidence import Evidence, Seen

PATIENCE_S = 20.0
JSON = "application/json"
LOGIN, SUBMIT, INQUIRE = "/accounts/login", "/apply/submit_application_set", "/inquiries/reference_number"
LARGEST = 50 * MIB + SMALL


@pytest.fixture(scope="module")
def evidence(portal: Running) -> Evidence:
    return Evidence(portal.settings)


@pytest.fixture(scope="module")
def one(portal: Running, people: People) -> Iterator[Person]:
    """An applicant who has logged in."""
    made = Person(portal.url, people, 0)
    assert made.login().status == 200
    yield made
    made.close()


def login_in(charset: str) -> bytes:
    return json.dumps({"card_serial": "試験", "pin": "0000"}, ensure_ascii=False).encode(charset)


def form_with(name: str, value: bytes) -> bytes:
    """Return a form with a field of any bytes."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
    return head + value + f"\r\n--{BOUNDARY}--\r\n".encode()


def form_of(content: bytes) -> bytes:
    return multipart({"city_service_code": "9900199101", "sign_flg": "1", "application_zip": content})


Wrong = tuple[str, str, str, bytes, int, str]
"""Method, path, content type, body; status, code."""

CHARSETS: dict[str, Wrong] = {
    "JSON in Shift_JIS": ("POST", LOGIN, JSON, login_in("cp932"), 400, "E5000"),
    "JSON in EUC-JP": ("POST", LOGIN, JSON, login_in("euc-jp"), 400, "E5000"),
    "JSON in UTF-16": ("POST", LOGIN, JSON, login_in("utf-16"), 400, "E5000"),
    "JSON with a byte order mark": ("POST", LOGIN, JSON, b"\xef\xbb\xbf" + login_in("utf-8"), 400, "E5000"),
    "JSON with half a surrogate": ("POST", LOGIN, JSON, b'{"card_serial": "\\ud800"}', 400, "E5000"),
    "JSON with an overlong sequence": ("POST", LOGIN, JSON, b'{"card_serial": "\xc0\xaf"}', 400, "E5000"),
    "a content type of another charset": ("POST", LOGIN, f"{JSON}; charset=Shift_JIS", b"{}", 400, "E5000"),
    "a field of a form in Shift_JIS": ("POST", SUBMIT, FORM, form_with("sign_flg", "一".encode("cp932")), 400, "E5000"),
    "a name of a field in Shift_JIS": (
        "POST", SUBMIT, FORM, form_with("sign_flg", b"1").replace(b"sign_flg", "印".encode("cp932")), 400, "E5000",
    ),
    "escapes that are no UTF-8": (
        "GET", f"{INQUIRE}?temporary_reference_number=%8E%8E", "", b"", 400, "E5000",
    ),
    "a path that is no UTF-8": ("GET", "/inquiries/applications/%8E%8E%8C%B1", "", b"", 404, "E5004"),
}  # fmt: skip

CUT: dict[str, Wrong] = {
    "half a JSON message": ("POST", LOGIN, JSON, login_in("utf-8")[:12], 400, "E5000"),
    "no JSON message": ("POST", LOGIN, JSON, b"", 400, "E5000"),
    "a form that never begins": ("POST", SUBMIT, FORM, b"", 400, "E5000"),
    "a form without its end": ("POST", SUBMIT, FORM, form_of(whole())[:-8], 400, "E5000"),
    "a form that ends within the package": ("POST", SUBMIT, FORM, form_of(whole())[:-400], 400, "E5000"),
    "a form with half a package": ("POST", SUBMIT, FORM, form_of(whole()[:-100]), 400, "E1003"),
    "a form without the package": ("POST", SUBMIT, FORM, form_with("sign_flg", b"1"), 400, "E0001"),
    "a form whose line is another": ("POST", SUBMIT, f"{FORM}-x", form_of(whole()), 400, "E5000"),
}

LARGE: dict[str, Wrong] = {
    "a message over its limit": ("POST", LOGIN, JSON, b" " * (SMALL + 1), 413, "E5001"),
    "a message with depth": ("POST", LOGIN, JSON, b"[" * SMALL, 400, "E5000"),
    "an application over its limit": ("POST", SUBMIT, FORM, bytes(LARGEST + 1), 413, "E5001"),
    "a package over its limit": ("POST", SUBMIT, FORM, form_of(bytes(50 * MIB + 1)), 413, "E1001"),
    "a body where none belongs": ("GET", "/healthz", JSON, b" " * (SMALL + 1), 413, "E5001"),
    "more fields than there are": (
        "POST", INQUIRE, "application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(65)), 400, "E5000",
    ),
    "more parts than there are": (
        "POST", SUBMIT, FORM, multipart({f"f{number}": "1" for number in range(20)}), 400, "E5000",
    ),
}  # fmt: skip


WRONG: dict[str, Wrong] = CHARSETS | CUT | LARGE


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_read_is_refused_recorded_and_changes_nothing(
    one: Person, evidence: Evidence, what: str
) -> None:
    method, path, kind, body, status, code = WRONG[what]
    headers = {"Content_Type": kind} if kind else {}
    evidence.refuses(partial(one.send, method, path, body, **headers), status, code)
    assert one.get("/healthz").status == 200, "the connection goes on"


def test_a_head_over_its_limit_is_refused(portal: Running, evidence: Evidence) -> None:
    client = Client(portal.url)
    evidence.refuses(partial(client.get, "/healthz", X_Long="x" * 20_000), 431, "E5003")
    client.close()


@pytest.mark.parametrize("key", ["", "試験", "x" * 129, "with space", "tab\t"])
def test_a_key_that_is_none_is_refused(one: Person, evidence: Evidence, key: str) -> None:
    def submit() -> Response:
        return one.submit(whole(), Idempotency_Key=key.encode().decode("latin-1"))

    evidence.refuses(submit, 400, "E5000")


def test_pieces_that_go_on_beyond_the_limit_are_refused(portal: Running, evidence: Evidence) -> None:
    head = b"POST /accounts/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    pieces = b"".join(b"%x\r\n%s\r\n" % (4096, b" " * 4096) for _ in range(20)) + b"0\r\n\r\n"
    before = evidence.look()
    with socket.create_connection(("127.0.0.1", portal.port), timeout=PATIENCE_S) as line:
        line.sendall(head + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + pieces)
        received = b""
        while piece := line.recv(65_536):
            received += piece
    assert received.startswith(b"HTTP/1.1 413 ")
    evidence.recorded(before, 413, "E5001")


@pytest.mark.parametrize(
    "sent",
    [
        b"Content-Length: 100\r\n\r\n" + b'{"card_serial": "TEST',
        b"Transfer-Encoding: chunked\r\n\r\n14\r\n" + b'{"card_serial": "TES',
        b"Transfer-Encoding: chunked\r\n\r\n14\r\n" + b'{"card_ser',
    ],
)
def test_a_body_that_breaks_off_is_refused_and_recorded(portal: Running, evidence: Evidence, sent: bytes) -> None:
    before = evidence.look()
    with socket.create_connection(("127.0.0.1", portal.port), timeout=PATIENCE_S) as line:
        line.sendall(b"POST /accounts/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + sent)
    until(evidence, lambda seen: len(seen.records) > len(before.records))
    evidence.recorded(before, 400, "E5000")


def until(evidence: Evidence, told: Callable[[Seen], bool]) -> None:
    """Look again until it is so: who broke off is told nothing."""
    end = time.monotonic() + PATIENCE_S
    while not told(evidence.look()):
        assert time.monotonic() < end, "it never came to be"
