"""What an applicant hands in: package, digest, parts; with the mistake in it that a clerk finds, or the portal's check.

Building one takes most of a millisecond, so it is done before it is due (`Prepared`), never inside a latency.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import gevent
from msgspec import Struct
from msgspec.structs import replace

from fakes.filing import application_of
from fakes.identifiers import owner_token
from fakes.package.application import Application
from fakes.package.building import build_package
from fakes.people import Card, Household, People
from fakes.pki.cards import CardKey
from fakes.procedures import Procedure, city_service_code
from loadtests.casting import Casting
from loadtests.generator.asking import digest_of
from loadtests.generator.run import Run
from loadtests.schedule import Arrival


class Papers(Struct, frozen=True):
    """One application, ready to be sent.

    Attributes
    ----------
    code
        Of the procedure that is decided on (`city_service_code`).
    parts
        Where it must arrive once it is accepted, as `loadtests.ledger.Intent.parts`.
    """

    package: bytes
    digest: str
    code: str
    owner: str
    parts: str
    members: int


_AHEAD_US: Final = 60_000_000
"""So long before somebody begins the papers are made at most: all of a long run would fill the memory."""


class Party(Struct, frozen=True):
    """Who files, with the papers, and the card that signs."""

    household: Household
    card: Card
    papers: Papers
    key: CardKey


def papers_of(seed: int, application: Application, serial: str) -> Papers:
    """Return the papers of an application that the holder of a card files."""
    town = application.municipality_for(application.procedures[0])
    package = build_package(application)
    parts = ["stored:portal"]
    for procedure in application.procedures:
        kind = "out" if procedure is Procedure.MOVE_OUT else "visit"
        parts.append(f"{kind}:{application.municipality_for(procedure)}")
    return Papers(
        package,
        digest_of(package),
        city_service_code(town, application.procedures[0]),
        owner_token(seed, serial, town),
        ",".join(parts),
        len(application.members),
    )


def filed_by(people: People, household: Household, arrival: Arrival, first: date, today: date) -> Application:
    """Return what a household files.

    Parameters
    ----------
    first
        Day from which the arrival's days count.
    """
    address = people.address(household.index, arrival.destination, 1)
    moving, visit = (first + timedelta(days) for days in (arrival.move_day, arrival.visit_day))
    return application_of(household, address, today, moving, max(visit, moving))


def with_mistake(application: Application) -> Application:
    """Return an application in which the head's date of birth is a day off: what a clerk finds beside the register."""
    head, *others = application.members
    return replace(application, members=(replace(head, birth_date=head.birth_date - timedelta(1)), *others))


def spoiled(papers: Papers) -> Papers:
    """Return papers whose form lost its end, as an upload that broke off: the portal's check refuses it."""
    package = papers.package[: len(papers.package) // 2]
    return replace(papers, package=package, digest=digest_of(package))


class Prepared:
    """Parties that are made ahead of their time."""

    def __init__(self, run: Run, casting: Casting) -> None:
        self._run = run
        self._casting = casting
        self._made: dict[int, Party] = {}
        self._taken: set[int] = set()

    def ahead(self, starts: Iterable[tuple[int, int]]) -> None:
        """Make parties in the order in which they begin, one at a time, and let others work in between.

        Parameters
        ----------
        starts
            When each begins, real microseconds since the run began, and the number of its arrival.
        """
        for begins, number in starts:
            self._run.until(begins - _AHEAD_US)
            if number not in self._taken:
                self._made[number] = self._make(number)
            gevent.sleep(0)

    def take(self, number: int) -> Party:
        """Return an applicant, who is made now if nobody did before."""
        self._taken.add(number)
        return self._made.pop(number, None) or self._make(number)

    def _make(self, number: int) -> Party:
        arrival = self._run.schedule[number]
        household = self._casting.household(arrival.household)
        application = self.application(arrival, household)
        if arrival.returned:
            application = with_mistake(application)
        card = household.head.card
        assert card is not None, "heads of households have one"
        papers = papers_of(self._run.plan.people_seed, application, card.serial)
        return Party(household, card, papers, self._run.way.issuer.signing(household.head, household.address))

    def application(self, arrival: Arrival, household: Household) -> Application:
        """Return what a household files, without a mistake."""
        plan = self._run.plan
        today = plan.scenario_at(arrival.due_us).date()
        return filed_by(self._run.people, household, arrival, plan.start.date(), today)
