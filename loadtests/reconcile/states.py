"""Answers about the state of an application, against the states that its server says it was in.

An answer must be a state that held at some moment between the question and the answer. A server may take a little to
show a new state (it is stamped before its group commit); but no client may see a newer state and then an older one.
"""

from __future__ import annotations

from collections.abc import Sequence

from loadtests.history import Fact, Kind, Setting
from loadtests.reconcile.book import Book
from loadtests.reconcile.by_request import Answer
from loadtests.reconcile.findings import Finding, Witness


def judge_states(facts: Sequence[Fact], answers: Sequence[Answer], setting: Setting, book: Book) -> None:
    """Judge all answers of one server about one application."""
    states = sorted((fact for fact in facts if fact.kind is Kind.STATE), key=lambda fact: (fact.at, fact.seq))
    if not states:
        return  # that server's log was not read, or knows nothing of it
    ends = [*(fact.at for fact in states[1:]), None]
    seen: list[tuple[int, int]] = []
    for answer in sorted(answers, key=lambda own: (own.end, own.sent)):
        book.checked[Finding.STALE] += 1
        book.checked[Finding.CORRUPTED] += 1
        known = [number for number, fact in enumerate(states) if fact.state == answer.state]
        held = [
            number
            for number in known
            if states[number].at <= answer.end + setting.visible_after
            and ((end := ends[number]) is None or end + setting.visible_after >= answer.sent)
        ]
        least = max((number for end, number in seen if end < answer.sent), default=0)
        possible = [number for number in held if number >= least]
        if possible:
            seen.append((answer.end, possible[0]))
            continue
        now = max((number for number, fact in enumerate(states) if fact.at <= answer.sent), default=0)
        finding = Finding.STALE if known else Finding.CORRUPTED
        book.found(
            Witness(
                finding,
                answer.end,
                reference=answer.reference,
                request=answer.request,
                application=answer.application,
                part=answer.part,
                expected=states[max(now, least)].state,
                found=answer.state,
            )
        )
