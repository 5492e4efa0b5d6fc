"""The race of visit and certificate data, the peak rates at the systems, and who is still on the way at the end."""

from __future__ import annotations

import numpy as np

from sim.demand.households import KINDS
from sim.demand.intensity import MOVES
from sim.kernels import kernel, mark
from sim.measures.grouping import ALL, DIMENSIONS, Labels, groups
from sim.measures.tidy import TidyRows
from sim.measures.visits import of_visiting_entities
from sim.measures.waiting import in_window, users_of
from sim.program import Bools, Floats, Ints
from sim.replication import Replication


def put_systems(rows: TidyRows, replication: Replication) -> None:
    """Early visits, unprepared visits, peak rates a minute, and the number still inside."""
    _put_race(rows, replication)
    for place, step in (("portal", "submit"), ("relay", "relay"), ("ward", "relay_latency")):
        moments = _moments(replication, step, after=place == "ward")
        peak = _busiest_minute(moments[in_window(replication, moments)])
        rows.put(f"peak_rate_{place}", "1/min", float(peak), 1)
    _put_still_inside(rows, replication)


def _put_race(rows: TidyRows, replication: Replication) -> None:
    """Share of visits with an online filing that came before the certificate data, and before the preparation."""
    compiled, log = replication.compiled, replication.log
    arrived = _count(replication, "visit_move_in_online", "arrive")
    early = _count(replication, "visit_move_in_online", "call_origin")
    rows.put("early_visit_share", "share", early / arrived if arrived else np.nan, arrived)
    prepared = int(in_window(replication, log.enter[compiled.rows(name="serve_prepared")]).sum())
    unprepared = int(in_window(replication, log.enter[compiled.rows(name="serve_unprepared")]).sum())
    total = prepared + unprepared
    rows.put("unprepared_share", "share", unprepared / total if total else np.nan, total)


def _count(replication: Replication, flow: str, step: str) -> int:
    """How often a step was entered in the period by entities of one flow."""
    log, names = replication.log, replication.compiled.names
    found = replication.compiled.rows_of(
        own_flow == flow and name == step for own_flow, name in zip(names.flow, names.name, strict=True)
    )
    return int(in_window(replication, (log.leave if step == "arrive" else log.enter)[found]).sum())


def _moments(replication: Replication, step: str, *, after: bool) -> Floats:
    """When steps of a name were entered, or left; second tries and resubmissions included."""
    compiled, log = replication.compiled, replication.log
    found = compiled.rows_of(
        name.removesuffix("_resubmit").removesuffix("_again") == step for name in compiled.names.name
    )
    moments = (log.leave if after else log.enter)[found]
    return np.asarray(moments[~np.isnan(moments)], dtype=np.float64)


def _busiest_minute(moments: Floats) -> int:
    """Largest number of events within one minute of the clock."""
    if not len(moments):
        return 0
    minutes = np.floor(moments).astype(np.int64)
    return int(np.bincount(minutes - minutes.min()).max())


def _put_still_inside(rows: TidyRows, replication: Replication) -> None:
    """Households in the middle of their visits at the period's end, by the groups in which means are printed.

    As with waiting, "all" kinds are the four kinds of address notices; other customers are listed by kind only.
    Whose notice or preparation is under way, and who has not come yet, is no part of a mean over visitors.
    """
    people, visits = replication.demand.people, of_visiting_entities(replication)
    middle, household = _in_the_middle(replication), replication.compiled.household
    inside, under_way = (mark(household[middle & legs], len(people)) for legs in (visits, ~visits))
    columns = {
        "kind": Labels(KINDS, people.kind),
        "users": users_of(replication.demand.adopts),
        "site": Labels(tuple(site.id for site in replication.scenario.sites), people.site),
    }
    of_moves = inside & (people.kind < len(MOVES))
    kind = DIMENSIONS.index("kind")
    for own in groups(columns, (), ("users",), ("site",), ("kind",), ("kind", "users")):
        by_kind = own.labels[0][kind] != ALL
        counted = own.count(inside if by_kind else of_moves)
        rows.put_each("still_inside", "count", counted, np.ones_like(counted), own.labels)
    rows.put("under_way", "count", float(under_way.sum()), 1)


def _in_the_middle(replication: Replication) -> Bools:
    """Legs that had begun before the period's end and were not done by then, shape (entities,).

    A leg begins when it leaves its first step (comes, files, is visible to the office) and is done at its last step;
    who has gone home and will come again is in the middle.
    """
    log, offset = replication.log, replication.compiled.program.offset
    assert (np.diff(offset) > 0).all(), "every flow has a step that everybody lives"
    return begun_not_done(offset, log.enter, log.leave, replication.horizon.window[1])


@kernel
def begun_not_done(offset: Ints, enter: Floats, leave: Floats, end: float) -> Bools:
    """Say of each entity whether it left its first row before a time and had rows to live then, shape (entities,)."""
    found = np.zeros(len(offset) - 1, np.bool_)
    for entity in range(len(offset) - 1):
        if not leave[offset[entity]] < end:
            continue
        for row in range(offset[entity], offset[entity + 1]):
            if not np.isnan(enter[row]) and not leave[row] < end:
                found[entity] = True
                break
    return found
