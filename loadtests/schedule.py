"""When each arrival is due: sorted offsets from the start of the run, what arrives, and a hash of it all.

Made once for a run, from the scenario (`loadtests.crowd`) or for calibration (`loadtests.rates`); every worker gets the
same one and walks its own stripe. Offsets are whole microseconds, so that the same seed gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import BadZipFile

import numpy as np

from loadtests.crowd import draw_arrivals
from loadtests.errors import LoadError
from loadtests.journeys import CODES, JOURNEYS, Arrivals, Journey
from loadtests.window import MICRO, Window
from scenarios.schema import Scenario
from sim.program import Floats, Ints

FORMAT: Final = 1
_FINEST_SPEED: Final = 1_000_000


class Arrival(NamedTuple):
    """One arrival; the fields of `loadtests.journeys.Arrivals`, with names in the place of numbers.

    Attributes
    ----------
    number
        Its place in the schedule, unique in a run.
    due_us
        When it is due, microseconds since the run began.
    """

    number: int
    due_us: int
    household: int
    journey: Journey
    origin: str
    destination: str
    persons: int
    second: bool
    returned: bool
    correct_s: int
    withdrawn: bool
    form_s: int
    retry_s: int
    give_up_s: int
    move_day: int
    visit_day: int


@dataclass(frozen=True)
class Schedule:
    """All arrivals of a run.

    Attributes
    ----------
    start
        Moment of the scenario at which the run begins, in Japan.
    length_us
        Length of the run without its drain, real microseconds.
    speed
        Scenario seconds in a real second.
    due_us
        Sorted, shape (arrivals,), real microseconds since the run began; each below `length_us`.
    arrivals
        What arrives, row for row.
    """

    start: datetime
    length_us: int
    speed: float
    due_us: Ints
    arrivals: Arrivals

    def __len__(self) -> int:
        return len(self.due_us)

    def __getitem__(self, number: int) -> Arrival:
        row = {column.name: getattr(self.arrivals, column.name)[number].item() for column in fields(Arrivals)}
        del row["at_us"]
        row["journey"] = JOURNEYS[row["journey"]]
        row["origin"], row["destination"] = CODES[row["origin"]], CODES[row["destination"]]
        return Arrival(number=number, due_us=int(self.due_us[number]), **row)

    @property
    def seconds(self) -> Floats:
        """Offsets in seconds."""
        return self.due_us / 1e6

    def stripe(self, worker: int, workers: int) -> Ints:
        """Return the numbers of a worker's arrivals: every `workers`-th from `worker` on, which counts from 0.

        Raises
        ------
        ValueError
            For a worker that is not one of them.
        """
        if not 0 <= worker < workers:
            raise ValueError(f"worker {worker} is not one of {workers}")
        return np.arange(worker, len(self), workers)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over every column and what the run is; the same in every process with the same schedule."""
        digest = hashlib.sha256(json.dumps([FORMAT, self._named], sort_keys=True).encode())
        for name, column in self._columns().items():
            digest.update(f"{name}:{column.dtype.str}:{len(column)};".encode())
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()

    @property
    def _named(self) -> dict[str, object]:
        return {
            "start": self.start.isoformat(),
            "length_us": self.length_us,
            "speed": _ratio(self.speed),
            "codes": CODES,
            "journeys": JOURNEYS,
        }

    def _columns(self) -> dict[str, Ints]:
        """Columns in the order of their names, little-endian whatever the machine."""
        own = {column.name: np.asarray(getattr(self.arrivals, column.name)) for column in fields(Arrivals)}
        own["due_us"] = self.due_us
        return {
            name: column.astype("|b1" if column.dtype == np.bool_ else "<i8") for name, column in sorted(own.items())
        }

    def write(self, file: Path) -> None:
        """Write the schedule for the workers of a run."""
        named = json.dumps({**self._named, "speed": self.speed, "hash": self.hash})
        with file.open("wb") as out:
            np.savez_compressed(out, named=np.frombuffer(named.encode(), dtype=np.uint8), **self._columns())  # type: ignore[arg-type]

    @classmethod
    def read(cls, file: Path) -> Schedule:
        """Read a schedule that was written.

        Raises
        ------
        LoadError
            E-load-schedule-file when it cannot be read, or is not what was written.
        """
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as held:
                named = json.loads(held["named"].tobytes())
                columns = {name: held[name] for name in (*(column.name for column in fields(Arrivals)), "due_us")}
            schedule = cls(
                datetime.fromisoformat(named["start"]),
                named["length_us"],
                named["speed"],
                columns.pop("due_us"),
                Arrivals(**columns),
            )
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
            raise LoadError("E-load-schedule-file", path=file, reason=error) from error
        if schedule.hash != named["hash"]:
            raise LoadError("E-load-schedule-file", path=file, reason="SHA-256")
        return schedule


def of_scenario(scenario: Scenario, window: Window, *, scale: float, speed: float, seed: int) -> Schedule:
    """Return the schedule of a scenario's window: `scale` times its filings, `speed` times as fast.

    Raises
    ------
    LoadError
        E-load-speed, and as `loadtests.crowd.draw_arrivals`.
    """
    if not 0 < speed <= _FINEST_SPEED:
        raise LoadError("E-load-speed", found=f"{speed:g}", fastest=_FINEST_SPEED)
    arrivals = draw_arrivals(scenario, window, scale, seed)
    return timed(arrivals, window, speed)


def timed(arrivals: Arrivals, window: Window, speed: float) -> Schedule:
    """Return arrivals of a window, in the order of their times, on the clock of a run."""
    numerator, denominator = _ratio(speed)
    length = -(-window.micros * denominator // numerator)
    return Schedule(window.start, length, speed, arrivals.at_us * denominator // numerator, arrivals)


def _ratio(speed: float) -> tuple[int, int]:
    """The speed as the scenario's clock takes it: a fraction with at most six places after the point."""
    return round(speed * _FINEST_SPEED), _FINEST_SPEED


def lasts(window: Window, speed: float) -> float:
    """Return how long a window takes at a speed, real seconds."""
    return window.micros * MICRO.total_seconds() / speed
