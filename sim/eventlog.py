"""One row per event of a replication, read from its log: who came, queued, used which desk and left, and when.

A replication comes in, a table goes out that vidigi animates as it is; `docs/event_log.md` describes its columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from results.tables import TABLES
from scenarios.schema import Scenario
from sim.demand.households import KINDS
from sim.flows import FLOWS
from sim.log import Engine
from sim.measures.visits import of_visitors
from sim.program import Floats, Ints, Op
from sim.replication import Replication, replicate
from sim.stays import Stays, TimedRows, stays_of, timed_rows
from sim.units import NOTHING
from texts import Lang, say

ARRIVAL_DEPARTURE, QUEUE = "arrival_departure", "queue"
USE, USE_END = "resource_use", "resource_use_end"
"""The four types of event that vidigi knows (2.0, `vidigi.logging.RECOGNIZED_EVENT_TYPES`)."""

ARRIVAL, DEPART, ELSEWHERE = "arrival", "depart", "elsewhere"
"""Events that name no place; vidigi asks for the first two by these words."""


class EventLogError(ValueError):
    """Events that are not of one run.

    Attributes
    ----------
    key, fields
        The permanent code, which is also the key of its sentence in the catalogue of texts; and what fills that in.
    """

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(f"{key}: {say(key, 'en', **fields)}")
        self.key = key
        self.fields = fields

    def say(self, lang: Lang) -> str:
        """Say what is wrong in one language."""
        return say(self.key, lang, **self.fields)


def event_log(replication: Replication, arm: str) -> pd.DataFrame:
    """Read all events of one replication, warm-up included, in the order of time.

    An entity is one stay: a visit to an office (who comes again another day is another entity of the same household),
    or a notice or a preparation from its beginning to its end. While it holds a desk, a seat or a connection, every
    step that takes time is one use of that unit, waiting for a clerk or for J-LIS included; so the uses of a unit
    last together as long as the unit was held. All other steps that take time are queues.

    Returns
    -------
    pd.DataFrame
        The columns of the table `events` (`results.tables`); `resource_id` and `clerk` are nullable. Who waits for ever
        does not depart.
    """
    stays = stays_of(replication)
    rows = timed_rows(replication, stays)
    parts = [_comings_and_goings(replication, stays), _queues(replication, rows), _uses(rows)]
    events = pd.concat(parts, ignore_index=True)
    # Where a unit passes from one to the next, the old use ends before the new one begins.
    order = np.lexsort((events["row"], events["entity_id"], events["event_type"] != USE_END, events["time"]))
    return _described(replication, stays, events.take(order).reset_index(drop=True), arm)


def replay_events(arms: Mapping[str, Scenario], seed: int, engine: Engine, number: int = 0) -> pd.DataFrame:
    """Run one replication of every arm again and put their events into one table, in the order of the arms.

    Parameters
    ----------
    number
        Which replication. Equal seeds and numbers give the run that an experiment measured.
    """
    logs = [event_log(replicate(scenario, seed, number, engine), arm) for arm, scenario in arms.items()]
    return pd.concat(logs, ignore_index=True)


def one_run(events: pd.DataFrame, arm: str | None = None, replication: int | None = None) -> pd.DataFrame:
    """Return the events of one run; a mixture of runs is no run of the model, so it is refused.

    Parameters
    ----------
    arm, replication
        Which run; may be left out where the table holds only one.

    Raises
    ------
    EventLogError
        `E-events-mixed` where more than one run is left, `E-events-none` where none is.
    """
    chosen = np.ones(len(events), dtype=bool)
    if arm is not None:
        chosen &= (events["arm"] == arm).to_numpy()
    if replication is not None:
        chosen &= (events["replication"] == replication).to_numpy()
    found = events[chosen].reset_index(drop=True)
    runs = found[["arm", "replication"]].drop_duplicates().itertuples(index=False)
    names = [f"{own_arm}/{own_number}" for own_arm, own_number in runs]
    if not names:
        raise EventLogError("E-events-none", arm=arm or "-", replication="-" if replication is None else replication)
    if len(names) > 1:
        raise EventLogError("E-events-mixed", runs=", ".join(names))
    return found


def _frame(stay: Ints, row: Ints, time: Floats, event_type: str, rows: TimedRows | None = None) -> pd.DataFrame:
    nothing = np.full(len(row), NOTHING)
    return pd.DataFrame(
        {
            "entity_id": stay,
            "row": row,
            "time": time,
            "event_type": event_type,
            "place": nothing if rows is None else rows.place,
            "resource_id": nothing if rows is None else rows.unit,
            "clerk": nothing if rows is None else rows.clerk,
        }
    )


def _comings_and_goings(replication: Replication, stays: Stays) -> pd.DataFrame:
    """Arrivals, and departures under the row number after the last, so that they sort behind all else of their stay."""
    left = np.flatnonzero(~np.isnan(stays.departure))
    behind = np.full(len(left), replication.compiled.program.rows)
    arrivals = _frame(np.arange(len(stays.row)), stays.row, stays.arrival, ARRIVAL_DEPARTURE)
    departures = _frame(left, behind, stays.departure[left], ARRIVAL_DEPARTURE)
    return pd.concat([arrivals, departures], ignore_index=True)


def _queues(replication: Replication, rows: TimedRows) -> pd.DataFrame:
    """Waiting with empty hands; the place is the one that is queued for, if it is one."""
    program = replication.compiled.program
    waits = rows.where(rows.place == NOTHING)
    place = np.where(program.op[waits.row] == Op.SEIZE, program.place[waits.row], NOTHING)
    return _frame(waits.stay, waits.row, waits.enter, QUEUE).assign(place=place)


def _uses(rows: TimedRows) -> pd.DataFrame:
    """Begin and end of every use."""
    uses = rows.where(rows.place != NOTHING)
    ended = uses.where(~np.isnan(uses.leave))
    begins = _frame(uses.stay, uses.row, uses.enter, USE, uses)
    ends = _frame(ended.stay, ended.row, ended.leave, USE_END, ended)
    return pd.concat([begins, ends], ignore_index=True)


def _described(replication: Replication, stays: Stays, events: pd.DataFrame, arm: str) -> pd.DataFrame:
    """Put names in place of indices."""
    compiled = replication.compiled
    entity = stays.entity[events["entity_id"]]
    household = compiled.household[entity]
    table = {
        "arm": arm,
        "replication": replication.number,
        "event_id": np.arange(len(events)),
        "entity_id": events["entity_id"],
        "household": household,
        "kind": _named(KINDS, replication.demand.people.kind[household]),
        "flow": _named(compiled.flows, compiled.flow[entity]),
        "visit": of_visitors(replication)[stays.row][events["entity_id"]],
        "site": _named([site.id for site in replication.scenario.sites], _site_of_entity(replication)[entity]),
        "event_type": events["event_type"],
        **_happenings(replication, events),
        "time": events["time"],
        "timestamp": _timestamps(replication, events["time"].to_numpy()),
        "place": _named([*compiled.program.places, ""], events["place"].to_numpy()),
        "resource_id": _nullable(events["resource_id"]),
        "clerk": _nullable(events["clerk"]),
    }
    return pd.DataFrame(table).astype({"arm": "str", "event_type": "str"})[TABLES["events"].names]


def _happenings(replication: Replication, events: pd.DataFrame) -> dict[str, pd.Series[str]]:
    """What happens in words of the place (for a drawing), as a step of the flow, and what it is to the citizen."""
    compiled, kind = replication.compiled, events["event_type"].to_numpy()
    departs = events["row"].to_numpy() == compiled.program.rows
    places = [*compiled.program.places, ""]
    at_place = {
        QUEUE: [f"queue {place}" if place else ELSEWHERE for place in places],
        USE: [f"use {place}" for place in places],
        USE_END: [f"end {place}" for place in places],
    }
    event = np.where(departs, DEPART, ARRIVAL).astype(object)
    for name, words in at_place.items():
        chosen = kind == name
        event[chosen] = np.array(words, dtype=object)[events["place"].to_numpy()[chosen]]
    step = np.append(compiled.program.step, 0)[events["row"].to_numpy()]
    step = np.where(kind == ARRIVAL_DEPARTURE, len(compiled.names.name), step)
    return {
        "event": pd.Series(event, dtype="str"),
        "step": _named([*compiled.names.name, ""], step),
        "role": _named([*map(str, compiled.names.role), ""], step),
    }


def _site_of_entity(replication: Replication) -> Ints:
    """Index of the site that serves each entity: the household's own, or the main office for work done there alone."""
    compiled, columns = replication.compiled, replication.demand.columns
    site = np.zeros(len(compiled.household), dtype=np.int64)
    served_at = {flow.name: flow.site for flow in FLOWS}
    for number, name in enumerate(compiled.flows):
        of_flow = compiled.flow == number
        site[of_flow] = columns[served_at[name]][compiled.household[of_flow]]
    return site


def _timestamps(replication: Replication, minutes: Floats) -> pd.Series[str]:
    """Moments in Japan, ISO 8601 with the offset, to the millisecond."""
    first = np.datetime64(replication.horizon.first, "ms")
    moments = first + np.rint(minutes * 60_000).astype(np.int64).astype("timedelta64[ms]")
    return pd.Series(np.datetime_as_string(moments, unit="ms"), dtype="str") + "+09:00"


def _named(names: Sequence[str], index: Ints) -> pd.Series[str]:
    return pd.Series(np.array(names, dtype=object)[index], dtype="str")


def _nullable(number: pd.Series[int]) -> pd.Series[int]:
    return number.astype("Int64").mask(number == NOTHING)
