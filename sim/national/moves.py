"""Who moves from where to where, and on which day: as many as the national table says, to the person."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

import numpy as np

from scenarios.csvtable import DataTableError, allowed
from scenarios.datatables import monthly_inter_municipal_movers, packaged, season_multipliers, weekday_multipliers
from scenarios.schema.national import NationalScenario
from sim.demand.horizon import LOOK_AHEAD_DAYS, Horizon
from sim.demand.households import MOST_PERSONS
from sim.demand.intensity import WEEKDAYS
from sim.national.errors import NationalError
from sim.national.sizes import split
from sim.program import Bools, Floats, Ints
from sim.streams import Streams

_ROUNDS = 4
"""One round of swaps puts everybody to a place that has nothing to do with the old one; more do no harm."""


@dataclass(frozen=True, slots=True)
class Block:
    """Households of one month and kind, and which of them lie in the days of the model.

    Attributes
    ----------
    name
        Of its random streams: other months do not touch them.
    filings
        How many households move in the whole month.
    kept
        Their numbers, ascending, as far as they are in the model.
    """

    name: str
    filings: int
    kept: Ints


@dataclass(frozen=True, slots=True)
class Moves:
    """All households as columns of shape (households,).

    Attributes
    ----------
    day
        Day number on which they come to the destination's counter.
    origin, destination
        Municipalities; equal for a move within one.
    persons
        People on the move.
    """

    day: Ints
    origin: Ints
    destination: Ints
    persons: Ints
    blocks: tuple[Block, ...]
    streams: Streams

    def __len__(self) -> int:
        return len(self.day)

    @property
    def between(self) -> Bools:
        """Which households move from one municipality to another."""
        return np.asarray(self.origin != self.destination, dtype=bool)

    def uniform(self, name: str) -> Floats:
        """Uniform numbers of one attribute for all households."""
        return np.concatenate(
            [self.streams.uniform(f"{name}/{block.name}", block.filings)[block.kept] for block in self.blocks]
        )


def filings_of_month(scenario: NationalScenario, year: int, month: int) -> tuple[int, int]:
    """Households that move between municipalities in a month, and within one.

    Raises
    ------
    DataTableError
        For a month that the national table does not have.
    """
    between = round(movers_of_month(scenario, year, month) / float(scenario.moves.persons_per_filing))
    return between, round(between * float(scenario.moves.within_per_move))


def movers_of_month(scenario: NationalScenario, year: int, month: int) -> int:
    """Persons in the model who move between municipalities in a month; errors as `filings_of_month`."""
    table = monthly_inter_municipal_movers()
    if (year, month) not in table:
        found = ", ".join(f"{y}-{m:02d}" for y, m in sorted(table))
        needed = allowed("rows", rows=f"{year}-{month:02d}")
        raise DataTableError("E-table-rows", packaged("national_monthly_moves.csv"), found, needed, column="period")
    return round(table[year, month] * float(scenario.moves.part))


def draw_moves(scenario: NationalScenario, horizon: Horizon, people: Ints, streams: Streams) -> Moves:
    """Draw all moves of which a part may fall into the days of the model.

    Persons of a month are those of the national table exactly, and so is their split over the municipalities as
    origins and as destinations (by people, largest remainder). Random are the day of each, by season and weekday, and
    which origin goes with which destination (any, with no regard to distance).

    Parameters
    ----------
    people
        Of every municipality, shape (municipalities,).
    """
    last = horizon.date_of(horizon.days + LOOK_AHEAD_DAYS - 1)
    months, month = [], date(horizon.first.year, horizon.first.month, 1)
    while month <= last:
        months.append((month.year, month.month))
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    parts = [part for year, number in months for part in _of_month(scenario, horizon, people, streams, year, number)]
    return Moves(
        day=np.concatenate([day for day, _, _, _, _ in parts]),
        origin=np.concatenate([origin for _, origin, _, _, _ in parts]),
        destination=np.concatenate([destination for _, _, destination, _, _ in parts]),
        persons=np.concatenate([persons for _, _, _, persons, _ in parts]),
        blocks=tuple(block for _, _, _, _, block in parts),
        streams=streams,
    )


def _of_month(
    scenario: NationalScenario, horizon: Horizon, people: Ints, streams: Streams, year: int, month: int
) -> list[tuple[Ints, Ints, Ints, Ints, Block]]:
    """Day, origin, destination and persons of the households of one month in the model: between, then within."""
    between, within = filings_of_month(scenario, year, month)
    days, weights = _day_weights(scenario, horizon, year, month)
    edges = np.cumsum(weights / weights.sum())[:-1]
    parts = []
    for kind, filings in (("between", between), ("within", within)):
        name = f"{kind}/{year}-{month:02d}"
        day = days[np.searchsorted(edges, streams.uniform(f"day/{name}", filings), side="right")]
        town = np.repeat(np.arange(len(people)), split(filings, people))
        origin = town
        if kind == "between":
            origin = paired(town, streams.generator(f"origin/{name}"))
            total = movers_of_month(scenario, year, month)
        else:
            total = round(filings * float(scenario.moves.persons_per_filing))
        persons = streams.generator(f"persons/{name}").permutation(household_sizes(filings, total))
        kept = np.flatnonzero((day >= 0) & (day < horizon.days + LOOK_AHEAD_DAYS))
        parts.append((day[kept], origin[kept], town[kept], persons[kept], Block(name, filings, kept)))
    return parts


def _day_weights(scenario: NationalScenario, horizon: Horizon, year: int, month: int) -> tuple[Ints, Floats]:
    """Day numbers of a month, and the relative number of filings on each: season, weekday, day after a holiday."""
    seasons, by_weekday, calendar = season_multipliers(scenario.moves.year), weekday_multipliers(), horizon.calendar
    dates = [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]

    def weight(day: date) -> float:
        if not calendar.is_open_day(day):
            return 0.0
        name = "after_holiday" if calendar.is_after_holiday(day) else WEEKDAYS[day.weekday()]
        return seasons.on(day) * by_weekday[name]

    return np.array([horizon.day_of(day) for day in dates]), np.array([weight(day) for day in dates])


def paired(destination: Ints, generator: np.random.Generator) -> Ints:
    """Give each destination an origin: the same towns in another order, nobody to where they came from.

    Turned by as many as the largest town has, no town meets itself. Then everybody swaps with somebody at random,
    again and again, unless that would send one of the two home.

    Parameters
    ----------
    destination
        Towns in ascending order, shape (moves,).

    Raises
    ------
    NationalError
        `E-national-few`, where one town has more than half of the moves.
    """
    number, most = len(destination), int(np.bincount(destination).max(initial=0))
    if 2 * most > number:
        raise NationalError("E-national-few", moves=number, most=most)
    origin = np.roll(destination, most)
    for _ in range(_ROUNDS):
        order = generator.permutation(number)
        mine, theirs = order[: number // 2], order[number // 2 : 2 * (number // 2)]
        fits = (origin[mine] != destination[theirs]) & (origin[theirs] != destination[mine])
        mine, theirs = mine[fits], theirs[fits]
        origin[mine], origin[theirs] = origin[theirs], origin[mine]
    return origin


def household_sizes(households: int, persons: int) -> Ints:
    """Return the sizes of some households that have so many persons together, the largest last.

    1 + a geometric number with their mean, cut at `MOST_PERSONS`: its quantiles, of which a few are then mended by one
    person so that the sum is met.
    """
    if persons <= households:
        return np.ones(households, dtype=np.int64)
    extra = persons / households - 1.0
    above = 1.0 - (np.arange(households) + 0.5) / households
    sizes = np.minimum(1 + np.floor(np.log(above) / np.log(extra / (1.0 + extra))), MOST_PERSONS).astype(np.int64)
    while missing := persons - int(sizes.sum()):
        changes = np.flatnonzero(sizes < MOST_PERSONS if missing > 0 else sizes > 1)[-abs(missing) :]
        sizes[changes] += 1 if missing > 0 else -1
    return np.sort(sizes)
