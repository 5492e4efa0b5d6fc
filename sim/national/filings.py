"""How many filings there are in the period, and of what kinds: the number and how it comes together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.national.reading import in_period
from sim.national.replication import NationalRun

KINDS: dict[str, tuple[str, ...]] = {
    "move_out_counter": ("move_out_counter",),
    "move_out_post": ("move_out_post",),
    "move_out_online": ("move_out_online",),
    "visit_notice": ("move_out_online", "move_within_application"),
    "move_in": ("visit_move_in_paper", "visit_move_in_online"),
    "move_within": ("visit_within", "visit_within_online"),
    "duplicate": ("duplicate",),
}
"""The journeys whose first step is a filing of each kind. Who files online moves out and announces the visit at once;
who moves within a town announces the visit alone."""


def filings_of(run: NationalRun) -> pd.DataFrame:
    """Filings made in the period: when somebody comes to a counter, a letter arrives, or a form is sent.

    Returns
    -------
    pd.DataFrame
        kind, filings.
    """
    program, compiled = run.compiled.program, run.compiled
    made = in_period(run, run.log.leave[program.offset[:-1]])
    by_flow = np.bincount(compiled.flow[made], minlength=len(compiled.flows))
    number = dict(zip(compiled.flows, by_flow.tolist(), strict=True))
    return pd.DataFrame({"kind": list(KINDS), "filings": [sum(number[flow] for flow in own) for own in KINDS.values()]})
