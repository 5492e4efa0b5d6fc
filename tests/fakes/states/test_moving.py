"""A whole move step by step: its order, what each step needs, its times, withdrawal, return and a new application."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

import pytest

from fakes.clock import JST
from fakes.states.application import ApplicationEvent, ApplicationState
from fakes.states.certificate import CertificateEvent
from fakes.states.machine import Actor, Refusal, Refused
from fakes.states.moving import BETWEEN, MOVE_KINDS, WITHIN, MoveCase, MoveKind, Part, after
from fakes.states.register import PlannedEvent, RemovalEvent, TransactionEvent
from fakes.states.rules import MoveDays
from fakes.states.telegram import TelegramEvent
from fakes.states.visit import VisitEvent, VisitState
from tests.fakes.states.journeys import (
    BETWEEN_TOWNS,
    DATA,
    DAYS,
    IN,
    OFFICE_HOURS,
    OUT,
    RULES,
    VISIBLE,
    WITHIN_THE_WARD,
    Steps,
    filed,
    visited,
)

_A, _T = ApplicationEvent, TransactionEvent
REVIEWED = filed(Actor.ORIGIN_STAFF)[:-1]


def moved(steps: Steps, kind: MoveKind = BETWEEN, days: MoveDays = DAYS) -> MoveCase:
    return after(MoveCase.begin(kind, days), steps, OFFICE_HOURS, RULES)


def refusal(case: MoveCase, part: Part, event: StrEnum, actor: Actor, at: datetime = OFFICE_HOURS) -> Refused:
    step = case.step(part, event, actor, at, RULES)
    assert isinstance(step, Refused)
    return step


@pytest.mark.parametrize(("kind", "steps"), [(BETWEEN, BETWEEN_TOWNS), (WITHIN, WITHIN_THE_WARD)])
def test_a_whole_move_passes_its_milestones_in_order_and_never_goes_back(kind: MoveKind, steps: Steps) -> None:
    case, reached = MoveCase.begin(kind, DAYS), [0]
    for step in steps:
        case = after(case, [step], OFFICE_HOURS, RULES)
        reached.append(case.reached)
    assert sorted(set(reached)) == list(range(len(kind.milestones) + 1))
    assert reached == sorted(reached)


@pytest.mark.parametrize(
    ("steps", "part", "event", "actor"),
    [
        (REVIEWED, Part.OUT, _T.ENTER, Actor.ORIGIN_STAFF),
        (OUT[:-1], Part.CERTIFICATE_DATA, TelegramEvent.SEND, Actor.SYSTEM),
        (OUT[:-1], Part.APPLICATION, _A.COMPLETE, Actor.ORIGIN_STAFF),
        (DATA[:-1], Part.SIGNING, CertificateEvent.REVOKE, Actor.SYSTEM),
        (DATA, Part.PLANNED, PlannedEvent.SHOW, Actor.SYSTEM),
        ([*DATA, *visited()], Part.IN, _T.ENTER, Actor.DESTINATION_STAFF),
        (VISIBLE, Part.IN, _T.ENTER, Actor.DESTINATION_STAFF),
        (IN[:-1], Part.NOTICE, TelegramEvent.SEND, Actor.SYSTEM),
        (IN, Part.REMOVAL, RemovalEvent.CONFIRM, Actor.SYSTEM),
        ([], Part.VISIT, VisitEvent.RECEIVE, Actor.RELAY),
    ],
    ids=[
        *("move-out before the notice is accepted", "data before the move-out", "completed before the move-out"),
        *("revoked before the data arrive", "planned before revoked", "an early visit: data under way"),
        *("nobody came", "notice before the move-in", "removed before the notice", "visit before it is relayed"),
    ],
)
def test_a_step_that_comes_too_early_is_refused(steps: Steps, part: Part, event: StrEnum, actor: Actor) -> None:
    assert refusal(moved(steps), part, event, actor).code is Refusal.NOT_YET


def test_people_may_come_too_early_and_come_again() -> None:
    early = moved([*DATA, *visited()])
    assert early.states[Part.VISIT] is VisitState.VISITED
    later = after(early, VISIBLE[len(DATA) :], OFFICE_HOURS, RULES)
    again = after(later, [(Part.VISIT, VisitEvent.VISIT, Actor.DESTINATION_STAFF)], OFFICE_HOURS, RULES)
    assert isinstance(again.step(Part.IN, _T.ENTER, Actor.DESTINATION_STAFF, OFFICE_HOURS, RULES), MoveCase)


def test_an_application_is_withdrawn_until_the_notice_is_accepted_and_not_after() -> None:
    for count in range(4, len(REVIEWED) + 1):
        withdrawn = after(
            moved(REVIEWED[:count]), [(Part.APPLICATION, _A.WITHDRAW, Actor.APPLICANT)], OFFICE_HOURS, RULES
        )
        assert withdrawn.states[Part.APPLICATION] is ApplicationState.WITHDRAWN
    for count in range(len(REVIEWED) + 1, len(BETWEEN_TOWNS) + 1):
        late = refusal(moved(BETWEEN_TOWNS[:count]), Part.APPLICATION, _A.WITHDRAW, Actor.APPLICANT)
        assert late.code is Refusal.ALREADY_PROCESSED


def test_a_withdrawn_application_takes_its_visit_notice_along_and_a_returned_one_does_not() -> None:
    notice: Steps = [(Part.VISIT, VisitEvent.RECEIVE, Actor.RELAY)]
    drop = (Part.VISIT, VisitEvent.DROP, Actor.RELAY)
    withdrawn = moved([*REVIEWED, *notice, (Part.APPLICATION, _A.WITHDRAW, Actor.APPLICANT), drop])
    assert withdrawn.states[Part.VISIT] is VisitState.CANCELLED
    returned = moved([*REVIEWED, *notice, (Part.APPLICATION, _A.RETURN, Actor.ORIGIN_STAFF)])
    assert refusal(returned, *drop).code is Refusal.NOT_YET


def test_a_returned_application_is_filed_again_with_other_days_and_signed_again() -> None:
    notice: Steps = [(Part.VISIT, VisitEvent.RECEIVE, Actor.RELAY)]
    returned = moved([*REVIEWED, *notice, (Part.APPLICATION, _A.RETURN, Actor.ORIGIN_STAFF)])
    later = MoveDays(date(2023, 4, 10))
    again = returned.resubmit(later, Actor.APPLICANT, OFFICE_HOURS, RULES)
    assert isinstance(again, MoveCase)
    assert (again.states[Part.APPLICATION], again.states[Part.VISIT]) == ("sent", "received")
    assert again.days == later
    signed = after(again, filed(Actor.ORIGIN_STAFF)[1:4], OFFICE_HOURS, RULES)
    assert signed.states[Part.APPLICATION] is ApplicationState.ACCEPTED


def test_only_the_applicant_files_again_only_what_was_returned_and_only_in_time() -> None:
    returned = moved([*REVIEWED, (Part.APPLICATION, _A.RETURN, Actor.ORIGIN_STAFF)])
    too_late = MoveDays(OFFICE_HOURS.date() - timedelta(days=11))
    refused = [
        returned.resubmit(DAYS, Actor.ORIGIN_STAFF, OFFICE_HOURS, RULES),
        returned.resubmit(too_late, Actor.APPLICANT, OFFICE_HOURS, RULES),
        moved(REVIEWED).resubmit(DAYS, Actor.APPLICANT, OFFICE_HOURS, RULES),
    ]
    codes = [own.code for own in refused if isinstance(own, Refused)]
    assert codes == [Refusal.WRONG_ACTOR, Refusal.AFTER_WINDOW, Refusal.ILLEGAL_TRANSITION]


@pytest.mark.parametrize("event", [_A.SUBMIT, _A.SIGN])
def test_filing_online_is_possible_from_30_days_before_the_move_to_10_days_after(event: ApplicationEvent) -> None:
    case = moved([] if event is _A.SUBMIT else filed(Actor.ORIGIN_STAFF)[:3])
    found = {}
    for day in (-31, -30, 0, 10, 11):
        at = datetime(2023, 4, 3, 23, 59, tzinfo=JST) + timedelta(days=day)
        step = case.step(Part.APPLICATION, event, Actor.APPLICANT, at, RULES)
        found[day] = step.code if isinstance(step, Refused) else None
    assert found == {-31: Refusal.BEFORE_WINDOW, -30: None, 0: None, 10: None, 11: Refusal.AFTER_WINDOW}


def test_a_signature_needs_a_valid_certificate() -> None:
    expired = moved([*filed(Actor.ORIGIN_STAFF)[:3], (Part.SIGNING, CertificateEvent.EXPIRE, Actor.SYSTEM)])
    assert refusal(expired, Part.APPLICATION, _A.SIGN, Actor.APPLICANT).code is Refusal.CERTIFICATE_INVALID


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2023, 4, 2), Refusal.BEFORE_MOVE),
        (date(2023, 4, 3), None),
        (date(2023, 4, 17), None),
        (date(2023, 4, 18), Refusal.CARD_ROUTE_LAPSED),
    ],
)
def test_the_card_route_ends_14_days_after_living_there(day: date, code: Refusal | None) -> None:
    # Planned 1 April, living there from 3 April: too late from 18 April
    # (https://www.city.hamada.shimane.jp/www/contents/1001000001087/index.html).
    case = moved([*VISIBLE, *visited()])
    at = datetime(day.year, day.month, day.day, 10, tzinfo=JST)
    step = case.step(Part.IN, _T.ENTER, Actor.DESTINATION_STAFF, at, RULES)
    assert (step.code if isinstance(step, Refused) else None) is code


def test_the_card_route_ends_30_days_after_the_planned_move_out() -> None:
    days = MoveDays(lives_there_from=date(2023, 4, 25), planned_move_out=date(2023, 4, 1))
    assert RULES.card_route_limit(days) == date(2023, 5, 1)
    late = RULES.card_route_refused(datetime(2023, 5, 2, 9, tzinfo=JST), days)
    assert late is not None
    assert (late.code, late.detail) == (Refusal.CARD_ROUTE_LAPSED, "2023-05-01")


def test_a_move_within_the_ward_is_taken_late_but_not_before_it_happens() -> None:
    case = moved([*WITHIN_THE_WARD[:9], *visited()], WITHIN)
    step = case.step(Part.IN, _T.ENTER, Actor.DESTINATION_STAFF, datetime(2023, 6, 1, 10, tzinfo=JST), RULES)
    assert isinstance(step, MoveCase)
    early = refusal(case, Part.IN, _T.ENTER, Actor.DESTINATION_STAFF, datetime(2023, 4, 2, 10, tzinfo=JST))
    assert early.code is Refusal.BEFORE_MOVE


@pytest.mark.parametrize("event", [TelegramEvent.SEND, TelegramEvent.DELIVER])
def test_telegrams_go_while_the_resident_network_is_open(event: TelegramEvent) -> None:
    case = moved(OUT if event is TelegramEvent.SEND else DATA[: len(OUT) + 1])
    actor = Actor.SYSTEM if event is TelegramEvent.SEND else Actor.RELAY
    night = refusal(case, Part.CERTIFICATE_DATA, event, actor, datetime(2023, 4, 28, 19, 0, tzinfo=JST))
    assert (night.code, night.detail) == (Refusal.CLOSED_HOURS, "2023-05-01 08:30")


def test_certificate_data_are_sent_again_by_a_supervisor_only() -> None:
    case = moved(DATA)
    again = (Part.CERTIFICATE_DATA, TelegramEvent.RESEND)
    assert refusal(case, *again, Actor.ORIGIN_STAFF).code is Refusal.WRONG_ACTOR
    assert isinstance(case.step(*again, Actor.ORIGIN_SUPERVISOR, OFFICE_HOURS, RULES), MoveCase)


def test_an_accepted_notice_goes_back_to_review_while_the_register_is_untouched() -> None:
    reopen = (Part.APPLICATION, _A.REOPEN, Actor.ORIGIN_STAFF)
    assert isinstance(moved(filed(Actor.ORIGIN_STAFF)).step(*reopen, OFFICE_HOURS, RULES), MoveCase)
    entered = [*filed(Actor.ORIGIN_STAFF), (Part.OUT, _T.ENTER, Actor.ORIGIN_STAFF)]
    assert refusal(moved(entered), *reopen).code is Refusal.ALREADY_PROCESSED
    cancelled = moved([*entered, (Part.OUT, _T.CANCEL, Actor.ORIGIN_STAFF)])
    assert isinstance(cancelled.step(*reopen, OFFICE_HOURS, RULES), MoveCase)


def test_a_move_within_the_ward_has_no_telegrams() -> None:
    case = moved(WITHIN_THE_WARD, WITHIN)
    assert refusal(case, Part.CERTIFICATE_DATA, TelegramEvent.SEND, Actor.SYSTEM).code is Refusal.ILLEGAL_TRANSITION


@pytest.mark.parametrize("kind", MOVE_KINDS)
def test_needs_and_times_name_steps_and_states_that_exist(kind: MoveKind) -> None:
    for part, event in [*kind.needs, *kind.times]:
        assert event in kind.parts[part].events
    for needs in kind.needs.values():
        assert all(state in kind.parts[need.part].states for need in needs for state in need.states)


def test_steps_that_are_said_to_be_legal_are_told_when_they_are_not() -> None:
    with pytest.raises(ValueError, match="out enter by origin_staff: not_yet"):
        moved([(Part.OUT, _T.ENTER, Actor.ORIGIN_STAFF)])
