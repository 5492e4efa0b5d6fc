"""`hikkoshi study national` from outside, on a small country: answers, the folder, refusals, Ctrl-C."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rich.cells import cell_len

from cli.exits import Exit
from cli.interruptible import interruptible
from cli.national.document import Document
from cli.national.table import SHOWN
from results.datapackage import SUMMARY_CSV
from results.fingerprint import fingerprint
from results.store import Run, open_run
from sim.national.replication import STAGES
from sim.national.study import TABLE_NAMES
from sim.national.wording import stage_name
from tests.cli.small_ward import (
    answer_in,
    files_under,
    knock,
    nothing_new,
    plain_environment,
    write_small,
)
from tests.cli.test_interrupt import ctrl_c_not_ignored, wait_until
from tests.sim.national.small_country import FILE
from texts import LANGS, Lang, say

SMALL = """
name = "country"
title = { ja = "試しの国", en = "Trial country" }

[period]
start = 2023-03-27
end = 2023-03-29
warm_up_days = 3

[country]
municipalities = 20
population = 400_000
largest = 90_000
example = 20_000

[moves]
part = 0.004
"""


def write_country(folder: Path, text: str = SMALL, name: str = "country") -> str:
    file = folder / f"{name}.toml"
    file.write_text(f'schema_version = 1\nextends = "{FILE}"\n{text}', encoding="utf-8")
    return file.name


@pytest.fixture
def country(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A national scenario in the folder where the test works."""
    monkeypatch.chdir(tmp_path)
    return write_country(tmp_path)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Run]:
    """The JSON answer of two replications, and the run folder that it names."""
    folder = tmp_path_factory.mktemp("done")
    write_country(folder)
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said):
        assert knock("study", "national", "country.toml", "--replications", "2", "--json", "--quiet") == Exit.FINE
    answer = answer_in(said.getvalue())
    return answer, open_run(folder / answer["run"])


# --- the answer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_the_answer_fits_one_screen_in_both_languages(
    country: str, capsys: pytest.CaptureFixture[str], lang: Lang
) -> None:
    assert knock("study", "national", country, "--quiet", "--lang", lang) == Exit.FINE
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert len(lines) <= 48
    assert all(cell_len(line) <= 80 for line in lines[:-1])
    assert lines[0] == {"ja": "試しの国", "en": "Trial country"}[lang]
    (run,) = Path("results/runs/country").iterdir()
    assert lines[-1] == say("cli.open", lang, path=run)
    for measure, _ in SHOWN[:2]:
        assert say(f"national.measure.{measure}", lang) in said.out
    assert said.err == ""


@pytest.mark.parametrize("replications", ["1", "2"])
def test_figures_stand_below_one_another(country: str, capsys: pytest.CaptureFixture[str], replications: str) -> None:
    assert knock("study", "national", country, "--quiet", "--replications", replications) == Exit.FINE
    lines = capsys.readouterr().out.splitlines()
    table = [line for line in lines[3:] if line.startswith("  ") or line.endswith(say("cli.national.difference", "ja"))]
    assert len(table) > 20
    assert {cell_len(line) for line in table} == {80}
    assert any("±" in line for line in table) == (replications == "2")


def test_the_json_object_is_as_its_schema_says(done: tuple[dict[str, Any], Run]) -> None:
    answer, _ = done
    read = Document.model_validate_json(json.dumps(answer))
    assert json.loads(read.model_dump_json(by_alias=True)) == answer
    assert (answer["format"], answer["version"], answer["exit_code"]) == ("hikkoshi.national", 1, 0)
    assert (answer["seed"], answer["replications"]) == (1, 2)
    assert list(answer["stages"]) == list(STAGES)
    assert 0 < answer["inputs"]["assumed"] <= answer["inputs"]["total"]


def test_required_rates_are_the_same_in_json_parquet_and_csv(done: tuple[dict[str, Any], Run]) -> None:
    answer, run = done
    key = ["arm", "system", "period"]
    given = pd.DataFrame(answer["required_rates"]).sort_values(key, ignore_index=True)
    table = run.table("required_rates")
    pd.testing.assert_frame_equal(given[table.columns], table, check_dtype=False)
    csv = pd.read_csv(run.path / "required_rates.csv", encoding="utf-8-sig")
    pd.testing.assert_frame_equal(csv, table, check_dtype=False)
    assert set(table["unit"]) == {"filings/min"}
    assert set(map(tuple, table[key].to_numpy())) == {
        (arm, system, period)
        for arm in ("without", "with")
        for system in ("portal", "relay")
        for period in ("month", "busiest_day", "busiest_hour")
    }
    assert (table["p50"] <= table["p95"]).all()
    assert (table["p95"] <= table["max"]).all()


def test_peaks_of_the_answer_are_the_highest_of_the_minutes(done: tuple[dict[str, Any], Run]) -> None:
    answer, run = done
    rates = run.table("rates")
    for peak in answer["peaks"]:
        own = rates[(rates["arm"] == peak["arm"]) & (rates["system"] == peak["system"])]
        length = {"minute": 1, "hour": 60, "day": 1440}[peak["span"]]
        begins = own["minute"] // length * length
        assert own.groupby(["replication", "date", begins])["filings"].sum().max() == peak["filings"]


def test_sizes_and_longest_queues_are_those_of_the_offices(done: tuple[dict[str, Any], Run]) -> None:
    answer, run = done
    offices = run.table("offices")
    without = offices[offices["arm"] == "without"]
    assert sum(size["towns"] for size in answer["sizes"]) == 20
    assert sum(size["visits"] for size in answer["sizes"]) == pytest.approx(without["visits"].sum() / 2)
    queues = [office["queue_at_closing"] for office in answer["longest_queues"]]
    assert queues == sorted(queues, reverse=True)
    assert queues[0] == without.groupby("town")["queue_at_closing"].mean().max()


# --- the folder ------------------------------------------------------------------------------------------------------


def test_the_folder_holds_tables_texts_and_what_is_needed_to_do_it_again(done: tuple[dict[str, Any], Run]) -> None:
    answer, run = done
    assert sorted(run.tables) == sorted([*TABLE_NAMES, "assumptions"])
    expected = {f"{name}.parquet" for name in run.tables} | {
        f"{name}.csv" for name in ("peaks", "required_rates", "offices", "sizes", "outage")
    }
    expected |= {"answer.ja.txt", "answer.en.txt", "manifest.json", "datapackage.json"}
    expected |= {"scenario.without.resolved.toml", "scenario.with.resolved.toml"}
    assert set(files_under(run.path)) == expected
    assert SUMMARY_CSV not in expected
    assert {output.path for output in run.manifest.outputs} == expected - {"manifest.json"}
    assert [arm.arm for arm in run.manifest.arms] == ["without", "with"]
    assert run.manifest.command == [
        "hikkoshi",
        "study",
        "national",
        "country.toml",
        "--replications",
        "2",
        "--json",
        "--quiet",
    ]
    assert run.manifest.replications.done == 2
    within = run.manifest.arms[1].sha256
    assert answer["scenario"]["sha256"] == within != fingerprint({})
    text = (run.path / "answer.en.txt").read_text(encoding="utf-8")
    assert text.startswith("Trial country")
    assert len(text.splitlines()) > 60


def test_every_csv_is_described_as_it_is(done: tuple[dict[str, Any], Run]) -> None:
    _, run = done
    package = json.loads((run.path / "datapackage.json").read_text(encoding="utf-8"))
    described = {resource["path"]: resource for resource in package["resources"]}
    for file in run.path.glob("*.csv"):
        head = pd.read_csv(file, encoding="utf-8-sig", nrows=0).columns
        assert [field["name"] for field in described[file.name]["schema"]["fields"]] == list(head)


def test_the_same_seed_gives_the_same_bytes_on_either_engine_and_another_seed_gives_others(
    country: str, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = []
    for words in (["--seed", "5"], ["--seed", "5", "--engine", "reference"], ["--seed", "6"]):
        assert knock("study", "national", country, "--json", "--quiet", *words) == Exit.FINE
        runs.append(open_run(Path(answer_in(capsys.readouterr().out)["run"])))
    first, again, other = runs
    for file in files_under(first.path):
        if file not in ("manifest.json", "datapackage.json"):
            assert (first.path / file).read_bytes() == (again.path / file).read_bytes(), file
    assert (first.path / "rates.parquet").read_bytes() != (other.path / "rates.parquet").read_bytes()


def test_without_incidents_there_is_one_case_and_no_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    quiet = write_country(tmp_path, "incidents = []\n" + SMALL)
    assert knock("study", "national", quiet, "--quiet", "--lang", "en") == Exit.FINE
    assert "incident" not in capsys.readouterr().out
    (path,) = Path("results/runs/country").iterdir()
    assert "outage" not in open_run(path).tables
    assert [arm.arm for arm in open_run(path).manifest.arms] == ["without"]


# --- what is told on the way -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_progress_and_the_time_of_each_stage_are_told_beside_the_answer(
    country: str, capsys: pytest.CaptureFixture[str], lang: Lang
) -> None:
    assert knock("study", "national", country, "--profile", "--json", "--lang", lang) == Exit.FINE
    said = capsys.readouterr()
    answer_in(said.out)
    first, *stages, whole = said.err.splitlines()
    assert first.startswith(stage_name("demand", lang) + " 0/7")
    assert [line.startswith(stage_name(stage, lang)) for line, stage in zip(stages, STAGES, strict=True)] == [True] * 4
    assert "GB" in whole


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "ended"),
    [
        (["launch"], "E-scenario_ward", Exit.SCENARIO),
        (["ward.toml"], "E-scenario_ward", Exit.SCENARIO),
        (["gone.toml"], "E-file_missing", Exit.SCENARIO),
        (["national_mach"], "national_march", Exit.SCENARIO),
        (["typo.toml"], "utilisation", Exit.SCENARIO),
        (["few.toml"], "E-national-few", Exit.SCENARIO),
        (["later.toml"], "2031-03", Exit.SCENARIO),
        (["country.toml", "--replications", "0"], "E-use-replications", Exit.USAGE),
        (["country.toml", "--replications", "1.5"], "--replications", Exit.USAGE),
        (["country.toml", "--seed", "-1"], "E-use-seed", Exit.USAGE),
        (["country.toml", "--engine", "turbo"], "compiled, reference", Exit.USAGE),
        (["country.toml", "another.toml"], "another.toml", Exit.USAGE),
        (["country.toml", "--out", "country.toml/below"], "E-out-unwritable", Exit.USAGE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.parametrize("lang", LANGS)
def test_what_cannot_be_done_is_refused_with_one_message_and_leaves_nothing(
    country: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: str,
    ended: Exit,
    lang: Lang,
) -> None:
    write_small(tmp_path, "ward")
    write_country(tmp_path, SMALL + "[offices]\nutilization = 0.5\n", "typo")
    write_country(tmp_path, SMALL.replace("municipalities = 20", "municipalities = 5").replace("0.004", "1e-6"), "few")
    write_country(tmp_path, SMALL.replace("2023-03", "2031-03"), "later")
    with nothing_new(tmp_path):
        assert knock("study", "national", *words, "--quiet", "--lang", lang) == ended
    said = capsys.readouterr()
    assert said.out == ""
    assert code in said.err
    assert "Traceback" not in said.err


def test_commands_of_the_ward_send_a_national_scenario_to_the_study(
    country: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["simulate", country], ["compare", "launch", "national_march"]):
        assert knock(*words) == Exit.SCENARIO
        assert "hikkoshi study national" in capsys.readouterr().err
    assert knock("check", country, "launch") == Exit.FINE
    assert "試しの国" in capsys.readouterr().out


def test_there_is_no_page_of_a_national_run_and_the_refusal_says_what_to_read(
    done: tuple[dict[str, Any], Run], capsys: pytest.CaptureFixture[str]
) -> None:
    _, run = done
    with nothing_new(run.path):
        assert knock("report", str(run.path), "--lang", "en") == Exit.USAGE
    assert "answer.en.txt" in capsys.readouterr().err


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
def test_ctrl_c_ends_the_study_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    write_country(tmp_path, SMALL.replace("0.004", "1.0"))
    with ctrl_c_not_ignored(), (tmp_path / "progress").open("wb") as progress:
        run = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "study", "national", "country.toml"],
            cwd=tmp_path,
            env=plain_environment(),
            stdout=subprocess.PIPE,
            stderr=progress,
            start_new_session=True,
        )
    wait_until(lambda: stage_name("demand", "ja") in (tmp_path / "progress").read_text(encoding="utf-8"))
    os.killpg(run.pid, signal.SIGINT)
    out, _ = run.communicate(timeout=60)
    assert run.returncode == Exit.INTERRUPTED
    assert out == b""
    lines = (tmp_path / "progress").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == say("cli.interrupted", "ja")
    assert len(lines) == 2
    assert files_under(tmp_path) == ["country.toml", "progress"]


def test_ctrl_c_is_answered_while_the_work_hears_nothing() -> None:
    never = threading.Event()

    def work() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        never.wait()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            interruptible(work)
    finally:
        signal.signal(signal.SIGINT, before)
        never.set()


def test_what_the_work_returns_or_raises_comes_through() -> None:
    assert interruptible(lambda: 7) == 7
    with pytest.raises(LookupError, match="where"):
        interruptible(lambda: dict[str, int]()["where"])
