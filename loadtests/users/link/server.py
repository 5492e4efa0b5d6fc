"""The link server of a town as a user of Locust: one class for each town, so that each is played once in a run."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from locust import task
from locust.exception import StopUser

from fakes.endpoints import ward as w
from fakes.messages.linking import Opened
from fakes.staff import LINK
from fakes.towns import TOWNS
from loadtests.generator.asking import Letter
from loadtests.users.entrance import Entrance, jlis_terminal, ward_system
from loadtests.users.honest import MICRO, HonestUser
from loadtests.users.link.listening import Listener
from loadtests.users.link.speaking import Speaker

SPEAK_S: Final = 1.0
"""Real seconds between looks into the outbox at most, as the towns' own link servers have it."""
SPEAK_SCENARIO_S: Final = 60
"""Seconds of the scenario between them, where its clock is so fast that a real second would be long: the towns' own
link servers are woken when something is put in."""
FLOOR_S: Final = 0.2
"""Real seconds between two looks at least, however fast the clock is."""


class LinkServer(HonestUser):
    """One town's. Its polls lie on a grid of due times: a slow answer makes the next one late, never rarer."""

    abstract = True
    plays: ClassVar[str] = "staff"
    place: ClassVar[str] = ""

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self._network = Entrance.open(self, self.worker.way.jlis(self.place))
        self._receipt = jlis_terminal(self, self.place, LINK)
        self._systems = ward_system(self, self.place, LINK)
        self._speaker = Speaker(self.worker, self.place, self._systems, self._receipt, self._network)
        self._listener: Listener | None = None
        self._listens_at = 0
        self._speaks_at = 0
        plan = self.worker.plan
        self._speak_s = min(SPEAK_S, max(plan.real_s(SPEAK_SCENARIO_S), FLOOR_S))
        self._listen_s = max(plan.real_s(plan.poll_s), FLOOR_S)

    @task
    def cycle(self) -> None:
        """Wait for what is due next, polling or the outbox, and do it."""
        try:
            self._cycle()
        except StopUser:
            raise
        except Exception as problem:
            self.broke(problem)
            self.wait_for(self.worker.now() + MICRO)

    def _cycle(self) -> None:
        run = self.worker
        if self._listener is None and not self._opened():
            self.wait_for(run.now() + round(SPEAK_S * MICRO))
            return
        assert self._listener is not None
        due = min(self._listens_at, self._speaks_at)
        self.wait_for(due)
        began = run.now()
        self._speaks_at = _next(self._speaks_at, began, self._speak_s)
        if run.draining or self._listens_at <= due:
            period = min(SPEAK_S, self._listen_s) if run.draining else self._listen_s
            self._listens_at = _next(min(due, self._listens_at), began, period)
            nothing = self._listener.bring_all(due)
            nothing = self._speaker.say_all() and nothing
            run.look(self.place, began, empty=nothing)
        else:
            self._speaker.say_all()

    def _opened(self) -> bool:
        """Say to the town's systems that it starts; return whether they have noted it."""
        told = self._systems.ask(Letter(endpoint=w.OPEN_LINK))
        if not told.done:
            return False
        opened: Opened = told.result
        entrances = (self._systems, self._receipt, self._network)
        self._listener = Listener(self.worker, self.place, *entrances, opened.statuses, opened.telegrams)
        self._listens_at = self._speaks_at = self.worker.now()
        return True


def _next(due: int, now: int, period_s: float) -> int:
    """Return the next point of a grid after now."""
    period = round(period_s * MICRO)
    return due + period * max(1, -(-(now - due) // period))


def link_servers() -> dict[str, type[LinkServer]]:
    """Return a user class for each town, by name."""
    made = {}
    for code in TOWNS:
        name = f"LinkServer{code}"
        made[name] = type(name, (LinkServer,), {"abstract": False, "fixed_count": 1, "place": code, "weight": 1})
    return made
