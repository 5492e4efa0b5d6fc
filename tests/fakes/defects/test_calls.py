"""Seeded defects that meet every call of a server: its key, its audit record, its answer, its burden."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from fakes.endpoints import Server
from fakes.people import People
from tests.fakes.clients import Person
from tests.fakes.defects.seeded import audited, both, log_of, server
from tests.fakes.inprocess import Local
from tests.fakes.ward.towns import Caller, sqlite_towns


def applicant(portal: Local, people: People, index: int = 0) -> Person:
    one = Person(portal, people, index)
    assert one.login().status == 200
    return one


@both("idempotency-ignored")
def test_a_request_that_is_sent_again_is_one_application_or_two(
    tmp_path: Path, people: People, defects: tuple[str, ...]
) -> None:
    with server(tmp_path, Server.PORTAL, defects) as portal:
        one = applicant(portal, people)
        tries = [
            one.submit(one.package(), Idempotency_Key="k", X_Request_Id="same", X_Attempt=attempt).result
            for attempt in ("1", "2")
        ]
        numbers = {told["temporary_reference_number"] for told in tries}
        kept = log_of(portal, "submitted")
    assert len(numbers) == len(kept) == (2 if defects else 1)
    assert {event.request_id for event in kept} == {"same"}


@both("idempotency-body-unchecked")
def test_another_application_under_the_same_key_is_refused_or_gets_the_first_ones_answer(
    tmp_path: Path, people: People, defects: tuple[str, ...]
) -> None:
    with server(tmp_path, Server.PORTAL, defects) as portal:
        one = applicant(portal, people)
        first = one.submit(one.package(5), Idempotency_Key="k")
        other = one.submit(one.package(6), Idempotency_Key="k")
        assert one.submit(one.package(5), Idempotency_Key="k").body == first.body
        assert len(log_of(portal, "submitted")) == 1
    if defects:
        assert (other.status, other.body) == (200, first.body)
    else:
        assert (other.status, other.code) == (409, "E5020")


@both("stored-but-500=2")
def test_what_was_stored_is_told_to_have_failed(tmp_path: Path, people: People, defects: tuple[str, ...]) -> None:
    with server(tmp_path, Server.PORTAL, defects) as portal:
        one = applicant(portal, people)
        answers = [one.submit(one.package(), X_Request_Id=f"r{number}") for number in range(20)]
        stored = [event.request_id for event in log_of(portal, "submitted")]
    failed = sum(answer.status == 500 for answer in answers)
    assert stored == [f"r{number}" for number in range(20)]
    assert failed + sum(answer.status == 200 for answer in answers) == 20
    assert 0 < failed < 20 if defects else failed == 0


@both("unaudited-call=4")
def test_some_calls_leave_no_audit_record_and_the_chain_is_whole_all_the_same(
    tmp_path: Path, defects: tuple[str, ...]
) -> None:
    names = [f"call-{number}" for number in range(40)]
    with sqlite_towns(tmp_path, defects=defects) as towns:
        assert {Caller(towns).send("GET", "/healthz", X_Request_Id=name).status for name in names} == {200}
        kept = [name for name in audited(towns.local) if name.startswith("call-")]
    assert set(kept) <= set(names)
    assert 20 < len(kept) < 40 if defects else kept == names


@both("memory-growth=256")
def test_calls_are_forgotten_or_kept_in_memory_for_ever(tmp_path: Path, defects: tuple[str, ...]) -> None:
    calls = 200
    with server(tmp_path, Server.PORTAL, defects) as portal:
        portal.handle("GET", "/healthz", b"", {})
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            for _ in range(calls):
                portal.handle("GET", "/healthz", b"", {})
            grown = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
    kept = calls * 256 * 1024
    assert grown >= kept if defects else grown < kept // 20


@both("slow-with-size=50000")
def test_answers_take_longer_the_more_is_stored(tmp_path: Path, people: People, defects: tuple[str, ...]) -> None:
    with server(tmp_path, Server.PORTAL, defects) as portal:

        def fastest() -> float:
            times = []
            for _ in range(3):
                began = time.monotonic()
                portal.handle("GET", "/healthz", b"", {})
                times.append(time.monotonic() - began)
            return min(times)

        one = applicant(portal, people)
        empty = fastest()
        for _ in range(4):
            one.submit(one.package())
        full = fastest()
        stored = len(log_of(portal, "submitted"))
    assert full - empty >= stored * 0.05 - 0.01 if defects else full - empty < stored * 0.05


@pytest.mark.slow
@both("stall=1")
def test_the_whole_process_stands_still_for_two_seconds_again_and_again(
    tmp_path: Path, defects: tuple[str, ...]
) -> None:
    longest = 0.0
    with server(tmp_path, Server.PORTAL, defects) as portal:
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            began = time.monotonic()
            portal.handle("GET", "/healthz", b"", {})
            longest = max(longest, time.monotonic() - began)
    assert longest >= 2.0 if defects else longest < 1.0
