from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.program import Op, Program, ProgramError, on_grid
from tests.sim.programs import build, delay, goto, if_posted, post, release, seize, slow, units
from tests.sim.random_programs import TICK


def program() -> Program:
    """Rows: 0 seize, 1 delay, 2 release, 3 post | 4 if posted, 5 goto, 6 delay. Two places, two classes, one token."""
    first = [seize("counter", klass=1, patience=3.0, jump=3), delay(2.0), release("counter"), post(0)]
    second = [if_posted(0, 2), goto(2), delay(1.0)]
    changes = (units("counter", 2), units("desk", 1, since=4.0), slow("desk", 2.0), slow("desk", 1.0, since=3.0))
    return build([first, second], *changes, classes=2, tokens=1)


def changed(**cells: tuple[int, float]) -> Program:
    """Return the program with single cells of its columns set: op=(row, value)."""
    base = program()
    columns: dict[str, Any] = {}
    for name, (row, value) in cells.items():
        columns[name] = getattr(base, name).copy()
        columns[name][row] = value
    return replace(base, **columns)


def changed_calendar(**cells: tuple[int, float]) -> Program:
    base = program()
    columns: dict[str, Any] = {}
    for name, (row, value) in cells.items():
        columns[name] = getattr(base.calendar, name).copy()
        columns[name][row] = value
    return replace(base, calendar=replace(base.calendar, **columns))


def test_a_program_that_keeps_its_rules_is_returned_as_it_is() -> None:
    good = program()
    assert good.checked() is good
    assert (good.entities, good.rows) == (2, 7)
    assert good.entity_of_row().tolist() == [0, 0, 0, 0, 1, 1, 1]


def test_times_are_rounded_to_the_grid_half_to_even() -> None:
    odd_and_even = np.array([0.5 * TICK, 1.5 * TICK, 2.5 * TICK, np.inf, 7.0])
    assert on_grid(odd_and_even).tolist() == [0.0, 2 * TICK, 2 * TICK, np.inf, 7.0]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"op": (0, 99)}, "unknown instruction"),
        ({"op": (0, -1)}, "unknown instruction"),
        ({"step": (0, 50)}, "step name out of range"),
        ({"place": (0, 2)}, "place out of range"),
        ({"place": (2, -1)}, "place out of range"),
        ({"place": (3, 1)}, "token out of range"),
        ({"klass": (0, 2)}, "class out of range"),
        ({"value": (1, np.nan)}, "not a number"),
        ({"value": (1, -1.0)}, "negative"),
        ({"value": (0, -1.0)}, "negative"),
        ({"value": (1, np.inf)}, "infinite"),
        ({"value": (1, 0.3)}, "off the time grid"),
        ({"jump": (4, 0)}, "goes backwards"),
        ({"jump": (5, -1)}, "goes backwards"),
        ({"jump": (0, 0)}, "goes backwards"),
        ({"jump": (4, 4)}, "leaves its entity"),
        ({"jump": (0, 5)}, "leaves its entity"),
        ({"jump": (2, 1)}, "looks ahead"),
        ({"jump": (2, -3)}, "looks ahead"),
        ({"jump": (2, -1)}, "does not point at a SEIZE"),
        ({"place": (2, 1)}, "names another place"),
        ({"offset": (0, 1)}, "do not span"),
        ({"offset": (2, 6)}, "do not span"),
        ({"offset": (1, 9)}, "offsets fall"),
    ],
)
def test_a_table_that_breaks_its_rules_is_refused(cells: Mapping[str, tuple[int, float]], message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        changed(**cells).checked()


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"time": (0, 9.0)}, "calendar is not sorted"),
        ({"time": (3, np.inf)}, "calendar time is off the grid"),
        ({"time": (3, 4.3)}, "calendar time is off the grid"),
        ({"place": (0, 2)}, "calendar place out of range"),
        ({"klass": (0, 2)}, "calendar class out of range"),
        ({"capacity": (0, -1)}, "capacity is negative"),
        ({"slow_time": (0, 9.0)}, "slowness table is not sorted"),
        ({"slow_time": (1, 3.3)}, "slowness time is off the grid"),
        ({"slow_place": (0, -1)}, "slowness place out of range"),
        ({"slowness": (0, 0.0)}, "slowness is not positive"),
        ({"slowness": (0, np.inf)}, "slowness is not positive"),
    ],
)
def test_a_calendar_that_breaks_its_rules_is_refused(cells: Mapping[str, tuple[int, float]], message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        changed_calendar(**cells).checked()


def test_columns_of_different_length_are_refused() -> None:
    base = program()
    with pytest.raises(ProgramError, match="differ in length"):
        replace(base, value=base.value[:-1]).checked()
    with pytest.raises(ProgramError, match="calendar columns differ"):
        replace(base, calendar=replace(base.calendar, capacity=base.calendar.capacity[:-1])).checked()
    with pytest.raises(ProgramError, match="slowness columns differ"):
        replace(base, calendar=replace(base.calendar, slowness=base.calendar.slowness[:-1])).checked()


def test_patience_without_end_needs_no_jump() -> None:
    assert changed(value=(0, np.inf), jump=(0, 0)).checked().op[0] == Op.SEIZE
