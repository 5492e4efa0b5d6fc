"""Seeded defects: the 22 that the load test must see, off unless named, with amounts; what is mistyped is told."""

from __future__ import annotations

import ast
import socket
from itertools import product
from pathlib import Path

import pytest

import fakes
from fakes.defects import DEFECTS, HEADER, DefectAmountError, Defects, Finding, UnknownDefectError, label_of
from fakes.endpoints import Server
from fakes.serving.starting import Running, start
from tests.fakes.clients import Client
from tests.fakes.conftest import settings_in
from texts import LANGS, say

NAMES = """
ack-before-commit lost-after-ack double-delivery idempotency-ignored idempotency-body-unchecked crosstalk-timeout
same-instant-overwrite misroute-old-address truncated-name stale-standby cursor-skips ack-wrong-one batch-cut stall
slow-with-size memory-growth stored-but-500 unaudited-call revoked-accepted out-of-order-telegram partial-household
stale-status
"""


def test_the_registry_holds_exactly_the_defects_that_are_asked_for() -> None:
    assert list(DEFECTS) == NAMES.split()
    assert len(DEFECTS) == 22
    assert {defect.finding for defect in DEFECTS.values()} == set(Finding)


def test_nothing_is_on_unless_it_is_named() -> None:
    for none in (Defects(), Defects.parse(""), Defects.parse(" , ")):
        assert not none
        assert none.header == ""
        assert not any(none.on(name) for name in DEFECTS)


@pytest.mark.parametrize("name", DEFECTS)
def test_one_is_on_and_no_other(name: str) -> None:
    one = Defects.parse(name)
    assert [other for other in DEFECTS if one.on(other)] == [name]
    assert one.header == name


def test_a_list_is_said_in_one_order_however_it_was_written() -> None:
    assert Defects.parse(" stall, batch-cut ,stall,").header == "batch-cut,stall"
    assert Defects.parse("stall,batch-cut").names == ("batch-cut", "stall")


@pytest.mark.parametrize(
    ("text", "found", "meant"),
    [
        ("bach-cut", "bach-cut", "batch-cut"),
        ("stall,lost_after_ack", "lost_after_ack", "lost-after-ack"),
        ("STALL", "STALL", "stall"),
        ("xyz", "xyz", None),
    ],
)
def test_a_name_that_is_mistyped_is_told_with_what_was_meant(text: str, found: str, meant: str | None) -> None:
    with pytest.raises(UnknownDefectError) as caught:
        Defects.parse(text)
    assert (caught.value.found, caught.value.suggestion) == (found, meant)
    for lang in LANGS:
        told = caught.value.say(lang)
        assert found in told
        assert (meant or "stale-status") in told


def test_defects_and_findings_are_said_in_both_languages() -> None:
    for lang, other in product(LANGS, LANGS):
        same = [defect.name for defect in DEFECTS.values() if defect.label(lang) == defect.label(other)]
        assert same == (list(DEFECTS) if lang == other else [])
        assert len({say(f"finding.{finding}", lang) for finding in Finding}) == len(Finding)


def called(folder: Path, *names: str) -> list[tuple[str, str]]:
    """Return the calls of some functions in the files of a folder, with their first argument, if that is a text."""
    return [
        (ast.unparse(node.func), str(node.args[0].value))
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and ast.unparse(node.func).rpartition(".")[2] in names
    ]


ASKED = [name for how, name in called(Path(fakes.__file__).parent, "on", "hits") if "defects" in how]


def test_every_defect_bites_at_one_place_and_the_code_asks_for_no_other() -> None:
    assert sorted(ASKED) == sorted(DEFECTS)


def test_every_defect_has_a_test_with_it_off_and_on() -> None:
    tested = {given.partition("=")[0] for _, given in called(Path(__file__).parent / "defects", "both")}
    assert sorted(tested) == sorted(DEFECTS)


# --- amounts ---------------------------------------------------------------------------------------------------------


def test_an_amount_is_the_usual_one_unless_another_is_given() -> None:
    some = Defects.parse("batch-cut = 3, lost-after-ack, stall=60")
    assert [some.amount(name) for name in some.names] == [20, 3, 60]
    assert some.header == "lost-after-ack,batch-cut=3,stall"
    assert Defects(*some.given).header == some.header
    for lang in LANGS:
        assert "3" in label_of("batch-cut=3", lang)
        assert "200" in label_of("batch-cut", lang)


def test_each_server_gets_its_own_with_their_amounts() -> None:
    some = Defects.parse("stale-status=2,batch-cut=3,unaudited-call,lost-after-ack=7")
    assert {server: some.of(server).given for server in Server} == {
        Server.PORTAL: ("lost-after-ack=7", "stale-status=2"),
        Server.JLIS: ("batch-cut=3",),
        Server.WARD: ("unaudited-call",),
    }


@pytest.mark.parametrize(
    "text",
    [
        "stall=", "stall=0", "stall=-1", "stall=2.5", "stall=x", "stall=86401", "stall=\u0663", "stall=1=2",
        f"stall={'9' * 5000}", "stall=1,stall=2", "stall,stall=2", "truncated-name=2", "partial-household=1",
    ],
)  # fmt: skip
def test_an_amount_that_cannot_be_is_told_with_what_is_allowed(text: str) -> None:
    with pytest.raises(DefectAmountError) as caught:
        Defects.parse(text)
    allowed = DEFECTS[caught.value.name].amount
    for lang in LANGS:
        told = caught.value.say(lang)
        assert caught.value.name in told
        assert "\n" not in told
        assert allowed is None or f"{allowed.most:,}" in told


def test_one_in_so_many_subjects_is_met_and_always_the_same_ones() -> None:
    numbers = [f"20230301{number:09d}" for number in range(20_000)]
    met = [number for number in numbers if Defects("lost-after-ack").hits("lost-after-ack", number)]
    assert 900 < len(met) < 1100
    assert met == [number for number in numbers if Defects("lost-after-ack=20").hits("lost-after-ack", number)]
    assert met != [number for number in numbers if Defects("cursor-skips").hits("cursor-skips", number)]
    assert all(Defects("lost-after-ack=1").hits("lost-after-ack", number) for number in numbers[:100])
    assert not any(Defects("cursor-skips=1").hits("lost-after-ack", number) for number in numbers)


def test_the_usual_amount_of_a_share_is_met_by_some_hundred_subjects() -> None:
    shares = [name for name, defect in DEFECTS.items() if defect.amount and defect.amount.most == 1_000_000]
    for name in set(shares) - {"batch-cut", "slow-with-size"}:
        assert any(Defects(name).hits(name, f"20230301{number:09d}") for number in range(300))


# --- a server says what is on ----------------------------------------------------------------------------------------


def test_every_answer_of_a_server_says_its_defects_also_that_it_could_not_read_the_request(tmp_path: Path) -> None:
    given = ("stale-status=3", "revoked-accepted")
    with start(settings_in(tmp_path, Server.PORTAL, defects=given)) as running:
        client = Client(running.url)
        answers = [client.get("/healthz"), client.get("/nothing"), client.post("/accounts/login", {}), client.get("/")]
        client.close()
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as line:
            line.sendall(b"nonsense\r\n\r\n")
            raw = line.recv(65_536).decode().lower()
    assert [answer.status for answer in answers] == [200, 404, 400, 200]
    assert {answer.headers[HEADER.lower()] for answer in answers} == {"revoked-accepted,stale-status=3"}
    assert "x-seeded-defects: revoked-accepted,stale-status=3\r\n" in raw
    assert "stale-status=3" in answers[-1].body.decode()


def test_a_server_without_defects_does_not_speak_of_any(portal: Running) -> None:
    client = Client(portal.url)
    assert HEADER.lower() not in client.get("/healthz").headers
    client.close()
