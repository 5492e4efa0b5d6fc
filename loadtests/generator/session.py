"""The part of Locust's process that is ours: plan in, run begun, drain, files out; alone, as master, or as worker.

    master ── role (which stripe, which plan) ──▶ worker        worker ── ended, looked ──▶ master
           ── drain, broken off, over ─────────▶                                        (`Conductor`)

Alone both ends are the same process, and Locust delivers its messages there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import gevent
from locust.exception import StopTest
from locust.runners import MasterRunner, WorkerRunner
from locust.user import User

from loadtests.errors import LoadError
from loadtests.generator.conductor import Conductor
from loadtests.generator.planning import Asked, plan_by_hand
from loadtests.generator.record import RunClock
from loadtests.generator.stripe import GRACE_S, Stripe
from loadtests.plan import Plan
from scenarios.errors import ScenarioError
from texts import LANGS, Lang

ROLE, ENDED, LOOKED, DRAIN, BREAK, OVER = (
    f"hikkoshi_{name}" for name in ("role", "ended", "looked", "drain", "break", "over")
)
_BROKEN_DRAIN_S: Final = 30.0
"""Real seconds at most for the drain of a run that was broken off."""
_END_S: Final = 10.0
"""Real seconds that towns have to end what they are about when the run is over."""
_LOOK_S: Final = 0.2
_EXIT_USAGE: Final = 2
_EXIT_SCENARIO: Final = 3
_log = logging.getLogger("hikkoshi")


class Session:
    """What a process of Locust does for one run after the other."""

    def __init__(self, environment: Any) -> None:
        self.environment = environment
        environment.stop_timeout = environment.stop_timeout or _END_S
        self.runner = environment.runner
        self.plan: Plan | None = None
        self.stripe: Stripe | None = None
        self.conductor: Conductor | None = None
        self.failed = False
        self._role: tuple[int, str] | None = None
        self._clients: dict[str, int] = {}
        self._over = False
        listeners: dict[str, Callable[[Any], None]] = {
            ROLE: self._take_role,
            ENDED: self._stripe_ended,
            LOOKED: self._looked,
            DRAIN: self._drain,
            BREAK: self._break_off,
            OVER: self._be_over,
        }
        for name, listener in listeners.items():
            self.runner.register_message(name, self._listening(listener))

    @staticmethod
    def _listening(listener: Callable[[Any], None]) -> Callable[..., None]:
        return lambda environment, msg, **_: listener(msg.data)  # noqa: ARG005 - so Locust calls it

    # What Locust tells.

    def test_started(self) -> None:
        """Make or read the plan, and begin; what is wrong with it is said, and the test ends."""
        self.failed = self._over = False
        try:
            if isinstance(self.runner, WorkerRunner):
                assert self._role is not None, "the master says first which stripe it is"
                self._begin(Plan.read(Path(self._role[1])), self._role[0])
                return
            clients = [client.id for client in self.runner.clients.ready] if self._leads else []
            file = self._plan_file(len(clients) or 1)
            self.plan = Plan.read(file)
            self._conduct(self.plan, clients)
            if self._leads:
                for client, worker in self._clients.items():
                    self.runner.send_message(ROLE, {"worker": worker, "plan": str(file.resolve())}, client)
            else:
                self._begin(self.plan, 0)
        except (LoadError, ScenarioError) as error:
            self._refuse(error)
            if isinstance(self.runner, WorkerRunner):
                raise StopTest(self._said(error, "en")) from None
            if self._leads:
                self.runner.shape_greenlet = None  # it is the one that ends here
            raise gevent.GreenletExit from None  # so that nobody is spawned; the only way that Locust takes quietly

    def ticked(self) -> bool:
        """Whether the test goes on; asked once a second where it is conducted."""
        if self.failed:
            return False
        if self.conductor is None:
            return True  # the test is about to start
        self._count_the_dead()
        if self.conductor.over:
            self._end(broken=False)
            return False
        return True

    def test_stopping(self) -> None:
        """Whoever stops it before it is over gets a drain all the same; the files say that it was broken off."""
        if self._over or self.failed:
            return
        if self.conductor is not None:
            self._broken()
        elif self.stripe is not None:
            self.stripe.break_off()

    def test_stopped(self) -> None:
        """Write this worker's files."""
        stripe, self.stripe, self.conductor, self.plan = self.stripe, None, None, None
        if stripe is not None:
            report = stripe.finish()
            told = report.worker, report.offered, report.requests, report.lag_p99_us
            _log.info("worker %d: %d arrivals, %d calls, lag p99 %d us", *told)

    def users(self, classes: Sequence[type[User]]) -> list[type[User]]:
        """Return the user classes that play in this run: those of the parts that the plan wants."""
        plan = self.plan
        wanted = {
            "staff": plan is None or plan.staff,
            "auditors": plan is None or plan.auditors,
            "probes": plan is None or plan.probes,
        }
        return [one for one in classes if one.fixed_count and wanted.get(getattr(one, "plays", ""), True)]

    # What the conducting process does.

    @property
    def _leads(self) -> bool:
        return isinstance(self.runner, MasterRunner)

    def _plan_file(self, workers: int) -> Path:
        options = self.environment.parsed_options
        if options.plan:
            return Path(options.plan)
        return plan_by_hand(Asked.of(options), workers)

    def _conduct(self, plan: Plan, clients: list[str]) -> None:
        if (found := len(clients) or 1) != plan.workers:
            raise LoadError("E-load-workers", found=found, planned=plan.workers)
        clock = RunClock(plan.begin_at_us)
        limit = plan.arrivals().length_us + round(plan.drain_s * 1_000_000)
        playing = self.users(self.environment.user_classes)
        places = frozenset(place for one in playing if (place := getattr(one, "place", "")))
        self._clients = {client: worker for worker, client in enumerate(sorted(clients))}
        self.conductor = Conductor(clock, plan.workers, places, limit)

    def _count_the_dead(self) -> None:
        """A worker that is gone has no journeys under way any more; its ledger says that it died."""
        if not self._leads:
            return
        there = {client.id for client in self.runner.clients.all if client.state != "missing"}
        for client, worker in self._clients.items():
            if client not in there:
                self._stripe_ended({"worker": worker})

    def _stripe_ended(self, data: Any) -> None:
        if self.conductor is not None and self.conductor.stripe_ended(data["worker"]):
            self.runner.send_message(DRAIN, {})

    def _looked(self, data: Any) -> None:
        if self.conductor is not None:
            self.conductor.looked(data["place"], data["began"], empty=data["empty"])

    def _broken(self) -> None:
        """Break a run off that is under way: nobody new, a short while for the others, then the drain."""
        self.runner.send_message(BREAK, {})
        with gevent.Timeout(GRACE_S + _BROKEN_DRAIN_S, False):
            while self.conductor is not None and not self.conductor.over:
                gevent.sleep(_LOOK_S)  # the conductor's answer follows from the clock too
        self._end(broken=True)

    def _end(self, *, broken: bool) -> None:
        self._over = True
        self.runner.send_message(OVER, {"broken": broken})

    def _refuse(self, error: LoadError | ScenarioError) -> None:
        self.failed = True
        for lang in LANGS:
            _log.error("%s", self._said(error, lang))
        self.environment.process_exit_code = _EXIT_USAGE if isinstance(error, LoadError) else _EXIT_SCENARIO

    @staticmethod
    def _said(error: LoadError | ScenarioError, lang: Lang) -> str:
        return error.say(lang) if isinstance(error, LoadError) else error.render(lang)

    # What a worker does.

    def _take_role(self, data: Any) -> None:
        self._role = data["worker"], data["plan"]

    def _begin(self, plan: Plan, worker: int) -> None:
        self.plan = plan
        self.stripe = Stripe(
            self.environment,
            plan,
            worker,
            lambda: self.runner.send_message(ENDED, {"worker": worker}),
            lambda place, began, empty: self.runner.send_message(
                LOOKED, {"place": place, "began": began, "empty": empty}
            ),
        )

    def _drain(self, _: Any) -> None:
        if self.stripe is not None:
            self.stripe.drain()

    def _break_off(self, _: Any) -> None:
        if self.stripe is not None:
            self.stripe.break_off()

    def _be_over(self, data: Any) -> None:
        self._over = True
        if self.stripe is not None:
            self.stripe.be_over(broken=data["broken"])
