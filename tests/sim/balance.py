"""An oracle for Markov chains: the global balance equations as one sparse linear system."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from sim.program import Floats

State = tuple[int, ...]
Moves = Callable[[State], Iterable[tuple[State, float]]]


def stationary(states: list[State], moves: Moves) -> Floats:
    """Return the stationary distribution; moves out of the listed states do not happen, as in a small waiting room."""
    index = {state: k for k, state in enumerate(states)}
    flows = [(index[a], index[b], rate) for a in states for b, rate in moves(a) if b in index and rate > 0]
    source, sink, rates = (np.array(column) for column in zip(*flows, strict=True))
    size = len(states)
    rows = np.concatenate((sink, source))
    columns = np.concatenate((source, source))
    balance = sparse.coo_matrix((np.concatenate((rates, -rates)), (rows, columns)), (size, size)).tolil()
    balance[0, :] = 1.0
    right = np.zeros(size)
    right[0] = 1.0
    return np.asarray(spsolve(balance.tocsc(), right))
