"""Random streams by name, weights and permutations."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.streams import Permutation, Stream, Weighted


def test_a_draw_depends_on_seed_name_and_index_and_on_nothing_else() -> None:
    stream = Stream(7, "address")
    assert [stream.word(index) for index in (2, 0, 1)] == [Stream(7, "address").word(index) for index in (2, 0, 1)]
    words = {Stream(seed, name).word(index) for seed in (7, 8) for name in ("a", "b") for index in (0, 1)}
    assert len(words) == 8


def test_weights_are_met() -> None:
    stream, weighted = Stream(1, "weights"), Weighted([1, 0, 3])
    drawn = Counter(weighted.pick(stream, index) for index in range(4000))
    assert drawn[1] == 0
    assert 900 < drawn[0] < 1100  # 1000 expected, standard deviation 27


@given(st.integers(0, 2**32), st.integers(1, 500))
def test_a_permutation_visits_everything_once(seed: int, size: int) -> None:
    permutation = Permutation(seed, "numbers", size)
    assert sorted(permutation[index] for index in range(size)) == list(range(size))
    with pytest.raises(IndexError):
        permutation[size]
