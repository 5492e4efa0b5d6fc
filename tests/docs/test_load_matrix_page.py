"""The page of the detection matrix: a row for every defect and one without any, each with what has to be found."""

from __future__ import annotations

import pytest

from fakes.defects import DEFECTS
from loadtests.matrix import CLEAN, recipes
from sim.documents import DOCS
from texts import LANGS, say

PAGE = (DOCS / "load_matrix.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip("`").partition("=")[0]: cells
    for line in PAGE.partition("<!-- matrix -->")[2].splitlines()[3:]
    if len(cells := [cell.strip() for cell in line.strip("| ").split(" | ")]) == 6
}


def both(key: str) -> str:
    return " / ".join(say(key, lang) for lang in LANGS)


def test_every_defect_is_there_once_and_so_is_a_run_without_any() -> None:
    assert list(ROWS) == [CLEAN, *DEFECTS]
    assert PAGE.count("\n| `") == len(ROWS)


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)
def test_each_was_found_for_its_own_reason(recipe: object) -> None:
    own = next(one for one in recipes() if one == recipe)
    shown, _, expected, found, _, right = ROWS[own.name]
    assert right == both("load.matrix.yes")
    assert shown == f"`{own.defects or own.name}`"
    if own.expected is None:
        assert (expected, found) == ("–", "–")
        return
    label = " / ".join(own.expected.label(lang) for lang in LANGS)
    assert expected == label
    assert found.rpartition(" ")[0] == label
