"""`explain` knows every key of a scenario, every measure, every error code and every exit code, in both languages."""

from __future__ import annotations

import pytest

from cli.exits import Exit
from scenarios.evidence import evidence_of
from scenarios.packaged import country, scenario
from tests.cli.small_ward import knock
from texts import LANGS, catalogue, say


def explained(capsys: pytest.CaptureFixture[str], word: str) -> str:
    assert knock("explain", word, "--lang", "en") == Exit.FINE
    return capsys.readouterr().out


def test_every_quantity_of_the_launch_is_explained_with_its_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    rows = evidence_of(scenario("launch"))
    for row in rows[::7]:
        text = explained(capsys, row.key)
        assert f"ja: {row.label_ja}" in text
        assert f"en: {row.label_en}" in text
        assert f"{row.value:g}" in text
        assert row.source in text


def test_what_only_the_country_has_is_explained_from_its_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    own = ("country.", "moves.", "offices.")
    rows = [row for row in evidence_of(country("national_march")) if row.key.startswith(own)]
    for row in rows[::5]:
        text = explained(capsys, row.key)
        assert f"ja: {row.label_ja}" in text
        assert "in national_march: " in text
        assert row.source in text
    assert "in launch: " in explained(capsys, "cards.held")


@pytest.mark.parametrize(
    "key", ["period", "period.start", "staff.main", "sites.main.label.ja", "sites[2].staff", "name"]
)
def test_tables_and_plain_values_are_explained_too(capsys: pytest.CaptureFixture[str], key: str) -> None:
    assert "en: " in explained(capsys, key)


def test_a_table_names_its_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert "keys: start, end, warm_up_days" in explained(capsys, "period")


def test_every_measure_and_error_code_is_explained_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [key for key in catalogue() if key.startswith("E-")][::9]
    results = ["E-" + key.split(".")[2].replace("_", "-") for key in catalogue() if key.startswith("results.error.")][
        ::4
    ]
    measures = [key.removeprefix("measure.") for key in catalogue() if key.startswith("measure.")][::6]
    for word in codes + results + measures:
        lines = explained(capsys, word).splitlines()
        assert [line[:4] for line in lines] == ["ja: ", "en: "]
        assert not any("{" in line and "⟨" not in line and "{{" in line for line in lines)


@pytest.mark.parametrize("code", list(Exit))
def test_every_exit_code_is_explained(capsys: pytest.CaptureFixture[str], code: Exit) -> None:
    assert explained(capsys, str(int(code))).splitlines() == [
        f"{lang}: {say(f'cli.exit.{int(code)}', lang)}" for lang in LANGS
    ]


@pytest.mark.parametrize("word", ["9", "period.stop", "E-no-such", "..", "one_stop.uptake.values", ""])
def test_what_nobody_knows_is_not_explained(capsys: pytest.CaptureFixture[str], word: str) -> None:
    assert knock("explain", word) == Exit.USAGE
    assert "E-use-explain" in capsys.readouterr().err
