"""Computed parts of pages: only the kinds that are asked for are filled, and only pages that changed are written."""

from __future__ import annotations

from pathlib import Path

from texts.pages import filled, parts_of, refresh, table

PAGE = """before
<!-- sum a b -->
old
<!-- end -->
<!-- other x -->
kept
<!-- end -->
<!-- sum c -->
<!-- end -->
"""
FILLERS = {"sum": lambda name: f"<{name}>"}


def test_parts_of_the_kinds_asked_for_are_filled_and_others_left_alone() -> None:
    assert filled(PAGE, FILLERS) == (
        "before\n<!-- sum a b -->\n<a b>\n<!-- end -->\n<!-- other x -->\nkept\n<!-- end -->\n"
        "<!-- sum c -->\n<c>\n<!-- end -->\n"
    )
    assert parts_of(PAGE, FILLERS) == [("sum", "a b"), ("sum", "c")]


def test_filling_twice_is_filling_once() -> None:
    assert filled(filled(PAGE, FILLERS), FILLERS) == filled(PAGE, FILLERS)


def test_only_pages_that_changed_are_written(tmp_path: Path) -> None:
    (tmp_path / "stale.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "fresh.md").write_text(filled(PAGE, FILLERS), encoding="utf-8")
    assert refresh(tmp_path, FILLERS) == [tmp_path / "stale.md"]
    assert (tmp_path / "stale.md").read_text(encoding="utf-8") == filled(PAGE, FILLERS)
    assert refresh(tmp_path, FILLERS) == []


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(("a",), [("x|y",)]) == "| a |\n| --- |\n| x\\|y |"
