"""Mistakes that are planted in a world that works, each with what has to be found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from hypothesis import reject
from msgspec.structs import replace

from loadtests.history import Fact, Kind, Setting
from loadtests.ledger import AnyLine, Failed, Intent, Ok
from loadtests.reconcile.findings import Finding
from tests.loadtests.world import DRAINED, SECOND, SETTING, TOWNS, World, random_of

T = TypeVar("T")
Spoilt = tuple[list[AnyLine], list[Fact], Setting]


def lines_of(made: World) -> list[AnyLine]:
    return [line for _, line in sorted(made.lines, key=lambda own: own[0])]


def untold(made: World) -> set[str]:
    """Requests whose client never had an answer that says yes."""
    asked = {line.request for _, line in made.lines if isinstance(line, Intent)}
    return asked - {line.request for _, line in made.lines if isinstance(line, Ok)}


def chosen(options: Iterable[T], seed: int) -> T:
    """Choose one; a world that has none is not asked."""
    listed = list(options)
    if not listed:
        reject()
    return random_of(seed).choice(listed)


def pick(facts: list[Fact], wanted: Callable[[Fact], bool], seed: int) -> Fact:
    return chosen((fact for fact in facts if wanted(fact)), seed)


def without(facts: list[Fact], gone: Callable[[Fact], bool]) -> list[Fact]:
    return [fact for fact in facts if not gone(fact)]


def told(made: World) -> set[str]:
    """References that a client was told, and those of telegrams."""
    return {line.reference for _, line in made.lines if isinstance(line, Ok) and line.reference}


def lose(made: World, seed: int) -> Spoilt:
    """Acknowledged, and never handed over to one of its towns."""
    own = pick(made.facts, lambda fact: fact.kind is Kind.RECEIVED and fact.reference in told(made), seed)
    same = lambda fact: (  # noqa: E731
        fact.kind in (Kind.RECEIVED, Kind.HANDED_OVER) and (fact.reference, fact.part) == (own.reference, own.part)
    )
    return lines_of(made), without(made.facts, same), SETTING


def lose_from_the_store(made: World, seed: int) -> Spoilt:
    """Acknowledged, and not in the portal's log, from where nothing can go on."""
    reference = chosen(sorted(told(made)), seed)
    gone = without(made.facts, lambda fact: fact.reference == reference and fact.kind is not Kind.STATE)
    return lines_of(made), gone, SETTING


def overwrite(made: World, seed: int) -> Spoilt:
    """Two clients were given one number, and the second took the place of the first."""
    first = chosen(sorted(told(made)), seed)
    second = chosen(sorted(told(made) - {first}), seed)
    lines = [
        replace(line, reference=second) if isinstance(line, Ok) and line.reference == first else line
        for line in lines_of(made)
    ]
    lines = [line for line in lines if not (isinstance(line, Intent) and line.reference == first)]
    kept = {line.request for line in lines if isinstance(line, Intent)}
    lines = [line for line in lines if isinstance(line, Intent) or line.request in kept]  # type: ignore[union-attr]
    facts = without(
        made.facts, lambda fact: fact.reference == first or (fact.request[:1] == "s" and fact.request not in kept)
    )
    return lines, facts, SETTING


def leave_undrained(made: World, seed: int) -> Spoilt:
    lines, facts, _ = lose(made, seed)
    return lines, facts, replace(SETTING, drained={"portal": DRAINED})


def hand_over_twice(made: World, seed: int) -> Spoilt:
    own = pick(made.facts, lambda fact: fact.kind is Kind.HANDED_OVER and not fact.repeated, seed)
    return lines_of(made), [*made.facts, replace(own, at=own.at + SECOND, seq=10**6)], SETTING


def store_twice(made: World, seed: int) -> Spoilt:
    """The second try of a request became a second application."""
    own = pick(made.facts, lambda fact: fact.kind is Kind.STORED, seed)
    again = [
        replace(fact, reference="R999999", seq=fact.seq + 10**6)
        for fact in made.facts
        if fact.reference == own.reference and fact.kind is not Kind.STATE
    ]
    return lines_of(made), [*made.facts, *again], SETTING


def misroute(made: World, seed: int) -> Spoilt:
    own = pick(made.facts, lambda fact: fact.kind is Kind.RECEIVED and fact.part == "visit", seed)
    wrong = next(town for town in TOWNS if town != own.town)
    moved = [
        replace(fact, town=wrong)
        if fact.kind in (Kind.RECEIVED, Kind.HANDED_OVER) and (fact.reference, fact.part) == (own.reference, own.part)
        else fact
        for fact in made.facts
    ]
    return lines_of(made), moved, SETTING


def swap_documents(made: World, seed: int) -> Spoilt:
    own = pick(made.facts, lambda fact: fact.kind is Kind.RECEIVED, seed)
    other = replace(own, owner="somebody else", digest="0" * 64)
    return lines_of(made), [other if fact is own else fact for fact in made.facts], SETTING


def answer_somebody_else(made: World, seed: int) -> Spoilt:
    lines = lines_of(made)
    own = chosen((line for line in lines if isinstance(line, Ok) and line.owner), seed)
    return [replace(own, owner="somebody else") if line is own else line for line in lines], made.facts, SETTING


def cut_a_name(made: World, seed: int) -> Spoilt:
    own = pick(made.facts, lambda fact: fact.kind is Kind.RECEIVED, seed)
    return lines_of(made), [replace(fact, digest="1" * 64) if fact is own else fact for fact in made.facts], SETTING


def cut_before_it_is_refused(made: World, seed: int) -> Spoilt:
    """The relay cut a name, so the town could not take the package in at all."""
    own = pick(made.facts, lambda fact: fact.kind is Kind.RECEIVED and fact.reference in told(made), seed)
    key = (own.reference, own.part, own.number)
    facts = [
        replace(fact, digest="1" * 64)
        if fact.kind is Kind.HANDED_OVER and (fact.reference, fact.part, fact.number) == key
        else fact
        for fact in without(made.facts, lambda fact: fact is own)
    ]
    return lines_of(made), facts, SETTING


def leave_one_out(made: World, seed: int) -> Spoilt:
    own = pick(made.facts, lambda fact: fact.kind is Kind.RECEIVED and fact.members > 1, seed)
    less = replace(own, members=own.members - 1)
    return lines_of(made), [less if fact is own else fact for fact in made.facts], SETTING


def never_was(made: World, seed: int) -> Spoilt:
    lines = lines_of(made)
    own = chosen((line for line in lines if isinstance(line, Ok) and line.state), seed)
    return [replace(own, state="rejected") if line is own else line for line in lines], made.facts, SETTING


def deliver_what_nobody_filed(made: World, seed: int) -> Spoilt:
    own = pick(made.facts, lambda fact: fact.kind is Kind.RECEIVED and fact.part == "out", seed)
    return lines_of(made), [*made.facts, replace(own, reference="R888888")], SETTING


def accept_what_is_refused(made: World, seed: int) -> Spoilt:
    probe = Intent("probe", 1, "portal", "sign", made.clock, made.clock, refused=True)
    seen = [Fact(kind, "portal", made.clock, request="probe", attempt=1) for kind in (Kind.SEEN, Kind.AUDITED)]
    return [*lines_of(made), probe, Ok("probe", 1, made.clock + 5, 200)], [*made.facts, *seen], SETTING


def _other_under_a_used_key(made: World, *, stored: bool) -> Spoilt:
    """Other content goes out under the key of a request that was answered, and is not refused."""
    first = next(line for line in lines_of(made) if isinstance(line, Intent) and line.parts)
    probe = Intent("probe", 1, "portal", "submit", made.clock, made.clock, refused=True, key=first.request)
    said = [Fact(kind, "portal", made.clock, request="probe", attempt=1) for kind in (Kind.SEEN, Kind.AUDITED)]
    own = {"request": "probe", "attempt": 1, "reference": "R777777", "part": "stored", "town": "portal"}
    if stored:
        said.append(Fact(Kind.STORED, "portal", made.clock, **own, digest="7" * 64))  # type: ignore[arg-type]
    return [*lines_of(made), probe, Ok("probe", 1, made.clock + 5, 200, "R777777")], [*made.facts, *said], SETTING


def ignore_a_key(made: World, _seed: int) -> Spoilt:
    return _other_under_a_used_key(made, stored=True)


def answer_another_body(made: World, _seed: int) -> Spoilt:
    return _other_under_a_used_key(made, stored=False)


def swap_telegrams(made: World, seed: int) -> Spoilt:
    own = pick(made.facts, lambda fact: fact.kind is Kind.HANDED_OVER and fact.number == 2, seed)
    early = {fact.at for fact in made.facts if fact.reference == own.reference and fact.number == 1}
    moved = [
        replace(fact, at=min(early) - SECOND, seq=0) if fact is own else fact
        for fact in without(made.facts, lambda fact: fact is not own and fact.repeated and _same(fact, own))
    ]
    return lines_of(made), moved, SETTING


def _same(one: Fact, other: Fact) -> bool:
    return one.kind is other.kind and (one.reference, one.number) == (other.reference, other.number)


def answer_the_state_before(made: World, seed: int) -> Spoilt:
    lines = lines_of(made)
    asked = {line.request: line for line in lines if isinstance(line, Intent)}
    own = chosen((line for line in lines if isinstance(line, Ok) and line.state == "in_review"), seed)
    late = asked[own.request].sent + 10 * SECOND
    moved = [
        replace(line, sent=late, due=late)
        if isinstance(line, Intent) and line.request == own.request
        else replace(own, state="arrived", end=late + 1000)
        if line is own
        else line
        for line in lines
    ]
    completed = without(made.facts, lambda f: f.state == "completed" and f.reference == asked[own.request].reference)
    done = [f"s{own.request[1:7]}-3"]
    moved = [line for line in moved if line.request not in done]  # type: ignore[union-attr]
    return moved, without(completed, lambda fact: fact.request in done), SETTING


def say_it_failed(made: World, seed: int) -> Spoilt:
    lines = lines_of(made)
    stored = {(fact.request, fact.attempt) for fact in made.facts if fact.kind is Kind.STORED}
    fits = [line for line in lines if isinstance(line, Ok) and (line.request, line.attempt) in stored]
    own = chosen(fits, seed)
    return (
        [Failed(own.request, own.attempt, own.end, 500) if line is own else line for line in lines],
        made.facts,
        SETTING,
    )


def forget_the_audit(made: World, seed: int) -> Spoilt:
    own = pick(made.facts, lambda fact: fact.kind is Kind.AUDITED, seed)
    return lines_of(made), without(made.facts, lambda fact: fact is own), SETTING


def resend_unseen(made: World, seed: int) -> Spoilt:
    own = pick(made.facts, lambda fact: fact.kind is Kind.SEEN, seed)
    copies = [replace(own, seq=10**6), replace(own, kind=Kind.AUDITED, seq=10**6 + 1)]
    return lines_of(made), [*made.facts, *copies], SETTING


def come_late(made: World, seed: int) -> Spoilt:
    own = pick(made.facts, lambda f: f.kind is Kind.RECEIVED and f.reference in told(made) and f.part == "out", seed)
    late = replace(own, at=own.at + 3 * 3600 * SECOND)
    return lines_of(made), [late if fact is own else fact for fact in made.facts], SETTING


PLANTED: dict[Callable[[World, int], Spoilt], Finding] = {
    lose: Finding.LOST,
    lose_from_the_store: Finding.LOST,
    overwrite: Finding.LOST,
    leave_undrained: Finding.STUCK,
    hand_over_twice: Finding.DUPLICATED,
    store_twice: Finding.DUPLICATED,
    misroute: Finding.MISROUTED,
    swap_documents: Finding.CROSSTALK,
    answer_somebody_else: Finding.CROSSTALK,
    cut_a_name: Finding.CORRUPTED,
    cut_before_it_is_refused: Finding.CORRUPTED,
    leave_one_out: Finding.CORRUPTED,
    never_was: Finding.CORRUPTED,
    deliver_what_nobody_filed: Finding.UNEXPECTED,
    accept_what_is_refused: Finding.UNEXPECTED,
    ignore_a_key: Finding.DUPLICATED,
    answer_another_body: Finding.UNEXPECTED,
    swap_telegrams: Finding.OUT_OF_ORDER,
    answer_the_state_before: Finding.STALE,
    say_it_failed: Finding.FALSE_ERROR,
    forget_the_audit: Finding.UNAUDITED,
    resend_unseen: Finding.PHANTOM,
    come_late: Finding.LATE,
}
