"""A saved state is a scenario like any other: it comes back as what it was, and takes nobody's file away."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explore.knobs import form_of
from explore.reading import Asked, read
from explore.saving import NotSavedError, save
from scenarios.canonical import as_dict
from scenarios.loading import load
from scenarios.schema import Scenario
from tests.explore.conftest import Served
from texts import say

NAMES = ("name", "title")


def without_names(scenario: Scenario) -> dict[str, object]:
    return {key: value for key, value in as_dict(scenario).items() if key not in NAMES}


@given(
    uptake=st.integers(0, 440),
    desks=st.integers(1, 99),
    ahead=st.integers(0, 20),
    prepare=st.sampled_from(("yes", "no")),
    day=st.integers(16, 30),
    lunch=st.integers(0, 100),
)
def test_a_saved_state_loads_to_the_scenario_that_was_shown(
    base: Path,
    start: Scenario,
    tmp_path_factory: pytest.TempPathFactory,
    uptake: int,
    desks: int,
    ahead: int,
    prepare: str,
    day: int,
    lunch: int,
) -> None:
    form = {"uptake": f"{uptake / 10:g}", "main_windows_peak": str(desks), "ahead": str(ahead), "prepare": prepare}
    asked = read({**form, "peak_to": f"2023-04-{day}", "lunch": str(lunch)}, form_of(start))
    assert asked.scenario is not None
    file = save(base, tmp_path_factory.mktemp("saved"), "mine", start, asked.changes)
    assert without_names(load(file, Scenario)) == without_names(asked.scenario)


def test_every_field_of_the_form_shows_what_the_scenario_has_and_changes_nothing_by_itself(start: Scenario) -> None:
    form = form_of(start)
    asked = read({}, form)
    assert read(asked.typed, form) == asked == Asked(form.begun, {}, {}, start, {})
    assert len(form.knobs) > 20


def test_a_file_holds_only_what_was_changed(served: Served, base: Path) -> None:
    page = served.client.post("save", {"name": "mine", "uptake": "20", "main_windows_peak": "9"})
    assert say("explore.saved", "ja", file="mine.toml") in page.text
    found = tomllib.loads((served.folder / "mine.toml").read_text(encoding="utf-8"))
    assert (served.folder / found.pop("extends")).resolve() == base.resolve()
    assert found.pop("one_stop") == {
        "uptake": {
            "value": 0.2,
            "unit": "share of movers",
            "source": "assumption: chosen with hikkoshi explore",
        }
    }
    assert found.keys() == {"schema_version", "name", "title"}
    assert [file.name for file in served.folder.iterdir()] == ["mine.toml"]


def test_a_file_that_is_there_is_replaced_only_when_that_is_asked_for(served: Served) -> None:
    served.client.post("save", {"name": "mine", "uptake": "20"})
    before = (served.folder / "mine.toml").read_bytes()
    page = served.client.post("save", {"name": "mine", "uptake": "30"})
    assert say("explore.save.exists", "ja", file="mine.toml") in page.text
    assert (served.folder / "mine.toml").read_bytes() == before
    assert 'name="replace"' in page.text
    served.client.post("save", {"name": "mine", "uptake": "30", "replace": "yes"})
    assert load(served.folder / "mine.toml", Scenario).one_stop.uptake.value == 0.3


@pytest.mark.parametrize("name", ["", "../mine", "Mine", "私の区", "a" * 41, "a.toml", "con/x"])
def test_a_name_that_cannot_be_a_file_is_refused(base: Path, start: Scenario, tmp_path: Path, name: str) -> None:
    with pytest.raises(NotSavedError):
        save(base, tmp_path, name, start, {})
    assert list(tmp_path.iterdir()) == []


def test_the_start_itself_is_never_replaced(base: Path, start: Scenario) -> None:
    before = base.read_bytes()
    with pytest.raises(NotSavedError):
        save(base, base.parent, "after", start, {"one_stop.uptake": 0.2}, replace=True)
    assert base.read_bytes() == before


def test_a_state_with_something_wrong_is_not_saved(served: Served) -> None:
    page = served.client.post("save", {"name": "mine", "uptake": "99"})
    assert say("explore.not_yet", "ja") in page.text
    assert list(served.folder.iterdir()) == []


def test_a_report_that_cannot_be_written_is_told_and_the_file_stays(served: Served) -> None:
    page = served.client.post("export", {"name": "mine", "uptake": "20"})
    assert say("explore.not_exported", "ja", reason="1") in page.text
    assert (served.folder / "mine.toml").is_file()
