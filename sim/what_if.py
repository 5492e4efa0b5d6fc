"""What if: a grid of uptake and desks around a scenario, every cell on the same random numbers."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from scenarios.errors import ScenarioError
from scenarios.replacing import replace
from scenarios.schema import Scenario
from sim.experiment import Plan, run_experiment

UPTAKES = (0.0, 0.08, 0.16, 0.25, 0.4)
"""Shares of movers who file online; those that a scenario does not allow are left out."""
MORE_DESKS = (-1, 0, 1, 2, 3)
"""Windows more or less at the main office, each with a clerk, all the season."""
MEASURES = ("wait_mean", "wait_over_30_share")
REPLICATIONS = 5


def what_if(scenario: Scenario, seed: int, jobs: int, on_done: Callable[[int], None] = lambda _: None) -> pd.DataFrame:
    """Run every cell of the grid, and say how long people wait at the main office.

    Parameters
    ----------
    on_done
        Called with the number of replications done so far, over all cells.

    Returns
    -------
    pd.DataFrame
        Columns uptake (share), desks (more or less than the scenario's), windows and clerks (at the main office in
        the peak), measure, unit, estimate, lo95, hi95, n.
    """
    main = next(site for site in scenario.sites if site.main)
    cells = {
        f"{uptake}/{more}": (uptake, more, cell)
        for uptake in UPTAKES
        for more in MORE_DESKS
        if (cell := _cell(scenario, main.staff, uptake, more)) is not None
    }
    plan = Plan({name: cell for name, (_, _, cell) in cells.items()}, seed, REPLICATIONS, jobs=jobs)
    summary = run_experiment(plan, on_done).results.summary()
    chosen = summary["measure"].isin(MEASURES) & (summary["site"] == main.id)
    for other in ("kind", "users", "weekday", "hour"):
        chosen &= summary[other] == "all"
    found = summary[chosen]
    about = [cells[str(arm)] for arm in found["arm"]]
    crews = [cell.staff[main.staff] for _, _, cell in about]
    table = found[["measure", "unit", "estimate", "lo95", "hi95", "n"]].reset_index(drop=True)
    table.insert(0, "clerks", [int(float(crew.clerks.peak)) for crew in crews])
    table.insert(0, "windows", [int(float(crew.windows.peak)) for crew in crews])
    table.insert(0, "desks", [more for _, more, _ in about])
    table.insert(0, "uptake", [uptake for uptake, _, _ in about])
    return table


def cells_at_most() -> int:
    """How many replications a grid runs at most."""
    return len(UPTAKES) * len(MORE_DESKS) * REPLICATIONS


def _cell(scenario: Scenario, staff: str, uptake: float, more: int) -> Scenario | None:
    """Return the scenario of one cell; None where it cannot be: more uptake than cards, or no desk left."""
    changes: dict[str, object] = {"one_stop.uptake": uptake}
    crew = scenario.staff[staff]
    for kind in ("windows", "clerks"):
        levels = getattr(crew, kind)
        for when in ("ordinary", "peak"):
            changes[f"staff.{staff}.{kind}.{when}"] = int(float(getattr(levels, when))) + more
    try:
        return replace(scenario, changes)
    except ScenarioError:
        return None
