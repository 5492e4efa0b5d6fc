"""`hikkoshi study national`: every municipality in March, with one portal and one relay, without and with an outage."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Given, Here
from cli.options import DEFAULT_OUT, DEFAULT_SEED, Engine, Json, Quiet, Seed, check_seed, whole

if TYPE_CHECKING:
    from scenarios.schema.national import NationalScenario
    from sim.national.replication import Stage
    from sim.national.study import NationalResult

DEFAULT_SCENARIO = "national_march"


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class NationalOptions:
    """What `study national` can be told, besides the scenario."""

    replications: Annotated[int, Parameter(help="cli.option.national_replications", metavar="N", converter=whole)] = 1
    seed: Seed = DEFAULT_SEED
    engine: Annotated[Engine, Parameter(help="cli.option.engine")] = "compiled"
    out: Annotated[Path, Parameter(help="cli.option.out", metavar="FOLDER")] = DEFAULT_OUT
    json: Json = False
    profile: Annotated[bool, Parameter(help="cli.option.national_profile", negative="")] = False
    quiet: Quiet = False


def national(
    scenario: Annotated[str, Parameter(help="cli.argument.national")] = DEFAULT_SCENARIO,
    /,
    *,
    run: NationalOptions = NationalOptions(),
    here: Given,
) -> Exit:
    """Simulate the whole country: peaks at portal and relay, offices that overflow, the morning after an outage."""
    if run.replications < 1:
        raise CommandError("E-use-replications", found=run.replications)
    check_seed(run.seed)
    from cli.arms import load_country

    loaded = load_country(scenario)
    from results.writable import probe

    probe(run.out)
    from cli.national.answer import Answer
    from cli.national.folder import write_national

    start = dt.datetime.now().astimezone()
    result = _result(loaded.scenario, run, here)
    written = write_national(run.out, result, ["hikkoshi", *here.words], start)
    answer = Answer(scenario, run.engine, loaded.data, result, written)
    if run.json:
        from cli.national.document import document

        here.answer(document(answer))
    else:
        from cli.national.table import show

        show(answer, here)
    if run.profile:
        from cli.national.answer import profile

        for line in profile(answer, here):
            here.remark(line)
    return Exit.FINE


def _result(scenario: NationalScenario, options: NationalOptions, here: Here) -> NationalResult:
    """Run the study in a thread of its own: an engine of the whole country is many seconds deaf to Ctrl-C."""
    from cli.interruptible import interruptible
    from cli.progress import stages
    from sim.national.errors import NationalError
    from sim.national.study import run_national
    from sim.national.wording import stage_name

    with stages(here, quiet=options.quiet) as report:

        def tell(stage: Stage, done: int, total: int) -> None:
            report(stage_name(stage, here.lang), done, total)

        try:
            return interruptible(
                lambda: run_national(scenario, options.seed, options.replications, tell, options.engine)
            )
        except NationalError as error:
            raise CommandError(error.key, Exit.SCENARIO, **error.fields) from error
