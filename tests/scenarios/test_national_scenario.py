"""The national scenario takes behaviour and service from the ward's and says the rest itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.errors import Problem, ScenarioError
from scenarios.evidence import evidence_of
from scenarios.json_schema import FILE
from scenarios.loading import load, load_with_origins
from scenarios.schema import Scenario
from scenarios.schema.national import WARD_ONLY, NationalScenario

FOLDER = FILE.parent
OWN = FOLDER / "national_march.toml"


def child(folder: Path, text: str) -> Path:
    """A file that extends the national scenario of the house."""
    path = folder / "child.toml"
    path.write_text(f'schema_version = 1\nextends = "{OWN}"\n{text}', encoding="utf-8")
    return path


def only_problem(path: Path) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        load(path, NationalScenario)
    (problem,) = caught.value.problems
    return problem


def test_people_behave_as_in_the_ward() -> None:
    ward, country = load(FOLDER / "launch.toml", Scenario), load(OWN, NationalScenario)
    for table in ("behaviour", "work", "one_stop", "travel", "jlis", "relay"):
        assert getattr(country, table) == getattr(ward, table)
    assert country.cards.model_copy(update={"held": ward.cards.held}) == ward.cards
    assert country.portal.maintenance == ()


def test_the_ward_s_own_tables_are_left_behind() -> None:
    data = load_with_origins(OWN, NationalScenario).data
    assert set(data) & set(WARD_ONLY) == set()
    assert set(WARD_ONLY) <= set(load_with_origins(FOLDER / "launch.toml", Scenario).data)
    keys = {row.key.split(".")[0] for row in evidence_of(load(OWN, NationalScenario))}
    assert {"country", "moves", "offices", "incidents"} <= keys
    assert not keys & set(WARD_ONLY)


def test_a_key_that_the_ward_does_not_have_either_is_unknown(tmp_path: Path) -> None:
    problem = only_problem(child(tmp_path, "[offices]\nutilization = 0.5\n"))
    assert (problem.code, problem.suggestion) == ("E-extra_forbidden", "utilisation")


def test_every_number_of_the_country_has_a_source_or_says_that_it_is_assumed() -> None:
    national = [row for row in evidence_of(load(OWN, NationalScenario)) if row.key != "moves.part"]
    assert [row.key for row in national if not row.source] == []


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        ("[country]\nlargest = 70_000_000\n", "E-largest_town", "country.largest"),
        ("[country]\nlargest = 50_000\n", "E-largest_town", "country.largest"),
        ("[offices]\npeak_to = 2023-03-01\n", "E-period_reversed", "offices.peak_to"),
        ('[offices.lunch]\nhours = "08:30-13:00"\n', "E-lunch_outside", "offices.lunch.hours"),
        ("[offices]\nutilisation = 0\n", "E-greater_than", "offices.utilisation"),
        ("[moves]\nwithin_per_move = -1\n", "E-greater_than_equal", "moves.within_per_move"),
        ("[one_stop]\nuptake = 0.9\n", "E-uptake_over_ceiling", "one_stop.uptake"),
        ("[behaviour]\nfiles_from = 600\n", "E-files_from_late", "behaviour.files_from"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tmp_path: Path, text: str, code: str, key: str) -> None:
    problem = only_problem(child(tmp_path, text))
    assert (problem.code, problem.key) == (code, key)
    assert problem.line is not None
    for lang in ("ja", "en"):
        assert problem.found in ScenarioError((problem,)).render(lang)


def test_an_incident_of_the_country_has_a_time(tmp_path: Path) -> None:
    text = (
        '[[incidents]]\nid = "slow"\nlabel = { ja = "遅延", en = "slow" }\nkind = "slow"\nsystem = "jlis"\n'
        'on_busiest = { among = 10, days = 2, between = "09:30-12:00" }\nminutes = 60\nfactor = 3\n'
    )
    problem = only_problem(child(tmp_path, text))
    assert problem.code == "E-national_incident"
    assert problem.key.startswith("incidents.slow")


def test_the_country_is_simulated_and_has_no_faults_of_the_fake_systems(tmp_path: Path) -> None:
    text = (
        '[[incidents]]\nid = "hang"\nlabel = { ja = "応答なし", en = "hang" }\nkind = "fault"\nsystem = "portal"\n'
        'at = 2023-03-27T10:00:00\nminutes = 60\nfault = { what = "hang" }\n'
    )
    assert only_problem(child(tmp_path, text)).code == "E-national_fault"
