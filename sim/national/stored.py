"""A study read back from its run folder, so that pages can be made from it."""

from __future__ import annotations

import pandas as pd

from results.store import Run
from results.tables import empty
from scenarios.loading import load
from scenarios.schema.national import NationalScenario
from sim.national.study import TABLE_NAMES, NationalResult


def read_national(run: Run) -> NationalResult:
    """Return the study of a run folder; how long it took is not kept.

    Raises
    ------
    ResultsError
        Where a table is missing or was changed.
    ScenarioError
        Where the scenario of the folder cannot be used any more.
    """
    manifest = run.manifest
    tables = {name: run.table(name) if name in run.tables else empty(name) for name in TABLE_NAMES}
    return NationalResult(
        scenario=load(run.path / manifest.arms[-1].file, NationalScenario),
        seed=manifest.randomness.seed,
        replications=manifest.replications.done,
        stages=pd.DataFrame({"stage": [], "seconds": []}),
        **tables,
    )
