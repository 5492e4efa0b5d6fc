"""The options of a run, as typed, and the plan that they come to; what does not fit is refused with one sentence."""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import CoercionError, Parameter, Token

from cli.errors import CommandError

if TYPE_CHECKING:
    from scenarios.schema import Scenario
    from sim.experiment import Plan

DEFAULT_REPLICATIONS = 10
DEFAULT_CEILING = 200
DEFAULT_SEED = 1
DEFAULT_OUT = Path("results/runs")

Engine = Literal["compiled", "reference"]


def whole(kind: Any, tokens: Sequence[Token]) -> int:  # noqa: ARG001  the form that cyclopts asks for
    """Read a whole number; 1.5 is refused, not rounded."""
    text = unicodedata.normalize("NFKC", tokens[0].value).strip()
    if not re.fullmatch(r"[+-]?\d{1,18}", text):
        raise CoercionError(token=tokens[0], target_type=int)
    return int(text)


Seed = Annotated[int, Parameter(help="cli.option.seed", metavar="N", converter=whole)]
Jobs = Annotated[int | None, Parameter(help="cli.option.jobs", metavar="N", converter=whole)]
Quiet = Annotated[bool, Parameter(help="cli.option.quiet", negative="")]
Json = Annotated[bool, Parameter(help="cli.option.json", negative="")]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class RunOptions:
    """What `simulate` and `compare` can be told, besides the scenarios."""

    replications: Annotated[int | None, Parameter(help="cli.option.replications", metavar="N", converter=whole)] = None
    precision: Annotated[
        str | None, Parameter(help="cli.option.precision", metavar="5%", allow_leading_hyphen=True)
    ] = None
    at_most: Annotated[int | None, Parameter(help="cli.option.at_most", metavar="N", converter=whole)] = None
    seed: Seed = DEFAULT_SEED
    jobs: Jobs = None
    engine: Annotated[Engine, Parameter(help="cli.option.engine")] = "compiled"
    out: Annotated[Path, Parameter(help="cli.option.out", metavar="FOLDER")] = DEFAULT_OUT
    json: Json = False
    event_log: Annotated[bool, Parameter(help="cli.option.event_log", negative="")] = False
    what_if: Annotated[bool, Parameter(help="cli.option.what_if", negative="")] = False
    profile: Annotated[bool, Parameter(help="cli.option.profile", negative="")] = False
    no_report: Annotated[bool, Parameter(help="cli.option.no_report", negative="")] = False
    quiet: Quiet = False


def plan_of(options: RunOptions, arms: Mapping[str, Scenario]) -> Plan:
    """Return what to run.

    Raises
    ------
    CommandError
        `E-use-replications`, `E-use-precision`, `E-use-counts`, `E-use-at-most`, `E-use-seed`, `E-use-jobs`.
    """
    from sim.experiment import Plan
    from sim.precision import Precision

    check(options)
    target = None if options.precision is None else share_of(options.precision)
    precision = None if target is None else Precision(target, ceiling=options.at_most or DEFAULT_CEILING)
    replications = DEFAULT_REPLICATIONS if options.replications is None else options.replications
    return Plan(
        arms=dict(arms),
        seed=options.seed,
        replications=replications,
        precision=precision,
        jobs=jobs_of(options.jobs),
        engine=options.engine,
    )


def check(options: RunOptions) -> None:
    """Refuse options that do not fit, before anything is loaded.

    Raises
    ------
    CommandError
        As `plan_of`.
    """
    if options.replications is not None and options.precision is not None:
        raise CommandError("E-use-counts")
    if options.replications is not None and options.replications < 1:
        raise CommandError("E-use-replications", found=options.replications)
    if options.precision is not None:
        share_of(options.precision)
    if options.at_most is not None and (options.precision is None or options.at_most < _LEAST_CEILING):
        raise CommandError("E-use-at-most", found=options.at_most, least=_LEAST_CEILING)
    check_seed(options.seed)
    jobs_of(options.jobs)


_LEAST_CEILING = 3
"""The precision rule needs three replications to say anything."""


def check_seed(seed: int) -> None:
    """Refuse a negative seed."""
    if seed < 0:
        raise CommandError("E-use-seed", found=seed)


def share_of(text: str) -> float:
    """Read a precision: "5%", "2.5 %", "５％" or "0.05", more than 0 and less than 100 %.

    Raises
    ------
    CommandError
        `E-use-precision`.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)\s*(%?)", plain)
    share = float(match[1]) / (100 if match[2] else 1) if match else math.nan
    if not 0 < share < 1:
        raise CommandError("E-use-precision", found=text)
    return share


def jobs_of(jobs: int | None) -> int:
    """Return how many workers to use: as many as there are cores for us, if not told.

    Raises
    ------
    CommandError
        `E-use-jobs`.
    """
    if jobs is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if jobs < 1:
        raise CommandError("E-use-jobs", found=jobs)
    return jobs
