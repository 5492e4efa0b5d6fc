"""From a finished study of the country to a run folder: tables, the answer in both languages, manifest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from cli.runs import assumptions
from results.manifest import Label, Period
from results.plan import Arm, Plan
from results.store import RunFolder
from scenarios.canonical import as_dict
from sim.national.replication import arms_of
from sim.national.study import NationalResult
from sim.national.wording import render
from sim.streams import SPAWNING_RULE
from texts import LANGS, say


def write_national(out: Path, result: NationalResult, command: Sequence[str], start: dt.datetime) -> Path:
    """Write the run folder of a study and return it: tables, manifest, and `answer.ja.txt` and `answer.en.txt`.

    Raises
    ------
    ResultsError
        `E-out-unwritable`, also for a disk that is full; nothing is left behind.
    """
    scenario = result.scenario
    arms = arms_of(scenario)
    plan = Plan(
        slug=scenario.name,
        arms=[
            Arm(arm, Label(**{lang: say(f"national.arm.{arm}", lang) for lang in LANGS}), as_dict(own))
            for arm, own in arms.items()
        ],
        seed=result.seed,
        spawning=SPAWNING_RULE,
        asked=result.replications,
        command=command,
        period=Period(first=scenario.period.start, last=scenario.period.end, warm_up_days=scenario.period.warm_up_days),
        labels={one.id: Label(ja=one.label.ja, en=one.label.en) for one in scenario.incidents},
        needs="required_rates",
    )
    with RunFolder(out, plan, start) as folder:
        for name, table in result.tables().items():
            if len(table):
                folder.write_table(name, table)
        folder.write_table("assumptions", assumptions(arms))
        for lang in LANGS:
            folder.write_text(f"answer.{lang}.txt", render(result, lang))
        folder.describe(result.replications)
        return folder.finish()
