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
from cli.here import Given, Here
from cli.options import RunOptions, check, plan_of

if TYPE_CHECKING:
    from pandas import DataFrame

    from cli.arms import Arms
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
    for module in ("cli.answer", "cli.runs"):
        import_module(module)
    if with_page:
        import_module("report.writing").get_ready()


def _varied(names: Sequence[str]) -> str:
    """Return the arm around which the grid is laid: the second, or the only one."""
    return names[min(1, len(names) - 1)]


def _require_service(arms: Arms) -> None:
    name = _varied(list(arms))
    if not arms[name].scenario.one_stop.available:
        raise CommandError("E-use-what-if", Exit.USAGE, name=name)


def _grid(plan: Plan, options: RunOptions, here: Here) -> DataFrame:
    from cli.progress import progress
    from sim.what_if import cells_at_most, what_if

    scenario = plan.arms[_varied(list(plan.arms))]
    with progress(here, "cli.progress.what_if", cells_at_most(), quiet=options.quiet) as report:
        return what_if(scenario, plan.seed, plan.jobs, report)


def _run(words: Sequence[str], options: RunOptions, here: Given) -> Exit:
    check(options)
    from cli.arms import load_arms

    arms = load_arms(words)
    if options.what_if:
        _require_service(arms)
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

    grid = _grid(plan, options, here) if options.what_if else None
    parts = Parts(not options.no_report, options.event_log, grid, before_report=lambda: watch.lap("tables"))
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
