from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.engines.reference import run
from sim.laws import LawCheck, check_laws
from sim.levels import Level, Window
from sim.log import Log
from sim.program import Op, Program
from tests.sim.programs import at, build, delay, seize, served, slow, units, work
from tests.sim.random_programs import TICK, programs

WINDOW = (0.0, 24.0)

windows = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda pair: (min(pair) / 2, max(pair) / 2))


def busy_counter(clerks: int = 1) -> Program:
    """Five people, a minute apart, four minutes each, and a gate before the counter that is never in the way."""
    visit = served("gate", delay(1.0)) + served("counter", delay(1.0), work("counter", 1.5))
    return build(
        [[at(float(e)), *visit] for e in range(5)], units("gate", 9), units("counter", clerks), slow("counter", 2)
    )


def laws_broken(program: Program, log: Log, window: Window = WINDOW) -> set[str]:
    return {f"{check.law} at {check.place}" for check in check_laws(program, log, window) if not check.holds}


def moved(log: Log, enter: dict[int, float] | None = None, leave: dict[int, float] | None = None) -> Log:
    """Return the log with single times moved by some minutes."""
    entered, left = log.enter.copy(), log.leave.copy()
    for row, minutes in (enter or {}).items():
        entered[row] += minutes
    for row, minutes in (leave or {}).items():
        left[row] += minutes
    return replace(log, enter=entered, leave=left)


def rows_of(program: Program, op: Op, place: str) -> list[int]:
    chosen = (program.op == op) & (program.place == program.places.index(place))
    return [int(row) for row in np.flatnonzero(chosen)]


@settings(max_examples=150, deadline=None)
@given(programs(), windows)
def test_all_laws_hold_on_every_run_in_every_window(program: Program, window: Window) -> None:
    assert laws_broken(program, run(program), window) == set()


@settings(max_examples=60, deadline=None)
@given(programs(), st.data())
def test_a_grant_moved_by_one_tick_breaks_littles_law(program: Program, data: st.DataObject) -> None:
    log = run(program)
    granted = np.flatnonzero((program.op == Op.SEIZE) & ~np.isnan(log.leave) & ~log.gone)
    assume(len(granted) > 0)
    row = data.draw(st.sampled_from(granted.tolist()))
    assume(row + 1 < program.rows and not np.isnan(log.enter[row + 1]))
    assume(program.entity_of_row()[row] == program.entity_of_row()[row + 1])
    place = program.places[program.place[row]]
    assert f"little-waiting at {place}" in laws_broken(program, moved(log, leave={row: TICK}), (0.0, 99.0))


def grant_comes_late(program: Program, log: Log) -> Log:
    return moved(log, leave={rows_of(program, Op.SEIZE, "counter")[3]: 1.0})


def arrival_is_early(program: Program, log: Log) -> Log:
    return moved(log, enter={rows_of(program, Op.SEIZE, "counter")[3]: -TICK})


def step_inside_is_short(program: Program, log: Log) -> Log:
    return moved(log, leave={rows_of(program, Op.WORK, "counter")[2]: -TICK})


def served_one_gave_up(program: Program, log: Log) -> Log:
    gone = log.gone.copy()
    gone[rows_of(program, Op.SEIZE, "counter")[0]] = True
    return replace(log, gone=gone)


def last_service_takes_longer(program: Program, log: Log) -> Log:
    """All times agree with each other, but not with the program."""
    working, release = rows_of(program, Op.WORK, "counter")[-1], rows_of(program, Op.RELEASE, "counter")[-1]
    return moved(log, enter={release: 1.0}, leave={working: 1.0, release: 1.0})


def nobody_waits(program: Program, log: Log) -> Log:
    """The day of five clerks, claimed for one."""
    return run(busy_counter(clerks=5))


@pytest.mark.parametrize(
    ("planted", "law"),
    [
        (grant_comes_late, "little-waiting"),
        (arrival_is_early, "little-waiting"),
        (grant_comes_late, "little-service"),
        (step_inside_is_short, "little-service"),
        (served_one_gave_up, "flow-balance"),
        (last_service_takes_longer, "utilisation-law"),
        (nobody_waits, "utilisation"),
        (nobody_waits, "capacity"),
    ],
)
def test_a_planted_error_breaks_the_law(planted: Callable[[Program, Log], Log], law: str) -> None:
    program = busy_counter()
    log = run(program)
    window = (2.0, 8.0) if planted is nobody_waits else WINDOW
    assert laws_broken(program, log, window) == set()
    broken = laws_broken(program, planted(program, log), window)
    assert f"{law} at counter" in broken
    assert not any(name.endswith("at gate") for name in broken)


def test_times_that_agree_with_each_other_alone_do_not_pass() -> None:
    program = busy_counter()
    log = run(program)
    assert laws_broken(program, last_service_takes_longer(program, log)) == {"utilisation-law at counter"}
    assert laws_broken(program, nobody_waits(program, log), (2.0, 8.0)) == {
        "utilisation at counter",
        "capacity at counter",
    }


def checks_by_law(checks: list[LawCheck]) -> dict[str, tuple[float, float]]:
    return {check.law: (check.left, check.right) for check in checks}


def test_the_sides_of_the_laws_are_what_a_hand_would_count() -> None:
    """Arrivals at 1 to 5 at the counter, four minutes each, one after another: waits of 0, 3, 6, 9 and 12 minutes."""
    checks = check_laws(busy_counter(), run(busy_counter()), (3.0, 10.0), places=["counter"])
    assert [check.place for check in checks] == ["counter"] * 6
    assert checks_by_law(checks) == {
        "little-waiting": (2.0 + 6.0 + 6.0 + 5.0, 19.0),
        "little-service": (7.0, 7.0),
        "flow-balance": (2 + 3, 2 + 3),
        "utilisation-law": (7.0, 7.0),
        "utilisation": (7.0, 7.0),
        "capacity": (0.0, 0.0),
    }


def test_what_never_ends_counts_until_the_end_of_the_window() -> None:
    program = build([[seize("counter")], [at(2.0), seize("counter")]], units("counter", 1))
    checks = checks_by_law(check_laws(program, run(program), (0.0, 10.0)))
    assert checks["little-waiting"] == (8.0, 8.0)
    assert checks["little-service"] == (10.0, 10.0)
    assert checks["flow-balance"] == (2, 2)


def test_work_carried_over_closing_and_an_old_crew_are_overtime() -> None:
    """After the handover at 6 both crews work: 4 units until 9, 3 until 10, then 2 until 13 and 1 until 16."""
    visits = [served("counter", delay(minutes)) for minutes in (10.0, 3.0, 10.0, 10.0, 3.0)]
    closing = build(visits[:2], units("counter", 2), units("counter", 0, since=6.0))
    assert checks_by_law(check_laws(closing, run(closing), WINDOW))["utilisation"] == (13.0 - 4.0, 12.0)
    relieved = build(visits, units("counter", 2), units("counter", 2, since=6.0, handover=True))
    assert checks_by_law(check_laws(relieved, run(relieved), WINDOW))["utilisation"] == (36.0 - 7.0, 48.0)
    assert laws_broken(relieved, run(relieved)) == set()


def test_utilisation_is_held_against_those_on_duty() -> None:
    program = busy_counter()
    duty = Level(np.array([0.0, 11.0]), np.array([2, 0], dtype=np.int64))
    checks = check_laws(program, run(program), WINDOW, places=["counter"], staffed={"counter": duty})
    assert checks_by_law(checks)["utilisation"] == (10.0, 22.0)
    assert all(check.holds for check in checks)


def test_the_gap_is_left_less_right() -> None:
    program = busy_counter()
    late = check_laws(program, grant_comes_late(program, run(program)), WINDOW, places=["counter"])
    assert [check.gap for check in late if check.law.startswith("little")] == [1.0, -1.0]
