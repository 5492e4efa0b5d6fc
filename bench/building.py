"""What the stages around the engine cost a household, as the ward grows: households, program, measures.

`python -m bench.building` prints a table; each size is measured in a process of its own, for its memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from time import process_time

import scenarios
from bench.memory import MEGABYTE, PEAK, status_bytes
from scenarios.loading import load
from scenarios.replacing import replace
from scenarios.schema import Scenario
from sim.engines import compiled
from sim.measures.collect import tables_of
from sim.replication import replicate

TIMES = (1, 10, 100)
ROUNDS = 3
SEED = 1
VOLUMES = ("move_in", "move_out", "move_within", "from_abroad", "card_customers_per_day")
DESKS = ("windows", "clerks", "card_desks", "back_office_seats")
WEEK = {"start": date(2023, 3, 20), "end": date(2023, 3, 26), "warm_up_days": 0}


@dataclass(frozen=True, slots=True)
class Built:
    """One size: how many, the quickest processor seconds of each stage, and the memory above what was there before."""

    times: int
    households: int
    rows: int
    demand: float
    program: float
    measures: float
    megabytes: float

    def each(self, stage: str) -> float:
        """Microseconds a household."""
        return float(getattr(self, stage)) / self.households * 1e6


def ward(times: int) -> Scenario:
    """Return the launch scenario for a week of March, with so many times the people and the staff."""
    scenario = load(Path(scenarios.__file__).parent / "launch.toml", Scenario)
    changes: dict[str, object] = {"period": WEEK}
    for name in VOLUMES:
        changes[f"volumes.{name}"] = int(float(getattr(scenario.volumes, name)) * times)
    for kind, staff in scenario.staff.items():
        for desk in DESKS:
            for season in ("ordinary", "peak"):
                number = int(getattr(getattr(staff, desk), season))
                changes[f"staff.{kind}.{desk}.{season}"] = number * times
    return replace(scenario, changes)


def measure(times: int) -> Built:
    """Build and measure one size in this process."""
    scenario = ward(times)
    tables_of(replicate(ward(1), SEED, 0, compiled.run), "warm-up")
    PEAK.write_text("5", encoding="ascii")  # forget the peak so far
    before = status_bytes("VmRSS")
    rounds, households, rows = [], 0, 0
    for number in range(ROUNDS if times < TIMES[-1] else 1):
        start = process_time()
        replication = replicate(scenario, SEED, number, compiled.run)
        spent = tables_of(replication, "launch").seconds | {"whole": process_time() - start}
        rounds.append(spent)
        households, rows = len(replication.demand.people), replication.compiled.program.rows
    quickest = {stage: min(spent[stage] for spent in rounds) for stage in ("demand", "program", "measures")}
    return Built(times, households, rows, **quickest, megabytes=(status_bytes("VmHWM") - before) / MEGABYTE)


def table(found: list[Built]) -> str:
    """Write the sizes as a table."""
    lines = [
        "| volumes | households | rows | households, µs each | program, µs each | measures, µs each | MB |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for size in found:
        each = " | ".join(f"{size.each(stage):.2f}" for stage in ("demand", "program", "measures"))
        lines.append(f"| × {size.times} | {size.households:,} | {size.rows:,} | {each} | {size.megabytes:,.0f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure all sizes, or, as a process of its own, one."""
    if len(sys.argv) > 1:
        print(json.dumps(asdict(measure(int(sys.argv[1])))))
        return
    found = []
    for times in TIMES:
        done = subprocess.run(
            [sys.executable, "-m", "bench.building", str(times)], capture_output=True, text=True, check=True
        )
        found.append(Built(**json.loads(done.stdout)))
    print(table(found))


if __name__ == "__main__":
    main()
