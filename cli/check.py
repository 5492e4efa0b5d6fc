"""`hikkoshi check` and `hikkoshi schema`: is a scenario fit to run, and what may stand in one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Given, Here

if TYPE_CHECKING:
    from pydantic import BaseModel


def check(
    *scenarios: Annotated[str, Parameter(help="cli.argument.scenarios", name="SCENARIO")],
    resolved: Annotated[bool, Parameter(help="cli.option.resolved", negative="")] = False,
    here: Given,
) -> Exit:
    """Check scenarios without running them; all problems of all files in one pass."""
    if not scenarios:
        raise CommandError("E-use-scenario")
    from cli.arms import load_all

    loaded = load_all(scenarios)
    for word, one in zip(scenarios, loaded, strict=True):
        if resolved:
            from scenarios.toml_text import document

            notes = {key: _origin(origin.file, origin.line, here) for key, origin in one.origins.items()}
            here.answer(f"# {word}\n\n{document(one.data, notes)}")
        else:
            scenario, period = one.scenario, one.scenario.period
            title = str(getattr(scenario.title, here.lang))
            here.answer(here.text("cli.check.fine", file=word, title=title, first=period.start, last=period.end))
    return Exit.FINE


def _origin(file: str | None, line: int | None, here: Here) -> str:
    return here.text("cli.check.default") if file is None else f"{Path(file).name}:{line}"


def schema(
    *,
    write: Annotated[bool, Parameter(help="cli.option.write", negative="")] = False,
    folder: Annotated[Path | None, Parameter(help="cli.option.folder", metavar="FOLDER")] = None,
    national: Annotated[bool, Parameter(help="cli.option.national_schema", negative="")] = False,
    here: Given,
) -> Exit:
    """Print the JSON Schema of one kind of scenario files, or write both beside them for editors."""
    from scenarios import json_schema
    from scenarios.schema import Scenario
    from scenarios.schema.national import NationalScenario

    models: dict[Path, type[BaseModel]] = {json_schema.FILE: Scenario, json_schema.NATIONAL_FILE: NationalScenario}
    if not write and folder is None:
        model = models[json_schema.NATIONAL_FILE if national else json_schema.FILE]
        here.answer(json_schema.text(model).rstrip("\n"))
        return Exit.FINE
    for beside, model in models.items():
        file = beside if folder is None else folder / beside.name
        try:
            here.answer(here.text("cli.written", path=json_schema.write(model, file)))
        except OSError as error:
            raise CommandError("E-use-unwritable", path=file, reason=error.strerror or error) from error
    return Exit.FINE
