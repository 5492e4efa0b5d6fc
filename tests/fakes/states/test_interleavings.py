"""Applicant, origin, destination and relay in any order: no illegal step is ever accepted, whoever tries what, when."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from fakes.clock import JST
from fakes.states.application import ENDED, ApplicationEvent, ApplicationState, StatusCode, status_code
from fakes.states.certificate import CertificateEvent, CertificateState
from fakes.states.lease import Lease, LeaseState
from fakes.states.machine import Actor, Refusal, Refused
from fakes.states.moving import BETWEEN, MOVE_KINDS, WITHIN, MoveCase, MoveKind, Part
from fakes.states.register import PlannedState, RemovalState, TransactionEvent, TransactionState
from fakes.states.rules import MoveDays
from fakes.states.telegram import PersonLine, TelegramEvent, TelegramState
from fakes.states.visit import VisitEvent, VisitState
from scenarios.law import CARD_ROUTE_DAYS_AFTER_MOVE_IN, may_file_online
from tests.fakes.states.journeys import BETWEEN_TOWNS, OFFICE_HOURS, RULES, WITHIN_THE_WARD

START = OFFICE_HOURS - timedelta(days=40)
STAFF = {Actor.ORIGIN_STAFF, Actor.DESTINATION_STAFF}
MAY = {
    Part.APPLICATION: {
        Actor.APPLICANT: {"submit", "sign", "withdraw"},
        Actor.PORTAL: {"begin_check", "fail_check", "ask_signature", "accept_unsigned"},
        Actor.RELAY: {"arrive", "fail_relay"},
        Actor.SYSTEM: {"download", "expire"},
    },
    Part.CERTIFICATE_DATA: {Actor.ORIGIN_SUPERVISOR: {"resend"}, Actor.DESTINATION_STAFF: {"ack"}},
}
"""Written apart from the tables: what these actors may do at most."""

EVENTS: dict[str, list[tuple[Part, StrEnum]]] = {
    kind.name: [(part, event) for part, machine in kind.parts.items() for event in machine.events]
    for kind in MOVE_KINDS
}
GOOD = {"between": BETWEEN_TOWNS, "within": WITHIN_THE_WARD}
WAITING = {Refusal.BEFORE_WINDOW, Refusal.BEFORE_MOVE, Refusal.CLOSED_HOURS}


class Move(RuleBasedStateMachine):
    """One move; everybody tries everything. `past` holds every state that a part has been in."""

    @initialize(kind=st.sampled_from(MOVE_KINDS), wait=st.integers(0, 90))
    def begin(self, kind: MoveKind, wait: int) -> None:
        self.at = START
        days = MoveDays(START.date() + timedelta(days=wait))
        self.case = MoveCase.begin(kind, days)
        self.past: dict[Part, set[StrEnum]] = {part: {state} for part, state in self.case.states.items()}
        self.accepted: list[tuple[Part, StrEnum]] = []

    @rule(minutes=st.sampled_from([1, 30, 60, 540, 1440, 4320, 20160]))
    def time_goes_on(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(place=st.integers(0, 10**6), actor=st.sampled_from(Actor))
    def anybody_tries_anything(self, place: int, actor: Actor) -> None:
        events = EVENTS[self.case.kind.name]
        self.attempt(*events[place % len(events)], actor)

    @rule(places=st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
    def some_do_what_a_part_allows(self, places: list[int]) -> None:
        for place in places:
            allowed = self.allowed()
            self.attempt(*allowed[place % len(allowed)])

    def allowed(self) -> list[tuple[Part, StrEnum, Actor]]:
        """What the machines of the parts allow, each by itself."""
        return [
            (part, event, actor)
            for part, machine in self.case.kind.parts.items()
            for source, event, actors, _ in machine.transitions()
            for actor in actors
            if source is self.case.states[part]
        ]

    @rule(count=st.integers(1, 40))
    def all_goes_well_for_a_while(self, count: int) -> None:
        for part, event, actor in GOOD[self.case.kind.name]:
            if count == 0:
                return
            if (part, event) not in self.accepted:
                count -= 1
                found = self.case.step(part, event, actor, self.at, RULES)
                for _ in range(200):
                    if not isinstance(found, Refused) or found.code not in WAITING:
                        break
                    self.at = (self.at + timedelta(days=1)).replace(hour=10)
                    found = self.case.step(part, event, actor, self.at, RULES)
                self.attempt(part, event, actor)

    @rule(wait=st.integers(-40, 40), actor=st.sampled_from(Actor))
    def somebody_files_again(self, wait: int, actor: Actor) -> None:
        days = MoveDays(self.at.date() + timedelta(days=wait))
        found = self.case.resubmit(days, actor, self.at, RULES)
        if isinstance(found, Refused):
            return
        assert actor is Actor.APPLICANT
        assert self.case.states[Part.APPLICATION] is ApplicationState.NEEDS_RESUBMIT
        assert may_file_online(self.at.date(), days.lives_there_from)
        self.past[Part.APPLICATION] = {ApplicationState.SENT}
        self.accepted = [step for step in self.accepted if step[0] is not Part.APPLICATION]
        self.case = found

    def attempt(self, part: Part, event: StrEnum, actor: Actor) -> None:
        before = self.case
        found = before.step(part, event, actor, self.at, RULES)
        if isinstance(found, Refused):
            assert self.case == before
            return
        changed = {own for own in found.states if found.states[own] is not before.states[own]}
        assert changed <= {part}
        self.judge(part, event, actor, before)
        self.case = found
        self.past[part].add(found.states[part])
        self.accepted.append((part, event))

    def judge(self, part: Part, event: StrEnum, actor: Actor, before: MoveCase) -> None:
        """What must hold of every step that is accepted, by the facts and not by the tables."""
        if actor in MAY.get(part, {}):
            assert event in MAY[part][actor]
        assert not (actor in STAFF and part is Part.APPLICATION) or actor is self.handler()
        if part is Part.APPLICATION:
            self.judge_application(ApplicationEvent(event), before)
        elif part is Part.VISIT and event is VisitEvent.RECEIVE:
            assert ApplicationState.ACCEPTED in self.past[Part.APPLICATION]
            assert not self.undone()
            assert before.states[Part.APPLICATION] is not ApplicationState.EXPIRED
        elif part is Part.VISIT and event is VisitEvent.DROP:
            assert self.undone()
        elif part is Part.OUT and event is TransactionEvent.ENTER:
            assert before.states[Part.APPLICATION] is ApplicationState.NOTICE_ACCEPTED
        elif part is Part.IN and event is TransactionEvent.ENTER:
            self.judge_counter(before)
        elif part is Part.SIGNING and event is CertificateEvent.REVOKE:
            assert self.applied(Part.IN if before.kind is WITHIN else Part.OUT)
        elif part is Part.SIGNING and event is CertificateEvent.REISSUE:
            assert self.applied(Part.IN)
        elif part in (Part.CERTIFICATE_DATA, Part.NOTICE) and event is not TelegramEvent.ACK:
            assert self.applied(Part.OUT if part is Part.CERTIFICATE_DATA else Part.IN)
            assert self.at.weekday() < 5
            assert (8, 30) <= (self.at.hour, self.at.minute) < (19, 0)

    def judge_application(self, event: ApplicationEvent, before: MoveCase) -> None:
        if before.states[Part.APPLICATION] in (*ENDED, ApplicationState.EXPIRED):
            assert event is ApplicationEvent.EXPIRE
        if event in (ApplicationEvent.SUBMIT, ApplicationEvent.SIGN):
            assert may_file_online(self.at.date(), before.days.lives_there_from)
        if event is ApplicationEvent.SIGN:
            assert before.states[Part.SIGNING] in (CertificateState.VALID, CertificateState.REISSUED)
        if event is ApplicationEvent.COMPLETE and before.kind is BETWEEN:
            assert self.applied(Part.OUT)
        if event is ApplicationEvent.REOPEN and before.kind is BETWEEN:
            assert before.states[Part.OUT] in (TransactionState.NOT_ENTERED, TransactionState.CANCELLED)

    def judge_counter(self, before: MoveCase) -> None:
        """Nobody's move-in is taken before it happened, without people, or on a card that stands for nothing."""
        assert VisitState.VISITED in self.past[Part.VISIT]
        assert self.at.date() >= before.days.lives_there_from
        if before.kind is BETWEEN:
            assert PlannedState.VISIBLE in self.past[Part.PLANNED]
            days = (self.at.date() - before.days.lives_there_from).days
            assert days <= CARD_ROUTE_DAYS_AFTER_MOVE_IN or not any(
                RULES.calendar.is_open_day(self.at.date() - timedelta(days=back))
                for back in range(1, days - CARD_ROUTE_DAYS_AFTER_MOVE_IN + 1)
            )

    def handler(self) -> Actor:
        return Actor.DESTINATION_STAFF if self.case.kind is WITHIN else Actor.ORIGIN_STAFF

    def applied(self, part: Part) -> bool:
        return TransactionState.APPLIED in self.past[part]

    def undone(self) -> bool:
        """Whether the application has ended without being carried out or returned."""
        ends = {ApplicationState.WITHDRAWN, ApplicationState.REJECTED, ApplicationState.RECEPTION_ERROR}
        return bool(self.past[Part.APPLICATION] & ends)

    @invariant()
    def an_application_ends_once(self) -> None:
        assert len(self.past[Part.APPLICATION] & set(ENDED)) <= 1

    @invariant()
    def nothing_is_withdrawn_and_carried_out_both(self) -> None:
        undone = {ApplicationState.WITHDRAWN, ApplicationState.REJECTED, ApplicationState.NEEDS_RESUBMIT}
        if self.past[Part.APPLICATION] & undone:
            assert TransactionState.APPLIED not in self.past.get(Part.OUT, set())

    @invariant()
    def the_chain_has_no_gaps(self) -> None:
        if self.case.kind is not BETWEEN:
            return
        chain = [
            ApplicationState.NOTICE_ACCEPTED in self.past[Part.APPLICATION],
            TransactionState.APPLIED in self.past[Part.OUT],
            TelegramState.ACKED in self.past[Part.CERTIFICATE_DATA],
            CertificateState.REVOKED in self.past[Part.SIGNING],
            PlannedState.VISIBLE in self.past[Part.PLANNED],
            TransactionState.APPLIED in self.past[Part.IN],
            TelegramState.ACKED in self.past[Part.NOTICE],
            RemovalState.CONFIRMED in self.past[Part.REMOVAL],
        ]
        assert chain == sorted(chain, reverse=True)
        assert self.case.reached <= sum(chain)

    @invariant()
    def ended_is_said_of_ended_applications_only(self) -> None:
        state = ApplicationState(self.case.states[Part.APPLICATION])
        if status_code(state) is StatusCode.ENDED:
            assert state in (*ENDED, ApplicationState.EXPIRED)


class Relay(RuleBasedStateMachine):
    """One application in the relay and two link servers that take it, crash, give it back and acknowledge late."""

    held = Bundle("held")

    @initialize()
    def begin(self) -> None:
        self.at = datetime(2023, 3, 27, 9, 0, tzinfo=JST)
        self.lease = Lease()
        self.handed_out: list[tuple[int, bool]] = []
        self.acknowledged: list[int] = []

    @rule(minutes=st.integers(0, 8))
    def time_goes_on(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(target=held)
    def somebody_takes_it(self) -> int:
        state = self.lease.state_at(self.at)
        found = self.lease.take(self.at, timedelta(minutes=5))
        assert isinstance(found, Lease) == (state is LeaseState.AVAILABLE)
        if isinstance(found, Lease):
            self.lease = found
            self.handed_out.append((found.deliveries, found.redelivered))
        return self.lease.deliveries

    @rule(delivery=held)
    def somebody_acknowledges(self, delivery: int) -> None:
        found = self.lease.acknowledge(delivery, self.at)
        if isinstance(found, Lease):
            assert delivery == self.lease.deliveries
            self.lease = found
            self.acknowledged.append(delivery)

    @rule(delivery=consumes(held))
    def somebody_gives_it_back(self, delivery: int) -> None:
        found = self.lease.release(delivery, self.at)
        if isinstance(found, Lease):
            assert self.acknowledged == []
            self.lease = found

    @invariant()
    def repetitions_are_labelled_and_one_delivery_counts(self) -> None:
        assert [number for number, _ in self.handed_out] == list(range(1, len(self.handed_out) + 1))
        assert [label for _, label in self.handed_out] == [False, *[True] * len(self.handed_out)][
            : len(self.handed_out)
        ]
        assert len(set(self.acknowledged)) <= 1
        if self.acknowledged:
            assert self.acknowledged[-1] == self.handed_out[-1][0]
            assert self.lease.state_at(self.at) is LeaseState.ACKNOWLEDGED


class Line(RuleBasedStateMachine):
    """One person's telegrams: senders, the network and the receiver with any number at any time."""

    numbers = st.integers(0, 6)

    @initialize()
    def begin(self) -> None:
        self.line = PersonLine()
        self.at = datetime(2023, 3, 27, 9, 0, tzinfo=JST)
        self.first_acknowledged: list[int] = []
        self.newest: dict[int, datetime] = {}

    @rule(number=numbers, age=st.integers(-30, 30))
    def somebody_sends(self, number: int, age: int) -> None:
        created = self.at + timedelta(minutes=age)
        if isinstance(found := self.line.send(number, created), PersonLine):
            assert number == len(self.newest) + 1
            self.line, self.newest[number] = found, created

    @rule(number=numbers, age=st.integers(-30, 30))
    def somebody_sends_again(self, number: int, age: int) -> None:
        created = self.at + timedelta(minutes=age)
        if isinstance(found := self.line.resend(number, created), PersonLine):
            assert created > self.newest[number]
            self.line, self.newest[number] = found, created

    @rule(number=numbers)
    def the_network_hands_over(self, number: int) -> None:
        if isinstance(found := self.line.deliver(number), PersonLine):
            earlier = [own for own in self.line.telegrams if own.number < number]
            assert all(own.state is TelegramState.ACKED for own in earlier)
            self.line = found

    @rule(number=numbers, edition=st.integers(0, 3))
    def the_receiver_acknowledges(self, number: int, edition: int) -> None:
        if isinstance(found := self.line.acknowledge(number, edition), PersonLine):
            assert found.telegrams[number - 1].edition == edition
            if number not in self.first_acknowledged:
                self.first_acknowledged.append(number)
            self.line = found

    @rule()
    def the_head_is_handed_over_and_acknowledged(self) -> None:
        if (head := self.line.head) is not None:
            self.the_network_hands_over(head.number)
            self.the_receiver_acknowledges(head.number, head.edition)

    @invariant()
    def the_order_holds_and_the_newest_wins(self) -> None:
        assert self.first_acknowledged == list(range(1, len(self.first_acknowledged) + 1))
        assert {own.number: own.created for own in self.line.telegrams} == self.newest


for model, steps, examples in ((Move, 50, 250), (Relay, 40, 60), (Line, 40, 60)):
    model.TestCase.settings = settings(max_examples=examples, stateful_step_count=steps, deadline=None)

TestMove = Move.TestCase
TestRelay = Relay.TestCase
TestLine = Line.TestCase
