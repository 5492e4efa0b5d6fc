"""What J-LIS knows about certificates: who has them, which are valid, and how they end and begin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import bindparam, func, select

from fakes.clock import moment_of
from fakes.endpoints.jlis import ISSUE, REVOKE
from fakes.jlis.context import Jlis
from fakes.jlis.events.cards import CertificateIssued, CertificateRevoked
from fakes.jlis.results import iso
from fakes.jlis.tables import ISSUED, REVOCATION
from fakes.messages.cards import CertificateIssued as Issued
from fakes.messages.cards import CertificateRevoked as Revoked
from fakes.messages.cards import CertificateStatus, IssueCertificate, RevokeCertificate
from fakes.people import GENERATIONS, People, Person
from fakes.pki.oids import Purpose
from fakes.pki.register import Reason, Revocation, Standing
from fakes.pki.trust import der_of
from fakes.refusals import Code, RefusedError
from fakes.states.certificate import SIGNING_CERTIFICATE, CertificateEvent, CertificateState
from fakes.states.machine import Actor
from fakes.store.statements import Statement
from fakes.store.transaction import Transaction, View
from fakes.store.unit import Decide, Decision, Event
from fakes.towns import town
from fakes.validity import SIGNING_FROM_AGE, age_on, certificate_valid_until
from fakes.web.answers import reply
from fakes.web.core import Handlers
from fakes.web.request import WebCall
from fakes.web.rules import allowed

HANDLERS: Final[Handlers[Jlis]] = Handlers()

_CARD_PREFIX = "TEST"
_REMEMBERED = 4096

_R = REVOCATION.c
_ONE = Statement(
    select(_R.at, _R.reason).where(_R.purpose == bindparam("which"), _R.serial == bindparam("number"))
)  # fmt: skip
_ALL = Statement(select(_R.serial, _R.at, _R.reason).where(_R.purpose == bindparam("which")).order_by(_R.serial))
_KNOWN = Statement(select(ISSUED.c.valid_until).where(ISSUED.c.serial == bindparam("number")))
_NEWEST = Statement(select(func.max(ISSUED.c.serial)).where(ISSUED.c.card == bindparam("of")))


class Register:
    """Which certificates were issued and revoked, as a look at the store shows it (`RevocationRegister`)."""

    def __init__(self, view: View, people: People) -> None:
        self._view = view
        self._people = people

    def standing(self, purpose: Purpose, serial: int) -> Standing:
        """Return what is known about a certificate."""
        if not self._issued(purpose, serial):
            return Standing(False)
        row = self._view.one(_ONE, which=purpose, number=serial)
        return Standing(True, None if row is None else Revocation(moment_of(row[0]), Reason(row[1])))

    def revoked(self, purpose: Purpose) -> Iterable[tuple[int, Revocation]]:
        """Return all revoked certificates of an authority, by serial number."""
        for serial, at, reason in self._view.all(_ALL, which=purpose):
            yield serial, Revocation(moment_of(at), Reason(reason))

    def _issued(self, purpose: Purpose, serial: int) -> bool:
        """Whether there is such a certificate: everybody's first, and what was issued since."""
        if (serial - 1) % GENERATIONS:
            return purpose is Purpose.SIGNING and self._view.one(_KNOWN, number=serial) is not None
        card = _person(self._people, (serial - 1) // GENERATIONS)
        if card is None or card.card is None:
            return False
        return purpose is Purpose.AUTHENTICATION or card.card.signing is not None


@lru_cache(_REMEMBERED)
def _person(people: People, index: int) -> Person | None:
    """Return a person; they never change."""
    return people.person(index)


def holder_of(serial: int, jlis: Jlis) -> Person | None:
    """Return whose certificate a serial number is or can become."""
    return _person(jlis.people, (serial - 1) // GENERATIONS)


def card_holder(card_serial: str, jlis: Jlis) -> Person | None:
    """Return whose card it is."""
    person = _person(jlis.people, int(card_serial.removeprefix(_CARD_PREFIX)))
    return person if person is not None and person.card is not None else None


def newest_signing(view: View, person: Person) -> tuple[int, date] | None:
    """Return serial number and last day of the newest signing certificate on somebody's card; None without one."""
    assert person.card is not None
    newest = view.one(_NEWEST, of=person.card.serial)
    if newest is not None and newest[0] is not None:
        until = view.one(_KNOWN, number=newest[0])
        assert until is not None
        return newest[0], date.fromordinal(until[0])
    first = person.card.signing
    return None if first is None else (first.serial, first.valid_until)


def status_of(register: Register, purpose: Purpose, serial: int, until: date, today: date) -> CertificateStatus:
    """Return the state of a certificate that was issued."""
    if register.standing(purpose, serial).revocation is not None:
        return CertificateStatus.REVOKED
    return CertificateStatus.EXPIRED if today > until else CertificateStatus.GOOD


def revocation(view: View, serial: int, reason: Reason, municipality: str) -> list[Event[Any]]:
    """Return what ends a signing certificate; nothing if it has been revoked before."""
    if view.one(_ONE, which=Purpose.SIGNING, number=serial) is not None:
        return []
    body = CertificateRevoked(Purpose.SIGNING, serial, reason)
    return [Event(f"{Purpose.SIGNING}:{serial}", body, municipality)]


@HANDLERS.on(REVOKE)
def revoke(call: WebCall, jlis: Jlis) -> Decide:
    """End a signing certificate; the first revocation counts."""
    message: RevokeCertificate = call.message
    serial = message.serial

    def decide(tx: Transaction) -> Decision:
        standing = Register(tx, jlis.people).standing(Purpose.SIGNING, serial)
        if not standing.issued:
            raise RefusedError(Code.NOT_FOUND)
        events = revocation(tx, serial, Reason(message.reason), call.identity.municipality)
        since = standing.revocation.at.isoformat() if standing.revocation is not None else iso(call.at)
        return Decision(reply(Revoked(serial, since), call.request.path, call.lang), tuple(events), str(serial))

    return decide


_STATES: Final = {
    CertificateStatus.GOOD: CertificateState.VALID,
    CertificateStatus.REVOKED: CertificateState.REVOKED,
    CertificateStatus.EXPIRED: CertificateState.EXPIRED,
}


@HANDLERS.on(ISSUE)
def issue(call: WebCall, jlis: Jlis) -> Decide:
    """Issue the next signing certificate on a card, once the one before has ended."""
    message: IssueCertificate = call.message
    at = moment_of(call.at)
    person = card_holder(message.card_serial, jlis)
    if person is None or person.card is None:
        raise RefusedError(Code.NOT_FOUND)
    if town(message.address.municipality, "new_address.municipality").code != call.identity.municipality:
        raise RefusedError(Code.MISMATCH, "new_address.municipality")
    if age_on(person.birth_date, at.date()) < SIGNING_FROM_AGE or at.date() > person.card.valid_until:
        raise RefusedError(Code.MISMATCH, "card_serial")
    card = person.card

    def decide(tx: Transaction) -> Decision:
        before = newest_signing(tx, person)
        generation = 0
        if before is not None:
            serial, until = before
            status = status_of(Register(tx, jlis.people), Purpose.SIGNING, serial, until, at.date())
            allowed(SIGNING_CERTIFICATE.step(_STATES[status], CertificateEvent.REISSUE, Actor.DESTINATION_STAFF))
            generation = (serial - 1) % GENERATIONS
        if generation + 1 >= GENERATIONS:
            raise RefusedError(Code.MISMATCH, "card_serial")
        made = jlis.issuer.renewed_signing(person, message.address, generation + 1, at)
        serial, content = made.certificate.serial_number, der_of(made.certificate)
        until = certificate_valid_until(person.birth_date, at.date(), card.valid_until)
        event = Event(
            card.serial, CertificateIssued(serial, until.toordinal()), call.identity.municipality, document=content
        )
        result = Issued(card.serial, serial, until.isoformat(), content)
        return Decision(reply(result, call.request.path, call.lang), (event,), card.serial)

    return decide
