"""Random valid programs over the whole instruction set, on a coarse lattice of times so that ties really happen."""

from __future__ import annotations

from math import inf

from hypothesis import strategies as st

from sim.program import Program
from tests.sim.programs import (
    Change,
    Step,
    at,
    build,
    delay,
    goto,
    if_longer,
    if_posted,
    post,
    release,
    seize,
    served,
    slow,
    units,
    wait_for,
    work,
)

PLACES = ("counter", "card desk", "back office")
CLASSES = 3
TOKENS = 2
TICK = 2.0**-20

Block = list[Step]

_place = st.sampled_from([PLACES[0], *PLACES])
_klass = st.integers(0, CLASSES - 1)
_token = st.integers(0, TOKENS - 1)
_moment = st.integers(0, 12).map(float)
_minutes = st.sampled_from([0.0, 1.0, 2.0, 3.0, 0.5, 5.0, 3 * TICK])
_patience = st.sampled_from([inf, inf, 0.0, 1.0, 2.0, 3.0, 6.0])
_slowness = st.sampled_from([1.0, 2.0, 0.5, 1.5, 1 / 3])


def _one(step: Step) -> Block:
    return [step]


_timed: st.SearchStrategy[Block] = st.one_of(
    st.builds(delay, _minutes).map(_one),
    st.builds(at, _moment).map(_one),
    st.builds(work, _place, _minutes).map(_one),
)
_simple: st.SearchStrategy[Block] = st.one_of(
    _timed,
    _timed,
    _timed,
    st.builds(post, _token).map(_one),
    st.builds(wait_for, _token).map(_one),
    st.one_of(_timed, _timed, st.builds(seize, _place, _klass).map(_one)),
)


def _visit(place: str, klass: int, patience: float, body: Block) -> Block:
    return served(place, *body, klass=klass, patience=patience)


def _visit_or_else(place: str, klass: int, patience: float, body: Block, otherwise: Block) -> Block:
    """Whoever gives up does something else instead."""
    start = seize(place, klass, patience, len(body) + 3)
    return [start, *body, release(place, -len(body) - 1), goto(len(otherwise) + 1), *otherwise]


def _handed_on(first: str, second: str, klass: int, body: Block) -> Block:
    """Hold the first place until the second is free: neither inside nor after the other."""
    back = -len(body) - 2
    return [seize(first, klass), *body, seize(second, klass), release(first, back), *body, release(second, back)]


def _unless_posted(token: int, body: Block) -> Block:
    return [if_posted(token, len(body) + 1), *body]


def _unless_longer(place: str, count: int, body: Block) -> Block:
    return [if_longer(place, count, len(body) + 1), *body]


def _composed(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    body = st.lists(inner, max_size=3).map(lambda blocks: [step for block in blocks for step in block])
    return st.one_of(
        st.builds(_visit, _place, _klass, _patience, _timed),
        st.builds(_visit, _place, _klass, _patience, body),
        st.builds(_visit_or_else, _place, _klass, _patience, body, body),
        st.builds(_handed_on, _place, _place, _klass, body),
        st.builds(_unless_posted, _token, body),
        st.builds(_unless_longer, _place, st.integers(0, 2), body),
    )


_visits: st.SearchStrategy[Block] = st.builds(_visit, _place, _klass, _patience, _timed)
_blocks = st.one_of(_visits, _visits, _composed(st.recursive(_simple, _composed, max_leaves=3)), _simple)


@st.composite
def _entity(draw: st.DrawFn) -> Block:
    start = [at(draw(_moment))] if draw(st.booleans()) else []
    return start + [step for block in draw(st.lists(_blocks, max_size=5)) for step in block]


_change: st.SearchStrategy[Change] = st.one_of(
    st.builds(
        units,
        _place,
        st.integers(0, 3),
        since=st.integers(-1, 14).map(float),
        klass=st.none() | _klass,
        handover=st.sampled_from([False, False, True]),
    ),
    st.builds(slow, _place, _slowness, since=st.integers(-1, 14).map(float)),
)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Draw a checked program of at most twelve entities. Places may never open; entities may have no steps."""
    opens = draw(st.sampled_from([0.0, 0.0, 4.0]))
    opening = [units(place, draw(st.sampled_from([1, 2, 0])), since=opens) for place in PLACES]
    shift = draw(st.sampled_from([None, None, 6.0]))
    crew = [] if shift is None else [units(place, 1, since=shift, handover=True) for place in PLACES]
    changes = crew + draw(st.lists(_change, max_size=8))
    crowd = draw(st.sampled_from([0, 5, 8]))
    entities = draw(st.lists(_entity(), min_size=crowd, max_size=12))
    return build(entities, *opening, *changes, classes=CLASSES, tokens=TOKENS)
