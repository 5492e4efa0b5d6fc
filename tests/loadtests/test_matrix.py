"""The detection matrix: every seeded defect has its run, and is caught for the right reason and for no other."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fakes.defects import DEFECTS, Defects
from loadtests.gates import Gate, Passed
from loadtests.matrix import CLEAN, Proof, Recipe, proof_of, recipes, table, together
from loadtests.reconcile.findings import FAULTY, Finding, Line
from loadtests.rules import Judged
from loadtests.verdict import Verdict, verdict_of
from loadtests.window import Window
from scenarios.loading import load
from scenarios.packaged import WARD, path_of_kind
from scenarios.schema import Scenario
from scenarios.thresholds import parse
from texts import LANGS

GATES = tuple(Passed(gate, holds=True) for gate in Gate)
CLEAN_LINES = tuple(Line(finding, 0, 100) for finding in Finding)


def verdict(*found: Finding, broken: Gate | None = None, slow: bool = False) -> Verdict:
    """What a run says in which these findings have a case."""
    lines = [replace(line, count=3) if line.finding in found else line for line in CLEAN_LINES]
    gates = [replace(own, holds=own.gate is not broken) for own in GATES]
    rules = [_judged(name, kept=Finding(name) not in found) for name in ("lost", "slow", "growth")]
    rules.append(_judged("failures", "failures <= 1%", kept=not slow))
    return verdict_of(rules, lines, gates)


def _judged(name: str, text: str = "", *, kept: bool) -> Judged:
    rule = parse(text or f"{name} == 0")
    return Judged(name, rule, kept=kept, measured=rule.limit if kept else rule.limit + 1, samples=10)


def proof(name: str, said: Verdict) -> Proof:
    [recipe] = recipes([name])
    return proof_of(recipe, said, 42.0)


def test_there_is_a_run_for_every_defect_and_a_clean_one_and_each_can_be_played() -> None:
    every = recipes()
    assert [recipe.name for recipe in every] == [CLEAN, *DEFECTS]
    for recipe in every:
        assert Defects.parse(recipe.defects).names == (() if recipe.name == CLEAN else (recipe.name,))
        period = load(path_of_kind(recipe.scenario, WARD), Scenario).period
        window = Window.parse(recipe.window)
        assert period.start <= window.start.date() <= window.end.date() <= period.end


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_caught_by_its_finding_and_by_no_other(name: str) -> None:
    wanted = Recipe(name).expected
    assert wanted is not None
    assert proof(name, verdict(wanted)).right
    assert not proof(name, verdict()).right
    others = [finding for finding in Finding if finding not in (wanted, Finding.RECOVERED)]
    for other in others:
        assert not proof(name, verdict(other)).right
        assert not proof(name, verdict(wanted, other)).right
    assert proof(name, verdict(wanted, Finding.RECOVERED)).right, "what is legal is no finding"


@pytest.mark.parametrize("gate", Gate)
def test_a_run_that_cannot_be_believed_proves_nothing(gate: Gate) -> None:
    assert not proof("lost-after-ack", verdict(Finding.LOST, broken=gate)).right
    assert not proof(CLEAN, verdict(broken=gate)).right


def test_a_clean_run_has_to_be_green() -> None:
    assert proof(CLEAN, verdict()).right
    assert not proof(CLEAN, verdict(slow=True)).right
    assert all(not proof(CLEAN, verdict(finding)).right for finding in Finding if finding is not Finding.RECOVERED)


def test_one_false_alarm_of_twenty_clean_runs_is_one_too_many_and_the_table_says_how_many() -> None:
    good = [proof(CLEAN, verdict())] * 19
    whole = together([*good, proof(CLEAN, verdict())])
    assert whole.right
    assert (whole.runs, whole.alarms, whole.seconds) == (20, 0, 840)
    assert "| `clean` × 20 |" in table([whole])
    assert "正しい / yes (20 / 20)" in table([whole])
    for bad in (verdict(Finding.LOST), verdict(slow=True), verdict(broken=Gate.LAG)):
        held = together([*good[:7], proof(CLEAN, bad), *good[7:]])
        assert not held.right
        assert (held.runs, held.alarms + held.unbelieved) == (20, 1)
        assert bool(held.unbelieved) is bool(held.broken)
        assert "違う / NO (19 / 20)" in table([held])
    assert together([proof("stall", verdict(Finding.SLOW))]) == proof("stall", verdict(Finding.SLOW))
    twice = together([proof(CLEAN, verdict(Finding.LOST)), proof(CLEAN, verdict(Finding.LOST, Finding.STALE))])
    assert twice.found == {Finding.LOST: 6, Finding.STALE: 3}


def test_faulty_data_are_caught_though_the_machine_is_slow_too() -> None:
    assert proof("stale-status", verdict(Finding.STALE, slow=True)).missed == ("failures",)
    assert proof("stale-status", verdict(Finding.STALE, slow=True)).right


def test_the_table_says_in_both_languages_what_was_to_be_found_and_what_was() -> None:
    proofs = [proof(CLEAN, verdict()), proof("stall", verdict(Finding.SLOW)), proof("batch-cut", verdict())]
    lines = table(proofs).splitlines()
    assert len(lines) == 2 + len(proofs)
    assert len({line.count("|") for line in lines}) == 1
    for lang in LANGS:
        assert Finding.SLOW.label(lang) in lines[3]
        assert Finding.LOST.label(lang) in lines[4]
    assert [line.split("|")[-2].strip() for line in lines[2:]] == ["正しい / yes", "正しい / yes", "違う / NO"]
    assert {Recipe(name).expected in FAULTY for name in ("stall", "batch-cut")} == {False, True}
