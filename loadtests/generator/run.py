"""The run of one worker, from the plan to its files: clock, record, way to the systems, who is under way."""

from __future__ import annotations

import hashlib
import time
from base64 import b32encode
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from gevent.event import Event
from gevent.queue import Queue

from fakes.people import People
from loadtests.generator.knowledge import Way
from loadtests.generator.record import Fire, Record, RunClock
from loadtests.ledger import Ledger, Opened
from loadtests.plan import Plan, WorkerFiles, WorkerReport

_MICRO = 1_000_000
PORTAL_PLACE = "portal"


class Run:
    """What all users of a process share.

    Parameters
    ----------
    worker
        Which of `plan.workers` this process is, from 0.
    fire, serviced
        As `Record`.

    Attributes
    ----------
    draining
        No arrival is under way any more, in any worker: what waits now is all that there will be.
    announced
        Serial number of the signing certificate that each telegram of certificate data is about.
    spent
        Of certificates that are revoked since a town has acknowledged such a telegram.
    drained
        When a place was last seen with nothing left, since the draining began.
    looked
        Told of every look at a place while it is drained: place, when the look began, whether nothing was left.

    Raises
    ------
    LoadError
        When schedule, credentials or output of the plan cannot be used.
    """

    def __init__(
        self,
        plan: Plan,
        worker: int,
        fire: Fire,
        serviced: Callable[[str, str, float, int], None] | None = None,
    ) -> None:
        self.plan = plan
        self.worker = worker
        self.schedule = plan.arrivals()
        self.people = People(plan.people_seed, plan.people_day)
        folder = Path(plan.output)
        folder.mkdir(parents=True, exist_ok=True)
        self.files = WorkerFiles(folder, worker)
        self.clock = RunClock(plan.begin_at_us)
        opened = Opened(plan.run, plan.schedule_hash, worker, plan.workers)
        self.record = Record(self.clock, Ledger(self.files.ledger, opened), fire, serviced)
        self.way = Way(plan, self.record, f"{mark_of(plan.run)}-{worker}-")
        self.offered = 0
        self.under_way = 0
        self.draining = False
        self._end = Event()
        self.broken_off = False
        self.drained: dict[str, int] = {}
        self.looked: Callable[[str, int, bool], None] = lambda _place, _began, _empty: None
        self.announced: dict[str, int] = {}
        self.spent: Queue[int] = Queue()
        self._cpu = 0.0
        self._elapsed = 0.0
        self._since: tuple[float, float] | None = None
        self._closed = False

    @property
    def length_us(self) -> int:
        """Until when arrivals are due."""
        return self.schedule.length_us

    @property
    def limit_us(self) -> int:
        """When the drain ends, whatever is left."""
        return self.schedule.length_us + round(self.plan.drain_s * _MICRO)

    def now(self) -> int:
        """Real microseconds since the run began."""
        return self.clock.now()

    def scenario_now(self) -> datetime:
        """The moment of the scenario, in Japan."""
        return self.plan.scenario_at(self.clock.now())

    @property
    def ending(self) -> bool:
        """Whether the run is over for whoever looks again and again."""
        return bool(self._end.is_set())

    def end(self) -> None:
        """Let nobody wait any more."""
        self._end.set()

    def until(self, due_us: int) -> None:
        """Wait for a moment of the run, or its end; not at all when it has passed."""
        # Once more where it is too early: a timer that is set after long work counts from before that work.
        while (wait := due_us - self.clock.now()) > 0 and not self.ending:
            self._end.wait(wait / _MICRO)

    def measure_from_here(self) -> None:
        """Begin to measure the processor time of this worker."""
        self._since = time.process_time(), time.monotonic()

    def measure_until_here(self) -> None:
        """Take the processor time since the beginning of the measurement."""
        if self._since is not None:
            self._cpu = time.process_time() - self._since[0]
            self._elapsed = time.monotonic() - self._since[1]

    def revoked(self, telegram: str) -> None:
        """Note that a town has acknowledged a telegram, by which the certificate that it is about is revoked."""
        if serial := self.announced.pop(telegram, 0):
            self.spent.put(serial)

    def empty(self, place: str) -> None:
        """Note that a place was seen with nothing left, if that counts already."""
        if self.draining:
            self.drained[place] = self.clock.now()

    def look(self, place: str, began_us: int, *, empty: bool) -> None:
        """Note what a look at a place found that began at a moment, if that counts already."""
        if self.draining:
            if empty:
                self.drained[place] = began_us
            self.looked(place, began_us, empty)

    def finish(self) -> WorkerReport:
        """Close the ledger and write the files of this worker; once."""
        lag, record = self.record.lag, self.record
        if self._elapsed == 0.0:
            self.measure_until_here()
        report = WorkerReport(
            worker=self.worker,
            workers=self.plan.workers,
            offered=self.offered,
            not_offered=record.ledger.not_offered,
            lag_p99_us=lag.percentile(99).value if lag.number else -1,
            lag_max_us=lag.most,
            cpu_percent=round(100 * self._cpu / self._elapsed) if self._elapsed else 0,
            cpu_s=round(self._cpu, 3),
            requests=record.requests,
            unfinished=self.under_way,
            broken_off=self.broken_off,
            drained=self.drained,
            strangers=record.strangers,
            failed=dict(record.failed),
            connections=dict(self.way.opened),
        )
        if not self._closed:
            self._closed = True
            record.ledger.close()
            record.series.write(self.files.series)
            report.write(self.files.generator)
        return report


def mark_of(run: str) -> str:
    """Return eight letters and digits that stand for a run in request ids; digits alone could be taken for a number."""
    return b32encode(hashlib.blake2b(run.encode(), digest_size=5).digest()).decode().lower()
