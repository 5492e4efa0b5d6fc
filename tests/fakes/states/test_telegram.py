"""Telegrams of one person: numbers without gaps, handed over in order, the newest edition wins."""

from __future__ import annotations

from datetime import datetime, timedelta

from fakes.clock import JST
from fakes.states.machine import Refusal, Refused
from fakes.states.telegram import PersonLine, TelegramState

AT = datetime(2023, 3, 27, 10, 0, tzinfo=JST)
LATER = AT + timedelta(minutes=1)


def fine(found: PersonLine | Refused) -> PersonLine:
    assert isinstance(found, PersonLine)
    return found


def code(found: PersonLine | Refused) -> tuple[Refusal, str] | None:
    return (found.code, found.detail) if isinstance(found, Refused) else None


def line(count: int) -> PersonLine:
    own = PersonLine()
    for number in range(1, count + 1):
        own = fine(own.send(number, AT))
    return own


def handed_over(own: PersonLine, number: int, edition: int = 1) -> PersonLine:
    return fine(fine(own.deliver(number)).acknowledge(number, edition))


def test_numbers_have_no_gaps_and_are_not_used_twice() -> None:
    for number in (0, 1, 2, 4):
        assert code(line(2).send(number, AT)) == (Refusal.OUT_OF_ORDER, "3")
    assert [own.number for own in line(3).telegrams] == [1, 2, 3]


def test_a_later_telegram_waits_until_the_earlier_one_is_acknowledged() -> None:
    own = line(2)
    assert code(own.deliver(2)) == (Refusal.OUT_OF_ORDER, "1")
    own = fine(own.deliver(1))
    assert code(own.deliver(2)) == (Refusal.OUT_OF_ORDER, "1")
    own = fine(own.acknowledge(1, 1))
    assert fine(own.deliver(2)).telegrams[1].state is TelegramState.DELIVERED


def test_a_telegram_that_is_handed_over_twice_counts_its_deliveries() -> None:
    twice = fine(fine(line(1).deliver(1)).deliver(1))
    assert twice.telegrams[0].deliveries == 2


def test_nothing_is_acknowledged_that_was_not_handed_over() -> None:
    assert code(line(1).acknowledge(1, 1)) == (Refusal.ILLEGAL_TRANSITION, "1")
    assert code(line(1).acknowledge(2, 1)) == (Refusal.OUT_OF_ORDER, "2")
    assert code(fine(line(1).deliver(1)).acknowledge(1, 2)) == (Refusal.ILLEGAL_TRANSITION, "1")


def test_the_same_acknowledgement_twice_is_one() -> None:
    own = handed_over(line(1), 1)
    assert fine(own.acknowledge(1, 1)) == own


def test_what_is_sent_again_replaces_what_was_sent_and_the_old_one_is_not_acknowledged_any_more() -> None:
    own = fine(fine(line(1).deliver(1)).resend(1, LATER))
    assert (own.telegrams[0].edition, own.telegrams[0].state) == (2, TelegramState.SENT)
    own = fine(own.deliver(1))
    assert code(own.acknowledge(1, 1)) == (Refusal.OUTDATED, "1")
    assert handed_over(own, 1, 2).head is None


def test_an_edition_that_is_not_newer_does_not_win_whatever_arrives_last() -> None:
    own = fine(line(1).resend(1, LATER))
    assert code(own.resend(1, AT)) == (Refusal.OUTDATED, "1")
    assert code(own.resend(1, LATER)) == (Refusal.OUTDATED, "1")


def test_what_was_acknowledged_may_be_corrected() -> None:
    own = fine(handed_over(line(1), 1).resend(1, LATER))
    assert own.head is not None
    assert (own.head.number, own.head.edition) == (1, 2)


def test_only_a_number_that_was_sent_is_sent_again() -> None:
    assert code(line(1).resend(2, LATER)) == (Refusal.OUT_OF_ORDER, "2")
    assert code(line(1).resend(0, LATER)) == (Refusal.OUT_OF_ORDER, "2")
