"""Seeded defects of the resident network: names that are cut, telegrams in another order."""

from __future__ import annotations

import hashlib
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

from fakes.endpoints import Server
from tests.fakes.clients import Town
from tests.fakes.defects.seeded import both, log_of, server
from tests.fakes.jlis.applications import DESTINATION, ORIGIN
from tests.fakes.jlis.test_network import data_of, head, notice_of

LONG: dict[str, Any] = {"name": "東京新宿区　太郎左衛門", "kana": "トウキョウシンジュクク　タロウザエモン"}
"""11 and 19 characters of three bytes each."""


@both("truncated-name")
def test_names_arrive_as_they_were_sent_or_are_cut_at_twenty_bytes(tmp_path: Path, defects: tuple[str, ...]) -> None:
    with server(tmp_path, Server.JLIS, defects) as jlis:
        origin, destination = jlis.town(ORIGIN), jlis.town(DESTINATION)
        person = head()
        sent = data_of(person, **LONG)
        assert origin.telegram(DESTINATION, sent).status == 202
        [given] = destination.inbox()
        assert destination.store(given)[0]["code"] == ""
        assert destination.telegram(ORIGIN, {**notice_of(person), "name": LONG["name"]}).status == 202
        [back] = origin.inbox()
        digests = [event.digest.hex() for event in log_of(jlis, "telegram-sent", "telegram-delivered")]
    cut = {item: text[:6] if defects else text for item, text in LONG.items()}
    assert {item: given["body"]["person"][item] for item in LONG} == cut
    assert back["body"]["name"] == cut["name"]
    assert given["digest"] == hashlib.sha256(msgspec.json.encode(given["body"])).hexdigest()
    assert digests[1] == given["digest"], "the log says what was handed over"
    assert (digests[0] != digests[1]) is (digests[2] != digests[3]) is bool(defects)
    whole = {**given["body"], "person": {**given["body"]["person"], **LONG}}
    assert whole == {**whole, **sent, "person": {**whole["person"], **sent["person"]}}, "nothing else is changed"


@both("out-of-order-telegram")
def test_a_persons_telegrams_come_one_after_the_other_or_backwards(tmp_path: Path, defects: tuple[str, ...]) -> None:
    with server(tmp_path, Server.JLIS, defects) as jlis:
        origin, destination = jlis.town(ORIGIN), jlis.town(DESTINATION)
        for number, person in product((1, 2, 3), (head(0), head(1))):
            assert origin.telegram(DESTINATION, data_of(person), number).status == 202
        came = stored(destination)
        handed = [event.subject for event in log_of(jlis, "telegram-delivered")]
    assert [name for name, _ in came] == handed
    assert [number for _, number in came] == ([3, 3, 2, 2, 1, 1] if defects else [1, 1, 2, 2, 3, 3])


def stored(town: Town) -> list[tuple[str, int]]:
    """Take and acknowledge until nothing waits; return names and numbers of what came, in order."""
    came: list[tuple[str, int]] = []
    while telegrams := town.inbox():
        came += [(one["telegram"], one["number"]) for one in telegrams]
        assert {told["code"] for told in town.store(*telegrams)} == {""}
    return came
