"""Probers: they try what the rules refuse. Whoever is let through has found a fault, which the ledger says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Final

from gevent.queue import Empty
from locust import task
from locust.exception import StopUser
from msgspec.structs import replace

from fakes.filing import application_of
from fakes.package.application import MOST_MEMBERS
from fakes.people import GENERATIONS, Household
from fakes.population import home_of
from fakes.towns import TOWNS
from loadtests.generator.asking import Caller
from loadtests.users import letters
from loadtests.users.honest import HonestUser
from loadtests.users.papers import papers_of

_PATIENCE_S: Final = 1.0
_AFTER_S: Final = 60
"""Seconds after the acknowledgement that revokes a certificate: no copy of the store is as far behind as that."""
_AFTER_FLOOR_S: Final = 2.0
"""Real seconds at least."""
MOST: Final = 20
"""Of one worker in a run; each leaves a submission that nobody signs."""


class Prober(HonestUser):
    """Signs with certificates that were revoked because their holders have moved out."""

    abstract = False
    fixed_count = 1
    plays: ClassVar[str] = "probes"

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self._tried = 0

    @task
    def look(self) -> None:
        """Wait for the next one, and try it."""
        run = self.worker
        if run.ending or run.draining or self._tried == MOST:
            raise StopUser
        try:
            serial = run.spent.get(timeout=_PATIENCE_S)
        except Empty:
            return
        person = (serial - 1) // GENERATIONS
        household, position = divmod(person, MOST_MEMBERS)
        home = home_of(household)
        if position or home is None:
            return  # heads of households file
        self._tried += 1
        self.pause(_AFTER_S, _AFTER_FLOOR_S)
        try:
            self._try(run.people.household(household, home))
        except StopUser:
            raise
        except Exception as problem:
            self.broke(problem)

    def _try(self, household: Household) -> None:
        run, card = self.worker, household.head.card
        assert card is not None, "heads of households have one"
        name = f"p{household.index}"
        caller: Caller = run.way.applicant()
        told = self.insist(caller, letters.login(name, card, card.pin), run.now())
        if not told.done:
            return
        caller.headers["X-Access-Key"] = told.result.access_key
        destination = next(code for code in TOWNS if code != household.address.municipality)
        today = run.scenario_now().date()
        address = run.people.address(household.index, destination, 2)
        application = application_of(household, address, today, today + timedelta(7), today + timedelta(10))
        papers = papers_of(run.plan.people_seed, application, card.serial)
        told = self.insist(caller, letters.submission(name, papers), run.now(), letters.of_submission)
        if not told.done:
            return
        number = told.result.temporary_reference_number
        told = self.insist(caller, letters.inquiry(name, papers, number), run.now())
        if not told.done:
            return
        key = run.way.issuer.signing(household.head, household.address)
        letter = letters.signature(name, papers, card, key, number, told.result)
        caller.ask(replace(letter, digest="", parts="", members=0, reference=number, refused=True))
