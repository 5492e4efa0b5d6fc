"""Reconciliation: a world that works gives no finding, and each mistake gives its own and no other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fakes.defects import Finding as Promised
from loadtests.history import Fact, FaultSpan, Kind, Setting
from loadtests.ledger import AnyLine, Failed, Intent, Ok
from loadtests.reconcile.findings import FAULTY, NO_EVIDENCE, TOO_WEAK, Finding, rarer_than, seen_with
from tests.loadtests.world import DRAINED, SECOND, SETTING, SPEED, TOWNS, World, findings, random_of, reconciled, world

T = TypeVar("T")
Spoilt = tuple[list[AnyLine], list[Fact], Setting]


def lines_of(made: World) -> list[AnyLine]:
    return [line for _, line in sorted(made.lines, key=lambda own: own[0])]


def untold(made: World) -> set[str]:
    """Requests whose client never had an answer that says yes."""
    asked = {line.request for _, line in made.lines if isinstance(line, Intent)}
    return asked - {line.request for _, line in made.lines if isinstance(line, Ok)}


# --- a world that works ----------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(0, 12), st.integers(1, 4), st.floats(0, 1.1))
def test_nothing_is_found_in_a_world_that_works_whatever_the_order_and_wherever_a_client_dies(
    seed: int, filings: int, workers: int, lives: float
) -> None:
    made = world(seed, filings)
    facts = list(made.facts)
    random_of(seed).shuffle(facts)
    dies = lives * made.clock
    # A client that dies notes nothing more, but what it sent before goes on; so does what it was about to send.
    noted = [line for at, line in sorted(made.lines, key=lambda own: own[0]) if at <= dies or isinstance(line, Intent)]
    with tempfile.TemporaryDirectory() as folder:
        found = reconciled(Path(folder), noted, facts, workers=workers)
    assert findings(found) == {}
    assert found.facts == len(facts)
    assert found.calls == sum(isinstance(line, Intent) for _, line in made.lines)


def test_what_was_done_without_an_answer_is_counted_as_legal(tmp_path: Path) -> None:
    made = world(3, 40)
    found = reconciled(tmp_path, lines_of(made), made.facts)
    stored = {fact.request for fact in made.facts if fact.kind is Kind.STORED}
    assert found[Finding.RECOVERED].count == len(stored & untold(made)) > 0
    assert found.faulty == ()


def test_what_was_taken_back_before_it_was_handed_over_is_not_lost_and_what_arrived_all_the_same_is(
    tmp_path: Path,
) -> None:
    made = world(5, 30)
    lines, facts, _ = lose(made, 1)
    gone = next(fact for fact in made.facts if fact.kind is Kind.RECEIVED and fact not in facts)
    assert findings(reconciled(tmp_path / "lost", lines, facts)) == {Finding.LOST: 1}
    taken_back = replace(gone, kind=Kind.ENDED, server="jlis", digest="", members=0)
    assert findings(reconciled(tmp_path / "ended", lines, [*facts, taken_back])) == {}
    elsewhere = replace(taken_back, town=next(town for town in TOWNS if town != gone.town))
    assert findings(reconciled(tmp_path / "other", lines, [*facts, elsewhere])) == {Finding.LOST: 1}


# --- one mistake -----------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_planted_mistake_is_found_and_nothing_else(plant: Callable[[World, int], Spoilt], seed: int) -> None:
    lines, facts, setting = plant(world(seed, 14), seed)
    random_of(seed).shuffle(facts)
    with tempfile.TemporaryDirectory() as folder:
        found = reconciled(Path(folder), lines, facts, setting)
    assert set(findings(found)) == {PLANTED[plant]}
    witness = found[PLANTED[plant]].witnesses[0]
    assert witness.reference or witness.request
    assert witness.client or witness.server


def test_every_finding_but_measured_and_legal_ones_has_a_planted_mistake() -> None:
    assert set(PLANTED.values()) == set(Finding) - {Finding.SLOW, Finding.GROWTH, Finding.RECOVERED}


def test_every_finding_that_a_seeded_defect_promises_can_be_reported() -> None:
    assert {str(promised) for promised in Promised} <= {str(finding) for finding in Finding}
    assert set(Finding) - {Finding.RECOVERED} == FAULTY | TOO_WEAK | NO_EVIDENCE
    assert not FAULTY & TOO_WEAK
    assert not (FAULTY | TOO_WEAK) & NO_EVIDENCE


# --- witnesses -------------------------------------------------------------------------------------------------------


LATER = FaultSpan("later", "jlis", DRAINED, 2 * DRAINED)


def test_a_witness_has_both_histories_the_fault_that_was_at_work_and_the_nearest_record(tmp_path: Path) -> None:
    made = world(11, 14)
    lines, facts, _ = misroute(made, 11)
    whole = replace(
        SETTING, faults=(FaultSpan("failover", "jlis", 0, DRAINED), FaultSpan("later", "jlis", DRAINED, -1))
    )
    witness = reconciled(tmp_path, lines, facts, whole)[Finding.MISROUTED].witnesses[0]
    assert witness.faults == ("failover",)
    assert any("sign" in moment.what for moment in witness.client)
    assert any(moment.what.startswith("handed_over") for moment in witness.server)
    assert [moment.at for moment in witness.server] == sorted(moment.at for moment in witness.server)
    assert witness.nearest is not None
    assert witness.reference not in witness.nearest.what


def test_the_nearest_record_to_a_lost_document_is_the_same_document_under_another_number(tmp_path: Path) -> None:
    made = world(5, 14)
    reference = sorted(told(made))[3]
    moved = [
        replace(fact, reference="R777777") if fact.reference == reference and fact.part == "out" else fact
        for fact in made.facts
    ]
    found = reconciled(tmp_path, lines_of(made), moved)
    assert set(findings(found)) == {Finding.LOST, Finding.UNEXPECTED}
    nearest = found[Finding.LOST].witnesses[0].nearest
    assert nearest is not None
    assert "R777777" in nearest.what


def test_a_false_error_that_an_injected_fault_explains_is_legal(tmp_path: Path) -> None:
    lines, facts, _ = say_it_failed(world(2, 14), 2)
    failed = next(line for line in lines if isinstance(line, Failed) and line.status == 500)
    by_fault = [
        replace(fact, fault="lost answers") if fact.kind is Kind.STORED and fact.request == failed.request else fact
        for fact in facts
    ]
    assert findings(reconciled(tmp_path, lines, by_fault)) == {}


def test_witnesses_are_few_however_many_cases_there_are(tmp_path: Path) -> None:
    made = world(8, 60)
    line = reconciled(tmp_path, lines_of(made), without(made.facts, lambda f: f.kind is Kind.AUDITED))[
        Finding.UNAUDITED
    ]
    assert line.count == line.checked == sum(fact.kind is Kind.SEEN for fact in made.facts)
    assert len(line.witnesses) == 10


# --- power -----------------------------------------------------------------------------------------------------------


def test_nothing_in_120000_means_rarer_than_1_in_40000(tmp_path: Path) -> None:
    assert rarer_than(120_000) == 40_057
    assert rarer_than(0) == 0
    assert rarer_than(1) == 1
    found = reconciled(tmp_path, [], [])
    assert "nothing to check" in found[Finding.LOST].says("en")
    made = world(1, 5)
    line = reconciled(tmp_path / "b", lines_of(made), made.facts)[Finding.LOST]
    assert f"0 of {line.checked}" in line.says("en")
    assert f"1 in {rarer_than(line.checked)} with 95 %" in line.says("en")
    assert "件に1件より少ない" in line.says("ja")


@given(st.integers(1, 10**7), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_power_of_a_zero_is_the_probability_of_having_seen_one(checked: int, confidence: float) -> None:
    one_in = rarer_than(checked, confidence)
    assert seen_with(checked, one_in) >= confidence - 1e-9
    assert seen_with(checked, one_in + 1) < confidence + 1e-9


def test_times_of_ledgers_are_put_on_the_clock_of_the_servers() -> None:
    assert SETTING.scenario(2 * SECOND) == 2 * SECOND * SPEED
