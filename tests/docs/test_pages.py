"""The pages of `docs/` say what the code says: computed parts are fresh, every place they name exists."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

from scenarios.loading import load
from scenarios.schema import Period, Scenario
from sim.diagrams import PIECES, columns_of
from sim.documents import DOCS, HOUSE, filled, input_sections, parts_of
from sim.engines.reference import run
from sim.flows import FLOWS
from sim.measures.collect import Tables, tables_of
from sim.replication import replicate
from sim.verify.catalogue import cases_of

PAGES = sorted(DOCS.glob("*.md"))
MODEL = DOCS / "model.md"


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    """The text under a heading, up to the next one of its level."""
    return page.split(f"\n## {title}\n")[1].split("\n## ", maxsplit=1)[0]


@cache
def crowded_days() -> Tables:
    """The turn of the fiscal year without the service."""
    whole = load(HOUSE / "scenarios" / "before.toml", Scenario)
    period = Period(start=date(2023, 3, 27), end=date(2023, 4, 5), warm_up_days=7)
    return tables_of(replicate(whole.model_copy(update={"period": period}), 1, 0, run), "before")


# --- computed parts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_computed_parts_are_fresh(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert filled(text) == text, "run make docs"


def test_every_flow_and_every_piece_is_drawn_once() -> None:
    drawn = parts_of(text_of("flows.md"))
    assert sorted(drawn) == sorted(
        [("flow", flow.name) for flow in FLOWS] + [("piece", piece.name) for piece in PIECES]
    )


def test_every_column_that_a_flow_reads_is_explained() -> None:
    heads = re.findall(r"^\| (`[^|]+) \|", section(text_of("flows.md"), "Columns"), re.MULTILINE)
    explained = [name for head in heads for name in re.findall(r"`(\w+)`", head)]
    assert sorted(explained) == sorted(set().union(*map(columns_of, FLOWS)))


def test_every_input_is_listed() -> None:
    listed = parts_of(text_of("inputs.md"))
    assert {kind for kind, _ in listed} == {"inputs"}
    assert sorted(name for _, name in listed) == sorted(input_sections())


def test_a_stale_part_is_noticed_and_mended() -> None:
    page = text_of("flows.md")
    stale = page.replace("serve [serve_minutes]", "serve for ever", 1)
    assert stale != page
    assert filled(stale) == page
    with pytest.raises(KeyError):
        filled("<!-- flow no_such_flow -->\n<!-- end -->")


# --- places in the code ----------------------------------------------------------------------------------------------


def named_places(page: str) -> list[tuple[str, str]]:
    """Names and files of links such as [`name`](../file)."""
    return re.findall(r"\[`([^`]+)`\]\(\.\./([^)#]+)\)", page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_named_place_exists(page: Path) -> None:
    missing = [
        f"{file} {name}" for name, file in named_places(page.read_text(encoding="utf-8")) if not _exists(file, name)
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    local = [link.split("#")[0] for link in links if not link.startswith(("http://", "https://", "#"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(("title", "letter"), [("Assumptions", "A"), ("Simplifications", "S")])
def test_assumptions_and_simplifications_are_numbered_and_tied_to_the_code(title: str, letter: str) -> None:
    rows = re.findall(rf"^\| ({letter}\d+) \|(.*)$", section(MODEL.read_text(encoding="utf-8"), title), re.MULTILINE)
    assert [number for number, _ in rows] == [f"{letter}{count}" for count in range(1, len(rows) + 1)]
    assert len(rows) >= 20
    assert [number for number, row in rows if not named_places(row)] == []


def _exists(file: str, name: str) -> bool:
    path = HOUSE / file
    if not path.is_file():
        return False
    if path.suffix == ".py":
        return name in _symbols(path)
    if path.suffix == ".toml":
        return name in set(_keys(tomllib.loads(path.read_text(encoding="utf-8"))))
    return path.name == name


@cache
def _symbols(path: Path) -> frozenset[str]:
    """Names that a module defines, and those of its classes after a dot."""
    return frozenset(_defined(ast.parse(path.read_text(encoding="utf-8")), ""))


def _defined(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            yield prefix + child.name
        if isinstance(child, ast.ClassDef):
            yield from _defined(child, f"{child.name}.")
        targets = child.targets if isinstance(child, ast.Assign) else [getattr(child, "target", None)]
        names = [name for target in targets if target for name in ast.walk(target)]
        yield from (prefix + name.id for name in names if isinstance(name, ast.Name))


def _keys(table: dict[str, object], prefix: str = "") -> Iterator[str]:
    for name, value in table.items():
        yield prefix + name
        if isinstance(value, dict):
            yield from _keys(value, f"{prefix}{name}.")


# --- what the model page claims --------------------------------------------------------------------------------------


def test_every_measure_is_defined() -> None:
    heads = re.findall(r"^\| (`[^|]+) \|", section(MODEL.read_text(encoding="utf-8"), "Measures"), re.MULTILINE)
    defined = [name for head in heads for name in re.findall(r"`([\w*]+)`", head)]
    measured = set(crowded_days().measures["measure"])
    assert [name for name in sorted(measured) if sum(fnmatch(name, own) for own in defined) != 1] == []
    assert [own for own in defined if not any(fnmatch(name, own) for name in measured)] == []


def test_units_of_measures_are_those_of_the_table() -> None:
    rows = re.findall(
        r"^\| (`[^|]+) \| ([^|]+) \|", section(MODEL.read_text(encoding="utf-8"), "Measures"), re.MULTILINE
    )
    measures = crowded_days().measures
    for head, cell in rows:
        names, units = re.findall(r"`([\w*]+)`", head), cell.split(", ")
        for name, unit in zip(names, units if len(units) > 1 else units * len(names), strict=True):
            chosen = [fnmatch(own, name) for own in measures["measure"]]
            assert set(measures.loc[chosen, "unit"]) == {unit}


def test_families_of_theory_are_those_of_the_self_test() -> None:
    text = section(MODEL.read_text(encoding="utf-8"), "Verification: is the model computed right?")
    assert {case.family for case in cases_of("full")} <= set(re.findall(r"`(\w+)` \(", text))


def test_crowded_days_are_of_the_order_of_published_waits() -> None:
    daily = crowded_days().daily
    longest = daily[(daily["site"] == "main") & (daily["measure"] == "wait_max")]["value"].max()
    assert 90 < longest < 400


def test_the_summary_in_japanese_stands_first() -> None:
    head = MODEL.read_text(encoding="utf-8").split("\n## ")[0]
    assert "仮定" in head
    assert head.index("日本語の要約") < head.index("This page")
