"""What a log says of visits to counters, of work in back offices, and of messages: columns, one row for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.national.replication import NationalRun
from sim.program import Bools, Floats, Ints

_SECOND_TRIES = ("_resubmit", "_after_answer", "_again")


@dataclass(frozen=True, slots=True)
class Tickets:
    """Every turn at a counter, as columns of shape (turns,).

    Attributes
    ----------
    town
        Index of the municipality.
    came, called, left
        Minutes: joins the queue, is served, gives the clerk back.
    fresh
        Came from outside; False where somebody is called back in the middle of a filing.
    """

    town: Ints
    came: Floats
    called: Floats
    left: Floats
    fresh: Bools


@dataclass(frozen=True, slots=True)
class Jobs:
    """Every piece of back-office work, as columns of shape (jobs,).

    Attributes
    ----------
    came, begun
        Minutes: reaches the back office, is taken up.
    flow
        Index of the journey that it belongs to.
    """

    town: Ints
    came: Floats
    begun: Floats
    flow: Ints


def rows_named(run: NationalRun, *names: str) -> Ints:
    """Rows of the program that were lived and whose step has one of some names, second tries included; ascending."""
    chosen = np.array([_plain(name) in names for name in run.compiled.names.name])
    rows = np.flatnonzero(chosen[run.compiled.program.step])
    return rows[~np.isnan(run.log.enter[rows])]


def _plain(name: str) -> str:
    base, dot, ending = name.partition(".release")
    while suffix := next((tail for tail in _SECOND_TRIES if base.endswith(tail)), ""):
        base = base.removesuffix(suffix)
    return base + dot + ending


def tickets_of(run: NationalRun) -> Tickets:
    """Read the turns at the counters of all municipalities."""
    program, log, names = run.compiled.program, run.log, run.compiled.names.name
    row = rows_named(run, "queue_window")
    called_back = np.array([name.endswith("_after_answer") for name in names])
    # A clerk is asked for right after the window, and given back first.
    returned = rows_named(run, "queue_clerk.release")
    seized = returned + program.jump[returned]
    order = np.argsort(seized)
    left = log.enter[returned[order][np.searchsorted(seized[order], row + 1)]]
    return Tickets(
        town=_towns(run, row),
        came=log.enter[row],
        called=log.leave[row + 1],
        left=left,
        fresh=~called_back[program.step[row]],
    )


def jobs_of(run: NationalRun) -> Jobs:
    """Read the work of all back offices; a notice that is sent back and comes again is work twice."""
    program, log = run.compiled.program, run.log
    row = rows_named(run, "queue_back_seat")
    entity = np.searchsorted(program.offset, row, side="right") - 1
    return Jobs(
        town=_towns(run, row),
        came=log.enter[row],
        begun=log.leave[row + 1],  # the clerk is asked for right after the seat
        flow=run.compiled.flow[entity],
    )


def _towns(run: NationalRun, rows: Ints) -> Ints:
    """Municipality at whose place each row happens: places are kinds of places, each at every site."""
    return run.compiled.program.place[rows].astype(np.int64) % len(run.towns)


def in_period(run: NationalRun, minutes: Floats) -> Bools:
    """Which moments lie in the results' period: after the warm-up, not after the end."""
    start, end = run.horizon.window
    return np.asarray((minutes >= start) & (minutes < end), dtype=bool)
