"""`--profile`: where the time went, behind the answer and in its JSON; the results are the same with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.exits import Exit
from cli.profile import ROWS, Lap, profile
from results.store import open_run
from tests.cli.small_ward import answer_in, knock, write_pair
from texts import LANGS, Lang, say

QUICK = ("--replications", "2", "--jobs", "1", "--quiet", "--no-report")


def test_stages_of_replications_stand_where_they_happen_and_their_sum_is_the_whole() -> None:
    laps = [Lap("start", 1.0, 2.0), Lap("ready", 0.5, 0.5), Lap("replications", 8.0, 5.0), Lap("tables", 0.25, 0.25)]
    rows = profile(laps, {"demand": 2.0, "engine": 5.0}, in_process=True)
    assert [row.stage for row in rows] == ["start", "ready", "demand", "engine", "sharing", "tables", "total"]
    assert rows[4] == Lap("sharing", 1.0, 5.0)
    assert rows[-1] == Lap("total", 9.75, 7.75)


def test_time_of_worker_processes_comes_on_top_of_what_this_process_used() -> None:
    rows = profile([Lap("replications", 0.5, 5.0)], {"engine": 8.0}, in_process=False)
    assert rows == [Lap("engine", 8.0, None), Lap("sharing", 0.5, 5.0), Lap("total", 8.5, 5.0)]


@pytest.mark.parametrize("lang", LANGS)
def test_the_table_follows_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: Lang) -> None:
    before, after = write_pair(tmp_path)
    assert knock("compare", before, after, *QUICK, "--profile", "--lang", lang, "--out", str(tmp_path)) == Exit.FINE
    answer, _, table = capsys.readouterr().out.partition(say("cli.profile.title", lang))
    assert say("cli.section.people", lang) in answer
    lines = table.splitlines()
    for name in (*ROWS, "total"):
        assert any(say(f"cli.profile.stage.{name}", lang) in line for line in lines)


def test_the_json_object_holds_it_and_without_being_asked_it_is_null(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = write_pair(tmp_path)
    runs = []
    for asked in ([], ["--profile"]):
        knock("compare", before, after, *QUICK, *asked, "--json", "--out", str(tmp_path))
        runs.append(answer_in(capsys.readouterr().out))
    assert runs[0]["profile"] is None
    stages = runs[1]["profile"]
    assert [stage["stage"] for stage in stages] == [*ROWS, "total"]
    assert all(stage["processor_seconds"] >= 0 for stage in stages)
    assert stages[-1]["processor_seconds"] == pytest.approx(
        sum(stage["processor_seconds"] for stage in stages[:-1]), abs=0.01
    )
    tables = [open_run(Path(run["run"])).table("measures") for run in runs]
    assert tables[0].equals(tables[1])
