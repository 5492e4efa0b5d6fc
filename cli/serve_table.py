"""What `hikkoshi serve` says when the servers are there: where they are, and who may do what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from io import StringIO

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from cli.here import Here
from fakes.clock import JST
from fakes.procedures import Section
from fakes.serving.credentials import Credentials
from fakes.serving.folder import CREDENTIALS
from fakes.serving.rehearsal import Rehearsal
from fakes.serving.settings import Settings
from fakes.towns import OTHERS, TOWNS, WARD_CODE

JSON_VERSION = 1
_SHOWN = (WARD_CODE, OTHERS[0])
"""Towns whose staff are listed; all others are in the file."""


def as_json(rehearsal: Rehearsal) -> str:
    """Return everything as one JSON object, for programs."""
    settings = rehearsal.servers[0].settings
    head = {
        "format": "hikkoshi.serve",
        "version": JSON_VERSION,
        "clock": {
            "start": settings.start.astimezone(JST).isoformat(),
            "speed": settings.speed,
            "began_ns": settings.began,
        },
        "defects": list(rehearsal.defects),
        "processes": {
            server.settings.name: [process.pid for process in server.processes] for server in rehearsal.servers
        },
    }
    return json.dumps({**head, **msgspec.to_builtins(rehearsal.credentials)}, indent=2, ensure_ascii=False)


def show(shown: Credentials, settings: Settings, defects: tuple[str, ...], here: Here) -> str:
    """Return everything as tables, for people.

    Parameters
    ----------
    settings
        Of one of the servers; the clock is the same for all.
    defects
        Those that are on.
    """
    page = _Page(here)
    page.line("cli.serve.ready", bold=True)
    page.line("cli.serve.folder", path=shown.folder)
    at = f"{settings.start.astimezone(JST):%Y-%m-%d %H:%M}"
    page.line("cli.serve.clock", at=at, speed=f"{settings.speed:g}", seed=shown.seed)
    if defects:
        page.line("cli.serve.defects", bold=True, defects=", ".join(defects))
    page.table("cli.serve.servers", (), [(_server(one.server, here), one.page) for one in shown.servers])
    page.table(
        "cli.serve.cards",
        ("town", "card", "pin", "signing"),
        [(_town(one.municipality), one.serial, one.pin, one.signing_password) for one in shown.cards],
    )
    page.table(
        "cli.serve.staff",
        ("town", "section", "id", "password"),
        [
            (_town(one.municipality), Section(one.section).label(here.lang), one.id, one.password)
            for one in shown.staff
            if one.municipality in _SHOWN
        ],
    )
    page.table("cli.serve.others", (), _others(shown, here))
    page.line("cli.serve.credentials", before=True, path=f"{shown.folder}/{CREDENTIALS}")
    page.line("cli.serve.stop")
    return page.text()


def _others(shown: Credentials, here: Here) -> Iterable[tuple[str, str]]:
    yield here.text("cli.serve.provider"), f"{shown.provider}  {shown.provider_password}"
    yield here.text("cli.serve.operator"), shown.operator_key
    if shown.authority:
        yield here.text("cli.serve.authority"), shown.authority
        yield here.text("cli.serve.peers"), shown.peers[0].file.replace("portal", "*")
    else:
        yield here.text("cli.serve.no_tls"), "X-Peer: " + ", ".join(peer.name for peer in shown.peers)


def _server(name: str, here: Here) -> str:
    server, _, instance = name.partition("-")
    label = here.text(f"fakes.server.{server}")
    return f"{label} {here.text(f'cli.serve.{instance}')}" if instance else label


def _town(code: str) -> str:
    return f"{code} {TOWNS[code].name}"


class _Page:
    """Lines and tables, as wide as they need to be: an address that is broken is no address."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._out = StringIO()
        self._console = Console(
            file=self._out, width=1000, highlight=False, markup=False, emoji=False,
            force_terminal=Console().is_terminal, no_color=None,
        )  # fmt: skip

    def line(self, key: str, *, bold: bool = False, before: bool = False, **values: object) -> None:
        if before:
            self._console.print()
        self._console.print(self._here.text(key, **values), style="bold" if bold else "")

    def table(self, heading: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> None:
        self._console.print()
        self.line(heading, bold=True)
        words = list(rows)
        heads = [tuple(self._here.text(f"cli.serve.column.{name}") for name in columns)] if columns else []
        widths = [max(map(cell_len, cells)) for cells in zip(*heads, *words, strict=True)]
        grid = Table.grid(padding=(0, 2, 0, 0))
        for width in widths:
            grid.add_column(width=width, no_wrap=True)
        for cells in heads:
            grid.add_row(*cells, style="dim")
        for cells in words:
            grid.add_row(*cells)
        self._console.print(grid)

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._out.getvalue().splitlines())
