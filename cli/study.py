"""`hikkoshi study`: run one of the study scripts that come along, or a copy that somebody changed.

`hikkoshi study national` is a program of its own (`cli.national`).
"""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Given
from texts.reader import VARIABLE


def study(name: Annotated[str, Parameter(help="cli.argument.study")], /, *, here: Given) -> Exit:
    """Run a study script: what one number of a scenario does to the answer."""
    from scenarios.packaged import FOLDER

    folder = FOLDER / "studies"
    script = Path(name) if name.endswith(".py") else folder / f"{name}.py"
    if not script.is_file():
        known = ", ".join(sorted(["national", *(file.stem for file in folder.glob("*.py"))]))
        raise CommandError("E-use-study", found=name, known=known)
    here.remark(here.text("cli.study.script", path=script))
    os.environ[VARIABLE] = here.lang
    runpy.run_path(str(script), run_name="__main__")
    return Exit.FINE
