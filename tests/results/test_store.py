import datetime as dt
import json
import os
import tomllib
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results.errors import ResultsError
from results.fingerprint import fingerprint
from results.machine import tidy_command
from results.manifest import Label
from results.plan import Arm, slugify
from results.store import PARTIAL, RunFolder, open_run
from results.writable import probe
from tests.results.small_run import MEASURES, SCENARIO, code_of, everything_under, plan, write


def test_a_finished_run_holds_what_was_written(tmp_path: Path) -> None:
    run = open_run(write(tmp_path))
    expected = MEASURES.sort_values("replication", ignore_index=True)
    pd.testing.assert_frame_equal(run.table("measures"), expected, check_dtype=False)
    assert run.tables == ["measures", "summary"]
    assert run.path.parent == tmp_path / "launch-2023"
    assert everything_under(run.path) == [
        "datapackage.json",
        "manifest.json",
        "measures.parquet",
        "scenario.before.resolved.toml",
        "summary.csv",
        "summary.parquet",
    ]


def test_the_folder_is_named_by_utc_time_and_hash(tmp_path: Path) -> None:
    start = dt.datetime(2023, 2, 6, 8, 30, tzinfo=dt.timezone(dt.timedelta(hours=9)))
    with RunFolder(tmp_path, plan(), start) as run:
        run.write_table("measures", MEASURES)
        run.describe(done=2)
        name, _, digest = run.finish().name.partition("_")
    assert name == "20230205T233000Z"
    assert len(digest) == 8
    assert set(digest) <= set("0123456789abcdef")


def test_the_manifest_tells_what_ran_and_what_came_out(tmp_path: Path) -> None:
    path = write(tmp_path)
    manifest = open_run(path).manifest
    assert manifest.manifest_version == 1
    assert manifest.run_id == path.name
    assert manifest.start.utcoffset() is not None
    assert manifest.end is not None
    assert manifest.end >= manifest.start
    assert manifest.replications.model_dump() == {
        "asked": 2,
        "done": 2,
        "failed": [{"arm": "before", "replication": 2, "reason": "out of memory"}],
    }
    assert manifest.arms[0].sha256 == fingerprint(SCENARIO)
    assert manifest.randomness.seed == 7
    assert {"python", "numpy", "pandas", "simpy"} <= manifest.machine.versions.keys()
    tables = {output.path: (output.rows, output.columns) for output in manifest.outputs}
    assert tables["measures.parquet"] == (2, 11)
    assert tables["summary.csv"] == (1, 16)
    assert tables["scenario.before.resolved.toml"] == (None, None)
    assert set(tables) == set(everything_under(path)) - {"manifest.json"}


def test_the_manifest_names_no_folder_host_or_person_of_this_machine(tmp_path: Path) -> None:
    text = (write(tmp_path) / "manifest.json").read_text(encoding="utf-8")
    assert json.loads(text)["command"] == ["hikkoshi", "simulate", "launch.toml", "--out=results"]
    for word in (str(tmp_path), str(Path.cwd()), "/home", "/srv", "someone"):
        assert word not in text


def test_a_command_keeps_paths_below_the_working_folder_and_plain_words() -> None:
    here = Path.cwd()
    words = [
        "x/hikkoshi",
        "compare",
        str(here / "scenarios" / "a.toml"),
        "../../b.toml",
        "--seed",
        "3",
        "--precision=5%",
    ]
    tidy = ["hikkoshi", "compare", "scenarios/a.toml", "b.toml", "--seed", "3", "--precision=5%"]
    assert tidy_command(words) == tidy


def test_equal_tables_give_equal_bytes_whatever_their_row_order_and_index(tmp_path: Path) -> None:
    first = write(tmp_path)
    shuffled = MEASURES.iloc[::-1].set_index(pd.Index([5, 9]))[MEASURES.columns[::-1]]
    second = write(tmp_path, shuffled)
    for name in ("measures.parquet", "summary.parquet", "summary.csv", "scenario.before.resolved.toml"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_parquet_carries_no_metadata_of_pandas(tmp_path: Path) -> None:
    meta = pq.read_metadata(write(tmp_path) / "measures.parquet")
    assert b"pandas" not in (meta.metadata or {})
    assert meta.row_group(0).column(0).compression == "ZSTD"


def test_two_runs_in_one_second_get_two_folders_and_none_is_overwritten(tmp_path: Path) -> None:
    start = dt.datetime(2023, 2, 6, tzinfo=dt.UTC)
    paths = []
    for value in (1.0, 2.0, 3.0):
        with RunFolder(tmp_path, plan(), start) as run:
            run.write_table("measures", MEASURES.assign(value=value))
            run.describe(done=2)
            paths.append(run.finish())
    assert len(set(paths)) == 3
    assert [open_run(path).table("measures")["value"].iloc[0] for path in paths] == [1.0, 2.0, 3.0]
    assert [open_run(path).manifest.run_id for path in paths] == [path.name for path in paths]


def test_nothing_carries_the_final_name_before_the_end(tmp_path: Path) -> None:
    with RunFolder(tmp_path, plan()) as run:
        run.write_table("measures", MEASURES)
        run.describe(done=2)
        assert [file.name for file in (tmp_path / "launch-2023").iterdir()] == [run.path.name]
        assert run.path.name.endswith(PARTIAL)
        run.finish()


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path, failure: type[BaseException]) -> None:
    out = tmp_path / "new" / "results"

    def cut_off() -> None:
        with RunFolder(out, plan()) as run:
            run.write_table("measures", MEASURES)
            run.describe(done=1)
            raise failure

    with pytest.raises(failure):
        cut_off()
    assert everything_under(tmp_path) == []


def test_an_interrupted_run_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    before = write(tmp_path)
    with pytest.raises(KeyboardInterrupt), RunFolder(tmp_path, plan()):
        raise KeyboardInterrupt
    assert list(before.parent.iterdir()) == [before]


def test_a_run_that_was_never_finished_leaves_nothing_behind(tmp_path: Path) -> None:
    with RunFolder(tmp_path, plan()) as run:
        run.write_table("measures", MEASURES)
    assert everything_under(tmp_path) == []


def test_a_run_without_measures_cannot_be_described(tmp_path: Path) -> None:
    with RunFolder(tmp_path, plan()) as run, pytest.raises(ResultsError) as error:
        run.describe(done=0)
    assert code_of(error) == "E-table-missing"


def test_a_probe_of_a_good_place_leaves_no_trace(tmp_path: Path) -> None:
    probe(tmp_path / "a" / "b")
    assert everything_under(tmp_path) == []


@pytest.mark.parametrize("place", ["file", "file/below", "file/far/below"])
def test_an_unwritable_output_folder_is_found_before_the_run(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("in the way")
    for attempt in (lambda: probe(tmp_path / place), lambda: RunFolder(tmp_path / place, plan()).__enter__()):
        with pytest.raises(ResultsError) as error:
            attempt()
        assert code_of(error) == "E-out-unwritable"
    assert everything_under(tmp_path) == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission_is_unwritable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ResultsError) as error:
        probe(tmp_path / "below")
    assert code_of(error) == "E-out-unwritable"


@pytest.mark.parametrize(
    ("name", "frame", "code"),
    [
        ("mesures", MEASURES, "E-table-unknown"),
        ("measures", MEASURES.drop(columns="hour"), "E-table-columns"),
        ("measures", MEASURES.assign(extra=1), "E-table-columns"),
        ("measures", MEASURES.assign(replication=0), "E-table-duplicate"),
        ("measures", MEASURES.assign(value="many"), "E-table-type"),
        ("measures", MEASURES.assign(count=1.5), "E-table-type"),
    ],
)
def test_a_table_that_breaks_its_declaration_is_refused(
    tmp_path: Path, name: str, frame: pd.DataFrame, code: str
) -> None:
    with RunFolder(tmp_path, plan()) as run, pytest.raises(ResultsError) as error:
        run.write_table(name, frame)
    assert code_of(error) == code


def test_slugs_are_safe_file_names() -> None:
    assert slugify("Launch 2023 春/../x") == "launch-2023-x"
    assert slugify("春") == "run"


PLAIN = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcé春 .", min_size=1), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text("abcé春 .", min_size=1), PLAIN, max_size=4))
def test_the_resolved_scenario_reads_back_with_the_same_hash(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, object]
) -> None:
    out = tmp_path_factory.mktemp("run")
    with RunFolder(out, plan(arms=[Arm("after", Label(ja="後", en="after"), data)])) as run:
        back = tomllib.loads((run.path / "scenario.after.resolved.toml").read_text(encoding="utf-8"))
    assert back == data
    assert fingerprint(back) == fingerprint(data)
