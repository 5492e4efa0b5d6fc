"""Every machine, exhaustively: each state, event and actor, against tables written out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from fakes.states.application import (
    MOVE_OUT_APPLICATION,
    VISIT_APPLICATION,
    ApplicationEvent,
    ApplicationState,
    StatusCode,
    SubmissionCode,
    resubmission_refused,
    status_code,
    submission_code,
)
from fakes.states.card import SECRET
from fakes.states.certificate import SIGNING_CERTIFICATE
from fakes.states.lease import LEASE
from fakes.states.machine import Actor, Arrow, Machine, Refusal, Refused
from fakes.states.register import IN_TRANSACTION, OUT_TRANSACTION, PLANNED, REMOVAL
from fakes.states.telegram import CERTIFICATE_DATA, MOVE_IN_NOTICE
from fakes.states.visit import VISIT
from scenarios.csvtable import read_table
from scenarios.datatables import packaged
from texts import LANGS

APPLICATION = """
draft submit applicant sent
sent begin_check portal checking
checking fail_check portal check_error
checking ask_signature portal sign_wait
checking accept_unsigned portal accepted
sign_wait sign applicant accepted
sign_wait expire system expired
accepted fail_relay relay reception_error
accepted arrive relay arrived
arrived download STAFF,system downloaded
downloaded begin_review STAFF in_review
in_review accept_notice STAFF notice_accepted
in_review return STAFF needs_resubmit
in_review reject STAFF rejected
notice_accepted reopen STAFF in_review
notice_accepted complete STAFF completed
accepted withdraw applicant withdrawn
arrived withdraw applicant withdrawn
downloaded withdraw applicant withdrawn
in_review withdraw applicant withdrawn
check_error expire system expired
reception_error expire system expired
completed expire system expired
needs_resubmit expire system expired
rejected expire system expired
withdrawn expire system expired
"""

TRANSACTION = """
not_entered enter STAFF draft
cancelled enter STAFF draft
draft submit STAFF review
review send_back STAFF draft
review approve STAFF approved
approved apply STAFF applied
draft cancel STAFF cancelled
review cancel STAFF cancelled
approved cancel STAFF cancelled
"""

TELEGRAM = """
unsent send system sent
sent deliver relay delivered
delivered deliver relay delivered
delivered ack system,RECEIVER acked
sent resend RESENDER sent
delivered resend RESENDER sent
acked resend RESENDER sent
"""

TABLES: dict[str, tuple[Machine[Any, Any], str]] = {
    "moving-out notice": (MOVE_OUT_APPLICATION, APPLICATION.replace("STAFF", "origin_staff")),
    "visit notice alone": (VISIT_APPLICATION, APPLICATION.replace("STAFF", "destination_staff")),
    "out": (OUT_TRANSACTION, TRANSACTION.replace("STAFF", "origin_staff")),
    "in": (IN_TRANSACTION, TRANSACTION.replace("STAFF", "destination_staff")),
    "certificate data": (
        CERTIFICATE_DATA,
        TELEGRAM.replace("RECEIVER", "destination_staff").replace("RESENDER", "origin_supervisor"),
    ),
    "move-in notice": (
        MOVE_IN_NOTICE,
        TELEGRAM.replace("RECEIVER", "origin_staff").replace("RESENDER", "system,destination_supervisor"),
    ),
    "visit": (
        VISIT,
        """
        none receive relay received
        received receive relay received
        preparing receive relay received
        prepared receive relay received
        cancelled receive relay received
        lapsed receive relay received
        received begin_preparation destination_staff preparing
        preparing finish_preparation destination_staff prepared
        none visit destination_staff visited
        received visit destination_staff visited
        preparing visit destination_staff visited
        prepared visit destination_staff visited
        visited visit destination_staff visited
        cancelled visit destination_staff visited
        lapsed visit destination_staff visited
        received cancel applicant cancelled
        preparing cancel applicant cancelled
        prepared cancel applicant cancelled
        received drop relay cancelled
        preparing drop relay cancelled
        prepared drop relay cancelled
        received lapse system lapsed
        preparing lapse system lapsed
        prepared lapse system lapsed
        """,
    ),
    "certificate": (
        SIGNING_CERTIFICATE,
        """
        valid revoke system revoked
        expired revoke system revoked
        valid expire system expired
        revoked reissue destination_staff reissued
        expired reissue destination_staff reissued
        """,
    ),
    "planned": (PLANNED, "not_visible show system visible"),
    "removal": (REMOVAL, "not_confirmed confirm system,origin_staff confirmed"),
    "lease": (
        LEASE,
        """
        available take system,origin_staff,destination_staff leased
        leased expire relay available
        leased release system,origin_staff,destination_staff available
        leased acknowledge system,origin_staff,destination_staff acknowledged
        """,
    ),
    "secret": (
        SECRET,
        """
        usable enter_right applicant usable
        usable enter_wrong applicant usable
        usable enter_wrong_last applicant locked
        usable unlock origin_staff,destination_staff usable
        locked unlock origin_staff,destination_staff usable
        """,
    ),
}

FINISHED = {
    "application": {
        *("check_error", "reception_error", "completed", "needs_resubmit", "rejected", "withdrawn", "expired"),
    },
    "transaction": {"applied"},
    "planned": {"visible"},
    "removal": {"confirmed"},
    "certificate": {"reissued"},
    "lease": {"acknowledged"},
}


def triples(machine: Machine[Any, Any]) -> Iterator[tuple[Any, Any, Actor]]:
    return product(machine.states, machine.events, Actor)


@pytest.mark.parametrize("name", TABLES)
def test_exactly_the_transitions_of_the_table_are_accepted(name: str) -> None:
    machine, table = TABLES[name]
    legal = {
        (state, event): (set(actors.split(",")), target)
        for state, event, actors, target in (line.split() for line in table.split("\n") if line.strip())
    }
    tried = 0
    for state, event, actor in triples(machine):
        step = machine.step(state, event, actor)
        actors, target = legal.get((state, event), (set(), None))
        if actor in actors:
            assert step == target, (state, event, actor)
        else:
            assert isinstance(step, Refused), (state, event, actor)
            assert step.code is expected_refusal(machine, state, event, bool(actors)), (state, event, actor)
        tried += 1
    assert tried == len(machine.states) * len(machine.events) * len(Actor)
    assert len(list(machine.transitions())) == len(legal)


def expected_refusal(machine: Machine[Any, Any], state: str, event: str, known: bool) -> Refusal:
    if known:
        return Refusal.WRONG_ACTOR
    too_late = (machine.name, state, event) == ("application", "notice_accepted", "withdraw")
    late = too_late or state in FINISHED.get(machine.name, ())
    return Refusal.ALREADY_PROCESSED if late else Refusal.ILLEGAL_TRANSITION


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_be_reached(name: str) -> None:
    machine, _ = TABLES[name]
    reached = {machine.initial}
    for _ in machine.states:
        reached |= {target for source, _, _, target in machine.transitions() if source in reached}
    assert reached == set(machine.states)


@pytest.mark.parametrize("name", TABLES)
def test_states_events_and_refusals_are_said_in_both_languages(name: str) -> None:
    machine, _ = TABLES[name]
    for lang in LANGS:
        states = [machine.label(state, lang) for state in machine.states]
        events = [machine.event_label(event, lang) for event in machine.events]
        assert len(set(states)) == len(states)
        assert len(set(events)) == len(events)
    for state, event, actor in triples(machine):
        if isinstance(refused := machine.step(state, event, actor), Refused):
            assert refused.reason("ja") != refused.reason("en")


@pytest.mark.parametrize("code", Refusal)
def test_every_refusal_is_a_sentence_and_an_answer_of_the_client_or_of_hours(code: Refusal) -> None:
    refused = Refused(code, "application", "completed", detail="3")
    assert refused.reason("ja").endswith("。")
    assert refused.reason("en")[-1] in ".)"
    assert 400 <= code.status < 500 or code is Refusal.CLOSED_HOURS


def test_a_machine_does_not_lead_to_two_states_at_once() -> None:
    states = ApplicationState
    arrow = Arrow((states.DRAFT,), ApplicationEvent.SUBMIT, (Actor.APPLICANT,), states.SENT)
    with pytest.raises(ValueError, match="two states"):
        Machine("twice", states.DRAFT, [arrow, arrow._replace(target=states.CHECKING)])


def test_the_two_enumerations_of_codes_are_apart() -> None:
    assert submission_code(ApplicationState.SIGN_WAIT) is SubmissionCode.WAITING_FOR_SIGNATURE
    assert status_code(ApplicationState.SIGN_WAIT) is None
    assert submission_code(ApplicationState.COMPLETED) is None
    assert status_code(ApplicationState.COMPLETED) is StatusCode.ENDED
    assert SubmissionCode.WAITING_FOR_SIGNATURE.value == StatusCode.ENDED.value == "003"
    assert status_code(ApplicationState.NEEDS_RESUBMIT) == "008"
    assert {submission_code(state) for state in ApplicationState} - {None} == set(SubmissionCode)
    assert {status_code(state) for state in ApplicationState} - {None} == set(StatusCode)


def test_every_state_but_a_draft_has_one_code_or_the_other() -> None:
    both = [state for state in ApplicationState if submission_code(state) and status_code(state)]
    neither = [state for state in ApplicationState if not submission_code(state) and not status_code(state)]
    assert (both, neither) == ([], [ApplicationState.DRAFT])


def test_a_returned_application_is_filed_again_as_a_new_one_and_by_one_successor_at_a_time() -> None:
    returned = ApplicationState.NEEDS_RESUBMIT
    assert resubmission_refused(returned) is None
    again = {state for state in ApplicationState if resubmission_refused(returned, state) is None}
    assert again == {"check_error", "reception_error", "withdrawn", "expired"}
    others = [state for state in ApplicationState if state is not returned and resubmission_refused(state) is None]
    assert others == []


OURS = {
    "submitted": {"sent", "checking", "sign_wait", "accepted"},
    "waiting": {"arrived", "downloaded"},
    "in_process": {"in_review", "notice_accepted"},
    "completed": {"completed"},
    "returned": {"needs_resubmit"},
    "withdrawn": {"withdrawn"},
}
"""States here of each state in the table of facts."""


def test_transitions_between_the_stages_of_the_table_of_facts_are_exactly_those_of_the_table() -> None:
    table = read_table(packaged("application_transitions.csv"), ("state", "next_state"))
    facts = {(row.text("state"), row.text("next_state")) for row in table.rows}
    stage = {state: name for name, states in OURS.items() for state in states}
    ours = {
        (stage[source], stage[target])
        for source, _, _, target in MOVE_OUT_APPLICATION.transitions()
        if source in stage and target in stage and stage[source] != stage[target]
    }
    assert ours | {("returned", "submitted")} == facts
