"""Applicants: log in, look for the procedure, fill in the form, submit, sign, look how far it is, correct, take back.

The submission is due when the simulation says that it is; whoever fills in a form begins that much earlier. What comes
after is due a think time after what came before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from locust import task
from locust.exception import StopUser
from msgspec.structs import replace

from fakes.endpoints import portal as p
from fakes.messages.portal import Accepted, AccessKey, ApplicationStatus, ProcedureSearch, Submitted
from fakes.package.application import Application
from fakes.refusals import Code
from fakes.states.application import StatusCode
from fakes.towns import town
from loadtests.generator.asking import Letter, Noted, Told
from loadtests.generator.wire import Answer
from loadtests.schedule import Arrival
from loadtests.users import letters
from loadtests.users.habits import Habits
from loadtests.users.honest import MICRO, HonestUser
from loadtests.users.papers import Papers, Party, papers_of, spoiled, with_mistake

LOOK_FLOOR_S: Final = 1.0
"""Real seconds between two looks at least, however fast the scenario's clock is: nobody polls faster than a browser."""
FORM_FLOOR_S: Final = 0.5
"""Real seconds for the form at least."""
KEYWORD: Final = "転"
"""What somebody who moves looks for."""
_ENDED: Final = (StatusCode.ENDED, StatusCode.RESUBMIT)
_LATE: Final = frozenset({Code.RULE_STATE.value, Code.RULE.value})
"""The town has accepted the notice already, or it has ended."""
_OUT: Final = frozenset({Code.NO_KEY.value})
"""The session has ended."""
_CUT: Final = frozenset({Code.NOT_A_ZIP.value, Code.DAMAGED.value, Code.MALFORMED.value})
_MOVED: Final = frozenset({Code.REVOKED.value})
"""The certificate ends with the move-out, so what is filed after it cannot be signed."""


def _nothing(_result: Any, _answer: Answer) -> Mapping[str, Any]:
    return {}


def begins_us(arrival: Arrival, speed: float, habits: Habits) -> int:
    """Return when somebody begins whose submission is due: so much earlier as the form takes.

    Who would have begun before the run begins within it, anywhere, so that they do not all come at its first moment.
    """
    begins = arrival.due_us - round(max(arrival.form_s / speed, FORM_FLOOR_S) * MICRO)
    return begins if begins >= 0 else arrival.due_us * habits.thousandth(arrival) // 1000


class Applicant(HonestUser):
    """One household; started by the scheduler of arrivals, not by a number of users."""

    abstract = False
    fixed_count = 0
    weight = 0.001

    def __init__(
        self,
        environment: Any,
        arrival: Arrival,
        party: Party,
        habits: Habits,
        right: Application,
        due: int,
    ) -> None:
        super().__init__(environment)
        self.arrival = arrival
        self.party = party
        self.habits = habits
        self.right = right
        self.due = due
        self.name = f"a{arrival.number}"
        self.caller = self.worker.way.applicant()

    @task
    def journey(self) -> None:
        """Go the whole way once."""
        try:
            self._go()
        except StopUser:
            raise
        except Exception as problem:
            self.broke(problem)
        raise StopUser

    def _go(self) -> None:
        arrival = self.arrival
        self.worker.record.lag.record(self.worker.now() - self.due)
        if not self._log_in():
            return
        self._look_up()
        self.wait_for(arrival.due_us)
        papers = self.party.papers
        if self.habits.errs(arrival):
            letter = replace(letters.submission(self.name, spoiled(papers)), parts="", allowed=_CUT)
            self._ask(letter, arrival.due_us, letters.of_submission)
            due = self.pause(60, FORM_FLOOR_S)
        else:
            due = arrival.due_us
        receipt = self._file(papers, due, "")
        if not receipt:
            return
        if arrival.withdrawn:
            self._take_back(receipt, papers)
        else:
            self._follow(receipt, papers)

    def _log_in(self) -> bool:
        """Log in; a wrong PIN is entered once more, the right one."""
        due = self.due
        if self.habits.mistypes(self.arrival):
            wrong = f"{(int(self.party.card.pin) + 1) % 10_000:04d}"
            self._open(wrong, due, frozenset({Code.WRONG_PASSWORD.value}))
            due = self.pause(10, FORM_FLOOR_S)
        return self._open(self.party.card.pin, due)

    def _open(self, pin: str, due: int, allowed: frozenset[str] = frozenset()) -> bool:
        """Enter a PIN; return whether it opened a session."""
        letter = replace(letters.login(self.name, self.party.card, pin), allowed=allowed)
        told = self.insist(self.caller, letter, due, _nothing, self._patience_us())
        if not told.done:
            return False
        key: AccessKey = told.result
        self.caller.headers["X-Access-Key"] = key.access_key
        return True

    def _ask(self, letter: Letter, due: int, noted: Noted = _nothing) -> Told:
        """Ask; come back later when the portal does not answer; log in again when the session has ended meanwhile."""
        letter = replace(letter, allowed=letter.allowed | _OUT)
        told = self.insist(self.caller, letter, due, noted, self._patience_us())
        if told.again:
            later = self.worker.now() + round(self.worker.plan.real_s(self.arrival.retry_s) * MICRO)
            if later < self.worker.length_us:
                self.wait_for(later)
                told = self.insist(self.caller, letter, later, noted, self._patience_us(), before=told)
        if told.code in _OUT and self._open(self.party.card.pin, self.pause(10, FORM_FLOOR_S)):
            return self.insist(self.caller, letter, self.worker.now(), noted, self._patience_us())
        return told

    def _look_up(self) -> None:
        """Look what the town that is left takes online; the portal's own pages ask for it as a provider does."""
        known = self.worker.way.known
        message = ProcedureSearch(
            id=known.provider,
            password=known.provider_password,
            city_code=town(self.right.municipality_for(self.right.procedures[0])).five,
            keyword=[KEYWORD],
        )
        due = self.pause(5)
        self.insist(self.caller, Letter(endpoint=p.SEARCH_PROCEDURES, message=message, application=self.name), due)

    def _file(self, papers: Papers, due: int, instead_of: str) -> str:
        """Submit and sign; return the receipt number, empty when it did not come to that."""
        letter = letters.submission(self.name, papers, instead_of)
        told = self._ask(letter, due, letters.of_submission)
        if not told.done:
            return ""
        submitted: Submitted = told.result
        if self.habits.presses_twice(self.arrival) and self.worker.plan.probes:
            self.caller.ask(letter, None, letters.of_submission, before=told)
        if self.habits.sends_other(self.arrival) and self.worker.plan.probes:
            self._send_other(told)
        return self._sign(submitted.temporary_reference_number, papers, instead_of)

    def _send_other(self, told: Told) -> None:
        """Send another application under the key of one that was answered: it must be refused."""
        other = self.right if self.arrival.returned else with_mistake(self.right)
        others = papers_of(self.worker.plan.people_seed, other, self.party.card.serial)
        letter = replace(letters.submission(self.name, others), parts="", key=told.request, refused=True)
        self.caller.ask(letter, None, letters.of_submission)

    def _sign(self, temporary: str, papers: Papers, instead_of: str) -> str:
        """Fetch what is to be signed, sign it, and return the receipt number."""
        due = self.pause(10)
        told = self._ask(letters.inquiry(self.name, papers, temporary), due)
        if not told.done:
            return ""
        party = self.party
        letter = letters.signature(self.name, papers, party.card, party.key, temporary, told.result)
        if instead_of or self.arrival.second:
            letter = replace(letter, allowed=_MOVED)
        due = self.pause(20)
        told = self._ask(letter, due, letters.of_signature)
        if not told.done:
            return ""
        accepted: Accepted = told.result
        return accepted.reference_number

    def _follow(self, receipt: str, papers: Papers) -> None:
        """Look now and then how far it is, until it has ended or is not looked at any more; correct what came back."""
        arrival, run = self.arrival, self.worker
        look, wanted = 0, self.habits.looks(arrival)
        while look < wanted or arrival.returned:
            gap_s = self.habits.gap_s(arrival, look)
            if look > 0 and run.now() + round(run.plan.real_s(gap_s) * MICRO) > run.length_us:
                return
            due = self._after(gap_s)
            self.wait_for(due)
            code = self._look(receipt, papers, due)
            look += 1
            if code == StatusCode.RESUBMIT:
                self._correct(receipt)
            if code in _ENDED:
                return

    def _look(self, receipt: str, papers: Papers, due: int) -> str:
        """Return the status as the portal tells it; empty when it does not."""
        told = self._ask(letters.status(self.name, papers, receipt), due, letters.of_status)
        if not told.done:
            return ""
        status: ApplicationStatus = told.result
        return status.procedures[0].status_code

    def _correct(self, returned: str) -> None:
        """File again without the mistake, if that still falls into the run."""
        due = self.worker.now() + round(self.worker.plan.real_s(self.arrival.correct_s) * MICRO)
        if due > self.worker.length_us:
            return
        self.wait_for(due)
        card = self.party.card
        papers = papers_of(self.worker.plan.people_seed, self.right, card.serial)
        receipt = self._file(papers, due, returned)
        if receipt:
            self._look(receipt, papers, self.pause(60, LOOK_FLOOR_S))

    def _take_back(self, receipt: str, papers: Papers) -> None:
        """Withdraw; when the town was faster, it stays."""
        due = self._after(self.habits.withdraws_after_s(self.arrival))
        self.wait_for(due)
        letter = replace(letters.withdrawal(self.name, papers, receipt), allowed=_LATE)
        self._ask(letter, due)
        self._look(receipt, papers, self.pause(60, LOOK_FLOOR_S))

    def _after(self, scenario_s: float) -> int:
        """Return when something is due so long after now.

        What would come after the end of the run comes before it, anywhere in the time that is left, so that journeys
        end with the run and do not all come to their last step at its last moment.
        """
        run, now = self.worker, self.worker.now()
        soonest = now + round(LOOK_FLOOR_S * MICRO)
        due = max(soonest, now + round(run.plan.real_s(scenario_s) * MICRO))
        if due <= run.length_us:
            return due
        return soonest + max(0, run.length_us - soonest) * self.habits.thousandth(self.arrival) // 1000

    def _patience_us(self) -> int:
        """How long somebody tries again while the portal does not answer: as the scenario says, but ten seconds."""
        return round(max(self.worker.plan.real_s(self.arrival.give_up_s), 10.0) * MICRO)
