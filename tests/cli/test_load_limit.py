"""What `hikkoshi load --find-limit` says and how it ends, by what the search has found."""

from __future__ import annotations

import json

import pytest

from cli.exits import Exit
from cli.here import Here
from cli.load.asked import Asked, asked_of
from cli.load.limit import _as_json, _exit, _lines
from cli.load.options import LoadOptions, sizes_of
from loadtests.capacity import Ceiling, Limit, Search, Tried
from loadtests.required import Required
from loadtests.searching import Found
from texts import Lang

REQUIRED = Required("ward", 0, 1, 6, 0.1, 1000)
"""A tenth of an application a second."""


@pytest.fixture(scope="module")
def asked() -> Asked:
    options = LoadOptions(window="2023-03-28 09:00/09:30", scale="1")
    return asked_of("launch", options, sizes_of(options))


def found(
    *tries: Tried,
    rates: tuple[float, ...] = (),
    limit: Limit | None = None,
    faulty: bool = False,
    ceiling: float | None = None,
) -> Found:
    own = None if ceiling is None else Ceiling("ward", ceiling)
    search = Search(1, 100, list(tries))
    runs = [(search.best.scale, list(rates))] if search.best is not None else []
    return Found(REQUIRED, search, runs, [limit] if limit else [], faulty, own)


def kept(scale: float) -> Tried:
    return Tried(scale, scale, kept=True)


def missed(scale: float, *reasons: str) -> Tried:
    return Tried(scale, scale, kept=False, reasons=reasons or ("rule.submit_p95",))


@pytest.mark.parametrize(
    ("case", "ended"),
    [
        (found(kept(8), missed(16), rates=(8, 9, 10)), Exit.FINE),
        (found(kept(1), missed(2), rates=(0.14, 0.15)), Exit.MISSED),
        (found(kept(8), missed(16, "gate.lag"), rates=(8, 9)), Exit.CANNOT_SAY),
        (found(kept(8), missed(16, "rule.submit_p95", "gate.cpu"), rates=(8, 9)), Exit.CANNOT_SAY),
        (found(missed(1), missed(0.5)), Exit.CANNOT_SAY),
        (found(kept(8), rates=(8, 9), faulty=True), Exit.FAULTY),
        (found(kept(8), missed(16), rates=(8, 9, 10), ceiling=0.19), Exit.CANNOT_SAY),
        (found(kept(8), missed(16), rates=(8, 9, 10), ceiling=0.21), Exit.FINE),
    ],
)
def test_the_exit_code_says_whether_the_head_room_is_there_and_whether_it_can_be_said(
    case: Found, ended: Exit, asked: Asked
) -> None:
    assert _exit(case, asked) == ended


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_rate_head_room_and_limit_are_said_in_words_and_for_programs(lang: Lang) -> None:
    here = Here(lang, ())
    case = found(kept(8), missed(16), rates=(8, 9, 10, 9), limit=Limit("jlis", 93.4))
    rate = case.sustained(1)
    said = "\n".join(_lines(case, rate, here))
    for word in ("9.00", "0.100", "90.0", "jlis", "93"):
        assert word in said
    told = json.loads(_as_json(case, rate))
    assert told["sustained"]["low"] <= told["sustained"]["mean"] == 9.0 <= told["sustained"]["high"]
    assert (told["headroom"], told["limit"]["component"]) == (pytest.approx(90.0), "jlis")
    assert [one["kept"] for one in told["tries"]] == [True, False]
    idle = found(kept(8), missed(16), rates=(8,), limit=Limit("jlis", 20))
    waits = "\n".join(_lines(idle, idle.sustained(1), here))
    assert waits != said
    assert len(_lines(found(missed(1)), None, here)) == 1


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_scenario_beyond_half_of_what_the_fakes_carry_is_refused_in_words(lang: Lang) -> None:
    here = Here(lang, ())
    case = found(kept(8), rates=(8, 9), ceiling=0.19)
    lines = _lines(case, case.sustained(1), here)
    assert lines == [
        here.text("cli.load.limit.ceiling", rate="0.2", component="ward"),
        here.text("cli.load.limit.refused", required="0.100"),
    ]
    assert case.turn() is None
    assert json.loads(_as_json(case, None))["ceiling"] == {"component": "ward", "per_second": 0.19}
    bears = found(kept(8), rates=(8, 9), ceiling=20)
    assert bears.turn() is not None
    assert _lines(bears, bears.sustained(1), here)[0] == here.text(
        "cli.load.limit.ceiling", rate="20.0", component="ward"
    )
