"""The committed run of the national study, which `docs/national.md` shows, and how it is known to be up to date.

`make national` makes it again. The whole run is too long for a test; so its folder also holds the figures of a small
country, which a test computes anew with the same program.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import scenarios
from results.datapackage import write_csv
from results.manifest import record_outputs
from scenarios.packaged import FOLDER, country
from scenarios.replacing import replace
from sim.national.study import run_national

REFERENCE = Path(scenarios.__file__).parent.parent / "results" / "national-2023-03"
SAMPLE, VARIANTS = "sample.json", "variants.csv"
SEED = 1
_SMALL = {
    "country.municipalities": 60,
    "country.population": 1_500_000,
    "country.largest": 300_000,
    "country.example": 60_000,
    "moves.part": 0.012,
}

Sample = dict[str, list[list[object]]]


def sample() -> Sample:
    """Run a country of 60 municipalities, and return its tables of whole numbers; small enough to be read."""
    result = run_national(replace(country("national_march"), _SMALL), SEED)
    sizes = result.sizes[["arm", "people_from", "towns", "waiting", "overflowing", "visits"]]
    outage = result.outage.loc[result.outage["unit"] == "count", ["measure", "without", "with"]]
    tables = {
        "filings": result.filings[["arm", "kind", "filings"]],
        "required_rates": result.required_rates.drop(columns="unit"),
        "sizes": sizes,
        "outage": outage.astype({"without": int, "with": int}),
    }
    return {name: table.to_numpy().tolist() for name, table in tables.items()}


def complete(folder: Path) -> None:
    """Put the sample, and the country under other assumptions, into the folder of the reference run."""
    blocks = []
    for name, rows in sample().items():
        lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
        blocks.append(f' "{name}": [\n{lines}\n ]')
    text = ",\n".join(blocks)
    (folder / SAMPLE).write_text("{\n" + text + "\n}\n", encoding="utf-8", newline="\n")
    found = runpy.run_path(str(FOLDER / "studies" / "national_assumptions.py"))["table"]
    write_csv(found, folder / VARIANTS)
    record_outputs(folder)


if __name__ == "__main__":
    complete(Path(sys.argv[1]))
