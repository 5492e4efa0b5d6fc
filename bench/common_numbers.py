"""How much common random numbers are worth: one more desk in the tandem, with them and without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from bench.models import MEAN_MINUTES, SEED, STAGES, Model, minutes, shifts, tandem
from bench.programs import calendar_of
from sim.engines.compiled import run
from sim.program import Floats, Op, Program
from sim.streams import Streams

REWORK = 0.1
REPLICATIONS = 200
DAYS = 5
ALONE = (0, 0, 0)
PASSES = 4
"""At most so many times through the second and third stage: more has a chance of 1 in 10,000."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Variances of the difference between the two arms over replications.

    Attributes
    ----------
    stage
        Where the desk was added.
    replications, days
        Of each arm.
    difference
        Mean minutes of waiting in all stages that it saves an applicant.
    common, independent
        Square minutes; with common random numbers, and with streams of its own for each arm.
    low, high
        95 % interval of their ratio (F distribution).
    """

    stage: str
    replications: int
    days: int
    difference: float
    common: float
    independent: float
    low: float
    high: float

    @property
    def ratio(self) -> float:
        """How many times fewer replications common random numbers need for the same precision."""
        return self.independent / self.common


def worth(replications: int = REPLICATIONS, days: int = DAYS) -> list[Worth]:
    """Add one desk to each stage in turn: with the numbers of the base, and once more with others."""
    base = _arm(ALONE, range(replications), days)
    below, above = (float(stats.f.ppf(p, replications - 1, replications - 1)) for p in (0.025, 0.975))
    found = []
    for number, stage in enumerate(STAGES):
        extra = tuple(int(other == number) for other in range(len(STAGES)))
        more = _arm(extra, range(replications), days)
        other = _arm(extra, range(replications, 2 * replications), days)
        common, independent = float(np.var(base - more, ddof=1)), float(np.var(base - other, ddof=1))
        ratio = independent / common
        found.append(
            Worth(
                stage,
                replications,
                days,
                float(np.mean(base - more)),
                common,
                independent,
                ratio / above,
                ratio / below,
            )
        )
    return found


def _arm(extra: tuple[int, ...], replications: range, days: int) -> Floats:
    """Mean minutes that an applicant waits in all, for each replication."""
    return np.array([_mean_wait(number, extra, days) for number in replications])


def _mean_wait(number: int, extra: tuple[int, ...], days: int) -> float:
    model = tandem(days, number)
    program = rework_program(model, Streams(SEED, number), extra, days)
    log = run(program)
    queues = program.op == Op.SEIZE
    return float((log.leave[queues] - log.enter[queues]).sum() / model.customers)


def rework_program(model: Model, streams: Streams, extra: tuple[int, ...], days: int) -> Program:
    """Lay out the tandem in which one in ten goes back from the last stage to the second one, again and again.

    Each attribute has its own stream, and each applicant a draw in it whether it is needed or not.
    """
    again = streams.uniform("again", model.customers * (PASSES - 1)).reshape(model.customers, -1) < REWORK
    passes = 1 + np.cumprod(again, axis=1).sum(axis=1)
    stages = [0, *[1, 2] * PASSES]
    service = [minutes(streams, f"visit {visit}", MEAN_MINUTES[s], model.customers) for visit, s in enumerate(stages)]
    op = np.array([Op.AT, *[Op.SEIZE, Op.DELAY, Op.RELEASE] * len(stages)], np.int8)
    place = np.array([0, *np.repeat(stages, 3)], np.int32)
    value = np.zeros((model.customers, len(op)))
    value[:, 0], value[:, 1::3], value[:, 2::3] = model.arrivals, np.inf, np.column_stack(service)
    length = 4 + 6 * passes
    kept = np.arange(len(op)) < length[:, None]
    return Program(
        offset=np.concatenate(([0], np.cumsum(length))),
        op=np.broadcast_to(op, kept.shape)[kept],
        place=np.broadcast_to(place, kept.shape)[kept],
        klass=np.zeros(int(length.sum()), np.int8),
        value=value[kept],
        jump=np.where(op == Op.RELEASE, -2, 0).astype(np.int32)[np.nonzero(kept)[1]],
        step=np.zeros(int(length.sum()), np.int16),
        places=STAGES,
        steps=("step",),
        classes=1,
        tokens=0,
        calendar=calendar_of(*shifts(days, extra)),
    ).checked()
