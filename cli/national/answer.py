"""A finished study of the country, with everything that the screen and the JSON object say of it."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.here import Here
from scenarios.evidence import evidence_of
from sim.national.replication import Stage
from sim.national.study import NationalResult
from sim.national.wording import stage_name


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked and what came out.

    Attributes
    ----------
    word
        The scenario as it was typed.
    data
        The scenario as resolved, in plain data.
    run
        The run folder.
    """

    word: str
    engine: str
    data: Mapping[str, Any]
    result: NationalResult
    run: Path

    def inputs(self) -> tuple[int, int]:
        """Return how many numbers of the scenario are assumed, and how many there are."""
        rows = evidence_of(self.result.scenario)
        return sum(row.assumed for row in rows), len(rows)

    def seconds(self) -> dict[Stage, float]:
        """Return where the time went, by stage."""
        stages = self.result.stages
        return dict(zip(stages["stage"], stages["seconds"], strict=True))


def profile(answer: Answer, here: Here) -> Iterator[str]:
    """Say where the time went, stage by stage, and how much memory it took."""
    seconds = answer.seconds()
    total = sum(seconds.values())
    for stage, own in seconds.items():
        name = stage_name(stage, here.lang)
        yield here.text("cli.national.stage", name=name, seconds=f"{own:.1f}", share=f"{own / total:.0%}")
    yield here.text("cli.national.whole", seconds=f"{total:.1f}", memory=f"{peak_memory() / 2**30:.1f}")


def peak_memory() -> int:
    """Return the most bytes that this process has held so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
