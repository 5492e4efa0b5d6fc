"""Schedules for calibration: an even rate, a Poisson process, a ramp, and the replay of a file."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from loadtests.errors import LoadError
from loadtests.journeys import CODES, JOURNEYS, Arrivals, Journey
from loadtests.schedule import Schedule
from sim.program import Floats
from sim.streams import Streams

MOST: Final = 20_000_000
"""More arrivals than that are a mistyped rate."""


def constant(rate: float, seconds: float, start: datetime, speed: float = 1.0) -> Schedule:
    """Return arrivals at even distances, the first at 0.

    Parameters
    ----------
    rate, seconds
        Arrivals a real second, and for how long.
    """
    _check(rate, rate, seconds)
    number = math.ceil(rate * seconds - 1e-9)
    return _plain(np.arange(number) / rate, seconds, start, speed)


def poisson(rate: float, seconds: float, seed: int, start: datetime, speed: float = 1.0) -> Schedule:
    """Return a Poisson process of constant rate."""
    return ramp(rate, rate, seconds, seed, start, speed)


def ramp(first: float, last: float, seconds: float, seed: int, start: datetime, speed: float = 1.0) -> Schedule:
    """Return a Poisson process whose rate goes evenly from `first` to `last`.

    By inversion: a unit-rate process u is put at the time t at which the expected number, first·t + (last-first)·t²/2s,
    is u. For the same seed a higher rate only moves arrivals to earlier times and adds some.
    """
    _check(first, last, seconds)
    units = _unit_process((first + last) / 2 * seconds, seed)
    slope = (last - first) / seconds
    # The root that stays exact where the slope is nothing.
    at = 2 * units / (first + np.sqrt(np.maximum(first * first + 2 * slope * units, 0.0)))
    return _plain(at, seconds, start, speed)


def replay(file: Path, start: datetime, speed: float = 1.0) -> Schedule:
    """Return the arrivals of a file: one offset a line, seconds since the start, in any order; # begins a comment.

    Raises
    ------
    LoadError
        E-load-replay-file when it cannot be read; E-load-replay for the first line that is not an offset, with its
        number; E-load-replay-empty.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LoadError("E-load-replay-file", path=file, reason=error) from error
    offsets = [
        _offset(file, number, said) for number, line in enumerate(lines, 1) if (said := line.partition("#")[0].strip())
    ]
    if not offsets:
        raise LoadError("E-load-replay-empty", path=file)
    at = np.sort(np.array(offsets, dtype=np.float64))
    return _plain(at, float(at[-1]) + 1e-6, start, speed)


def _offset(file: Path, number: int, said: str) -> float:
    try:
        offset = float(said)
    except ValueError:
        offset = math.nan
    if not 0 <= offset <= 1e6:
        raise LoadError("E-load-replay", path=file, line=number, found=said)
    return offset


def _check(first: float, last: float, seconds: float) -> None:
    if not (first >= 0 and last >= 0 and first + last > 0 and 0 < seconds <= 1e6):
        raise LoadError("E-load-rate", found=f"{first:g}, {last:g}, {seconds:g}")
    if (first + last) / 2 * seconds > MOST:
        raise LoadError("E-load-rate-many", found=f"{(first + last) / 2 * seconds:.0f}", most=MOST)


def _unit_process(until: float, seed: int) -> Floats:
    """Return a Poisson process of rate 1 up to a time; a longer one begins with a shorter one."""
    generator = Streams(seed, 0).generator("arrivals of a calibration")
    parts: list[npt.NDArray[np.float64]] = []
    reached = 0.0
    while reached < until:
        gaps = -np.log1p(-generator.random(4096))
        parts.append(reached + np.cumsum(gaps))
        reached = float(parts[-1][-1])
    at = np.concatenate(parts)
    return at[at < until]


def _plain(at: Floats, seconds: float, start: datetime, speed: float) -> Schedule:
    """Put plain journeys on offsets: single movers out of the ward, town after town, that nothing happens to."""
    length = math.ceil(seconds * 1e6)
    due = np.minimum(np.floor(at * 1e6).astype(np.int64), length - 1)
    number = np.arange(len(due))
    zero = np.zeros(len(due), dtype=np.int64)
    never = np.zeros(len(due), dtype=np.bool_)
    arrivals = Arrivals(
        at_us=np.floor(due * speed).astype(np.int64),
        household=number,
        journey=zero + JOURNEYS.index(Journey.MOVE_OUT),
        origin=zero,
        destination=1 + number % (len(CODES) - 1),
        persons=zero + 1,
        second=never,
        returned=never,
        correct_s=zero,
        withdrawn=never,
        form_s=zero,
        retry_s=zero,
        give_up_s=zero,
        move_day=zero + 7,
        visit_day=zero + 10,
    )
    return Schedule(start, length, speed, due, arrivals)
