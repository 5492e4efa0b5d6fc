"""What a run answers: on one screen, as JSON, and as a folder that says how to do it again."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from rich.cells import cell_len

from cli.answer import QUESTIONS
from cli.answer_json import Document
from cli.exits import Exit
from results.manifest import read_manifest
from results.store import open_run
from tests.cli.small_ward import answer_in, knock, write_pair, write_small
from texts import LANGS, Lang, say


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the small pair was compared once, with seven replications and a report."""
    folder = tmp_path_factory.mktemp("compared")
    before, after = write_pair(folder)
    words = ["--replications", "7", "--jobs", "1", "--seed", "5", "--quiet", "--json", "--event-log"]
    with pytest.MonkeyPatch.context() as patch:
        out = folder / "answer.json"
        with out.open("w", encoding="utf-8") as file:
            patch.setattr("sys.stdout", file)
            assert knock("compare", before, after, *words, "--out", str(folder / "runs")) == Exit.FINE
    return folder


@pytest.fixture(scope="module")
def answer(compared: Path) -> dict[str, Any]:
    return answer_in((compared / "answer.json").read_text(encoding="utf-8"))


def test_the_json_object_is_as_its_schema_says(answer: dict[str, Any]) -> None:
    jsonschema.validate(answer, Document.model_json_schema())
    assert (answer["format"], answer["version"], answer["exit_code"]) == ("hikkoshi.answer", 1, 0)
    assert [arm["arm"] for arm in answer["arms"]] == ["before", "after"]
    assert answer["period"] == {"first": "2023-03-06", "last": "2023-03-12", "warm_up_days": 2}
    assert answer["replications"] == {"asked": 7, "done": 7, "failed": []}
    assert (answer["seed"], answer["precision"]) == (5, None)
    assert answer["laws"]["checked"] > 100
    assert answer["laws"]["broken"] == []
    assert answer["variance_ratio"] > 1


def test_every_question_is_answered_for_every_arm(answer: dict[str, Any]) -> None:
    questions = [question for rows in QUESTIONS.values() for question in rows]
    asked = [(q.measure, q.groups.get("kind", "all"), q.groups.get("users", "all")) for q in questions]
    for arm in ("before", "after"):
        levels = [row for row in answer["levels"] if row["arm"] == arm]
        assert [(row["measure"], row["kind"], row["users"]) for row in levels] == asked
    assert [(row["measure"], row["kind"], row["users"]) for row in answer["changes"]] == asked
    assert {row["arm"] for row in answer["changes"]} == {"after"}


def test_a_change_is_between_the_levels_and_its_verdict_is_what_its_interval_says(answer: dict[str, Any]) -> None:
    levels = {(row["arm"], row["measure"], row["kind"], row["users"]): row["estimate"] for row in answer["levels"]}
    verdicts = set()
    for row in answer["changes"]:
        place = (row["measure"], row["kind"], row["users"])
        if row["before"] is None:
            continue
        assert row["before"] == pytest.approx(levels[("before", *place)])
        assert row["after"] == pytest.approx(levels[("after", *place)])
        verdicts.add(row["verdict"])
        if row["verdict"] == "lower":
            assert row["hi95"] < 0
        elif row["verdict"] == "higher":
            assert row["lo95"] > 0
        else:
            assert row["lo95"] <= 0 <= row["hi95"]
    assert {"lower", "higher", "cannot_say"} <= verdicts


def test_the_service_saves_counter_work_and_adds_office_work(answer: dict[str, Any]) -> None:
    verdicts = {row["measure"]: row["verdict"] for row in answer["changes"] if row["users"] == "all"}
    assert verdicts["staff_hours_counter"] == "lower"
    assert verdicts["staff_hours_checking"] == verdicts["staff_hours_preparing"] == "higher"
    assert verdicts["visits_per_move"] == "lower"


def test_the_folder_holds_the_tables_the_page_and_what_is_needed_to_do_it_again(
    compared: Path, answer: dict[str, Any]
) -> None:
    run = open_run(Path(answer["run"]))
    kept = {"measures", "daily", "summary", "comparison", "wait_quantiles", "assumptions", "laws", "events"}
    assert set(run.tables) == kept | {"flow_steps"}
    assert Path(answer["report"]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    manifest = run.manifest
    assert manifest.command[:2] == ["hikkoshi", "compare"]
    assert manifest.randomness.seed == 5
    assert manifest.replications.done == 7
    assert [arm.sha256 for arm in manifest.arms] == [arm["sha256"] for arm in answer["arms"]]
    assert set(manifest.labels) == {"main", "yotsuya"}
    assert manifest.wall_seconds is not None
    assert manifest.wall_seconds > 0.5
    assumptions = run.table("assumptions")
    assert set(assumptions["arm"]) == {"before", "after"}
    assert assumptions.loc[assumptions["key"] == "work.move_in_paper", "assumed"].all()
    assert run.table("laws")["holds"].all()
    assert set(run.table("events")["replication"]) == {0}
    assert not list(compared.rglob("*.partial"))


@pytest.mark.parametrize("lang", LANGS)
def test_the_table_fits_one_screen_and_ends_with_what_to_open_and_to_type_next(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str], lang: Lang
) -> None:
    assert knock("compare", *pair, "--replications", "2", "--jobs", "1", "--no-report", "--lang", lang) == Exit.FINE
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert len(lines) <= 45
    *table, opened, following = lines
    assert all(cell_len(line) <= 80 for line in table)
    (run,) = Path("results/runs/before_vs_after").iterdir()
    assert opened == say("cli.open", lang, path=run)
    assert following == say("cli.next", lang, command=f"hikkoshi report {run}")
    for heading in QUESTIONS:
        assert say(heading, lang) in said.out
    refused = next(line for line in table if say("cli.verdict.refused", lang) in line)
    assert say("cli.row.wait_p90", lang, unit=say("unit.min", lang)) in refused
    assert said.err == ""


def test_columns_of_figures_stand_under_one_another_in_japanese(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert knock("compare", *pair, "--replications", "2", "--jobs", "1", "--no-report", "--quiet") == Exit.FINE
    rows = [
        line for line in capsys.readouterr().out.splitlines() if line.rstrip().endswith(("減る", "増える", "できない"))
    ]
    assert len(rows) > 10
    for row in rows:
        verdict = row.rstrip().split(" ")[-1]
        assert cell_len(row[: row.rindex(verdict)]) == 68


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_processes_and_either_engine(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    tables: list[dict[str, bytes]] = []
    for words in (["--jobs", "1"], ["--jobs", "2"], ["--jobs", "1", "--engine", "reference"]):
        common = ["--replications", "2", "--no-report", "--quiet", "--json"]
        assert knock("simulate", pair[1], *common, *words) == Exit.FINE
        run = Path(answer_in(capsys.readouterr().out)["run"])
        tables.append({file.name: file.read_bytes() for file in run.iterdir() if file.suffix in (".parquet", ".toml")})
    assert len(tables[0]) == 8
    assert tables[1] == tables[0]
    assert tables[2] == tables[0]


def test_one_scenario_is_estimated_alone(pair: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert knock("simulate", pair[1], "--replications", "2", "--jobs", "1", "--no-report", "--json") == Exit.FINE
    answer = answer_in(capsys.readouterr().out)
    assert answer["changes"] == []
    assert answer["variance_ratio"] is None
    run = open_run(Path(answer["run"]))
    assert "comparison" not in run.tables
    level = next(row for row in answer["levels"] if row["measure"] == "wait_mean")
    assert level["lo95"] <= level["estimate"] <= level["hi95"]
    assert knock("report", answer["run"], "--lang", "en") == Exit.FINE
    assert capsys.readouterr().out == f"Open: {run.path / 'report.html'}\n"
    assert read_manifest(run.path).output("report.html") is not None


def test_one_replication_has_no_interval_and_nothing_can_be_said(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--replications", "1", "--jobs", "1", "--no-report", "--quiet"]
    assert knock("compare", *pair, *common, "--json") == Exit.FINE
    answer = answer_in(capsys.readouterr().out)
    assert all(row["lo95"] is None for row in answer["changes"])
    assert {row["verdict"] for row in answer["changes"]} == {"cannot_say"}
    for lang in LANGS:
        assert knock("compare", *pair, *common, "--lang", lang) == Exit.FINE
        assert "nan" not in capsys.readouterr().out.lower()
        assert knock("simulate", pair[0], *common, "--lang", lang) == Exit.FINE
        assert "nan" not in capsys.readouterr().out.lower()


def test_of_many_scenarios_the_first_is_the_baseline_of_all(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    third = str(write_small(Path(), "third", one_stop={"uptake": 0.4}))
    words = ["compare", *pair, third, pair[0], "--replications", "2", "--jobs", "1", "--no-report", "--quiet"]
    assert knock(*words, "--json") == Exit.FINE
    answer = answer_in(capsys.readouterr().out)
    assert [arm["arm"] for arm in answer["arms"]] == ["before", "after", "third", "before_2"]
    run = open_run(Path(answer["run"]))
    pairs, first = run.table("comparisons"), run.table("comparison")
    assert sorted(set(pairs["arm"])) == ["after", "before_2", "third"]
    again = pairs[pairs["arm"] == "after"].drop(columns="arm").reset_index(drop=True)
    assert again.equals(first)
    changes = {(row["arm"], row["measure"]): row for row in answer["changes"] if row["users"] == "all"}
    saved = [changes[(arm, "staff_hours_counter")]["difference"] for arm in ("third", "after", "before_2")]
    assert saved == sorted(saved)
    assert saved[-1] == 0
    assert changes[("before_2", "wait_mean")]["verdict"] == "same"
    assert knock(*words, "--lang", "en") == Exit.FINE
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[:4]] == ["before", "after", "third", "before_2"]
    assert all(cell_len(line) <= 80 for line in lines[:-2])
    assert sum(line.startswith("  third ") for line in lines) == 6


def test_a_precision_is_reached_or_the_program_says_that_it_cannot_say(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--jobs", "1", "--no-report", "--quiet"]
    assert (
        knock("simulate", pair[1], "--precision", "0.1%", "--at-most", "3", *common, "--lang", "en") == Exit.CANNOT_SAY
    )
    assert "The ceiling of 3 replications was reached" in capsys.readouterr().out
    (run,) = Path("results/runs/after").iterdir()
    assert open_run(run).manifest.replications.model_dump() == {"asked": None, "done": 3, "failed": []}
    assert knock("simulate", pair[1], "--precision", "99%", *common, "--json") == Exit.FINE
    precision = answer_in(capsys.readouterr().out)["precision"]
    assert precision["reached"]
    assert precision["at_most"] == 200
    assert all(math.isfinite(width) and width <= 0.99 for width in precision["relative_half_widths"].values())
