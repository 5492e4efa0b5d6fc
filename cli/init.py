"""`hikkoshi init`: a commented scenario to start from. It extends the ward that comes along and changes nothing yet."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Given

Template = Literal["ward", "minimal"]
TEMPLATES = Path(__file__).with_name("templates")
BASE = "shinjuku.toml"


def init(
    name: Annotated[str, Parameter(help="cli.argument.name")],
    /,
    *,
    template: Annotated[Template, Parameter(help="cli.option.template")] = "ward",
    here: Given,
) -> Exit:
    """Write a commented scenario to start from; a file that is there is never overwritten."""
    from scenarios import json_schema

    file = Path(name if name.endswith(".toml") else f"{name}.toml")
    text = filled(template, file)
    schema = file.with_name(json_schema.FILE.name)
    try:
        with file.open("x", encoding="utf-8", newline="\n") as new:
            new.write(text)
        if not schema.exists():
            schema.write_text(json_schema.FILE.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
    except FileExistsError as error:
        raise CommandError("E-use-exists", path=file) from error
    except OSError as error:
        raise CommandError("E-use-unwritable", path=file, reason=error.strerror or error) from error
    here.answer(here.text("cli.written", path=file))
    here.answer(here.text("cli.next", command=f"hikkoshi check {file}"))
    return Exit.FINE


def filled(template: Template, file: Path) -> str:
    """Return the text of a template for a file at its place."""
    from scenarios.toml_text import inline

    text = (TEMPLATES / f"{template}.toml").read_text(encoding="utf-8")
    text = text.replace("@name@", identifier(file.stem)).replace("@title@", inline(file.stem))
    return text.replace('"@extends@"', inline(_base_from(file.parent)))


def identifier(word: str) -> str:
    """Return a name for a scenario, made from the name of its file: small letters, digits and underscores."""
    name = re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_")
    return name if name[:1].isalpha() and name.isascii() else f"ward_{name}".rstrip("_")


def _base_from(folder: Path) -> str:
    """Return the way from a folder to the ward that comes along, with slashes on every system."""
    from scenarios.packaged import FOLDER

    base = FOLDER / BASE
    try:
        return Path(os.path.relpath(base, folder.resolve())).as_posix()
    except ValueError:  # another drive
        return base.as_posix()
