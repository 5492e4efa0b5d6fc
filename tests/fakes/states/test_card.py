"""Locks of a card: 3 and 5 wrong entries in a row, a right one starts again, a counter unlocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.states.card import TRIES, Secret, SecretKind, SecretState
from fakes.states.machine import Actor, Refusal, Refused


def entered(secret: Secret, entries: list[bool]) -> tuple[Secret, list[Refusal | None]]:
    codes: list[Refusal | None] = []
    for right in entries:
        secret, refused = secret.enter(right)
        codes.append(refused.code if refused else None)
    return secret, codes


@pytest.mark.parametrize(("kind", "tries"), [(SecretKind.PIN, 3), (SecretKind.SIGNING_PASSWORD, 5)])
def test_the_last_allowed_wrong_entry_locks(kind: SecretKind, tries: int) -> None:
    secret, codes = entered(Secret(kind), [False] * tries)
    assert codes == [Refusal.WRONG_SECRET] * (tries - 1) + [Refusal.LOCKED]
    assert (secret.state, secret.tries_left) == (SecretState.LOCKED, 0)


@pytest.mark.parametrize("kind", SecretKind)
def test_the_right_entry_does_not_open_a_locked_card(kind: SecretKind) -> None:
    secret, _ = entered(Secret(kind), [False] * TRIES[kind])
    after, codes = entered(secret, [True, False, True])
    assert codes == [Refusal.LOCKED] * 3
    assert after == secret


@pytest.mark.parametrize("kind", SecretKind)
def test_a_right_entry_starts_the_count_again(kind: SecretKind) -> None:
    nearly = [False] * (TRIES[kind] - 1)
    secret, codes = entered(Secret(kind), [*nearly, True, *nearly])
    assert Refusal.LOCKED not in codes
    assert secret.state is SecretState.USABLE


def test_how_many_entries_are_left_is_said() -> None:
    _, refused = Secret(SecretKind.PIN).enter(right=False)
    assert refused is not None
    assert "あと2回" in refused.reason("ja")
    assert "2 more" in refused.reason("en")


@pytest.mark.parametrize("actor", Actor)
def test_only_a_counter_unlocks(actor: Actor) -> None:
    locked, _ = entered(Secret(SecretKind.PIN), [False] * 3)
    unlocked = locked.unlock(actor)
    if actor in (Actor.ORIGIN_STAFF, Actor.DESTINATION_STAFF):
        assert unlocked == Secret(SecretKind.PIN)
    else:
        assert isinstance(unlocked, Refused)
        assert unlocked.code is Refusal.WRONG_ACTOR


@given(st.sampled_from(SecretKind), st.lists(st.booleans(), max_size=30))
def test_a_card_is_locked_exactly_when_so_many_wrong_entries_came_in_a_row(
    kind: SecretKind, entries: list[bool]
) -> None:
    secret, _ = entered(Secret(kind), entries)
    history = "".join("r" if right else "w" for right in entries)
    assert (secret.state is SecretState.LOCKED) == ("w" * TRIES[kind] in history)
