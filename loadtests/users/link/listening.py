"""The way in: what waits at J-LIS is brought to the town's systems; what is fetched must be what was announced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from cryptography import x509

from fakes.endpoints import jlis as j
from fakes.endpoints import ward as w
from fakes.messages.jlis import ApplicationRow, ApplicationRows, SearchApplications, SearchStatuses, StatusRows
from fakes.messages.linking import ReceivedTelegram, RelayState, ReportStatuses, ReportTelegrams
from fakes.messages.telegrams import CertificateData, DeliveredTelegram, Inbox, SearchTelegrams, TelegramRows
from fakes.package.reading import read_package
from fakes.pki.cms import signer_certificate
from fakes.pki.ocsp import check_status, request_for
from fakes.pki.oids import Purpose
from fakes.procedures import Procedure
from fakes.refusals import Code, RefusedError
from fakes.states.lease import LeaseState
from loadtests.generator.asking import Letter, Told, digest_of
from loadtests.generator.forms import multipart
from loadtests.generator.run import Run
from loadtests.generator.wire import Answer
from loadtests.users.entrance import Entrance

_PAGE: Final = 100
_TERMINAL: Final = "link"
_DOUBLE: Final = frozenset({Code.DUPLICATE.value})
_TAKEN: Final = frozenset({Code.RULE_STATE.value, Code.RULE_GONE.value})
"""Withdrawn or leased meanwhile."""
_CLOSED: Final = frozenset({Code.RULE_CLOSED.value})


class Listener:
    """Brings what is new.

    Parameters
    ----------
    systems, receipt, network
        Entrances to the town's systems, the receipt API and the resident network.
    statuses, telegrams
        How far the town has read.
    """

    def __init__(
        self,
        run: Run,
        place: str,
        systems: Entrance,
        receipt: Entrance,
        network: Entrance,
        statuses: int,
        telegrams: int,
    ) -> None:
        self._run = run
        self._issuer = run.way.issuer.authorities[Purpose.SIGNING].certificate
        self._place = place
        self._systems = systems
        self._receipt = receipt
        self._network = network
        self._statuses = statuses
        self._telegrams = telegrams

    def bring_all(self, due: int) -> bool:
        """Bring all that is there; return whether everybody answered and nothing was there."""
        applications = self._applications(due)
        telegrams = self._inbox()
        sent = self._sent()
        states = self._states()
        return applications and telegrams and sent and states

    def _applications(self, due: int) -> bool:
        after, nothing = 0, True
        while True:
            message = SearchApplications(waiting=True, after=after, per_page=_PAGE)
            told = self._receipt.ask(Letter(endpoint=j.SEARCH, message=message), due)
            if not told.done:
                return False
            rows: ApplicationRows = told.result
            nothing = nothing and not rows.applications
            for row in rows.applications:
                if row.lease is LeaseState.AVAILABLE:
                    self._application(row)
            if not rows.more:
                return nothing
            after = rows.cursor

    def _application(self, row: ApplicationRow) -> None:
        number = row.reference_number
        letter = Letter(
            endpoint=j.TAKE,
            values={"reference_number": number},
            query={"terminal": _TERMINAL},
            owner=row.owner_token,
            reference=number,
            allowed=_TAKEN,
        )
        told = self._receipt.ask(letter, noted=self._received(row))
        if not told.done or told.answer is None or digest_of(told.result) != row.digest or not self._signed(row):
            return  # it came damaged, or somebody else has it: its lease ends, and it comes again
        delivery = told.answer.headers["x-delivery"]
        form = multipart(_form(row, told, delivery))
        key = f"import-{number}-{delivery}"
        letter = Letter(
            endpoint=w.IMPORT, form=form, owner=row.owner_token, digest=row.digest, reference=number,
            allowed=_DOUBLE, key=key,
        )  # fmt: skip
        self._systems.ask(letter)

    def _signed(self, row: ApplicationRow) -> bool:
        """Fetch the signature of an application and ask whether its certificate stands; whether somebody could say.

        A certificate that was revoked meanwhile is for the staff to judge.
        """
        if not row.signing_serial:
            return True
        number = row.reference_number
        letter = Letter(
            endpoint=j.SIGNATURE, values={"reference_number": number}, owner=row.owner_token, reference=number
        )
        told = self._receipt.ask(letter)
        if not told.done:
            return False
        try:
            certificate = x509.load_der_x509_certificate(signer_certificate(told.result))
            asked = request_for(certificate, self._issuer)
            form = (j.OCSP_SIGN.body.value, asked)
            answered = self._network.ask(Letter(endpoint=j.OCSP_SIGN, form=form, reference=number))
            if answered.done:
                check_status(answered.result, asked, self._issuer, self._run.scenario_now())
        except RefusedError as problem:
            return problem.code is Code.REVOKED
        return answered.done

    def _received(self, row: ApplicationRow) -> Any:
        part = "out" if Procedure.MOVE_OUT in row.procedures else "visit"

        def noted(content: bytes, answer: Answer) -> Mapping[str, Any]:
            return {
                "reference": row.reference_number,
                "digest": digest_of(content),
                "town": self._place,
                "part": part,
                "members": _people_in(content),
                "repeated": answer.headers.get("x-redelivery") == "true",
            }

        return noted

    def _inbox(self) -> bool:
        nothing = True
        while True:
            query = {"terminal": _TERMINAL, "limit": str(_PAGE)}
            told = self._network.ask(Letter(endpoint=j.INBOX, query=query, allowed=_CLOSED))
            if not told.done:
                return False
            if not isinstance(told.result, Inbox) or not told.result.telegrams:
                return nothing
            nothing = False
            for telegram in told.result.telegrams:
                self._telegram(telegram)
            if len(told.result.telegrams) < _PAGE:
                return nothing

    def _telegram(self, telegram: DeliveredTelegram) -> None:
        name = f"telegram-{telegram.telegram}-{telegram.edition}-{telegram.delivery}"
        message = ReceivedTelegram(telegram)
        if isinstance(telegram.body, CertificateData):
            self._run.announced[telegram.telegram] = telegram.body.person.signing_serial
        self._systems.ask(
            Letter(endpoint=w.RECEIVE, message=message, owner=telegram.owner_token, reference="", key=name)
        )

    def _sent(self) -> bool:
        nothing = True
        while True:
            message = SearchTelegrams(self._telegrams, _PAGE)
            told = self._network.ask(Letter(endpoint=j.SEARCH_TELEGRAMS, message=message))
            if not told.done:
                return False
            rows: TelegramRows = told.result
            if rows.telegrams:
                nothing = False
                report = ReportTelegrams(rows.cursor, rows.telegrams)
                if not self._systems.ask(Letter(endpoint=w.REPORT_TELEGRAMS, message=report)).done:
                    return False
            self._telegrams = rows.cursor
            if not rows.more:
                return nothing

    def _states(self) -> bool:
        nothing = True
        while True:
            message = SearchStatuses(after=self._statuses, per_page=_PAGE)
            told = self._receipt.ask(Letter(endpoint=j.SEARCH_STATUSES, message=message))
            if not told.done:
                return False
            rows: StatusRows = told.result
            if rows.statuses:
                nothing = False
                states = [RelayState(row.reference_number, row.state, row.message) for row in rows.statuses]
                report = ReportStatuses(rows.cursor, states)
                if not self._systems.ask(Letter(endpoint=w.REPORT_STATUSES, message=report)).done:
                    return False
            self._statuses = rows.cursor
            if not rows.more:
                return nothing


def _form(row: ApplicationRow, taken: Told, delivery: str) -> dict[str, str | bytes]:
    """Return the form of an import."""
    assert taken.answer is not None
    return {
        "reference_number": row.reference_number,
        "procedures": ",".join(row.procedures),
        "delivery": delivery,
        "redelivered": "1" if taken.answer.headers.get("x-redelivery") == "true" else "0",
        "arrived_at": row.arrived_at,
        "sha256": row.digest,
        "owner_token": row.owner_token,
        "signing_serial": str(row.signing_serial),
        "resubmission_of": row.resubmission_of,
        "application_zip": taken.result,
    }


def _people_in(content: bytes) -> int:
    """Return how many people are in a package; 0 for one that cannot be read."""
    try:
        return len(read_package(content).application.members)
    except (RefusedError, msgspec.MsgspecError):
        return 0
