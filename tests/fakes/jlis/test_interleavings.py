"""Portal, towns, terminals and time in any order, through the real server: leases, labels, states, order."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from fakes.jlis.items import GONE
from fakes.states.application import MOVE_OUT_APPLICATION, ApplicationEvent, ApplicationState
from fakes.states.machine import Actor, Refused
from tests.fakes.inprocess import Local
from tests.fakes.jlis.applications import DESTINATION, ORIGIN, number_of, package, service
from tests.fakes.jlis.conftest import standing
from tests.fakes.jlis.test_network import data_of, head

NUMBERS = st.integers(0, 2)
TOWNS = st.sampled_from([ORIGIN, DESTINATION])
TERMINALS = st.sampled_from(["a", "b"])
LEASE = timedelta(minutes=5)
TOKEN_LASTS = timedelta(minutes=50)
NETWORK_OPEN_FOR = 9 * 60
"""Minutes, from nine in the morning on."""

EVENTS = {
    "in_review": ApplicationEvent.BEGIN_REVIEW,
    "notice_accepted": ApplicationEvent.ACCEPT_NOTICE,
    "completed": ApplicationEvent.COMPLETE,
    "needs_resubmit": ApplicationEvent.RETURN,
    "rejected": ApplicationEvent.REJECT,
}


class Delivery:
    """What a model knows of one application at one town."""

    def __init__(self) -> None:
        self.count = 0
        self.holder = ""
        self.until = timedelta(0)
        self.open = False
        self.acknowledged = 0


class Relay(RuleBasedStateMachine):
    """The server beside a model of it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.now = timedelta(0)
        self.states: dict[int, ApplicationState] = {}
        self.deliveries: defaultdict[tuple[int, str], Delivery] = defaultdict(Delivery)
        self.told: list[Any] = []
        self.learned: defaultdict[str, list[int]] = defaultdict(list)

    @initialize()
    def begin(self) -> None:
        self.local = Local(standing(Path(self.folder.name)))
        self.portal = self.local.portal()
        self.towns = {code: self.local.town(code) for code in (ORIGIN, DESTINATION)}

    def teardown(self) -> None:
        if hasattr(self, "local"):
            self.local.close()
        self.folder.cleanup()

    @rule(minutes=st.sampled_from([1, 4, 6]))
    def time_passes(self, minutes: int) -> None:
        if self.now < TOKEN_LASTS:
            self.now += timedelta(minutes=minutes)
            self.local.advance(timedelta(minutes=minutes))

    @rule(index=NUMBERS)
    def push(self, index: int) -> None:
        assert self.portal.push(number_of(index), package(index), service()).status == 200
        self.states.setdefault(index, ApplicationState.ARRIVED)

    @rule(index=NUMBERS, town=TOWNS, terminal=TERMINALS)
    def take(self, index: int, town: str, terminal: str) -> None:
        answer = self.towns[town].fetch(number_of(index), terminal)
        model = self.deliveries[index, town]
        if index not in self.states:
            assert answer.status == 404
        elif model.acknowledged or self.states[index] in GONE:
            assert answer.status == 410
        elif model.open and self.now < model.until and terminal != model.holder:
            assert answer.status == 409
        else:
            assert answer.status == 200
            self._given(model, terminal, int(answer.headers["x-delivery"]), answer.headers["x-redelivery"] == "true")

    @rule(town=TOWNS, limit=st.integers(1, 3))
    def take_batch(self, town: str, limit: int) -> None:
        wanted = [
            index
            for index in self.states
            if not (model := self.deliveries[index, town]).acknowledged
            and self.states[index] not in GONE
            and not (model.open and self.now < model.until)
        ]
        taken = self.towns[town].take(limit)
        assert [one["reference_number"] for one in taken] == [number_of(index) for index in wanted[:limit]]
        for index, one in zip(wanted, taken, strict=False):
            self._given(self.deliveries[index, town], "link", one["delivery"], one["redelivered"])

    def _given(self, model: Delivery, terminal: str, delivery: int, redelivered: bool) -> None:
        assert (delivery, redelivered) == (model.count + 1, model.count > 0)
        model.count, model.holder, model.until, model.open = delivery, terminal, self.now + LEASE, True

    @rule(index=NUMBERS, town=TOWNS, back=st.integers(0, 2))
    def acknowledge(self, index: int, town: str, back: int) -> None:
        model = self.deliveries[index, town]
        delivery = max(1, model.count - back)
        answer = self.towns[town].acknowledge(number_of(index), delivery)
        if index not in self.states:
            assert answer.status == 404
        elif model.acknowledged:
            assert (answer.status == 200) == (delivery == model.acknowledged)
        else:
            assert (answer.status == 200) == (model.open and delivery == model.count)
            if answer.status == 200:
                model.acknowledged, model.open = delivery, False
                if town == ORIGIN and self.states[index] is ApplicationState.ARRIVED:
                    self.states[index] = ApplicationState.DOWNLOADED

    @rule(index=NUMBERS, town=TOWNS)
    def release(self, index: int, town: str) -> None:
        model = self.deliveries[index, town]
        path = f"/receive/v1/applications/{number_of(index)}/release"
        answer = self.towns[town].post(path, {"delivery": max(1, model.count)})
        assert (answer.status == 200) == (index in self.states and model.open)
        model.open = model.open and answer.status != 200

    @rule(index=NUMBERS, town=TOWNS, state=st.sampled_from(list(EVENTS)))
    def report(self, index: int, town: str, state: str) -> None:
        answer = self.towns[town].report(number_of(index), state, "連絡")
        before = self.states.get(index)
        if before is None:
            assert answer.status == 404
            return
        reopens = (before, state) == (ApplicationState.NOTICE_ACCEPTED, "in_review")
        event = ApplicationEvent.REOPEN if reopens else EVENTS[state]
        actor = Actor.ORIGIN_STAFF if town == ORIGIN else Actor.DESTINATION_STAFF
        self._stepped(index, MOVE_OUT_APPLICATION.step(before, event, actor), answer.status)

    @rule(index=NUMBERS)
    def withdraw(self, index: int) -> None:
        status = self.portal.withdraw(number_of(index)).status
        if (before := self.states.get(index)) is None:
            assert status == 404
        else:
            step = MOVE_OUT_APPLICATION.step(before, ApplicationEvent.WITHDRAW, Actor.APPLICANT)
            self._stepped(index, step, status)

    def _stepped(self, index: int, step: ApplicationState | Refused, status: int) -> None:
        if isinstance(step, Refused):
            assert status == step.code.status
        else:
            assert status == 200
            self.states[index] = step

    @rule(limit=st.integers(1, 3))
    def learn(self, limit: int) -> None:
        self.told = self.portal.changes(limit)

    @rule()
    def note(self) -> None:
        if not self.told:
            return
        for change, result in zip(self.told, self.portal.acknowledge(*self.told), strict=True):
            known = self.learned[change["subject"]]
            if not result["code"] and change["change"] not in known:
                assert known == sorted(known), "what is stored last happened last"
                known.append(change["change"])


class Network(RuleBasedStateMachine):
    """Telegrams about two people, beside a model of them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.minutes = 0
        self.sent: defaultdict[int, int] = defaultdict(int)
        self.stored: defaultdict[int, int] = defaultdict(int)

    @initialize()
    def begin(self) -> None:
        self.local = Local(standing(Path(self.folder.name)))
        self.towns = {code: self.local.town(code) for code in (ORIGIN, DESTINATION)}

    def teardown(self) -> None:
        if hasattr(self, "local"):
            self.local.close()
        self.folder.cleanup()

    @rule(minutes=st.sampled_from([4, 6]))
    def time_passes(self, minutes: int) -> None:
        self.minutes += minutes
        if self.minutes < NETWORK_OPEN_FOR:
            self.local.advance(timedelta(minutes=minutes))

    @rule(index=st.integers(0, 1), count=st.integers(1, 3))
    def send(self, index: int, count: int) -> None:
        for _ in range(count):
            self.sent[index] += 1
            assert self.towns[ORIGIN].telegram(DESTINATION, data_of(head(index)), self.sent[index]).status == 202

    @rule(index=st.integers(0, 1), ahead=st.sampled_from([-1, 0, 2]))
    def send_out_of_order(self, index: int, ahead: int) -> None:
        number = self.sent[index] + ahead
        if number > 0:
            assert self.towns[ORIGIN].telegram(DESTINATION, data_of(head(index)), number).status == 409

    @rule(keeps=st.booleans())
    def receive(self, keeps: bool) -> None:
        for one in self.towns[DESTINATION].inbox():
            [index] = [i for i in range(2) if head(i).name == one["body"]["person"]["name"]]
            assert one["number"] == self.stored[index] + 1, "in order per person, and no other before it is stored"
            if keeps:
                assert self.towns[DESTINATION].store(one)[0]["code"] == ""
                self.stored[index] += 1


def test_whatever_portal_towns_and_time_do_the_relay_keeps_its_word() -> None:
    run_state_machine_as_test(Relay, settings=settings(max_examples=10, stateful_step_count=40, deadline=None))


def test_whatever_towns_and_time_do_telegrams_arrive_in_order_per_person() -> None:
    run_state_machine_as_test(Network, settings=settings(max_examples=10, stateful_step_count=30, deadline=None))
