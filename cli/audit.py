"""`hikkoshi audit verify`: whether the audit records of the fake systems are whole, every one, in their order."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Given, Here
from cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fakes.store.databases import Place
    from fakes.store.evidence import Checked

JSON_VERSION = 1
_POSTGRESQL = ("postgresql:", "postgres:", "postgresql+")
_SHOWN = 16
"""Digits of a hash on the screen; the JSON has all."""


def audit(*, here: Given) -> Exit:  # noqa: ARG001  there is nothing to say without knowing what to do
    """Look after the audit records of the fake systems."""
    raise CommandError("E-use-audit")


def verify(
    *places: Annotated[str, Parameter(help="cli.argument.audited", name="FOLDER")],
    json: Json = False,
    here: Given,
) -> Exit:
    """Check the hash chain of every store: nothing changed, removed, put in or cut off."""
    if not places:
        raise CommandError("E-use-audit")
    from fakes.store.evidence import check

    checked = [(word, [check(store) for store in stores_of(word)]) for word in places]
    every = [one for _, found in checked for one in found]
    if json:
        here.answer(_document(checked))
    else:
        for word, found in checked:
            _show(word, found, here)
    return Exit.FINE if all(one.whole for one in every) else Exit.FAULTY


def stores_of(word: str) -> list[Place]:
    """Return the stores that a word names: a folder of `hikkoshi serve`, a file of one store, or a database.

    Raises
    ------
    CommandError
        `E-audit-nothing` when there is none, `E-audit-database` when the database does not answer.
    """
    from fakes.endpoints import Server
    from fakes.serving.folder import database_in
    from fakes.store.evidence import in_database, in_file, in_folder

    names = [server.value for server in Server]
    path = Path(word)
    url = word if word.startswith(_POSTGRESQL) else database_in(path)
    if url:
        try:
            found = in_database(url, names)
        except Exception as problem:  # of three libraries; none of them says the password
            raise CommandError("E-audit-database", reason=str(problem).strip().partition("\n")[0]) from problem
    else:
        found = [in_file(path)] if path.is_file() else in_folder(path, names)
    if not found:
        raise CommandError("E-audit-nothing", path=path.name if url else word)
    return found


def _show(word: str, found: Sequence[Checked], here: Here) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False, emoji=False)
    if not word.startswith(_POSTGRESQL):
        console.print(word, style="bold", soft_wrap=True)
    grid = Table.grid(padding=(0, 2, 0, 0))
    for justify in ("left", "right", "left", "left"):
        grid.add_column(justify=justify)
    for one in found:
        count = here.text("cli.audit.records", count=f"{one.records:,}")
        end = here.text("cli.audit.head", hash=one.head[:_SHOWN]) if one.head else ""
        grid.add_row(one.server, count, _verdict(one, here), end, style="" if one.whole else "bold red")
    console.print(grid)


def _verdict(one: Checked, here: Here) -> str:
    if one.problem:
        return here.text("cli.audit.unreadable", reason=one.problem)
    if one.broken_at is not None:
        return here.text("cli.audit.broken", number=f"{one.broken_at:,}")
    return here.text("cli.audit.whole")


def _document(checked: Sequence[tuple[str, Sequence[Checked]]]) -> str:
    from msgspec import to_builtins

    stores = [
        {"place": None if word.startswith(_POSTGRESQL) else word, **to_builtins(one), "whole": one.whole}
        for word, found in checked
        for one in found
    ]
    whole = {"format": "hikkoshi.audit", "version": JSON_VERSION, "stores": stores}
    whole["exit_code"] = int(Exit.FINE if all(one["whole"] for one in stores) else Exit.FAULTY)
    return json_text.dumps(whole, indent=2, ensure_ascii=False)
