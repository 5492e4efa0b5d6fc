"""Probers: they try what the rules refuse. Whoever is let through has found a fault, which the ledger says."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any, ClassVar, Final

from gevent.queue import Empty
from locust import task
from locust.exception import StopUser

from fakes.endpoints import portal as p
from fakes.filing import application_of
from fakes.messages.portal import CardLogin, SubmitSignature
from fakes.package.application import MOST_MEMBERS
from fakes.people import GENERATIONS, Household
from fakes.pki.cms import sign
from fakes.population import home_of
from fakes.towns import TOWNS
from loadtests.generator.asking import Caller, Letter
from loadtests.generator.forms import multipart
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
        login = Letter(endpoint=p.LOGIN, message=CardLogin(card.serial, card.pin), application=name)
        told = self.insist(caller, login, run.now())
        if not told.done:
            return
        caller.headers["X-Access-Key"] = told.result.access_key
        town = household.address.municipality
        destination = next(code for code in TOWNS if code != town)
        today = run.scenario_now().date()
        address = run.people.address(household.index, destination, 2)
        application = application_of(household, address, today, today + timedelta(7), today + timedelta(10))
        papers = papers_of(run.plan.people_seed, application, card.serial)
        common: dict[str, Any] = {"application": name, "owner": papers.owner}
        form = multipart({"city_service_code": papers.code, "application_zip": papers.package})
        submission = Letter(endpoint=p.SUBMIT, form=form, digest=papers.digest, parts="stored:portal", **common)
        told = self.insist(
            caller, submission, run.now(), lambda result, _: {"reference": result.temporary_reference_number}
        )
        if not told.done:
            return
        number = told.result.temporary_reference_number
        query = {"temporary_reference_number": number}
        told = self.insist(caller, Letter(endpoint=p.INQUIRE, query=query, reference=number, **common), run.now())
        if not told.done:
            return
        key = run.way.issuer.signing(household.head, household.address)
        signature = sign(base64.b64decode(told.result.file_for_signature), key.key, key.certificate)
        message = SubmitSignature(number, signature, card.signing_password)
        caller.ask(Letter(endpoint=p.SIGN, message=message, reference=number, refused=True, **common))
