"""Scenario files that load: what they become, and how one extends another."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scenarios.loading import load
from scenarios.quantity import Quantity
from tests.scenarios.small_scenario import TEXT, Small, changed, child, only_problem, problems_of, written


def test_a_file_becomes_a_model_with_its_evidence(tmp_path: Path) -> None:
    small = load(written(tmp_path), Small)
    assert small.one_stop.uptake == Quantity(value=0.16, low=0.08, high=0.25, source="https://example.org/survey")
    assert small.period.start == date(2023, 2, 6)
    assert [int(site.desks.peak) for site in small.sites] == [9, 2]
    assert small.days == 14


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_windows_may_write_the_file(tmp_path: Path, encoding: str, newline: str) -> None:
    path = tmp_path / "small.toml"
    path.write_bytes(TEXT.replace("\n", newline).encode(encoding))
    assert load(path, Small) == load(written(tmp_path, name="plain.toml"), Small)


def test_a_fault_in_a_windows_file_stands_where_an_editor_shows_it(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_bytes(changed(("minutes = 15", "minutes = -15")).replace("\n", "\r\n").encode("utf-8-sig"))
    problem = only_problem(path)
    assert (problem.line, problem.column, problem.excerpt) == (32, 11, "minutes = -15")


def test_tables_merge_key_by_key(tmp_path: Path) -> None:
    written(tmp_path)
    small = load(child(tmp_path, 'name = "child"\n[period]\nend = 2023-03-31\n'), Small)
    assert (small.name, small.period.start, small.period.end) == ("child", date(2023, 2, 6), date(2023, 3, 31))


@pytest.mark.parametrize("uptake", ["0.3", "{ value = 0.3 }"])
def test_a_quantity_replaces_the_one_of_the_base_with_its_evidence(tmp_path: Path, uptake: str) -> None:
    written(tmp_path)
    small = load(child(tmp_path, f"[one_stop]\nuptake = {uptake}\n"), Small)
    assert small.one_stop.uptake == Quantity(value=0.3)
    assert small.one_stop.available


def test_a_quantity_in_a_child_needs_its_own_value(tmp_path: Path) -> None:
    written(tmp_path, changed(("patience = { value = 60, low = 30, high = 120", "patience = { value = 60, low = 30")))
    path = child(tmp_path, "patience = { value = 10, low = 5 }\n[one_stop.uptake]\nvalue = 0.2\nsource = 'x'\n")
    assert load(path, Small).patience == Quantity(value=10, low=5)
    assert load(path, Small).one_stop.uptake == Quantity(value=0.2, source="x")


def test_items_with_an_id_merge_by_id_and_new_ones_come_last(tmp_path: Path) -> None:
    written(tmp_path)
    text = '[[sites]]\nid = "okubo"\ndesks.peak = 1\n[[sites]]\nid = "yotsuya"\ndesks = { ordinary = 2 }\n'
    small = load(child(tmp_path, text), Small)
    assert [site.id for site in small.sites] == ["main", "yotsuya", "okubo"]
    yotsuya = small.sites[1]
    assert (int(yotsuya.desks.ordinary), int(yotsuya.desks.peak), float(yotsuya.weight)) == (2, 2, 0.1)


def test_other_lists_are_replaced_whole(tmp_path: Path) -> None:
    written(tmp_path)
    small = load(child(tmp_path, "faults = []\n[[surges]]\nfirst = 2023-04-01\npersons = 7\n"), Small)
    assert [int(surge.persons) for surge in small.surges] == [7]
    assert small.faults == ()


def test_extends_makes_chains_relative_to_each_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    written(tmp_path)
    child(tmp_path / "a", "days = 3\nhours = '09:00-10:00'\n", "middle.toml", "../small.toml")
    small = load(child(tmp_path / "b", "days = 4\n", "leaf.toml", "../a/middle.toml"), Small)
    assert (small.days, small.hours, small.name) == (4, "09:00-10:00", "small")


def test_a_base_without_a_version_is_fine(tmp_path: Path) -> None:
    written(tmp_path, changed(("schema_version = 1\n", "")))
    assert load(child(tmp_path, ""), Small).schema_version == 1


def test_a_fault_in_a_base_points_into_the_base(tmp_path: Path) -> None:
    base = written(tmp_path, changed(("minutes = 15", "minutes = -15")))
    problem = only_problem(child(tmp_path, "days = 3\n"))
    assert (problem.file, problem.line, problem.key) == (str(base), 32, "faults[1].minutes")


def test_faults_in_several_files_come_in_one_pass(tmp_path: Path) -> None:
    written(tmp_path, changed(("minutes = 15", "minutes = -15")))
    path = child(tmp_path, 'dasy = 3\n[[sites]]\nid = "yotsuya"\nweight = 2\n')
    found = [(Path(p.file).name, p.line, p.code, p.key) for p in problems_of(path)]
    assert sorted(found) == [
        ("child.toml", 3, "E-extra_forbidden", "dasy"),
        ("child.toml", 6, "E-out_of_range", "sites.yotsuya.weight"),
        ("small.toml", 32, "E-negative_duration", "faults[1].minutes"),
    ]


def test_files_that_extend_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    path = child(tmp_path, "", "a.toml", "b.toml")
    child(tmp_path, "", "b.toml", "./a.toml")
    problem = only_problem(path)
    assert (problem.code, Path(problem.file).name, problem.line) == ("E-extends_circular", "b.toml", 2)
    assert problem.found == "a.toml → b.toml → a.toml"


def test_a_file_that_extends_itself_is_refused(tmp_path: Path) -> None:
    assert only_problem(child(tmp_path, "", "a.toml", "a.toml")).code == "E-extends_circular"


def test_a_missing_base_is_reported_where_it_was_asked_for(tmp_path: Path) -> None:
    written(tmp_path)
    problem = only_problem(child(tmp_path, "", base="smal.toml"))
    assert (problem.code, problem.line, problem.column, problem.key) == ("E-file_missing", 2, 11, "extends")
    assert problem.suggestion == "small.toml"


@pytest.mark.parametrize("name", ["3", "true", '""', '["small.toml"]', '"a\\u0000b"'])
def test_extends_takes_the_name_of_a_file(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, f"schema_version = 1\nextends = {name}\n", "child.toml")
    assert only_problem(path).code == "E-extends_no_name"
