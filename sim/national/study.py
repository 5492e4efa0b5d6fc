"""The national study: peak rates at portal and relay, offices that overflow, and what an outage does to the morning."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from scenarios.schema.national import NationalScenario
from sim.engines import DEFAULT, EngineName, engine_named
from sim.national.filings import filings_of
from sim.national.offices import office_table, size_table
from sim.national.outage import Morning, compare, days_of_incident, morning_of
from sim.national.rates import minute_rates, peaks, required_rates
from sim.national.replication import STAGES, NationalRun, Stage, arms_of, replicate_national

Progress = Callable[[Stage, int, int], None]
"""Is told which stage begins, how many stages are done, and of how many."""


TABLE_NAMES = ("filings", "rates", "peaks", "required_rates", "offices", "sizes", "outage")


@dataclass(frozen=True, slots=True)
class NationalResult:
    """What a study says, as tidy tables.

    Attributes
    ----------
    filings
        arm, replication, kind, filings.
    rates
        arm, replication, system, date, minute, filings.
    peaks
        arm, replication, system, span, filings, date, minute.
    required_rates
        arm, system, period, unit, p50, p95, max, minutes_counted.
    offices
        arm, replication, town, people, windows, clerks, visits, load_max, days_over, queue_at_closing, worst_day,
        latest_min, overtime_h, jobs_at_closing.
    sizes
        arm, replication, people_from, towns, load_max, waiting, overflowing, share_overflowing, visits, overtime_h.
    outage
        replication, measure, unit, hour, without, with, difference; empty where nothing goes wrong.
    stages
        stage, seconds: where the time went. No result: it differs from run to run.
    """

    scenario: NationalScenario
    seed: int
    replications: int
    filings: pd.DataFrame
    rates: pd.DataFrame
    peaks: pd.DataFrame
    required_rates: pd.DataFrame
    offices: pd.DataFrame
    sizes: pd.DataFrame
    outage: pd.DataFrame
    stages: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name; the same for the same scenario and seed."""
        return {name: getattr(self, name) for name in TABLE_NAMES}


@dataclass(slots=True)
class _Clock:
    """Which stage is under way, and how long each took."""

    on_progress: Progress
    total: int
    done: int = 0
    stage: Stage | None = None
    since: float = 0.0
    seconds: dict[Stage, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

    def begin(self, stage: Stage | None) -> None:
        """End the stage under way; begin another one."""
        now = time.perf_counter()
        if self.stage is not None:
            self.seconds[self.stage] += now - self.since
            self.done += self.stage != stage
        if stage is not None:
            self.on_progress(stage, self.done, self.total)
        self.stage, self.since = stage, now

    def table(self) -> pd.DataFrame:
        """Seconds by stage."""
        return pd.DataFrame({"stage": list(self.seconds), "seconds": list(self.seconds.values())})


def run_national(
    scenario: NationalScenario,
    seed: int,
    replications: int = 1,
    on_progress: Progress = lambda _stage, _done, _total: None,
    engine: EngineName = DEFAULT,
) -> NationalResult:
    """Run the study: every replication without and with the scenario's incidents, on the same random numbers.

    Replications run one after the other, since one takes about 4 GB for the whole country.

    Raises
    ------
    DataTableError
        For a month that the national table of moves does not have.
    sim.national.errors.NationalError
        Where the scenario is well written and still cannot be run.
    """
    arms = len(arms_of(scenario))
    clock = _Clock(on_progress, replications * (1 + 3 * arms))
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in ("filings", "rates", "offices", "outage")}
    for number in range(replications):
        mornings: dict[str, Morning] = {}
        for run in replicate_national(scenario, seed, number, engine_named(engine), clock.begin):
            _measure(run, scenario, parts, mornings)
            del run  # its log is as large as the program; the next one needs the room
        if "with" in mornings:
            parts["outage"].append(compare(mornings["without"], mornings["with"], number))
    rates, offices = _together(parts["rates"]), _together(parts["offices"])
    clock.begin(None)
    return NationalResult(
        scenario=scenario,
        seed=seed,
        replications=replications,
        filings=_together(parts["filings"]),
        rates=rates,
        peaks=peaks(rates),
        required_rates=required_rates(rates),
        offices=offices,
        sizes=size_table(offices),
        outage=_together(parts["outage"]) if parts["outage"] else pd.DataFrame(columns=OUTAGE_COLUMNS),
        stages=clock.table(),
    )


OUTAGE_COLUMNS = ["replication", "measure", "unit", "hour", "without", "with", "difference"]


def _measure(
    run: NationalRun, scenario: NationalScenario, parts: dict[str, list[pd.DataFrame]], mornings: dict[str, Morning]
) -> None:
    parts["filings"].append(_marked(filings_of(run), run))
    parts["rates"].append(_marked(minute_rates(run), run))
    parts["offices"].append(_marked(office_table(run), run))
    days = days_of_incident(scenario, run.horizon)
    if days is not None:
        mornings[run.arm] = morning_of(run, days)


def _marked(table: pd.DataFrame, run: NationalRun) -> pd.DataFrame:
    """Say of which run a table is: one log, one run."""
    table.insert(0, "replication", run.number)
    table.insert(0, "arm", run.arm)
    return table


def _together(tables: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True)
