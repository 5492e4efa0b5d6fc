"""Who they are: one row per household with its day, hour, site, size, card and disposition, drawn once.

Nothing here depends on whether the service exists: the same people come before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from scenarios.schema import Scenario
from scenarios.schema.base import span
from sim.demand.horizon import LOOK_AHEAD_DAYS, MINUTES_PER_DAY, Horizon
from sim.demand.hours import ArrivalHours
from sim.demand.intensity import MOVES, daily_card_customers, daily_certificates, daily_moves
from sim.demand.inverse import binomial, poisson
from sim.program import Bools, Floats, Ints
from sim.recall import FORGETFUL, Memory, part_of
from sim.streams import Streams

KINDS = (*MOVES, "certificate", "card_only")
"""Kinds of customers: 転入, 転出, 転居, 国外転入, 証明など, カード窓口の他の客."""

WEEKDAY_NUMBER = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4}
MOST_PERSONS = 8
MIDDLE = 0.5


@dataclass(frozen=True, slots=True)
class Households:
    """Columns of shape (households,), grouped by kind in the order of `KINDS`, then by day.

    Attributes
    ----------
    kind, site
        Indices into KINDS and the scenario's sites.
    day, visit_time
        Day of the filing at a counter and its minute, model time.
    persons, cards
        People on the move, and how many of them hold a card.
    is_evening
        Comes in the late opening.
    """

    kind: Ints
    day: Ints
    visit_time: Floats
    site: Ints
    persons: Ints
    has_card: Bools
    cards: Ints
    is_evening: Bools
    uniform: Callable[[str], Floats]
    """Uniform numbers of one attribute for the four kinds of address notices, from its own stream per kind; the other
    customers, who come for one thing and go, have no such attribute and stand at `MIDDLE`."""
    uniform_of_all: Callable[[str], Floats]
    """The same for all households: for what other customers have too."""

    def __len__(self) -> int:
        return len(self.kind)

    def forget_numbers(self) -> None:
        """Let go of uniform numbers that were kept; they are drawn again, alike, when they are asked for."""
        for numbers in (self.uniform, self.uniform_of_all):
            if hasattr(numbers, "cache_clear"):
                numbers.cache_clear()


def draw_households(scenario: Scenario, horizon: Horizon, streams: Streams, memory: Memory | None = None) -> Households:
    """Draw all households of one replication.

    Parameters
    ----------
    memory
        Of this replication: scenarios with the same customers then share them, and keep their uniform numbers.
    """
    opening = ("opening.weekday", "opening.evening", "opening.sunday")
    who = part_of(scenario, "volumes", *opening, "office", "cards", "profiles", "sites")
    late = tuple(scenario.staff[site.staff].evening is not None for site in scenario.sites)
    return (memory or FORGETFUL).recall(_drawn, who, horizon, streams, late, memory is not None)


def _drawn(scenario: Scenario, horizon: Horizon, streams: Streams, late: tuple[bool, ...], keep: bool) -> Households:
    """Draw them; `late` are the sites with an evening crew, and of the staff nothing else matters here."""
    days = [_days_of(kind, scenario, horizon, streams) for kind in KINDS]
    kind = np.repeat(np.arange(len(KINDS)), [len(part) for part in days])
    day = np.concatenate(days)
    numbers = [_numbers(part, horizon.days + LOOK_AHEAD_DAYS) for part in days]

    def drawn(name: str, kinds: int) -> Iterator[Floats]:
        for own, number in zip(KINDS[:kinds], numbers[:kinds], strict=True):
            yield streams.uniform(f"{name}/{own}", number.max(initial=-1) + 1)[number]

    def uniform_of_all(name: str) -> Floats:
        return np.concatenate([*drawn(name, len(KINDS))])

    def uniform(name: str) -> Floats:
        others = np.full(sum(len(own) for own in numbers[len(MOVES) :]), MIDDLE)
        return np.concatenate([*drawn(name, len(MOVES)), others])

    if keep:
        uniform, uniform_of_all = cache(uniform), cache(uniform_of_all)
    site, minute, evening = _where_and_when(scenario, horizon, late, kind, day, uniform_of_all)
    persons = _persons(scenario, uniform_of_all("persons"))
    has_card = uniform_of_all("card") < float(scenario.cards.held)
    others = binomial(uniform_of_all("cards of others"), persons - 1, float(scenario.cards.held))
    return Households(
        kind=kind,
        day=day,
        visit_time=day * float(MINUTES_PER_DAY) + minute,
        site=site,
        persons=persons,
        has_card=has_card,
        cards=np.where(has_card, 1 + others, 0),
        is_evening=evening,
        uniform=uniform,
        uniform_of_all=uniform_of_all,
    )


def _days_of(kind: str, scenario: Scenario, horizon: Horizon, streams: Streams) -> Ints:
    """Day of each household of a kind: a Poisson number on every day, by inverse transform."""
    if kind == "certificate":
        expected = daily_certificates(scenario, horizon)
    elif kind == "card_only":
        expected = daily_card_customers(scenario, horizon)
    else:
        expected = daily_moves(scenario, horizon, next(move for move in MOVES if move == kind))
    counts = poisson(streams.uniform(f"filings a day/{kind}", len(expected)), expected)
    return np.repeat(np.arange(len(expected)), counts)


def _numbers(day: Ints, days: int) -> Ints:
    """Place of each household in its kind's streams: the first of every day, then the second of every day, and so on.

    So a household keeps its numbers when others are added, on its day or on another one.
    """
    nth = np.arange(len(day)) - np.searchsorted(day, day)
    return np.asarray(nth * days + day, dtype=np.int64)


def _where_and_when(
    scenario: Scenario,
    horizon: Horizon,
    late_sites: tuple[bool, ...],
    kind: Ints,
    day: Ints,
    uniform: Callable[[str], Floats],
) -> tuple[Ints, Floats, Bools]:
    """Site, minute of the day, and whether it is the late opening."""
    opening = span(scenario.opening.weekday)
    main = next(number for number, site in enumerate(scenario.sites) if site.main)
    site = _sites(scenario, main, kind, uniform("site"))
    hour = uniform("hour")
    minute = ArrivalHours(scenario.profiles.weekday, opening).at(hour)
    evening, sunday = scenario.opening.evening, scenario.opening.sunday
    late = np.zeros(len(day), dtype=bool)
    if evening is not None:
        closing = span(evening.hours)[1]
        staffed = np.array(late_sites)
        long_day = (horizon.weekday()[day] == WEEKDAY_NUMBER[evening.weekday]) & staffed[site] & (kind < len(MOVES))
        profile = ArrivalHours(scenario.profiles.evening, (opening[0], closing))
        minute = np.where(long_day, profile.at(hour), minute)
        late = long_day & (minute >= opening[1])
    if sunday is not None:
        on_sunday = horizon.is_sunday_opening[day] & ~horizon.is_open[day]
        minute = np.where(on_sunday, ArrivalHours(scenario.profiles.sunday, span(sunday.hours)).at(hour), minute)
        site = np.where(on_sunday, main, site)
    return site, minute, late


def _sites(scenario: Scenario, main: int, kind: Ints, uniform: Floats) -> Ints:
    """Main office with its share, else a branch office by population. Certificates: branches; cards: main office."""
    weights = np.array([float(site.population_weight) for site in scenario.sites])
    weights[main] = 0.0
    share = float(scenario.office.main_share) if weights.sum() > 0 else 1.0
    branch = weights / weights.sum() if weights.sum() > 0 else weights

    def pick(probability: Floats) -> Ints:
        edges = np.cumsum(probability)[:-1]
        return np.searchsorted(edges, uniform, side="right")

    mixed = branch * (1.0 - share)
    mixed[main] = share
    chosen = pick(mixed)
    if weights.sum() > 0:
        chosen = np.where(kind == KINDS.index("certificate"), pick(branch), chosen)
    only_main = (kind == KINDS.index("from_abroad")) | (kind == KINDS.index("card_only"))
    return np.where(only_main, main, chosen)


def _persons(scenario: Scenario, uniform: Floats) -> Ints:
    """People in one filing: 1 + a geometric number with the scenario's mean."""
    extra = float(scenario.volumes.persons_per_filing) - 1.0
    if extra <= 0:
        return np.ones(len(uniform), dtype=np.int64)
    ratio = extra / (1.0 + extra)
    further = np.floor(np.log1p(-uniform) / np.log(ratio)).astype(np.int64)
    return np.asarray(np.minimum(1 + further, MOST_PERSONS), dtype=np.int64)
