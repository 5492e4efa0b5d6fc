"""The computed parts of `docs/`, so that no page can differ from the model: drawings of flows, tables of inputs.

Pages are written by hand around marked parts, `<!-- flow visit_counter -->` … `<!-- end -->`. Fill them again with
`python -m sim.documents`; a test compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import scenarios
from scenarios.evidence import Evidence, evidence_of
from scenarios.loading import load
from scenarios.packaged import names
from scenarios.schema import Scenario
from sim.diagrams import PIECES, draw
from sim.flows import FLOWS

HOUSE = Path(scenarios.__file__).parent.parent
DOCS = HOUSE / "docs"
BASE = "launch"
"""The scenario whose inputs are listed in full; of the others only what differs."""

_PART = re.compile(r"<!-- (flow|piece|inputs) ([\w ]+) -->\n(?:.*?\n)??<!-- end -->", re.DOTALL)


def parts_of(page: str) -> list[tuple[str, str]]:
    """Kind and name of the marked parts of a page, in order."""
    return [(match[1], match[2]) for match in _PART.finditer(page)]


def filled(page: str) -> str:
    """Return a page with its marked parts computed.

    Raises
    ------
    KeyError
        For a flow, a piece or a part of the scenario that does not exist.
    """
    return _PART.sub(
        lambda match: f"<!-- {match[1]} {match[2]} -->\n{_content(match[1], match[2])}\n<!-- end -->", page
    )


def refresh(folder: Path = DOCS) -> list[Path]:
    """Fill the marked parts of all pages of a folder; return the pages that changed."""
    changed = []
    for file in sorted(folder.glob("*.md")):
        page = file.read_text(encoding="utf-8")
        if (new := filled(page)) != page:
            file.write_text(new, encoding="utf-8", newline="\n")
            changed.append(file)
    return changed


def input_sections() -> list[str]:
    """Names of the parts of a scenario that hold quantities, in order, and `others`."""
    return [*dict.fromkeys(row.key.split(".")[0] for row in _inputs(BASE)), "others"]


def _content(kind: str, name: str) -> str:
    if kind == "inputs":
        return _differences() if name == "others" else _section(name)
    steps = {f"flow {flow.name}": flow.steps for flow in FLOWS} | {
        f"piece {piece.name}": piece.steps for piece in PIECES
    }
    return f"```text\n{draw(steps[f'{kind} {name}'])}\n```"


def _inputs(scenario: str) -> list[Evidence]:
    return evidence_of(load(HOUSE / "scenarios" / f"{scenario}.toml", Scenario))


def _section(name: str) -> str:
    rows = [row for row in _inputs(BASE) if row.key.split(".")[0] == name]
    if not rows:
        raise KeyError(name)
    return _table(("input", "what", "value", "range", "unit", "source"), (_cells(row) for row in rows))


def _differences() -> str:
    """Quantities that the other scenarios have and the base has not, or not so."""
    base = set(_inputs(BASE))
    rows = [(f"`{name}`", *_cells(row)) for name in names() for row in _inputs(name) if row not in base]
    return _table(("scenario", "input", "what", "value", "range", "unit", "source"), rows)


def _cells(row: Evidence) -> tuple[str, ...]:
    known = row.low is not None and row.high is not None
    return (
        f"`{row.key}`",
        row.label_en,
        f"{row.value:.10g}",
        f"{row.low:.10g} – {row.high:.10g}" if known else "",
        row.unit,
        row.source or "none given",
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    refresh()
