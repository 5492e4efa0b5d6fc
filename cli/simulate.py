"""`hikkoshi simulate` and `hikkoshi compare`: from scenario files to the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Given
from cli.options import RunOptions, check, plan_of

if TYPE_CHECKING:
    from sim.experiment import Plan

Scenario = Annotated[str, Parameter(help="cli.argument.scenario")]


def simulate(scenario: Scenario, /, *, run: RunOptions = RunOptions(), here: Given) -> Exit:  # noqa: B008
    """Simulate one scenario."""
    return _run([scenario], run, here)


def compare(
    before: Annotated[str, Parameter(help="cli.argument.before")],
    after: Annotated[str, Parameter(help="cli.argument.after")],
    /,
    *more: Annotated[str, Parameter(help="cli.argument.more")],
    run: RunOptions = RunOptions(),  # noqa: B008
    here: Given,
) -> Exit:
    """Compare scenarios on the same random numbers."""
    return _run([before, after, *more], run, here)


def _total(plan: Plan) -> int | None:
    return None if plan.precision is not None else plan.replications * len(plan.arms)


def _run(words: Sequence[str], options: RunOptions, here: Given) -> Exit:
    check(options)
    from cli.arms import load_arms

    arms = load_arms(words)
    from results.store import probe

    probe(options.out)
    from cli.answer import answer_of
    from cli.progress import progress
    from cli.runs import Parts, run_plan, write_run
    from sim.engines import warm_up
    from sim.experiment import ExperimentError, run_experiment

    start = dt.datetime.now().astimezone()
    plan = plan_of(options, {name: arm.scenario for name, arm in arms.items()})
    with progress(here, "cli.progress.replications", _total(plan), quiet=options.quiet) as report:
        warm_up(plan.engine)
        try:
            outcome = run_experiment(plan, report)
        except ExperimentError as error:
            raise CommandError("E-run-nothing-done", Exit.INTERNAL, reason=str(error)) from error
    parts = Parts(report=not options.no_report, events=options.event_log)
    run = run_plan(arms, plan, ["hikkoshi", *here.words])
    written = write_run(options.out, run, arms, plan, outcome, start, parts)
    answer = answer_of(words, arms, plan, outcome, written)
    if options.json:
        from cli.answer_json import document

        here.answer(document(answer))
    else:
        from cli.answer_table import show

        show(answer, here)
    return answer.exit
