"""The life of applications over portal, J-LIS and ward, in any order of applicant, relay, towns and others.

Whatever is accepted is a step of the state machine, by an actor who may take it; whatever is refused changes nothing at
any of the three servers. The servers are whole, in one process and without a network; their links are the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fakes.endpoints import Server
from fakes.people import People
from fakes.pki.cards import CardIssuer
from fakes.population import first_household
from fakes.staff import password_of
from fakes.states.application import MOVE_OUT_APPLICATION, ApplicationEvent, ApplicationState
from fakes.states.machine import Actor
from tests.fakes.clients import DESTINATION, ORIGIN, Client, Person, Portal, Response, Town
from tests.fakes.conftest import SEED, START, cards_folder
from tests.fakes.together import OTHER, TOWNS, Side, States, World

ACTORS = {ORIGIN: Actor.ORIGIN_STAFF, DESTINATION: Actor.DESTINATION_STAFF, OTHER: Actor.DESTINATION_STAFF}
REVIEWS = {
    "begin_review": ApplicationEvent.BEGIN_REVIEW,
    "accept_notice": ApplicationEvent.ACCEPT_NOTICE,
    "reopen": ApplicationEvent.REOPEN,
    "return": ApplicationEvent.RETURN,
    "reject": ApplicationEvent.REJECT,
    "complete": ApplicationEvent.COMPLETE,
}
REPORTS = {
    "in_review": (ApplicationEvent.BEGIN_REVIEW, ApplicationEvent.REOPEN),
    "notice_accepted": (ApplicationEvent.ACCEPT_NOTICE,),
    "needs_resubmit": (ApplicationEvent.RETURN,),
    "rejected": (ApplicationEvent.REJECT,),
    "completed": (ApplicationEvent.COMPLETE,),
}


def reachable(before: ApplicationState, after: ApplicationState) -> bool:
    """Whether a state can become another by steps of the machine, whoever takes them."""
    seen, new = {before}, [before]
    while new:
        state = new.pop()
        for event in ApplicationEvent:
            for actor in Actor:
                step = MOVE_OUT_APPLICATION.step(state, event, actor)
                if isinstance(step, ApplicationState) and step not in seen:
                    seen.add(step)
                    new.append(step)
    return after in seen


PLACES = st.integers(0, 1)
SOMEBODY = st.booleans()


class Lives(RuleBasedStateMachine):
    """Two applications, and everybody who may or may not do something with them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.temporary: dict[int, str] = {}
        self.receipts: dict[int, str] = {}
        self.known: States = {}
        self.taken: list[str] = []
        """What was accepted, in order."""

    @initialize(steps=st.integers(0, 6))
    def begin(self, steps: int) -> None:
        """Start, and let the first application go some steps of its way, so that the end of lives is tried too."""
        self.world = World(Path(self.folder.name))
        people, self.cards = People(SEED, START.date()), CardIssuer.load(cards_folder())
        portal, relay, ward = (self.world.sides[server] for server in (Server.PORTAL, Server.JLIS, Server.WARD))
        self.persons = [Person(portal, people, first_household(ORIGIN) + place) for place in range(2)]
        assert all(one.login().status == 200 for one in self.persons)
        self.portal = Portal(relay)
        self.towns = {town: Town(relay, SEED, town) for town in TOWNS}
        assert all(town.login().status == 200 for town in self.towns.values())
        self.clerks = {town: _clerk(ward, town) for town in TOWNS}
        self.advance(0, steps)

    def advance(self, place: int, steps: int) -> None:
        """Let an application go so many steps of the way to its acceptance."""
        way = (
            lambda: self.submit(place),
            lambda: self.sign(place, own=True),
            self.relay,
            lambda: self.bring(ORIGIN),
            lambda: self.review(place, ORIGIN, "begin_review"),
            lambda: [self.check(place, ORIGIN, one) for one in ("formal_check", "substantive_check")],
            lambda: self.review(place, ORIGIN, "accept_notice"),
        )
        for step in way[:steps]:
            step()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()
        self.folder.cleanup()

    @invariant()
    def every_state_follows_from_the_one_before(self) -> None:
        if not hasattr(self, "world"):
            return
        now = self.world.states()
        for key, state in now.items():
            before = self.known.get(key)
            assert before is None or reachable(before, state), f"{key}: {before} became {state}"
        assert self.known.keys() <= now.keys()
        self.known = now

    def _tried(
        self,
        act: Callable[[], Response],
        key: tuple[str, ...],
        events: tuple[ApplicationEvent, ...],
        actor: Actor,
        name: str,
    ) -> Response:
        """Let somebody try something; what is accepted is a step of theirs, what is refused changes nothing."""
        before, seen = self.world.states().get(key), self.world.look()
        answer = act()
        assert answer.status < 500, answer.body.decode()
        if answer.status >= 400:
            assert self.world.look() == seen
            return answer
        assert before is not None, f"{name} of what is not there"
        steps = {MOVE_OUT_APPLICATION.step(before, event, actor) for event in events}
        assert self.world.states()[key] in steps, f"{name} in {before}"
        self.taken.append(name)
        return answer

    @rule(place=PLACES)
    def submit(self, place: int) -> None:
        if place not in self.temporary:
            one = self.persons[place]
            self.temporary[place] = one.submit(one.package()).result["temporary_reference_number"]

    @rule(place=PLACES, own=SOMEBODY)
    def sign(self, place: int, own: bool) -> None:
        if place not in self.temporary:
            return
        one, temporary = self.persons[place if own else 1 - place], self.temporary[place]
        key = self.cards.signing(one.household.head, one.household.address)
        told = self.persons[place].inquire(temporary).result
        content = msgspec.json.encode({"temporary_reference_number": temporary, "sha256": self._digest(place)})
        where = (Server.PORTAL.value, temporary)
        answer = self._tried(
            lambda: one.send_signature(temporary, content, key),
            where,
            (ApplicationEvent.SIGN,),
            Actor.APPLICANT,
            "sign",
        )
        assert own or answer.status >= 400, "somebody else has signed it"
        assert answer.status >= 400 or not told["finished"]
        if answer.status == 200:
            self.receipts[place] = answer.result["reference_number"]

    def _digest(self, place: int) -> str:
        return sha256(self.persons[place].package()).hexdigest()

    @rule(place=PLACES, own=SOMEBODY)
    def withdraw(self, place: int, own: bool) -> None:
        if place not in self.receipts:
            return
        one = self.persons[place if own else 1 - place]
        where = (Server.PORTAL.value, self.temporary[place])
        events = (ApplicationEvent.WITHDRAW,)
        relay = (Server.JLIS.value, self.receipts[place], ORIGIN)
        before = self.world.states().get(relay)
        act = partial(one.withdraw, self.receipts[place])
        answer = self._tried(act, where, events, Actor.APPLICANT, "withdraw")
        assert own or answer.status == 404, "somebody else has withdrawn it"
        if answer.status == 200 and before is not None:
            step = MOVE_OUT_APPLICATION.step(before, ApplicationEvent.WITHDRAW, Actor.APPLICANT)
            assert step is ApplicationState.WITHDRAWN, f"withdrawn in {before}"

    @rule()
    def relay(self) -> None:
        self.world.run(self.world.relaying.hand_over())

    @rule()
    def learn(self) -> None:
        self.world.run(self.world.relaying.fetch())
        at = self.world.states()
        for place, receipt in self.receipts.items():
            told = at.get((Server.JLIS.value, receipt, ORIGIN))
            assert told is None or told is at[Server.PORTAL.value, self.temporary[place]]

    @rule(town=st.sampled_from(TOWNS))
    def bring(self, town: str) -> None:
        self.world.run(self.world.listeners[town].bring_all())

    @rule(town=st.sampled_from(TOWNS))
    def speak(self, town: str) -> None:
        for _ in range(2):  # decisions wait until the relay knows that the town has the application
            assert self.world.run(self.world.speakers[town].say_all())

    @rule(place=PLACES, town=st.sampled_from(TOWNS), action=st.sampled_from(list(REVIEWS)))
    def review(self, place: int, town: str, action: str) -> None:
        if place in self.receipts:
            message = {"action": action, **({"message": "理由"} if action in {"return", "reject"} else {})}
            where = (Server.WARD.value, self.receipts[place], town)
            act = self._patch(town, place, message)
            self._tried(act, where, (REVIEWS[action],), ACTORS[town], action)

    @rule(place=PLACES, town=st.sampled_from(TOWNS), check=st.sampled_from(["formal_check", "substantive_check"]))
    def check(self, place: int, town: str, check: str) -> None:
        if place in self.receipts:
            before, seen = self.world.states(), self.world.look()
            answer = self._patch(town, place, {"action": check, "result": "passed"})()
            assert self.world.states() == before
            if answer.status == 200:
                assert before[Server.WARD.value, self.receipts[place], ORIGIN] is ApplicationState.IN_REVIEW
                assert town == ORIGIN
            else:
                assert self.world.look() == seen

    def _patch(self, town: str, place: int, message: dict[str, str]) -> Callable[[], Response]:
        path, body = f"/shinsei/v1/applications/{self.receipts[place]}", msgspec.json.encode(message)
        return partial(self.clerks[town].send, "PATCH", path, body, Content_Type="application/json")

    @rule(place=PLACES, town=st.sampled_from(TOWNS), state=st.sampled_from(list(REPORTS)))
    def report(self, place: int, town: str, state: str) -> None:
        """A town's staff writes a state at the relay, past its own systems."""
        if place in self.receipts:
            number = self.receipts[place]
            where = (Server.JLIS.value, number, town)
            act = partial(self.towns[town].report, number, state, "連絡")
            self._tried(act, where, REPORTS[state], ACTORS[town], f"report {state}")


def _clerk(ward: Side, town: str) -> Client:
    clerk = Client(ward, {"X-Peer": f"town-{town}", "X-Test-Data": "synthetic"})
    answer = clerk.post("/staff/v1/login", {"staff_id": "clerk01", "password": password_of(SEED, town, "clerk01")})
    clerk.headers["Authorization"] = f"Bearer {answer.result['token']}"
    return clerk


def test_whatever_anybody_does_in_any_order_no_illegal_step_is_accepted_and_no_refusal_changes_anything() -> None:
    run_state_machine_as_test(Lives, settings=how(max_examples=8, stateful_step_count=40, deadline=None))


@pytest.fixture
def lives() -> Iterator[Lives]:
    """Two applications that nobody has filed yet."""
    made = Lives()
    made.begin(0)
    yield made
    made.teardown()


def test_in_the_right_order_everything_is_accepted_and_learned(lives: Lives) -> None:
    lives.advance(0, 7)
    lives.advance(1, 6)
    lives.review(1, ORIGIN, "return")
    lives.speak(ORIGIN)
    lives.learn()
    lives.every_state_follows_from_the_one_before()
    assert lives.taken == ["sign", "begin_review", "accept_notice", "sign", "begin_review", "return"]
    told = [state for key, state in lives.known.items() if key[0] == Server.PORTAL.value]
    assert told == [ApplicationState.NOTICE_ACCEPTED, ApplicationState.NEEDS_RESUBMIT]


def test_a_withdrawal_that_came_too_late_is_in_time_again_when_the_town_reopens(lives: Lives) -> None:
    lives.advance(0, 7)
    lives.speak(ORIGIN)
    lives.withdraw(0, own=True)  # the portal has not heard of the acceptance: J-LIS refuses
    assert "withdraw" not in lives.taken
    lives.review(0, ORIGIN, "reopen")
    lives.speak(ORIGIN)
    lives.learn()
    lives.withdraw(0, own=True)
    assert lives.taken[-2:] == ["reopen", "withdraw"]
