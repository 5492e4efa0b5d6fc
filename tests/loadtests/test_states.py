"""Answers about states: one that held while it was asked for is right, and nobody goes back in time."""

from __future__ import annotations

import pytest

from loadtests.history import Fact, Kind, Setting
from loadtests.reconcile.book import Book
from loadtests.reconcile.by_request import Answer
from loadtests.reconcile.findings import Finding
from loadtests.reconcile.states import judge_states

SETTING = Setting(speed=1.0, drained={}, visible_after=500)
STATES = [
    Fact(Kind.STATE, "portal", at, seq, reference="R1", state=state)
    for seq, (at, state) in enumerate([(0, "accepted"), (10_000, "arrived"), (20_000, "completed")])
]


def said(state: str, sent: int, end: int) -> Answer:
    return Answer("R1", "state@portal", state, sent, end, f"q{sent}", "a1")


def found(*answers: Answer) -> set[Finding]:
    book = Book()
    judge_states(STATES, answers, SETTING, book)
    return {line.finding for line in book.lines({}) if line.count}


@pytest.mark.parametrize(
    ("state", "sent", "end", "finding"),
    [
        ("accepted", 5_000, 5_100, None),
        ("accepted", 9_900, 10_100, None),  # both held while it was under way
        ("arrived", 9_900, 10_100, None),
        ("accepted", 10_500, 10_600, None),  # stamped, and not yet committed
        ("accepted", 10_501, 10_600, Finding.STALE),
        ("arrived", 25_000, 25_100, Finding.STALE),
        ("completed", 5_000, 5_100, Finding.STALE),  # from a time that has not come
        ("rejected", 5_000, 5_100, Finding.CORRUPTED),
    ],
)
def test_an_answer_is_a_state_that_held_while_it_was_asked_for(
    state: str, sent: int, end: int, finding: Finding | None
) -> None:
    assert found(said(state, sent, end)) == ({finding} if finding else set())


def test_who_has_seen_a_newer_state_never_sees_an_older_one_again() -> None:
    newer, older = said("arrived", 10_050, 10_100), said("accepted", 10_200, 10_300)
    assert found(newer) == found(older) == set()
    assert found(newer, older) == found(older, newer) == {Finding.STALE}


def test_questions_that_overlap_may_be_answered_in_any_order() -> None:
    assert found(said("arrived", 10_050, 10_300), said("accepted", 10_200, 10_350)) == set()


def test_a_server_whose_log_was_not_read_is_not_judged() -> None:
    book = Book()
    judge_states([], [said("accepted", 1, 2)], SETTING, book)
    assert all(line.checked == line.count == 0 for line in book.lines({}))
