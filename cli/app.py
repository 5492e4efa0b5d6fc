"""The program: its commands, and what each is called. Heavy things are imported by the commands when they run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cyclopts import App, Group

from cli.audit import audit
from cli.audit import verify as audit_verify
from cli.check import check, schema
from cli.exits import Exit
from cli.explain import explain
from cli.explore import explore
from cli.help import Help
from cli.init import init
from cli.load.calibrate import calibrate
from cli.load.command import load
from cli.national.command import national
from cli.serve import serve
from cli.simulate import compare, simulate
from cli.study import study
from cli.verify import verify
from cli.view import report
from results.machine import package_version
from texts import Lang, say

COMMANDS: tuple[Callable[..., Exit], ...] = (
    init,
    check,
    simulate,
    compare,
    explore,
    study,
    report,
    verify,
    serve,
    load,
    calibrate,
    audit,
    explain,
    schema,
)
"""In the order in which a planner meets them."""

BELOW: dict[Callable[..., Exit], tuple[Callable[..., Exit], ...]] = {study: (national,), audit: (audit_verify,)}
"""Commands that begin with the name of another one."""


def build(lang: Lang) -> App:
    """Return the program, speaking one language; errors and results are left to the caller."""
    make = partial(
        App,
        group_commands=Group("cli.help.commands"),
        group_arguments=Group("cli.help.arguments", sort_key=0),
        group_parameters=Group("cli.help.options", sort_key=1),
    )
    app = make(
        name="hikkoshi",
        help="cli.help.program",
        help_epilogue=say("cli.help.everywhere", lang),
        help_format="plaintext",
        help_formatter=Help(lang),
        version=package_version(),
        version_format="plaintext",
        exit_on_error=False,
        print_error=False,
        result_action="return_value",
    )
    for place, command in enumerate(COMMANDS):
        name = command.__name__
        if command not in BELOW:
            app.command(command, name=name, help="cli.command." + name, sort_key=place)
            continue
        above = make(name=name, help="cli.command." + name, sort_key=place, version_flags=())
        above.default(command)
        for own in BELOW[command]:
            key = f"cli.command.{name}.{own.__name__}"
            above.command(make(name=own.__name__, help=key, version_flags=(), default_command=own))
        app.command(above)
    app["--help"].help = "cli.help.help"
    app["--version"].help = "cli.help.version"
    return app
