"""The detection matrix that is kept: every defect caught for its own reason, no false alarm; and its page shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.defects import DEFECTS
from loadtests.documents import DOCS, FILLERS, KEPT, matrix_in
from loadtests.matrix import CLEAN, Recipe, recipes
from texts.pages import filled

MATRIX = matrix_in(KEPT)
PROOFS = {proof.name: proof for proof in MATRIX.proofs}
CLEAN_RUNS = 20


def test_the_page_shows_the_matrix_that_is_kept() -> None:
    page = (DOCS / "load_matrix.md").read_text(encoding="utf-8")
    assert filled(page, FILLERS) == page
    assert page.count("\n| `") == len(PROOFS)


def test_every_defect_is_there_once_and_so_are_runs_without_any() -> None:
    assert list(PROOFS) == [CLEAN, *DEFECTS]
    clean = PROOFS[CLEAN]
    assert (clean.runs, clean.alarms, clean.unbelieved) == (CLEAN_RUNS, 0, 0)


def test_it_was_made_of_a_commit_without_changes() -> None:
    assert MATRIX.made.commit
    assert MATRIX.made.dirty is False


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)
def test_each_was_found_for_its_own_reason(recipe: Recipe) -> None:
    proof = PROOFS[recipe.name]
    assert proof.right
    assert proof.defects == recipe.defects
    assert set(proof.found) == ({recipe.expected} if recipe.expected is not None else set())


def test_a_matrix_of_another_format_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "matrix.json"
    other.write_text('{"format": 1, "proofs": []}', encoding="utf-8")
    with pytest.raises(ValueError, match="format 1"):
        matrix_in(other)
