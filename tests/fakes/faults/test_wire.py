"""Faults on real connections: each does what it says, leaves its id, and is gone without a trace when cleared."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fakes.faults.effects import Outage
from fakes.faults.fault import Fault, Where, Window
from fakes.servers import Server
from fakes.serving.starting import Running, start
from fakes.store.databases import Place
from fakes.store.statements import Statement
from fakes.store.tables import AUDIT
from fakes.store.transaction import View
from tests.fakes.clients import Client, Person, Response
from tests.fakes.conftest import PEERS, SEED, START, settings_in

KEY = "operator-of-the-rehearsal"
HEALTH = "/healthz"
AT = START + timedelta(days=1)
OF_SCENARIO = Fault(Outage(502), "evening", Where(Server.PORTAL, ("healthz",)), Window(AT, AT + timedelta(hours=1)))


class Operator(Client):
    """Who runs the rehearsal."""

    def __init__(self, url: str) -> None:
        super().__init__(url, {"Authorization": f"Bearer {KEY}"})

    def add(self, what: str, phase: str | None = None, name: str = "", **others: Any) -> Response:
        where = {key: others.pop(key) for key in ("routes", "municipalities", "nth", "every", "share") if key in others}
        where.setdefault("routes", ["healthz"])
        message = {"effect": {"what": what, **others}, "where": where, "id": name, "phase": phase}
        return self.post("/__admin/faults", message)

    def faults(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/__admin/faults").result["faults"]
        return found

    def reset(self) -> Any:
        return self.send("POST", "/__admin/reset").result["ids"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("faulty")
    with start(settings_in(folder, Server.PORTAL, operator_key=KEY, faults=(OF_SCENARIO,))) as running:
        yield running


@pytest.fixture
def operator(portal: Running) -> Iterator[Operator]:
    one = Operator(portal.url)
    yield one
    for own in one.faults():
        if own["fault"]["id"] != OF_SCENARIO.id:
            one.send("DELETE", f"/__admin/faults/{own['fault']['id']}")
    one.close()


@contextmanager
def raw(running: Running, path: str = HEALTH) -> Iterator[socket.socket]:
    """Send a request over a socket of its own."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: raw\r\nConnection: close\r\n\r\n".encode())
        yield line


def to_the_end(line: socket.socket) -> tuple[bytes, OSError | None]:
    """Return what comes, and how it ended if not in order."""
    came = b""
    try:
        while part := line.recv(65536):
            came += part
    except OSError as end:
        return came, end
    return came, None


def read(line: socket.socket) -> bytes:
    return to_the_end(line)[0]


def without_date(answer: bytes) -> bytes:
    head, end, body = answer.partition(b"\r\n\r\n")
    return b"\r\n".join(row for row in head.split(b"\r\n") if not row.startswith(b"date:")) + end + body


def audited(running: Running) -> list[list[Any]]:
    """Return the audit records of a server."""
    place = Place(running.settings.database, running.settings.server.value)
    connection = place.open(read_only=True)
    rows = View(place.database, connection.cursor()).all(Statement(select(AUDIT.c.record).order_by(AUDIT.c.seq)))
    connection.close()
    return [json.loads(record) for (record,) in rows]


def asked(running: Running, path: str = HEALTH) -> Response:
    client = Client(running.url)
    try:
        return client.get(path)
    finally:
        client.close()


def test_an_outage_answers_503_with_its_time_and_leaves_its_id_in_the_audit_record(
    portal: Running, operator: Operator
) -> None:
    added = operator.add("outage", name="down", retry_after_s=7)
    assert (added.status, added.json["_links"]["reference"]["href"]) == (201, "/__admin/faults/down")
    answer = asked(portal)
    assert (answer.status, answer.headers["retry-after"], answer.code) == (503, "7", "E5030")
    assert answer.headers["x-test-data"] == "synthetic"
    record = next(record for record in reversed(audited(portal)) if record[6] == "healthz")
    assert (record[8], record[12].split(":")[0]) == (503, "down")
    assert asked(portal, "/openapi.json").status == 200, "only where it is said to be"


@pytest.mark.parametrize(("phase", "status"), [("before", 0), ("committed", 0), ("before", 500)])
def test_an_outage_refuses_or_answers_as_it_is_told(
    portal: Running, operator: Operator, phase: str, status: int
) -> None:
    operator.add("outage", phase, status=status)
    with raw(portal) as line:
        came = read(line)
    assert came[:12] == (b"HTTP/1.1 500" if status else b"")


def test_a_reset_tears_the_connection_and_during_the_answer_half_of_it_has_come(
    portal: Running, operator: Operator
) -> None:
    with raw(portal) as line:
        whole = read(line)
    operator.add("reset", "answer")
    with raw(portal) as line:
        came, end = to_the_end(line)
    assert isinstance(end, ConnectionResetError)
    body = came.partition(b"\r\n\r\n")[2]
    assert 0 < len(body) < len(whole.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize("phase", ["before", "committed", "answer"])
def test_a_call_that_hangs_gets_no_answer_and_ends_with_its_client(
    portal: Running, operator: Operator, phase: str
) -> None:
    operator.add("hang", phase)
    with raw(portal) as line:
        line.settimeout(0.2)
        came, end = to_the_end(line)
    assert isinstance(end, TimeoutError)
    assert came.partition(b"\r\n\r\n")[2] == b"", "at most the head comes, and no end"


def test_calls_that_hang_count_as_connections_until_their_clients_go(portal: Running, operator: Operator) -> None:
    operator.add("hang", nth=1)
    operator.add("connection_cap", at_once=1, retry_after_s=3)
    with raw(portal) as hanging:
        until = time.monotonic() + 10
        while not any(own["injected"] for own in operator.faults()):
            assert time.monotonic() < until
        answer = asked(portal)
        assert (answer.status, answer.headers["retry-after"], answer.code) == (503, "3", "E5031")
        hanging.shutdown(socket.SHUT_RDWR)
    until = time.monotonic() + 10
    while asked(portal).status != 200:
        assert time.monotonic() < until


def test_slowness_lets_a_call_wait_after_its_record_is_on_disk(portal: Running, operator: Operator) -> None:
    operator.add("slow", mean_ms=120)
    began = time.monotonic()
    assert asked(portal).status == 200
    assert time.monotonic() - began >= 0.12


def test_the_first_byte_comes_late_and_a_dribble_takes_its_time(portal: Running, operator: Operator) -> None:
    operator.add("slow_first_byte", name="late", wait_ms=150)
    with raw(portal) as line:
        began = time.monotonic()
        line.recv(1)
        assert time.monotonic() - began >= 0.15
    operator.send("DELETE", "/__admin/faults/late")
    operator.add("dribble", bytes_per_s=1000)
    began = time.monotonic()
    with raw(portal) as line:
        body = read(line).partition(b"\r\n\r\n")[2]
    assert time.monotonic() - began >= (len(body) - 100) / 1000


def test_a_full_queue_is_answered_as_a_full_queue_is(portal: Running, operator: Operator) -> None:
    operator.add("queue_full", retry_after_s=2)
    answer = asked(portal)
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "E5031", "2")


def test_a_stall_stops_the_whole_process_and_not_one_call(portal: Running, operator: Operator) -> None:
    operator.add("stall", stop_ms=300, routes=["openapi"])
    with raw(portal, "/openapi.json") as line:
        began = time.monotonic()
        answers = [asked(portal), asked(portal)]
        longest = time.monotonic() - began
        read(line)
    assert [answer.status for answer in answers] == [200, 200]
    assert longest >= 0.2, "another call waited, too"


def test_two_answers_change_places(portal: Running, operator: Operator) -> None:
    operator.add("swap", wait_ms=5000, routes=["healthz", "openapi"])
    found: dict[str, bytes] = {}

    def ask(path: str) -> None:
        found[path] = asked(portal, path).body

    both = [threading.Thread(target=ask, args=(path,)) for path in (HEALTH, "/openapi.json")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert b'"openapi"' in found[HEALTH]
    assert b'"waiting"' in found["/openapi.json"]


def test_a_lonely_answer_is_not_swapped(portal: Running, operator: Operator) -> None:
    operator.add("swap", wait_ms=50)
    assert asked(portal).result["server"] == "portal"


def test_a_skewed_clock_is_what_the_server_reads_until_the_fault_is_cleared(
    portal: Running, operator: Operator
) -> None:
    operator.add("clock_skew", name="skew", ahead_s=86_400)
    assert asked(portal).result["now"].startswith("2023-03-02T09:0")
    operator.send("DELETE", "/__admin/faults/skew")
    assert asked(portal).result["now"].startswith("2023-03-01T09:0")


def test_only_the_nth_and_every_so_many_th_call_is_struck(portal: Running, operator: Operator) -> None:
    operator.add("outage", name="second", nth=2)
    assert [asked(portal).status for _ in range(4)] == [200, 503, 200, 200]
    operator.send("DELETE", "/__admin/faults/second")
    operator.add("outage", every=3)
    assert [asked(portal).status for _ in range(6)] == [200, 200, 503, 200, 200, 503]


def test_a_fault_meets_the_town_that_an_application_names(
    portal: Running, operator: Operator, person: Callable[[int], Person]
) -> None:
    operator.add("outage", routes=["submit_application_set"], municipalities=["990027"])
    one = person(30)
    one.login()
    package = one.package()
    assert one.submit(package).status == 200
    assert one.submit(package, code="9900279101").status == 503


def test_what_was_done_before_the_answer_was_lost_is_answered_again_under_its_key(
    portal: Running, operator: Operator, person: Callable[[int], Person]
) -> None:
    one = person(31)
    one.login()
    operator.add("outage", "committed", routes=["submit_application_set"], nth=1)
    assert one.submit(one.package(), Idempotency_Key="lost").status == 503
    again = one.submit(one.package(), Idempotency_Key="lost")
    assert (again.status, again.headers["idempotent-replay"]) == (200, "true")


def test_with_everything_cleared_the_answers_are_byte_for_byte_those_before(
    portal: Running, operator: Operator
) -> None:
    def answers() -> list[bytes]:
        found = []
        for path in ("/openapi.json", "/nothing", "/inquiries/reference_number"):
            with raw(portal, path) as line:
                found.append(without_date(read(line)))
        return found

    before = answers()
    for what in ("outage", "slow_first_byte", "dribble"):
        operator.add(what, name=what, routes=["/"])
    operator.add("clock_skew", name="clock_skew")
    assert answers() != before
    for what in ("outage", "slow_first_byte", "dribble", "clock_skew"):
        assert operator.send("DELETE", f"/__admin/faults/{what}").result == {"ids": [what]}
    assert answers() == before


def test_only_the_operator_has_a_hand_in_faults_and_every_try_is_audited(portal: Running) -> None:
    count = len(audited(portal))
    stranger = Client(portal.url, {"Authorization": "Bearer guess"})
    tried = [
        stranger.get("/__admin/faults"),
        stranger.post("/__admin/faults", {"effect": {"what": "outage"}}),
        stranger.send("DELETE", "/__admin/faults/evening"),
        stranger.send("POST", "/__admin/reset"),
    ]
    stranger.close()
    assert [answer.status for answer in tried] == [401] * 4
    assert [record[8] for record in audited(portal)[count:]] == [401] * 4


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"effect": {"what": "explode"}}, "E5000"),
        ({"effect": {"what": "hang", "often": 1}}, "E5000"),
        ({}, "E0001"),
        ({"effect": {"what": "hang"}, "phase": "inside"}, "E6000"),
        ({"effect": {"what": "hang"}, "where": {"share": 2}}, "E6000"),
        ({"effect": {"what": "hang"}, "id": "evening"}, "E6000"),
        (
            {"effect": {"what": "hang"}, "window": {"start": "2023-03-02T00:00:00", "end": "2023-03-01T00:00:00"}},
            "E6000",
        ),
    ],
)
def test_a_fault_that_cannot_be_is_refused_and_nothing_changes(
    operator: Operator, message: dict[str, Any], code: str
) -> None:
    before = operator.faults()
    answer = operator.post("/__admin/faults", message)
    assert (answer.status, answer.code) == (400, code)
    assert operator.faults() == before


def test_a_fault_of_the_scenario_waits_for_its_time_and_comes_back_only_if_nobody_cleared_it(
    portal: Running, operator: Operator
) -> None:
    [evening] = operator.faults()
    assert (evening["fault"]["id"], evening["open"]) == ("evening", False)
    operator.add("clock_skew", ahead_s=86_400)
    assert asked(portal).status == 200, "a skewed clock does not move the timeline"
    assert operator.send("DELETE", "/__admin/faults/nothing").status == 404


def test_workers_and_a_restarted_server_hold_the_faults_that_one_of_them_was_told(tmp_path: Any) -> None:
    settings = settings_in(tmp_path, Server.PORTAL, operator_key=KEY, faults=(OF_SCENARIO,))
    with start(settings, workers=3) as running:
        operator = Operator(running.url)
        operator.add("outage", name="all")
        assert {asked(running).status for _ in range(24)} == {503}
        operator.send("DELETE", "/__admin/faults/all")
        assert {asked(running).status for _ in range(24)} == {200}
        operator.add("outage", name="stays")
        operator.send("DELETE", "/__admin/faults/evening")
        operator.close()
    with start(settings) as running:
        operator = Operator(running.url)
        assert [own["fault"]["id"] for own in operator.faults()] == ["stays"]
        assert asked(running).status == 503
        assert operator.reset() == ["stays"]
        assert asked(running).status == 200
        operator.close()


def test_a_primary_that_stands_down_is_followed_by_the_standby_and_does_not_come_back(
    tmp_path: Any, cards: Any
) -> None:
    common = {"operator_key": KEY, "takeover_s": 0.5, "cards": str(cards[1]), "peers": PEERS, "seed": SEED}
    with (
        start(settings_in(tmp_path, Server.JLIS, instance="primary", **common)) as primary,
        start(settings_in(tmp_path, Server.JLIS, instance="standby", **common)) as standby,
    ):
        assert (asked(primary).status, asked(standby).status) == (200, 503)
        operator = Operator(primary.url)
        operator.add("stand_down", name="failover")
        operator.close()
        until = time.monotonic() + 20
        while asked(standby).status != 200:
            assert time.monotonic() < until
        assert (asked(primary).status, asked(primary).code) == (503, "E5032")
        operator = Operator(standby.url)
        operator.reset()
        operator.close()
        assert (asked(primary).status, asked(standby).status) == (503, 200)
