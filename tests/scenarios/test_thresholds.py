"""Rules of a load test: read exactly, written back, refused with the place; a scenario holds them over defaults."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scenarios
from scenarios.errors import ScenarioError
from scenarios.loading import load
from scenarios.replacing import replace
from scenarios.schema import Scenario
from scenarios.schema.launch import DEFAULTS, Launch
from scenarios.schema.national import NationalScenario
from scenarios.thresholds import CALLS, DATA, METRICS, OF_CALLS, PHASES, Measure, Rule, RuleError, parse

HERE = Path(scenarios.__file__).parent
LAUNCH = load(HERE / "launch.toml", Scenario)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("response.p99 < 2s during peak", Rule("response", "p99", "", "<", Fraction(2_000_000), "peak")),
        (
            "response.p99.9 of submit <= 1.5min during 09:30-10:30",
            Rule("response", "p99.9", "submit", "<=", Fraction(90_000_000), "09:30-10:30"),
        ),
        ("service.max of ocsp<500ms", Rule("service", "max", "ocsp", "<", Fraction(500_000), "run")),
        ("delivered.p99.9 < 2h", Rule("delivered", "p99.9", "", "<", Fraction(7_200_000_000), "run")),
        ("failures of poll <= 0.1% during calm", Rule("failures", "", "poll", "<=", Fraction(1, 1000), "calm")),
        ("failures <= 0.001", Rule("failures", "", "", "<=", Fraction(1, 1000), "run")),
        ("  lost   ==  0 ", Rule("lost", "", "", "==", Fraction(0), "run")),
        ("late <= 3", Rule("late", "", "", "<=", Fraction(3), "run")),
        ("headroom >= 1.5", Rule("headroom", "", "", ">=", Fraction(3, 2), "run")),
        ("response.p50 < 0.001s during an_incident", Rule("response", "p50", "", "<", Fraction(1000), "an_incident")),
    ],
)
def test_a_rule_is_read_exactly(text: str, rule: Rule) -> None:
    assert parse(text) == rule


@pytest.mark.parametrize(
    ("text", "code", "position", "found"),
    [
        ("", "E-rule_metric", 1, ""),
        ("respons.p99 < 2s", "E-rule_metric", 1, "respons.p99"),
        ("< 2s", "E-rule_metric", 1, "<"),
        ("response < 2s", "E-rule_statistic", 1, "response"),
        ("response.p101 < 2s", "E-rule_statistic", 1, "response.p101"),
        ("response.median < 2s", "E-rule_statistic", 1, "response.median"),
        ("lost.p99 == 0", "E-rule_no_statistic", 1, "lost.p99"),
        ("response.p99 of < 2s", "E-rule_call", 17, "<"),
        ("response.p99 of submti < 2s", "E-rule_call", 17, "submti"),
        ("delivered.p99 of submit < 2s", "E-rule_of", 15, "delivered of"),
        ("response.p99 2s", "E-rule_operator", 14, "2s"),
        ("response.p99 => 2s", "E-rule_operator", 14, "=>"),
        ("response.p99", "E-rule_operator", 13, ""),
        ("response.p99 <", "E-rule_number", 15, ""),
        ("response.p99 < fast", "E-rule_number", 16, "fast"),
        ("response.p99 < -2s", "E-rule_number", 16, "-2s"),
        ("response.p99 < 2", "E-rule_unit", 16, "2"),
        ("response.p99 < 2sec", "E-rule_unit", 16, "2sec"),
        ("failures < 2s", "E-rule_unit", 12, "2s"),
        ("failures < 101%", "E-rule_number", 12, "101%"),
        ("late <= 2.5", "E-rule_number", 9, "2.5"),
        ("headroom >= 150%", "E-rule_unit", 13, "150%"),
        ("response.p99 < 2s in peak", "E-rule_rest", 19, "in"),
        ("response.p99 < 2s during", "E-rule_phase", 25, ""),
        ("response.p99 < 2s during 10:30-09:30", "E-rule_phase", 26, "10:30-09:30"),
        ("response.p99 < 2s during 24:30-25:00", "E-rule_phase", 26, "24:30-25:00"),
        ("response.p99 < 2s during peak calm", "E-rule_rest", 31, "calm"),
        ("late <= 3 during peak", "E-rule_during", 11, "late"),
        ("response.p99 < 2s & lost == 0", "E-rule_rest", 19, "&"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place(text: str, code: str, position: int, found: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(text)
    assert (caught.value.code, caught.value.position, caught.value.found) == (code, position, found)
    assert f"{position}文字目" in caught.value.say("ja")
    assert f"character {position}" in caught.value.say("en")


@pytest.mark.parametrize("text", ["lost <= 3", "crosstalk < 1", "unaudited == 1", "stale >= 0"])
def test_no_case_of_faulty_data_can_be_allowed(text: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(text)
    assert caught.value.code == "E-rule_zero"


def test_a_word_that_is_nearly_right_is_told() -> None:
    for text, meant in (("respons.p99 < 2s", "response"), ("response.p99 of submti < 2s", "submit")):
        with pytest.raises(RuleError) as caught:
            parse(text)
        assert caught.value.suggestion == meant


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    metric = draw(st.sampled_from([name for name in METRICS if name not in DATA]))
    measure = METRICS[metric]
    percentiles = st.builds(lambda n: f"p{n / 1000:g}", st.integers(1, 100_000))
    statistic = draw(st.one_of(percentiles, st.sampled_from(["max", "mean", "min"])))
    limit = {
        Measure.DURATION: st.integers(0, 10**10).map(Fraction),
        Measure.COUNT: st.integers(0, 10**6).map(Fraction),
        Measure.SHARE: st.integers(0, 10**6).map(lambda n: Fraction(n, 10**6)),
        Measure.RATIO: st.integers(0, 10**6).map(lambda n: Fraction(n, 1000)),
    }[measure]
    of_calls = metric in OF_CALLS
    return Rule(
        metric,
        statistic if measure is Measure.DURATION else "",
        draw(st.sampled_from(("", *CALLS))) if of_calls else "",
        draw(st.sampled_from(["<", "<=", ">", ">=", "=="])),
        draw(limit),
        draw(st.sampled_from((*PHASES, "relay_failover", "09:30-10:30", "00:00-24:00"))) if of_calls else "run",
    )


@given(rules())
def test_a_rule_is_written_as_it_is_read(rule: Rule) -> None:
    assert parse(str(rule)) == rule


WORDS = ("response.p99", "failures", "lost", "of", "submit", "<", "<=", "==", "0", "2s", "1%", "during", "peak", "x")


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)))
def test_any_text_is_a_rule_or_is_refused(text: str) -> None:
    try:
        rule = parse(text)
    except RuleError as error:
        refused = error
    else:
        assert parse(str(rule)) == rule
        return
    assert 1 <= refused.position <= len(text) + 1
    assert refused.say("ja") != refused.say("en")


@given(rules(), st.integers(0, 10**11))
def test_a_rule_is_kept_by_numbers_on_its_side(rule: Rule, number: int) -> None:
    sides = {"<": number < rule.limit, "<=": number <= rule.limit, "==": number == rule.limit}
    kept = rule.met_by(number)
    assert kept == {**sides, ">": not sides["<="], ">=": not sides["<"]}[rule.comparison]


# --- the scenario ----------------------------------------------------------------------------------------------------


def test_every_default_is_a_rule_and_written_as_rules_are() -> None:
    assert {name: str(parse(text)) for name, text in DEFAULTS.items()} == DEFAULTS
    assert set(DATA) <= set(DEFAULTS)
    assert list(LAUNCH.launch.rules()) == list(DEFAULTS)


def test_what_is_written_replaces_the_default_of_that_name_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        f'schema_version = 1\nextends = "{HERE}/launch.toml"\nname = "own"\n'
        '[launch.thresholds]\nsubmit_p95 = "response.p95 of submit <= 2s"\nheadroom = "off"\n'
        'mine = "service.max of fetch < 1s"\nagain = "late == 0"\n',
        encoding="utf-8",
    )
    rules = load(path, Scenario).launch.rules()
    assert set(rules) == set(DEFAULTS) - {"headroom"} | {"mine"}
    assert rules["submit_p95"].limit == 2_000_000
    assert {name: str(rule) for name, rule in rules.items() if name in DATA} == {name: DEFAULTS[name] for name in DATA}


def problem_of(changes: Mapping[str, str]) -> tuple[str, str, str | None]:
    with pytest.raises(ScenarioError) as caught:
        replace(LAUNCH, changes)
    (problem,) = caught.value.problems
    assert problem.sentence("ja") != problem.sentence("en")
    return problem.code, problem.key, problem.suggestion


def test_a_rule_that_cannot_be_read_is_told_at_its_key() -> None:
    wrong = {"launch.thresholds.mine": "response.p99 of submti < 2s"}
    assert problem_of(wrong) == ("E-rule_call", "launch.thresholds.mine", "submit")


@pytest.mark.parametrize("text", ["off", "lost == 0 "])
def test_the_rules_on_faulty_data_are_always_held(text: str) -> None:
    assert problem_of({"launch.thresholds.lost": text})[:2] == ("E-rule_always", "launch.thresholds.lost")


def test_a_rule_about_an_incident_needs_the_incident() -> None:
    rule = {"launch.thresholds.mine": "response.p99 < 5s during relay_failover"}
    assert problem_of(rule)[:2] == ("E-rule_incident", "launch.thresholds.mine")
    failover = load(HERE / "relay_failover.toml", Scenario)
    assert replace(failover, rule).launch.rules()["mine"].phase == "relay_failover"


def test_the_country_leaves_the_rules_of_the_ward_behind(tmp_path: Path) -> None:
    path = tmp_path / "country.toml"
    text = (HERE / "national_march.toml").read_text(encoding="utf-8")
    assert 'extends = "launch.toml"' in text
    ward = tmp_path / "ward.toml"
    ward.write_text(
        f'schema_version = 1\nextends = "{HERE}/launch.toml"\n[launch.thresholds]\nmine = "late <= 3"\n',
        encoding="utf-8",
    )
    path.write_text(text.replace('extends = "launch.toml"', 'extends = "ward.toml"'), encoding="utf-8")
    assert load(path, NationalScenario).schema_version == 1


def test_rules_of_a_table_alone_are_the_defaults() -> None:
    assert Launch().thresholds == DEFAULTS
