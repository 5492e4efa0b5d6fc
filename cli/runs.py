"""From an outcome to a run folder: tables, assumptions, manifest, report; whole, or not there."""

from __future__ import annotations

import datetime as dt
import shutil
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

import pandas as pd
from pydantic import BaseModel

from cli.arms import Arms
from report import REPORT, build_report
from results.errors import ResultsError
from results.manifest import Failed, Label, Period
from results.plan import Arm
from results.plan import Plan as RunPlan
from results.store import RunFolder
from results.writable import as_unwritable
from scenarios.evidence import evidence_of
from sim.engines import engine_named
from sim.eventlog import replay_events
from sim.experiment import Outcome, Plan
from sim.journeys import flow_steps
from sim.streams import SPAWNING_RULE

A = TypeVar("A", bound=str)


@dataclass(frozen=True, slots=True)
class Written:
    """A run folder that stands, and the tables that the answer is read from.

    Attributes
    ----------
    comparisons
        For each arm but the first, in order: what it has more than the first.
    report
        The page; None where none was asked for, or it could not be built.
    trouble
        Why it could not be built, as a traceback; else empty. The rest of the folder is whole.
    """

    path: Path
    report: Path | None
    summary: pd.DataFrame
    comparisons: dict[str, pd.DataFrame] = field(default_factory=dict)
    trouble: str = ""


def run_plan(arms: Arms, plan: Plan, command: Sequence[str]) -> RunPlan:
    """Return what the run folder says of the run: its arms as resolved, its seed, its names."""
    first = next(iter(arms.values())).scenario
    period = Period(first=first.period.start, last=first.period.end, warm_up_days=first.period.warm_up_days)
    return RunPlan(
        slug="_vs_".join(arms),
        arms=[
            Arm(name, Label(ja=arm.scenario.title.ja, en=arm.scenario.title.en), arm.data) for name, arm in arms.items()
        ],
        seed=plan.seed,
        spawning=SPAWNING_RULE,
        asked=None if plan.precision is not None else plan.replications,
        command=command,
        period=period,
        labels=_labels(arms),
    )


def _labels(arms: Arms) -> dict[str, Label]:
    """Names of sites and incidents; where two arms name one id differently, the first one's."""
    labels: dict[str, Label] = {}
    for arm in arms.values():
        named = [(site.id, site.label) for site in arm.scenario.sites]
        named += [(incident.id, incident.label) for incident in arm.scenario.incidents]
        for ident, label in named:
            labels.setdefault(ident, Label(ja=label.ja, en=label.en))
    return labels


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run folder shall hold besides the tables.

    Attributes
    ----------
    report
        The page. Where it cannot be built, the results are kept without it.
    events
        The events of the first replication of each arm; it is run again for them.
    what_if
        The grid of uptake and desks, if it was asked for.
    before_report
        Called when everything but the page is written.
    """

    report: bool = True
    events: bool = False
    what_if: pd.DataFrame | None = None
    before_report: Callable[[], None] = lambda: None


def write_run(
    out: Path, run: RunPlan, arms: Arms, plan: Plan, outcome: Outcome, start: dt.datetime, parts: Parts
) -> Written:
    """Write the run folder of an outcome.

    Parameters
    ----------
    start
        When the work began.

    Raises
    ------
    ResultsError
        `E-out-unwritable`, also for a disk that is full; nothing is left behind.
    """
    results, names = outcome.results, list(arms)
    summary = results.summary()
    comparisons = {name: results.comparison(names[0], name) for name in names[1:]}
    with RunFolder(out, run, start) as folder:
        for table in ("measures", "daily", "wait_quantiles", "laws"):
            folder.write_table(table, getattr(results, table))
        folder.write_table("summary", summary)
        scenarios = {name: arm.scenario for name, arm in arms.items()}
        folder.write_table("assumptions", assumptions(scenarios))
        folder.write_table("flow_steps", flow_steps(scenarios, plan.seed))
        if parts.what_if is not None:
            folder.write_table("what_if", parts.what_if)
        if comparisons:
            folder.write_table("comparison", comparisons[names[1]])
        if len(comparisons) > 1:
            folder.write_table("comparisons", _together(comparisons))
        if parts.events:
            number = int(results.measures["replication"].min())
            folder.write_table("events", replay_events(scenarios, plan.seed, engine_named(plan.engine), number))
        failed = [Failed(arm=one.arm, replication=one.replication, reason=one.reason) for one in outcome.failures]
        folder.describe(outcome.done, failed)
        parts.before_report()
        trouble = _report(folder.path) if parts.report else ""
        path = folder.finish()
    page = path / REPORT
    return Written(path, page if page.is_file() else None, summary, comparisons, trouble)


def assumptions(arms: Mapping[A, BaseModel]) -> pd.DataFrame:
    """Every quantity of every arm with its evidence; arms are scenarios by name."""
    return pd.DataFrame(
        [{"arm": name, **asdict(row)} for name, scenario in arms.items() for row in evidence_of(scenario)]
    ).astype({"low": "float64", "high": "float64"})


def _together(comparisons: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([frame.assign(arm=name) for name, frame in comparisons.items()], ignore_index=True)


def _report(folder: Path) -> str:
    """Build the page; return why it could not be built, else an empty text. A full disk is not the page's fault."""
    try:
        with as_unwritable(folder):
            build_report([folder], pictures=False)
    except ResultsError:
        raise
    except Exception:  # a fault of the page must not cost the results
        shutil.rmtree(folder / "charts", ignore_errors=True)
        (folder / REPORT).unlink(missing_ok=True)
        return traceback.format_exc()
    return ""
