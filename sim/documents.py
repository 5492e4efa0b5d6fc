"""The computed parts of `docs/`, so that no page can differ from the model: drawings of flows, tables of inputs,
the answer of the country's reference run.

Pages are written by hand around marked parts, `<!-- flow visit_counter -->` … `<!-- end -->`. Fill them again with
`python -m sim.documents`; a test compares.
"""

from __future__ import annotations

from pathlib import Path

import scenarios
from scenarios.evidence import Evidence, evidence_of
from scenarios.loading import load
from scenarios.packaged import names
from scenarios.schema import Scenario
from sim.diagrams import PIECES, draw
from sim.flows import FLOWS
from sim.input_tables import HEADS, cells
from sim.national.documents import national_part
from sim.steps import Steps
from texts import pages

HOUSE = Path(scenarios.__file__).parent.parent
DOCS = HOUSE / "docs"
BASE = "launch"
"""The scenario whose inputs are listed in full; of the others only what differs."""


def parts_of(page: str) -> list[tuple[str, str]]:
    """Kind and name of the marked parts of a page, in order."""
    return pages.parts_of(page, FILLERS)


def filled(page: str) -> str:
    """Return a page with its marked parts computed.

    Raises
    ------
    KeyError
        For a flow, a piece or a part of the scenario that does not exist.
    """
    return pages.filled(page, FILLERS)


def input_sections() -> list[str]:
    """Names of the parts of a scenario that hold quantities, in order, and `others`."""
    return [*dict.fromkeys(row.key.split(".")[0] for row in _inputs(BASE)), "others"]


def _flow(name: str) -> str:
    return _drawn({flow.name: flow.steps for flow in FLOWS}[name])


def _piece(name: str) -> str:
    return _drawn({piece.name: piece.steps for piece in PIECES}[name])


def _drawn(steps: Steps) -> str:
    return f"```text\n{draw(steps)}\n```"


def _inputs_of(name: str) -> str:
    return _differences() if name == "others" else _section(name)


def _inputs(scenario: str) -> list[Evidence]:
    return evidence_of(load(HOUSE / "scenarios" / f"{scenario}.toml", Scenario))


def _section(name: str) -> str:
    rows = [row for row in _inputs(BASE) if row.key.split(".")[0] == name]
    if not rows:
        raise KeyError(name)
    return pages.table(HEADS, (cells(row) for row in rows))


def _differences() -> str:
    """Quantities that the other scenarios have and the base has not, or not so."""
    base = set(_inputs(BASE))
    rows = [(f"`{name}`", *cells(row)) for name in names() for row in _inputs(name) if row not in base]
    return pages.table(("scenario", *HEADS), rows)


FILLERS: pages.Fillers = {"flow": _flow, "piece": _piece, "inputs": _inputs_of, "national": national_part}

if __name__ == "__main__":
    pages.refresh(DOCS, FILLERS)
