"""The verdict: the worst wins, silence is not green, every rule once; files for people and for CI; gates that fall."""

from __future__ import annotations

import json
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cli.exits import OF_VERDICT, Exit
from loadtests.calls import Calls
from loadtests.gates import (
    Gate,
    Generator,
    Passed,
    digest_of,
    of_copies,
    of_drain,
    of_evidence,
    of_generator,
    of_workers,
)
from loadtests.junit import junit, write_junit
from loadtests.ledger import Intent, Ledger, Opened
from loadtests.phases import phases_of
from loadtests.rates import constant
from loadtests.reconcile.findings import FAULTY, NO_EVIDENCE, Finding, Line, Moment, Witness
from loadtests.rules import Judged, Measurements, judge
from loadtests.series import Series
from loadtests.verdict import Outcome, Row, Verdict, counts_of, verdict_of, write_json
from scenarios.schema.launch import DEFAULTS, Launch
from scenarios.thresholds import DATA, parse
from texts import LANGS

SOUND = Generator(lag_p99_us=900, not_offered=0, cpu_percent=(40, 61))
GATES = tuple(Passed(gate, holds=True, found="1", allowed="1") for gate in Gate)
CLEAN = tuple(Line(finding, 0, 1000) for finding in Finding)


def kept(name: str, text: str) -> Judged:
    rule = parse(text)
    return Judged(name, rule, kept=True, measured=rule.limit, samples=100)


RULES = tuple(kept(name, text) for name, text in DEFAULTS.items())


def missed(judged: Judged) -> Judged:
    return replace(judged, kept=False, measured=judged.rule.limit + 1)


def with_count(finding: Finding, count: int = 1) -> tuple[Line, ...]:
    return tuple(replace(line, count=count) if line.finding is finding else line for line in CLEAN)


# --- the worst wins --------------------------------------------------------------------------------------------------


def test_when_all_is_well_it_is_enough() -> None:
    verdict = verdict_of(RULES, CLEAN, GATES)
    assert verdict.outcome is Outcome.ENOUGH
    assert verdict.reasons == ()
    assert verdict.says("ja") == "判定：十分"
    assert verdict.says("en") == "Verdict: ENOUGH"


def test_nothing_at_all_says_nothing() -> None:
    assert Verdict(()).outcome is Outcome.CANNOT_SAY
    assert verdict_of((), (), ()).outcome is Outcome.CANNOT_SAY


@pytest.mark.parametrize("gate", Gate)
def test_a_gate_that_falls_or_is_not_looked_at_means_that_nothing_can_be_said(gate: Gate) -> None:
    fallen = tuple(replace(own, holds=own.gate is not gate) for own in GATES)
    unseen = tuple(own for own in GATES if own.gate is not gate)
    for gates in (fallen, unseen):
        verdict = verdict_of(RULES, with_count(Finding.LOST), gates)
        assert verdict.outcome is Outcome.CANNOT_SAY
        assert verdict.reasons[0].name == f"gate.{gate}"


@pytest.mark.parametrize("finding", Finding)
def test_a_finding_leads_to_its_own_outcome(finding: Finding) -> None:
    expected = Outcome.ENOUGH
    if finding in FAULTY:
        expected = Outcome.FAULTY
    elif finding in NO_EVIDENCE:
        expected = Outcome.CANNOT_SAY
    assert verdict_of(RULES, with_count(finding), GATES).outcome is expected


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_rule_that_is_missed_is_not_enough_and_one_on_data_is_faulty(name: str) -> None:
    rules = tuple(missed(own) if own.name == name else own for own in RULES)
    expected = Outcome.FAULTY if name in DATA else Outcome.NOT_ENOUGH
    assert verdict_of(rules, CLEAN, GATES).outcome is expected
    silent = tuple(replace(own, kept=False, measured=None) if own.name == name else own for own in RULES)
    assert verdict_of(silent, CLEAN, GATES).outcome is Outcome.NOT_ENOUGH


def test_a_faulty_data_rule_is_told_once_with_its_finding() -> None:
    rules = tuple(missed(own) if own.name == "lost" else own for own in RULES)
    verdict = verdict_of(rules, with_count(Finding.LOST), GATES)
    assert [row.name for row in verdict.reasons] == ["finding.lost"]
    assert "1 of 1,000" in verdict.says("en")


OUTCOMES = st.lists(st.sampled_from(Outcome), max_size=8)


def rows(outcomes: list[Outcome]) -> Verdict:
    return Verdict(tuple(Row(f"gate.{n}", outcome, GATES[0]) for n, outcome in enumerate(outcomes)))


@given(OUTCOMES, st.sampled_from(Outcome))
def test_another_line_never_betters_a_verdict(outcomes: list[Outcome], more: Outcome) -> None:
    before, after = rows(outcomes).outcome, rows([*outcomes, more]).outcome
    assert after == max([*outcomes, more])
    if outcomes:
        assert after >= before


@given(st.sets(st.sampled_from(sorted(DEFAULTS))), st.sets(st.sampled_from(Finding)), st.sets(st.sampled_from(Gate)))
def test_each_wrong_thing_more_leaves_the_verdict_as_bad_or_makes_it_worse(
    rules: set[str], findings: set[Finding], gates: set[Gate]
) -> None:
    def outcome(rules: set[str], findings: set[Finding], gates: set[Gate]) -> Outcome:
        return verdict_of(
            [missed(own) if own.name in rules else own for own in RULES],
            [replace(own, count=int(own.finding in findings)) for own in CLEAN],
            [replace(own, holds=own.gate not in gates) for own in GATES],
        ).outcome

    whole = outcome(rules, findings, gates)
    for name in rules:
        assert outcome(rules - {name}, findings, gates) <= whole
    for finding in findings:
        assert outcome(rules, findings - {finding}, gates) <= whole
    for gate in gates:
        assert outcome(rules, findings, gates - {gate}) <= whole


def test_every_rule_finding_and_gate_appears_exactly_once() -> None:
    names = [row.name for row in verdict_of(RULES, CLEAN, GATES).rows]
    expected = (
        [f"rule.{name}" for name in DEFAULTS] + [f"finding.{own}" for own in Finding] + [f"gate.{g}" for g in Gate]
    )
    assert sorted(names) == sorted(expected)
    with pytest.raises(ValueError, match=r"rule\.lost"):
        verdict_of([*RULES, kept("lost", "lost == 0")], CLEAN, GATES)


def test_a_run_that_measured_nothing_keeps_no_rule() -> None:
    schedule = constant(1.0, 10.0, datetime(2023, 3, 27, 8, 30))
    nothing = Measurements(Series(), phases_of(schedule, []), schedule)
    judged = judge(Launch().rules(), nothing)
    assert not any(own.kept for own in judged)
    assert verdict_of(judged, CLEAN, GATES).outcome is Outcome.NOT_ENOUGH


def test_rules_read_the_counts_of_findings() -> None:
    assert counts_of(with_count(Finding.LATE, 4))["late"] == (4, 1000)
    assert set(DATA) | {"late", "slow", "growth"} <= set(counts_of(CLEAN))


def test_every_outcome_has_its_exit_code() -> None:
    assert {outcome.word: OF_VERDICT[outcome.word] for outcome in Outcome} == OF_VERDICT
    assert [OF_VERDICT[outcome.word] for outcome in Outcome] == [0, 10, 11, 12]
    assert OF_VERDICT["enough"] is Exit.FINE


# --- gates -----------------------------------------------------------------------------------------------------------


def broken(gates: tuple[Passed, ...] | list[Passed]) -> set[Gate]:
    return {own.gate for own in gates if not own.holds}


@pytest.mark.parametrize(
    ("changed", "gates"),
    [
        ({}, set()),
        ({"lag_p99_us": 100_000}, set()),
        ({"lag_p99_us": 100_001}, {Gate.LAG}),
        ({"lag_p99_us": None}, {Gate.LAG}),
        ({"not_offered": 1}, {Gate.OFFERED}),
        ({"cpu_percent": (30, 85)}, set()),
        ({"cpu_percent": (30, 86)}, {Gate.CPU}),
        ({"cpu_percent": ()}, {Gate.CPU}),
        ({"broken_off": True}, {Gate.WHOLE}),
    ],
)
def test_a_generator_that_was_not_honest_is_not_believed(changed: dict[str, object], gates: set[Gate]) -> None:
    assert broken(of_generator(replace(SOUND, **changed))) == gates


def ledgers(folder: Path, workers: int, *, run: str = "run", schedule: str = "hash", dies: int = -1) -> Calls:
    paths = []
    for worker in range(workers):
        ledger = Ledger(folder / f"{worker}", Opened(run, schedule, worker, workers))
        ledger.write(Intent(f"q{worker}", 1, "portal", "submit", 1, 2))
        if worker != dies:
            ledger.close()
        paths.append(folder / f"{worker}")
    return Calls(paths, folder / "sorted")


def test_a_worker_that_died_or_walked_another_schedule_is_noticed(tmp_path: Path) -> None:
    for place, (asked, gates) in enumerate(
        [
            ({}, set()),
            ({"dies": 1}, {Gate.WORKERS}),
            ({"run": "another"}, {Gate.SCHEDULE}),
            ({"schedule": "another"}, {Gate.SCHEDULE}),
        ]
    ):
        folder = tmp_path / f"{place}"
        folder.mkdir()
        held = ledgers(folder, 2, **asked).held  # type: ignore[arg-type]
        assert broken(of_workers(held, 2, "run", "hash")) == gates
        assert Gate.WORKERS in broken(of_workers(held[:1], 2, "run", "hash"))
        assert Gate.WORKERS in broken(of_workers(held, 3, "run", "hash"))


def test_a_drain_that_did_not_finish_is_noticed() -> None:
    assert of_drain({"portal": 1, "131041": 2}, ["portal", "131041"]).holds
    left = of_drain({"portal": 1}, ["portal", "131041"])
    assert not left.holds
    assert "131041" in left.says("en")


def test_a_file_that_is_missing_or_was_changed_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"evidence")
    (tmp_path / "b").write_bytes(b"more")
    hashes = {name: digest_of(tmp_path / name) for name in ("a", "b")}
    assert of_evidence(tmp_path, hashes).holds
    assert not of_evidence(tmp_path, {}).holds
    (tmp_path / "a").write_bytes(b"evidencE")
    assert of_evidence(tmp_path, hashes).found == "a"
    (tmp_path / "b").unlink()
    assert of_evidence(tmp_path, hashes).found == "a, b"
    assert digest_of(tmp_path / "b") == ""


def test_copies_of_the_generators_own_making_prove_nothing() -> None:
    assert of_copies(0).holds
    assert not of_copies(1).holds


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("gate", Gate)
def test_every_gate_says_what_it_is(gate: Gate, lang: str) -> None:
    plain = Passed(gate, holds=False).says(lang)  # type: ignore[arg-type]
    full = Passed(gate, holds=True, found="3", allowed="0").says(lang)  # type: ignore[arg-type]
    assert "{" not in plain + full
    assert "3" in full


# --- files -----------------------------------------------------------------------------------------------------------

LOST = Line(
    Finding.LOST,
    1,
    500,
    (Witness(Finding.LOST, 5, "R1", "q1", "a1", "out", "131041", client=(Moment(1, "client", "submit \x00 ok"),)),),
)


def sample() -> Verdict:
    rules = [missed(own) if own.name in ("submit_p95", "lost") else own for own in RULES]
    rules[0] = replace(rules[0], low=Fraction(900_000), high=Fraction(1_100_000))
    findings = [LOST if line.finding is Finding.LOST else line for line in CLEAN]
    gates = [replace(own, holds=own.gate is not Gate.DRAIN, found="<131041 & 990019>") for own in GATES]
    return verdict_of(rules, findings, gates)


def test_the_file_says_everything_in_both_languages(tmp_path: Path) -> None:
    write_json(sample(), {"scenario": "launch", "seed": 1}, tmp_path / "verdict.json")
    data = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
    assert data["outcome"] == "cannot_say"
    assert data["label"] == {"ja": "判定できない", "en": "CANNOT SAY"}
    assert data["run"] == {"scenario": "launch", "seed": 1}
    by_name = {row["name"]: row for row in data["rows"]}
    assert len(by_name) == len(data["rows"]) == len(DEFAULTS) + len(Finding) + len(Gate)
    assert by_name["rule.submit_p95"]["kept"] is False
    assert by_name["rule.enquire_p95"]["bounds"] == ["900ms", "1.1s"]
    assert by_name["finding.lost"]["witnesses"][0]["reference"] == "R1"
    assert by_name["finding.lost"]["rarer_than_one_in"] is None
    assert by_name["finding.stale"]["rarer_than_one_in"] == 334
    assert by_name["gate.drain"]["holds"] is False
    assert all(set(row["says"]) == set(LANGS) for row in data["rows"])


def test_ci_reads_one_case_a_rule_with_failures_and_errors(tmp_path: Path) -> None:
    write_junit(sample(), "ja", 61.5, tmp_path / "junit.xml")
    root = ET.fromstring((tmp_path / "junit.xml").read_bytes())  # noqa: S314
    cases = root.findall("testsuite/testcase")
    assert int(root.attrib["tests"]) == len(cases) == len(DEFAULTS) + len(Finding) + len(Gate)
    named = {(case.attrib["classname"], case.attrib["name"]): case for case in cases}
    assert len(named) == len(cases)
    assert {key[1] for key, case in named.items() if case.find("failure") is not None} == {"submit_p95", "lost"}
    assert {key[1] for key, case in named.items() if case.find("error") is not None} == {"drain"}
    assert (root.attrib["failures"], root.attrib["errors"], root.attrib["time"]) == ("3", "1", "61.500")
    error = named["hikkoshi.load.gate", "drain"].find("error")
    assert error is not None
    assert "<131041 & 990019>" in error.attrib["message"]


def test_what_xml_cannot_hold_does_not_break_the_file() -> None:
    gates = [replace(GATES[0], holds=False, found="a\x00b\x1bc\ufffe"), *GATES[1:]]
    ET.fromstring(junit(verdict_of(RULES, CLEAN, gates), "en", 1.0))  # noqa: S314
