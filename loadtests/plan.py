"""What every process of the generator is told: one file, so that all of them walk the same run.

    <run>/plan.json             this
    <run>/schedule.npz          the arrivals, drawn once
    <run>/generator/            what worker K leaves: ledger-K.ndjson, series-K.msgpack, generator-K.json

`hikkoshi load` writes one; Locust by hand makes its own out of its options.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, Self

import msgspec
from msgspec import Struct, field

from loadtests.errors import LoadError
from loadtests.gates import Generator
from loadtests.schedule import Schedule

PLAN: Final = "plan.json"
SCHEDULE: Final = "schedule.npz"
GENERATOR: Final = "generator"
FORMAT: Final = 1


class Servers(Struct, frozen=True):
    """Where the systems are, and how to be who calls them.

    Attributes
    ----------
    portal, ward
        Base addresses.
    jlis
        Base addresses, the primary first.
    credentials
        File of passwords and secrets, as `hikkoshi serve` writes it (`credentials.json`).
    cards
        Folder of the cards' authorities and keys, with which applicants sign.
    authority
        File of the authority that vouches for the servers; empty without TLS.
    peers
        File of the client certificate and key of each system (`portal`, `town-131041`); empty without TLS, where a
        system names itself in `X-Peer`.
    """

    portal: str
    jlis: tuple[str, ...]
    ward: str
    credentials: str
    cards: str
    authority: str = ""
    peers: Mapping[str, str] = field(default_factory=dict)


class Plan(Struct, frozen=True, kw_only=True):
    """One run.

    Attributes
    ----------
    run
        Its name; stands in every request id.
    schedule, schedule_hash
        File of the arrivals, beside the plan unless it is absolute, and the hash that it must have.
    servers
        Where they are.
    people_seed, people_day
        Of the people (`fakes.people.People`), as the servers have them.
    start, speed
        Moment of the scenario, in Japan, at which the run begins, and scenario seconds in a real second; those of the
        schedule.
    begin_at_us
        Real moment at which the run begins, microseconds since 1970; all workers count from it. The servers' clocks
        read `start` then.
    drain_s
        Real seconds after the last arrival was due in which places must have been seen with nothing left.
    in_flight
        Applicants that a worker may have under way; an arrival over it counts as not offered.
    workers
        How many processes walk the schedule.
    output
        Folder of what workers leave, beside the plan unless it is absolute.
    poll_s
        Scenario seconds between two looks of a town at J-LIS.
    probes
        Whether some applicants try what the rules refuse, and some calls are sent again on purpose.
    arrive
        What an arrival is: a household that files, or a pulse, one question for calibration.
    staff, auditors
        Whether towns' link servers and staff, and auditors, are played; without staff towns work by themselves.
    """

    run: str
    schedule: str = SCHEDULE
    schedule_hash: str
    servers: Servers
    people_seed: int
    people_day: date
    start: datetime
    speed: float
    begin_at_us: int
    drain_s: float = 60.0
    in_flight: int = 5000
    workers: int = 1
    output: str = GENERATOR
    poll_s: float = 300.0
    probes: bool = True
    arrive: Literal["filings", "pulses"] = "filings"
    staff: bool = True
    auditors: bool = True
    format: int = FORMAT

    def write(self, folder: Path) -> Path:
        """Write the plan into the folder of a run and return the file; whole, or not at all."""
        file = folder / PLAN
        new = file.with_suffix(".new")
        new.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")
        return new.replace(file)

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a plan; what it names relative to itself becomes absolute.

        Raises
        ------
        LoadError
            E-load-plan-file when it cannot be read, or is no plan.
        """
        try:
            plan = msgspec.json.decode(file.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError) as error:
            raise LoadError("E-load-plan-file", path=file, reason=error) from error
        if plan.format != FORMAT:
            raise LoadError("E-load-plan-file", path=file, reason=f"format {plan.format}")
        base = file.resolve().parent
        return msgspec.structs.replace(plan, schedule=str(base / plan.schedule), output=str(base / plan.output))

    def arrivals(self) -> Schedule:
        """Read the schedule.

        Raises
        ------
        LoadError
            E-load-schedule-file when it cannot be read, or is not the one that was meant.
        """
        schedule = Schedule.read(Path(self.schedule))
        if schedule.hash != self.schedule_hash:
            raise LoadError("E-load-schedule-file", path=self.schedule, reason="SHA-256")
        return schedule

    def scenario_at(self, real_us: int) -> datetime:
        """Return the moment of the scenario, in Japan, of real microseconds since the run began."""
        return self.start + timedelta(microseconds=round(real_us * self.speed))

    def real_s(self, scenario_s: float) -> float:
        """Return how long scenario seconds take, real seconds."""
        return scenario_s / self.speed


class WorkerFiles(Struct, frozen=True):
    """What worker number `worker` leaves in a folder."""

    folder: Path
    worker: int

    @property
    def ledger(self) -> Path:
        """See `loadtests.ledger`."""
        return self.folder / f"ledger-{self.worker}.ndjson"

    @property
    def series(self) -> Path:
        """See `loadtests.series`."""
        return self.folder / f"series-{self.worker}.msgpack"

    @property
    def generator(self) -> Path:
        """See `WorkerReport`."""
        return self.folder / f"generator-{self.worker}.json"


class WorkerReport(Struct, frozen=True, kw_only=True):
    """What a worker says about itself at its end; a worker that died leaves none.

    Attributes
    ----------
    offered, not_offered
        Arrivals of its stripe that were started, and those that were left out by the cap.
    lag_p99_us, lag_max_us
        Of sent - due of the arrivals; -1 when there was none.
    cpu_percent, cpu_s
        Processor time over elapsed time, and in seconds, from the first arrival until the last journey ended.
    requests
        Calls that were sent.
    unfinished
        Journeys that had not ended when the drain limit was over.
    broken_off
        Whether somebody stopped the run.
    drained
        When a place (a town, or "portal") was last seen with nothing left, real microseconds since the run began;
        those that this worker looked at.
    strangers
        Answers that were found at once to belong to somebody else.
    connections
        Those that it made to the systems, by version and cipher of TLS ("plain" without).
    failed
        What went wrong in the generator itself (a programming error in a journey), by message.
    """

    worker: int
    workers: int
    offered: int
    not_offered: int
    lag_p99_us: int
    lag_max_us: int
    cpu_percent: int
    cpu_s: float = 0.0
    requests: int
    unfinished: int = 0
    broken_off: bool = False
    drained: Mapping[str, int] = field(default_factory=dict)
    strangers: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    connections: Mapping[str, int] = field(default_factory=dict)

    def write(self, file: Path) -> None:
        """Write the report; whole, or not at all."""
        new = file.with_suffix(".new")
        new.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")
        new.replace(file)

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a report.

        Raises
        ------
        LoadError
            E-load-worker-file when it cannot be read, or is no report.
        """
        try:
            return msgspec.json.decode(file.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError) as error:
            raise LoadError("E-load-worker-file", path=file, reason=error) from error


def generator_of(reports: list[WorkerReport]) -> Generator:
    """Return what all workers together say about themselves, as the gates want it; the worst lag counts."""
    lags = [report.lag_p99_us for report in reports if report.lag_p99_us >= 0]
    return Generator(
        max(lags, default=None),
        sum(report.not_offered for report in reports),
        [report.cpu_percent for report in reports],
        any(report.broken_off or report.failed for report in reports),
    )


def drained_of(reports: list[WorkerReport]) -> dict[str, int]:
    """Return when each place was last seen with nothing left, by any worker."""
    drained: dict[str, int] = {}
    for report in reports:
        for place, at in report.drained.items():
            drained[place] = max(at, drained.get(place, at))
    return drained


def town_peer(municipality: str) -> str:
    """Return the name of a town's systems, as certificates and allow-lists have it."""
    return f"town-{municipality}"


def now_us() -> int:
    """Return the real moment, microseconds since 1970."""
    return time.time_ns() // 1000
