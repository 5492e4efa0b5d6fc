"""What one worker does in a run: its stripe of the arrivals, then the drain, then its files."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, Final

import gevent
from gevent.event import Event

from loadtests.casting import Casting
from loadtests.generator.arrivals import Arrivals
from loadtests.generator.run import PORTAL_PLACE, Run
from loadtests.plan import Plan, WorkerReport
from loadtests.users.applicants import Applicant, begins_us
from loadtests.users.habits import Habits
from loadtests.users.honest import HonestUser
from loadtests.users.papers import Prepared
from loadtests.users.pulses import Pulse

GRACE_S: Final = 5.0
"""Real seconds that journeys have to end when a run is broken off."""
_COLLECTIONS: Final = (10_000, 50, 100_000)
"""Of what is young: each takes about a millisecond. Nearly all that a journey leaves goes without one."""
Start = Callable[[int, int], gevent.Greenlet]
Starts = list[tuple[int, int]]


class Stripe:
    """The stripe of a worker; it begins at once, and its arrivals when the plan says so.

    Parameters
    ----------
    environment
        Of Locust.
    ended
        Told once all of the stripe's journeys have ended.
    looked
        Told of every look at a place while it is drained: place, when the look began, whether nothing was left.

    Raises
    ------
    LoadError
        As `loadtests.generator.run.Run`.
    """

    def __init__(
        self,
        environment: Any,
        plan: Plan,
        worker: int,
        ended: Callable[[], None],
        looked: Callable[[str, int, bool], None],
    ) -> None:
        self._environment = environment
        self._group = environment.runner.user_greenlets
        self._ended = ended
        self._idle = Event()
        stats = environment.stats

        def serviced(method: str, name: str, milliseconds: float, size: int) -> None:
            stats.get(name, method).log(milliseconds, size)  # an entry of its own; totals count the calls once

        run = self._run = Run(plan, worker, environment.events.request.fire, serviced)
        run.looked = looked
        HonestUser.run_of_worker = run
        self._greenlets: list[gevent.Greenlet] = []
        starts, start = self._pulses() if plan.arrive == "pulses" else self._filings()
        self._walker = gevent.spawn(self._walk, Arrivals(run, starts, start, self._idle))

    def drain(self) -> None:
        """Know that no arrival is under way any more, in any worker."""
        self._run.draining = True

    def break_off(self) -> None:
        """Let nobody new come, and end what does not end soon by itself."""
        if not self._run.broken_off:
            self._run.broken_off = True
            self._walker.kill()
            self._greenlets.append(gevent.spawn(self._end_journeys))

    def be_over(self, *, broken: bool) -> None:
        """Let nobody wait any more."""
        run = self._run
        run.end()
        run.broken_off = run.broken_off or broken
        run.empty(PORTAL_PLACE)

    def finish(self) -> WorkerReport:
        """Write the files."""
        gevent.killall([self._walker, *self._greenlets])
        return self._run.finish()

    def _pulses(self) -> tuple[Starts, Start]:
        """Return when pulses are due, and how one is started."""
        run = self._run
        due = run.schedule.due_us
        starts = [(int(due[number]), number) for number in run.schedule.stripe(run.worker, run.plan.workers).tolist()]

        def start(_number: int, at: int) -> gevent.Greenlet:
            return Pulse(self._environment, at).start(self._group)

        return starts, start

    def _filings(self) -> tuple[Starts, Start]:
        """Return when households begin, and how one is started; they are made ready from now on."""
        run = self._run
        plan, schedule = run.plan, run.schedule
        habits = Habits(plan.people_seed)
        starts = sorted(
            (begins_us(schedule[number], plan.speed, habits), number)
            for number in schedule.stripe(run.worker, plan.workers).tolist()
        )
        prepared = Prepared(run, Casting(schedule, run.people))
        self._greenlets.append(gevent.spawn(prepared.ahead, starts))

        def start(number: int, at: int) -> gevent.Greenlet:
            arrival = schedule[number]
            party = prepared.take(number)
            right = prepared.application(arrival, party.household)
            return Applicant(self._environment, arrival, party, habits, right, at).start(self._group)

        return starts, start

    def _walk(self, arrivals: Arrivals) -> None:
        run = self._run
        # A collection over all that was imported takes a tenth of a second, in which nobody is started.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_COLLECTIONS)
        run.until(0)
        gc.freeze()
        run.measure_from_here()
        arrivals.walk()
        self._await_journeys((run.limit_us - run.now()) / 1_000_000)

    def _await_journeys(self, seconds: float) -> None:
        if self._run.under_way:
            self._idle.wait(max(0.0, seconds))
        self._run.measure_until_here()
        self._ended()

    def _end_journeys(self) -> None:
        """Give journeys a short while, then end them."""
        if self._run.under_way:
            self._idle.wait(GRACE_S)
        for greenlet in list(self._group):
            if greenlet.args and isinstance(greenlet.args[0], Applicant | Pulse):
                greenlet.kill(block=False)
        self._await_journeys(1.0)
