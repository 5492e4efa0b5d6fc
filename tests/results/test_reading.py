import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from results.errors import ResultsError
from results.manifest import record_outputs
from results.store import RunFolder, open_run
from results.tables import TABLES
from tests.results.small_run import MEASURES, code_of, plan, write
from texts import LANGS, catalogue


def test_a_half_written_folder_is_refused_unless_asked_for(tmp_path: Path) -> None:
    with RunFolder(tmp_path, plan()) as run:
        run.write_table("measures", MEASURES)
        run.describe(done=2)
        with pytest.raises(ResultsError) as error:
            open_run(run.path)
        assert code_of(error) == "E-run-partial"
        assert open_run(run.path, unfinished=True).table("measures").shape == (2, 11)


def test_what_is_not_a_run_folder_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(ResultsError) as error:
        open_run(tmp_path / "nowhere")
    assert code_of(error) == "E-run-missing"
    with pytest.raises(ResultsError) as error:
        open_run(tmp_path)
    assert code_of(error) == "E-run-no-manifest"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"manifest_version": 99}, "E-run-version"),
        ({"manifest_version": None}, "E-run-version"),
        ({"arms": []}, "E-run-manifest"),
        ({"randomness": {"seed": "x"}}, "E-run-manifest"),
    ],
)
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, change: dict[str, object], code: str) -> None:
    path = write(tmp_path)
    file = path / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(ResultsError) as error:
        open_run(path)
    assert code_of(error) == code


@pytest.mark.parametrize(("text", "code"), [("{", "E-run-manifest"), ("[]", "E-run-version")])
def test_a_broken_manifest_is_refused(tmp_path: Path, text: str, code: str) -> None:
    path = write(tmp_path)
    (path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ResultsError) as error:
        open_run(path)
    assert code_of(error) == code


def test_a_missing_table_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(ResultsError) as error:
        open_run(write(tmp_path)).table("comparison")
    assert code_of(error) == "E-table-missing"
    assert "measures, summary" in error.value.say("ja")


def test_a_table_that_was_changed_afterwards_is_not_trusted(tmp_path: Path) -> None:
    run = open_run(write(tmp_path))
    MEASURES.to_parquet(run.path / "measures.parquet")
    with pytest.raises(ResultsError) as error:
        run.table("measures")
    assert code_of(error) == "E-table-changed"


def test_the_summary_opens_in_a_spreadsheet(tmp_path: Path) -> None:
    data = (write(tmp_path) / "summary.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(data.decode("utf-8-sig").splitlines())
    cells = dict(zip(header, row, strict=True))
    assert cells["label_ja"] == "平均の待ち時間"
    assert cells["estimate"] == "11.75"
    assert cells["lo95"] == ""


def test_the_data_package_describes_every_table_as_it_is(tmp_path: Path) -> None:
    run = open_run(write(tmp_path))
    package = json.loads((run.path / "datapackage.json").read_text(encoding="utf-8"))
    assert [resource["path"] for resource in package["resources"]] == [
        "measures.parquet",
        "summary.parquet",
        "summary.csv",
    ]
    for resource in package["resources"]:
        file = run.path / resource["path"]
        names = [field["name"] for field in resource["schema"]["fields"]]
        found = (
            pd.read_csv(file)
            if file.suffix == ".csv"
            else run.table("measures" if "measures" in file.name else "summary")
        )
        assert names == list(found.columns)
        assert all(field["title"] and field["title_en"] for field in resource["schema"]["fields"])
        assert resource["bytes"] == file.stat().st_size


def test_a_report_written_later_is_entered_in_the_manifest(tmp_path: Path) -> None:
    path = write(tmp_path)
    (path / "report.html").write_text("<html/>", encoding="utf-8")
    record_outputs(path)
    entry = open_run(path).manifest.output("report.html")
    assert entry is not None
    assert entry.bytes == 7


def test_every_table_and_column_has_a_title_in_both_languages() -> None:
    keys = {f"table.{name}" for name in TABLES}
    keys |= {column.title_key for table in TABLES.values() for column in table.columns}
    assert all(catalogue()[key][lang] for key in keys for lang in LANGS)
