"""Reconciliation: a world that works gives no finding, and each mistake gives its own and no other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fakes.defects import Finding as Promised
from loadtests.history import FaultSpan, Kind
from loadtests.ledger import Failed, Intent
from loadtests.reconcile.findings import FAULTY, NO_EVIDENCE, TOO_WEAK, Finding, rarer_than, seen_with
from tests.loadtests.mistakes import PLANTED, Spoilt, lines_of, lose, misroute, say_it_failed, told, untold, without
from tests.loadtests.world import DRAINED, SECOND, SETTING, SPEED, TOWNS, World, findings, random_of, reconciled, world

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
