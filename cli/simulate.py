"""`hikkoshi simulate` and `hikkoshi compare`: from scenario files to the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from importlib import import_module
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


def _load_the_rest(*, with_page: bool) -> None:
    """Load what comes after the replications, while the workers are at them."""
    for module in ("cli.answer", "cli.runs", *(("report.page",) if with_page else ())):
        import_module(module)


def _run(words: Sequence[str], options: RunOptions, here: Given) -> Exit:
    check(options)
    from cli.arms import load_arms

    arms = load_arms(words)
    from results.writable import probe

    probe(options.out)
    from cli.readiness import keep_compiled, ready

    keep_compiled(here)
    from cli.profile import Stopwatch
    from cli.progress import progress
    from sim.experiment import ExperimentError, run_experiment

    start, watch = dt.datetime.now().astimezone(), Stopwatch(*here.since)
    plan = plan_of(options, {name: arm.scenario for name, arm in arms.items()})
    watch.lap("start")
    ready(plan.engine, here, quiet=options.quiet)
    watch.lap("ready")
    meanwhile = partial(_load_the_rest, with_page=not options.no_report)
    with progress(here, "cli.progress.replications", _total(plan), quiet=options.quiet) as report:
        try:
            outcome = run_experiment(plan, report, meanwhile)
        except ExperimentError as error:
            raise CommandError("E-run-nothing-done", Exit.INTERNAL, reason=str(error)) from error
    watch.lap("replications")
    from cli.answer import answer_of
    from cli.runs import Parts, run_plan, write_run

    parts = Parts(not options.no_report, options.event_log, before_report=lambda: watch.lap("tables"))
    run = run_plan(arms, plan, ["hikkoshi", *here.words])
    written = write_run(options.out, run, arms, plan, outcome, start, parts)
    watch.lap("report")
    answer = answer_of(words, arms, plan, outcome, written, watch.laps if options.profile else None)
    if options.json:
        from cli.answer_json import document

        here.answer(document(answer))
    else:
        from cli.answer_table import show

        show(answer, here)
        if answer.profile is not None:
            from cli.profile import show_profile

            show_profile(answer.profile, here)
    return answer.exit
