"""Leases: redelivery after they run out is labelled, and only the newest delivery can be acknowledged."""

from __future__ import annotations

from datetime import datetime, timedelta

from fakes.clock import JST
from fakes.states.lease import Lease, LeaseState
from fakes.states.machine import Refusal, Refused

AT = datetime(2023, 3, 27, 10, 0, tzinfo=JST)
MINUTE = timedelta(minutes=1)


def taken(lease: Lease, at: datetime = AT) -> Lease:
    found = lease.take(at, 5 * MINUTE)
    assert isinstance(found, Lease)
    return found


def code(found: Lease | Refused) -> Refusal | None:
    return found.code if isinstance(found, Refused) else None


def test_what_somebody_holds_is_not_handed_out() -> None:
    held = taken(Lease())
    refused = held.take(AT + 4 * MINUTE, 5 * MINUTE)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.detail) == (Refusal.LEASED, "10:05:00")
    assert held.state_at(AT + 4 * MINUTE) is LeaseState.LEASED


def test_a_lease_that_runs_out_is_handed_out_again_with_a_label() -> None:
    first = taken(Lease())
    assert first.state_at(AT + 5 * MINUTE) is LeaseState.AVAILABLE
    second = taken(first, AT + 5 * MINUTE)
    assert (first.redelivered, second.redelivered) == (False, True)
    assert (first.deliveries, second.deliveries) == (1, 2)


def test_what_is_given_back_is_handed_out_again_with_a_label() -> None:
    back = taken(Lease()).release(1, AT)
    assert isinstance(back, Lease)
    assert taken(back, AT).redelivered


def test_an_acknowledged_application_is_gone() -> None:
    acknowledged = taken(Lease()).acknowledge(1, AT)
    assert isinstance(acknowledged, Lease)
    assert code(acknowledged.take(AT + 9 * MINUTE, MINUTE)) is Refusal.GONE
    assert code(acknowledged.release(1, AT)) is Refusal.LEASE_LOST


def test_the_same_acknowledgement_twice_is_one() -> None:
    once = taken(Lease()).acknowledge(1, AT)
    assert isinstance(once, Lease)
    assert once.acknowledge(1, AT + 9 * MINUTE) is once


def test_a_late_acknowledgement_counts_while_nobody_else_has_taken_it() -> None:
    late = taken(Lease()).acknowledge(1, AT + 9 * MINUTE)
    assert isinstance(late, Lease)
    assert late.acknowledged == 1


def test_an_older_delivery_can_neither_be_acknowledged_nor_given_back() -> None:
    second = taken(taken(Lease()), AT + 5 * MINUTE)
    assert code(second.acknowledge(1, AT + 6 * MINUTE)) is Refusal.LEASE_LOST
    assert code(second.release(1, AT + 6 * MINUTE)) is Refusal.LEASE_LOST


def test_what_was_never_taken_cannot_be_acknowledged() -> None:
    assert code(Lease().acknowledge(0, AT)) is Refusal.LEASE_LOST
    assert code(Lease().acknowledge(1, AT)) is Refusal.LEASE_LOST
