"""The search for the limit as a whole: a scale counts only when every repetition of it was carried."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.capacity import CLOSE, Ceiling, Limit, Search, Tried
from loadtests.required import Required
from loadtests.searching import MOST_RUNS, REPETITIONS, Found, Played, Turn

REQUIRED = Required("ward", 0, 1, 6, 0.1, 1000)


def played(turn: Turn, *, kept: bool, ceiling: Ceiling | None = None, faulty: bool = False) -> Played:
    reasons = () if kept else ("rule.submit_p95",)
    rates = [turn.scale - 0.5, turn.scale + 0.5]
    return Played(Tried(turn.scale, turn.scale, kept, reasons), rates, Limit("ward", 90), ceiling, faulty)


def searched(limits: list[float], first: float = 1.0) -> tuple[Found, list[Turn]]:
    """A search among systems that carry `limits[k]` times with the arrivals of repetition k."""
    found, turns = Found(REQUIRED, Search(first, 1000.0)), []
    while (turn := found.turn()) is not None:
        turns.append(turn)
        found.note(played(turn, kept=turn.scale <= limits[turn.repetition]))
    return found, turns


def test_the_scale_that_was_found_is_played_again_with_other_arrivals() -> None:
    found, turns = searched([10.0, 10.0, 10.0])
    best = found.search.best
    assert best is not None
    assert 10.0 / CLOSE <= best.scale <= 10.0
    assert [turn for turn in turns if turn.scale == best.scale] == [
        Turn(best.scale, repetition) for repetition in range(REPETITIONS)
    ]
    assert len(found.rates) == REPETITIONS
    assert found.headroom == pytest.approx(best.scale / REQUIRED.per_second)


def test_a_repetition_that_misses_a_rule_sends_the_search_below_it() -> None:
    lucky, _ = searched([10.0, 10.0, 10.0])
    found, _ = searched([10.0, 7.0, 10.0])
    assert lucky.search.best is not None
    assert found.search.best is not None
    assert found.search.best.scale <= 7.0 < lucky.search.best.scale
    assert all(max(run) <= 7.5 for run in found.rates), "rates of the run that was refuted are not counted"


@given(st.lists(st.floats(0.02, 900), min_size=REPETITIONS, max_size=REPETITIONS), st.floats(0.5, 60))
def test_what_is_said_was_carried_with_all_arrivals_that_were_tried(limits: list[float], first: float) -> None:
    found, turns = searched(limits, first)
    assert len(turns) <= MOST_RUNS
    best = found.search.best
    if best is None:
        assert found.rates == []
        assert found.sustained(1) is None
        return
    tried = [turn.repetition for turn in turns if turn.scale == best.scale]
    assert all(best.scale <= limits[repetition] for repetition in tried)
    assert len(found.rates) == len(tried)
    if len(turns) < MOST_RUNS:
        assert len(tried) == REPETITIONS


def test_faulty_data_and_a_low_ceiling_end_the_search_at_once() -> None:
    for more in ({"faulty": True}, {"ceiling": Ceiling("ward", 0.15)}):
        found = Found(REQUIRED, Search(1.0, 100.0))
        turn = found.turn()
        assert turn == Turn(1.0, 0)
        found.note(played(turn, kept=True, **more))
        assert found.turn() is None
        assert found.refused is ("ceiling" in more)


def test_the_ceiling_is_that_of_the_first_run() -> None:
    found = Found(REQUIRED, Search(1.0, 100.0))
    for ceiling in (Ceiling("ward", 25.0), Ceiling("portal", 30.0)):
        turn = found.turn()
        assert turn is not None
        found.note(played(turn, kept=True, ceiling=ceiling))
    assert found.ceiling == Ceiling("ward", 25.0)
