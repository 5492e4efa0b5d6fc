"""Options of `hikkoshi load`, as typed, and what they come to; what does not fit is refused with one sentence."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.errors import CommandError
from cli.options import DEFAULT_OUT, DEFAULT_SEED, Json, Quiet, Seed, check_seed, whole

DEFAULT_DURATION = "60s"
_SECONDS = {"s": 1, "min": 60, "m": 60, "h": 3600}
_LONGEST_S = 24 * 3600
_LEAST_S = 5
_MOST_WORKERS = 32
_MOST_CLEAN_RUNS = 1000


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What `load` can be told."""

    window: Annotated[str | None, Parameter(help="cli.option.load_window", metavar="'2023-03-27 08:30/12:30'")] = None
    scale: Annotated[str | None, Parameter(help="cli.option.load_scale", metavar="N")] = None
    speed: Annotated[str | None, Parameter(help="cli.option.load_speed", metavar="N")] = None
    duration: Annotated[str | None, Parameter(help="cli.option.load_duration", metavar="60s")] = None
    drain: Annotated[str, Parameter(help="cli.option.load_drain", metavar="60s")] = "60s"
    workers: Annotated[int, Parameter(help="cli.option.load_workers", metavar="N", converter=whole)] = 1
    target: Annotated[Path | None, Parameter(help="cli.option.load_target", metavar="FOLDER")] = None
    tls: Annotated[bool, Parameter(help="cli.option.load_tls", negative="")] = False
    defects: Annotated[str, Parameter(help="cli.option.defects", metavar="NAME,NAME", show_default=False)] = ""
    prove: Annotated[bool, Parameter(help="cli.option.load_prove", negative="")] = False
    clean_runs: Annotated[int, Parameter(help="cli.option.load_clean_runs", metavar="N", converter=whole)] = 1
    find_limit: Annotated[bool, Parameter(help="cli.option.load_find_limit", negative="")] = False
    seed: Seed = DEFAULT_SEED
    out: Annotated[Path, Parameter(help="cli.option.out", metavar="FOLDER")] = DEFAULT_OUT
    json: Json = False
    quiet: Quiet = False


@dataclass(frozen=True, slots=True)
class Sizes:
    """The numbers of a run, read; None is left to the program.

    Attributes
    ----------
    duration_s, drain_s
        Real seconds.
    """

    scale: float | None
    speed: float | None
    duration_s: float
    drain_s: float


def sizes_of(options: LoadOptions) -> Sizes:
    """Read the numbers of a run.

    Raises
    ------
    CommandError
        `E-use-load-either` and `E-use-load-own` for modes that do not go together; `E-use-load-both` for a speed and a
        duration; `E-use-load-number`, `E-use-load-duration`, `E-use-load-workers`, `E-use-seed`; `E-use-load-clean` and
        `E-use-load-clean-runs` for clean runs outside a matrix, and for a number of them that cannot be.
    """
    if options.prove and options.find_limit:
        raise CommandError("E-use-load-either")
    if options.clean_runs != 1 and not options.prove:
        raise CommandError("E-use-load-clean")
    if not 1 <= options.clean_runs <= _MOST_CLEAN_RUNS:
        raise CommandError("E-use-load-clean-runs", found=options.clean_runs, most=_MOST_CLEAN_RUNS)
    if options.target is not None and (options.prove or options.find_limit or options.tls or options.defects):
        raise CommandError("E-use-load-own")
    if options.speed is not None and options.duration is not None:
        raise CommandError("E-use-load-both")
    if not 1 <= options.workers <= _MOST_WORKERS:
        raise CommandError("E-use-load-workers", found=options.workers, most=_MOST_WORKERS)
    check_seed(options.seed)
    scale = None if options.scale is None else _number(options.scale, "--scale")
    speed = None if options.speed is None else _number(options.speed, "--speed")
    duration = seconds_of(options.duration or DEFAULT_DURATION, "--duration")
    return Sizes(scale, speed, duration, seconds_of(options.drain, "--drain"))


def seconds_of(text: str, option: str) -> float:
    """Read a length of time: `60s`, `10min`, `1h`, or seconds.

    Raises
    ------
    CommandError
        `E-use-load-duration`.
    """
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)\s*(s|min|m|h)?", _plain(text))
    seconds = float(found[1]) * _SECONDS[found[2] or "s"] if found is not None else 0.0
    if not _LEAST_S <= seconds <= _LONGEST_S:
        raise CommandError("E-use-load-duration", option=option, found=text, least=_LEAST_S)
    return seconds


def _number(text: str, option: str) -> float:
    plain = _plain(text)
    if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", plain) or not float(plain):
        raise CommandError("E-use-load-number", option=option, found=text)
    return float(plain)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
