"""Nine traps into which simulations of queues have fallen, a test each; the rooms' own tests go deeper.

1 hours of arrival      tests/sim/demand/test_households.py, tests/sim/test_verify_parts.py (thinning)
2 replications          tests/sim/test_model.py, tests/sim/test_experiment.py
3 common numbers        tests/sim/demand/test_columns.py, tests/sim/test_comparison.py
4 shift changes         tests/sim/engines/test_reference.py, tests/sim/test_capacity.py
5 utilisation           tests/sim/measures/test_staff.py, tests/sim/test_laws.py
6 still inside          tests/sim/measures/test_systems.py, tests/report/test_report.py
7 the hot path          here
8 the self-test         tests/sim/test_verify.py
9 one log, one run      tests/sim/test_experiment.py, tests/sim/test_eventlog.py
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import sim.engines.compiled
import sim.engines.reference
from scenarios.datatables import hourly_profile
from sim.demand.horizon import horizon_of
from sim.demand.households import draw_households
from sim.eventlog import EventLogError, event_log, one_run
from sim.experiment import Plan
from sim.measures.collect import Tables, tables_of
from sim.occupancy import held
from sim.program import Floats, Ints
from sim.replication import Replication
from sim.statistics import StatisticsError
from sim.streams import Streams
from sim.tables import gather
from sim.verify import Row, Verdict
from tests.sim.small import SEED, demand_of, file, run_of, small

SURELY = 1e-5


# --- 1 ---------------------------------------------------------------------------------------------------------------


def misfit(hours: Ints, shares: Floats) -> float:
    """Probability of counts a hour at least as far from the shares as these, by chi-square."""
    counts, used = np.bincount(hours, minlength=24)[shares > 0], shares[shares > 0]
    return float(stats.chisquare(counts, used / used.sum() * counts.sum()).pvalue)


def thinned_at_the_previous_arrival(shares: Floats, a_day: float, days: int) -> Ints:
    """Hours of arrivals from the mistake: each gap is drawn at the rate of the hour in which the last one came."""
    generator = np.random.default_rng(1)
    opening = np.flatnonzero(shares)[[0, -1]] + np.array([0, 1])
    found: list[int] = []
    for _ in range(days):
        hour = float(opening[0])
        while (hour := hour + generator.exponential(1 / max(shares[int(hour)] * a_day, 0.1))) < opening[1]:
            found.append(int(hour))
    return np.array(found)


def test_trap_1_arrivals_follow_the_rate_of_their_own_hour() -> None:
    """The mistake that a published model made is large enough for this check to see it."""
    shares = np.array(hourly_profile("B"))
    scenario = file("launch")
    horizon = horizon_of(scenario)
    people = draw_households(scenario, horizon, Streams(SEED, 0))
    ordinary = horizon.is_open[people.day] & (horizon.weekday()[people.day] != 1)
    hours = ((people.visit_time % 1440)[ordinary] // 60).astype(np.int64)
    assert misfit(hours, shares) > SURELY
    assert misfit(thinned_at_the_previous_arrival(shares, 40.0, 800), shares) < SURELY


# --- 2 ---------------------------------------------------------------------------------------------------------------


def test_trap_2_replications_differ_and_nothing_is_drawn_when_a_model_is_built() -> None:
    scenario, before = small(), str(np.random.get_state())  # noqa: NPY002  (the global state must stay as it is)
    streams, _, horizon = Streams(SEED, 0), Plan({"launch": scenario}, SEED, 3), horizon_of(scenario)
    first = streams.uniform("hour/move_in", 5)
    assert np.array_equal(streams.uniform("hour/move_in", 5), first)
    draw_households(scenario, horizon, streams)
    assert np.array_equal(streams.uniform("hour/move_in", 5), first)
    runs = [run_of(scenario, number) for number in (0, 1, 0)]
    waits = [np.nansum(run.log.leave - run.log.enter) for run in runs]
    assert waits[0] == waits[2] != waits[1]
    assert len(runs[0].demand.people) != len(runs[1].demand.people)
    assert str(np.random.get_state()) == before  # noqa: NPY002


# --- 3 ---------------------------------------------------------------------------------------------------------------

ONE_MORE_DESK = {"staff.main.windows": {"ordinary": 3, "peak": 3}, "staff.main.clerks": {"ordinary": 4, "peak": 4}}


def first_arrivals(replication: Replication) -> Floats:
    compiled = replication.compiled
    rows = [row for row in compiled.rows(name="arrive") if _is_first(replication, int(row))]
    return replication.log.leave[rows]


def _is_first(replication: Replication, row: int) -> bool:
    return row in replication.compiled.program.offset


def test_trap_3_one_desk_more_changes_nobodys_arrival_nor_anything_else_about_them() -> None:
    few, many = demand_of(small()), demand_of(small(ONE_MORE_DESK))
    differs = {name for name, values in few.columns.items() if not np.array_equal(values, many.columns[name])}
    assert differs == {"balk_length"}  # as many may wait for more desks before one goes home
    assert np.array_equal(first_arrivals(run_of(small())), first_arrivals(run_of(small(ONE_MORE_DESK))))


def test_trap_3_every_comparison_reports_the_variance_ratio_that_was_achieved() -> None:
    """One stream per attribute; with other seeds for the other arm the ratio would be about 1."""
    arms = {"before": small(name="before"), "launch": small()}
    parts = [tables_of(run_of(arm, number), name) for name, arm in arms.items() for number in range(10)]
    table = gather(parts).comparison("before", "launch")
    overall = table[(table[["kind", "users", "site", "weekday", "hour"]] == "all").all(axis=1)].set_index("measure")
    ratio = overall["variance_ratio"].astype(float)
    assert ratio["citizen_hours_per_move"] > 5
    assert ratio["staff_hours_counter"] > 50
    apart = [
        tables_of(run_of(arm, number, seed), name)
        for (name, arm), seed in zip(arms.items(), (1, 2), strict=True)
        for number in range(10)
    ]
    unpaired = gather(apart).comparison("before", "launch")
    unpaired = unpaired[(unpaired[["kind", "users", "site", "weekday", "hour"]] == "all").all(axis=1)].set_index(
        "measure"
    )
    assert unpaired["variance_ratio"].astype(float)["staff_hours_counter"] < 4


# --- 4 ---------------------------------------------------------------------------------------------------------------


def test_trap_4_both_ways_of_changing_shifts_are_a_field_of_the_scenario_and_differ() -> None:
    """At noon half of the windows are relieved: they finish first, or a fresh crew starts at once beside them."""
    assert small().opening.shift_change == "finish"
    waits = {}
    for way in ("finish", "handover"):
        replication = run_of(small({"opening.shift_change": way}))
        tables = tables_of(replication, way)
        assert all(check.holds for check in tables.laws)
        waits[way] = overall(tables, "wait_mean")
        arrivals = first_arrivals(replication)
        assert np.array_equal(arrivals, first_arrivals(run_of(small())))
    assert waits["handover"] < waits["finish"]


# --- 5 ---------------------------------------------------------------------------------------------------------------


def overall(tables: Tables, measure: str, **group: str) -> float:
    table = tables.measures
    chosen = table["measure"] == measure
    for name in ("kind", "users", "site", "weekday", "hour"):
        chosen &= table[name] == group.get(name, "all")
    return float(table[chosen]["value"].item())


@cache
def crowd() -> Replication:
    """Four times as many people as the small ward can serve within its hours."""
    return run_of(small({"volumes.move_in": 16_000, "volumes.move_out": 16_000}))


def test_trap_5_utilisation_counts_staffed_time_within_the_horizon_and_is_never_above_one() -> None:
    tables, replication = tables_of(crowd(), "launch"), crowd()
    shares = tables.measures[tables.measures["measure"].str.startswith("utilisation")]["value"]
    assert ((shares >= 0) & (shares <= 1)).all()
    clerks = replication.places.names().index("clerks/main")
    window = replication.horizon.window
    busy = held(replication.compiled.program, replication.log, clerks).level().integral(window)
    staffed = replication.staffed[clerks].integral(window)
    assert busy > staffed  # divided by the rota, all that was worked would be above one
    assert overall(tables, "utilisation_clerks", site="main") > 0.9
    assert overall(tables, "overtime_hours") > (busy - staffed) / 60


# --- 6 ---------------------------------------------------------------------------------------------------------------


def test_trap_6_the_number_still_inside_stands_beside_every_mean() -> None:
    """For every group whose mean is printed at the end of a period; people of the last days are still under way."""
    table = tables_of(run_of(small({"behaviour.card_not_brought": 0.2})), "launch").measures
    snapshot = table[(table["weekday"] == "all") & (table["hour"] == "all")]
    groups = {
        measure: set(
            map(tuple, snapshot[snapshot["measure"] == measure][["kind", "users", "site"]].to_numpy().tolist())
        )
        for measure in ("wait_mean", "office_time_mean", "citizen_hours_per_move", "visits_per_move", "still_inside")
    }
    for measure, printed in groups.items():
        assert printed
        assert printed <= groups["still_inside"], measure
    assert table[table["measure"] == "still_inside"]["value"].max() > 0


# --- 7 ---------------------------------------------------------------------------------------------------------------

SLOW_CALLS = {
    "getattr",
    "setattr",
    "hasattr",
    "isinstance",
    "issubclass",
    "type",
    "vars",
    "dir",
    "print",
    "str",
    "repr",
    "format",
}
SLOW_MODULES = {"logging", "inspect", "warnings", "json"}


def functions_of(module: Path) -> Iterator[ast.FunctionDef]:
    yield from (
        node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    )


def slow_in(function: ast.FunctionDef) -> list[str]:
    """Reflection, formatting and logging in a function, apart from the words of an error that ends the run."""
    raised = {inner for node in ast.walk(function) if isinstance(node, ast.Raise) for inner in ast.walk(node)}
    annotations = {
        inner for argument in ast.walk(function) if isinstance(argument, ast.arg) for inner in ast.walk(argument)
    }
    found = []
    for node in ast.walk(function):
        if node in raised or node in annotations:
            continue
        if isinstance(node, (ast.JoinedStr, ast.Import, ast.ImportFrom)):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            module = node.func.value if isinstance(node.func, ast.Attribute) else None
            if name in SLOW_CALLS or (isinstance(module, ast.Name) and module.id in SLOW_MODULES):
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("engine", [sim.engines.reference, sim.engines.compiled], ids=["reference", "compiled"])
def test_trap_7_no_reflection_formatting_or_logging_for_each_simulated_object(engine: object) -> None:
    functions = list(functions_of(Path(str(vars(engine)["__file__"]))))
    assert len(functions) >= 10
    assert [slow for function in functions for slow in slow_in(function)] == []


def test_trap_7_the_check_sees_what_it_looks_for() -> None:
    planted = ast.parse(
        "def entity(x):\n    log = f'{x} arrives'\n    if isinstance(x, int):\n        logging.info(log)"
    )
    (function,) = planted.body
    assert isinstance(function, ast.FunctionDef)
    assert len(slow_in(function)) == 3


# --- 8 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("z", "half_width", "verdict"),
    [
        (0.1, 0.019, Verdict.PASSED),
        (-3.5, 0.019, Verdict.PASSED),
        (3.51, 0.019, Verdict.OFF_TARGET),
        (0.1, 0.02, Verdict.IMPRECISE),
        (0.1, 1.0, Verdict.IMPRECISE),
        (9.0, 1.0, Verdict.OFF_TARGET),
        (float("nan"), 0.01, Verdict.OFF_TARGET),
        (0.1, float("nan"), Verdict.IMPRECISE),
    ],
)
def test_trap_8_the_self_test_asks_for_closeness_and_for_precision(
    z: float, half_width: float, verdict: Verdict
) -> None:
    own = Row("multiserver", "M/M/1", "mean_wait", target=1.0, estimate=1.0, half_width=half_width, z=z)
    assert own.verdict is verdict
    assert own.passed == (verdict is Verdict.PASSED)


# --- 9 ---------------------------------------------------------------------------------------------------------------


def test_trap_9_tables_name_their_run_and_nothing_is_counted_twice() -> None:
    replication = run_of(small())
    own = tables_of(replication, "launch")
    for table in (own.measures, own.daily, own.quantiles):
        assert set(zip(table["arm"], table["replication"], strict=True)) == {("launch", 0)}
    with pytest.raises(StatisticsError, match="E-tables-repeated"):
        gather([own, own])
    together = gather([own, tables_of(run_of(small(), 1), "launch")])
    for gathered in (together.measures, together.daily, together.laws):
        assert set(zip(gathered["arm"], gathered["replication"], strict=True)) == {("launch", 0), ("launch", 1)}
    events = event_log(replication, "launch")
    assert len(one_run(events)) == len(events)
    with pytest.raises(EventLogError, match="E-events-mixed"):
        one_run(events.assign(replication=events["entity_id"] % 2))
