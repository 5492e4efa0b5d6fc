"""`python -m bench`: measure everything, print the page, and put it into bench/results.md and docs/performance.md."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

import numpy as np

from bench import common_numbers, launch, machine, memory, scaling
from bench.models import DESKS, LOAD, Model
from bench.programs import mean_waits
from bench.race import CONTESTANTS, ROUNDS, race
from bench.results import Everything, Heat, page
from sim.log import Log
from sim.program import Floats
from sim.theory.markov import mmc_mean_wait

RESULTS = Path(__file__).parent / "results.md"
DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- bench/results.md begins -->\n", "<!-- bench/results.md ends -->\n"


def main() -> None:
    """Run the bench."""
    parser = ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small models, two rounds, nothing written: a trial")
    quick = parser.parse_args().quick
    found = measure(quick)
    text = page(found)
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")
        DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8"), text), encoding="utf-8")


def measure(quick: bool) -> Everything:
    """Measure everything in turn."""
    rounds, scale = (2, 0.02) if quick else (ROUNDS, 1.0)
    load = machine.load()
    queue_model, tandem_model = memory.drawn("M/M/5", scale), memory.drawn("tandem", scale)
    return Everything(
        machine=machine.machine(),
        software=machine.software(),
        date=machine.today(),
        queue=heat(queue_model, rounds, scale, mmc_mean_wait(DESKS, DESKS * LOAD, 1.0)),
        tandem=heat(tandem_model, rounds, scale, None),
        launch=launch.measure(rounds, tell),
        sizes=scaling.measure(scaling.SIZES[: 2 if quick else None], rounds, tell),
        worth=common_numbers.worth(*(10, 1) if quick else ()),
        load=(load, machine.load()),
    )


def heat(model: Model, rounds: int, scale: float, theory: float | None) -> Heat:
    """Let all who can run a model, and make sure that they agree."""
    tell(model.name)
    runners, missing = {}, {}
    for contestant in CONTESTANTS:
        if contestant.only not in {None, model.name}:
            continue
        try:
            runners[contestant.key] = contestant.runner(model)
        except ImportError as error:
            missing[contestant.key] = f"not installed ({error.name})"
    laps = race(runners, rounds, tell)
    answers = {key: waits_in(model, lap.answer) for key, lap in laps.items()}
    ours = answers["compiled"]
    for key, waits in answers.items():
        if not np.array_equal(waits, ours):
            raise SystemExit(f"{model.name}: {key} says {waits}, our compiled engine {ours}")
    tell("memory")
    used = {key: memory.megabytes(key, model.name, scale) for key in laps}
    return Heat(model, laps, used, missing, tuple(ours.tolist()), theory)


def waits_in(model: Model, answer: object) -> Floats:
    """Mean waits in what a contestant returned: a log, or the means themselves."""
    return mean_waits(model, answer) if isinstance(answer, Log) else np.asarray(answer, dtype=np.float64)


def filled(document: str, text: str) -> str:
    """Put the page between the markers of a document."""
    head, _, rest = document.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{text}\n{END}{tail}"


def tell(what: str) -> None:
    """Say what is going on, beside the page."""
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
