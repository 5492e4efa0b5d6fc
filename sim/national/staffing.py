"""How many windows and clerks each municipality has: by one rule, from what an ordinary week asks of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.datatables import annual_inter_municipal_movers, season_multipliers
from scenarios.schema.base import span
from scenarios.schema.national import NationalScenario
from sim.demand.intensity import opening_days
from sim.program import Floats, Ints


@dataclass(frozen=True, slots=True)
class Seasons:
    """A number of windows or people for every municipality, in ordinary weeks and in the peak; shape (towns,)."""

    ordinary: Ints
    peak: Ints


@dataclass(frozen=True, slots=True)
class Staffing:
    """Windows, clerks and back-office seats of every municipality.

    Attributes
    ----------
    counter_load, back_load
        Mean number of windows and of back-office clerks that an ordinary day keeps busy, shape (towns,).
    """

    people: Ints
    windows: Seasons
    clerks: Seasons
    seats: Seasons
    counter_load: Floats
    back_load: Floats


def staffing_of(scenario: NationalScenario, people: Ints) -> Staffing:
    """Staff every municipality: offered load of an ordinary day over the utilisation aimed at, rounded up.

    Clerks are one for each window and those of the back office; `lent_seats` more of them may do back-office work
    while nobody waits. In the peak windows and back office are multiplied, and rounded half up.

    Parameters
    ----------
    people
        Of every municipality, shape (towns,).
    """
    offices = scenario.offices
    at_counter, in_back_office = _minutes_of_a_move(scenario)
    share = ordinary_moves_a_day(scenario) * people / people.sum()
    counter = share * at_counter / _length(offices.weekday)
    back = share * in_back_office / _length(offices.back_office)
    windows = _seasons(scenario, counter, int(offices.least_windows), float(offices.peak_windows))
    office = _seasons(scenario, back, int(offices.least_back_office), float(offices.peak_back_office))
    lent = int(offices.lent_seats)
    return Staffing(
        people=people,
        windows=windows,
        clerks=Seasons(windows.ordinary + office.ordinary, windows.peak + office.peak),
        seats=Seasons(office.ordinary + lent, office.peak + lent),
        counter_load=counter,
        back_load=back,
    )


def ordinary_moves_a_day(scenario: NationalScenario) -> float:
    """Households that move between municipalities on a day outside the crowded weeks, all municipalities together."""
    year = scenario.moves.year
    persons = annual_inter_municipal_movers()[year] * float(scenario.moves.part)
    yearly = persons / float(scenario.moves.persons_per_filing)
    return yearly / opening_days(year) * season_multipliers(year).otherwise


def _minutes_of_a_move(scenario: NationalScenario) -> tuple[float, float]:
    """Mean minutes at counters and in back offices that one move between towns means, both of its towns together.

    Moves within a town are counted as so many per move between two.
    """
    work, behaviour, service = scenario.work, scenario.behaviour, scenario.one_stop
    online = float(service.uptake) if service.available else 0.0
    offline, post = 1.0 - online, float(behaviour.by_post)
    prepared = online if service.prepare_visits else 0.0
    within = float(scenario.moves.within_per_move)
    more = (float(scenario.moves.persons_per_filing) - 1.0) * float(work.extra_person) + _mean_card_minutes(scenario)
    counter = (
        offline * (1.0 - post) * float(work.move_out_counter)
        + offline * float(work.move_in_paper)
        + (online - prepared) * float(work.move_in_card_route)
        + prepared * float(work.move_in_prepared)
        + within * ((1.0 - prepared) * float(work.move_within) + prepared * float(work.move_within_prepared))
        + (1.0 + within) * more
    )
    notice = (
        (1.0 + float(behaviour.returned)) * float(work.check_online)
        + float(work.process_online)
        + float(behaviour.phone_check) * float(work.phone_check)
        + float(behaviour.duplicate) * float(work.duplicate_check)
    )
    back = offline * post * float(work.move_out_post) + online * notice
    return counter, back + (1.0 + within) * prepared * float(work.prepare_visit)


def _mean_card_minutes(scenario: NationalScenario) -> float:
    work, behaviour, jlis = scenario.work, scenario.behaviour, scenario.jlis
    held, others = float(scenario.cards.held), float(scenario.moves.persons_per_filing) - 1.0
    return held * (
        float(work.card_update) * (1.0 + others * held)
        + float(jlis.call)
        + float(behaviour.wants_signing_certificate) * (float(work.signing_certificate) + float(jlis.signing_call))
        + float(behaviour.pin_forgotten) * float(work.pin_reset)
    )


def _seasons(scenario: NationalScenario, load: Floats, least: int, in_peak: float) -> Seasons:
    # A load that is a whole number of desks but for rounding is that number.
    needed = np.ceil(load / float(scenario.offices.utilisation) - 1e-9).astype(np.int64)
    ordinary = np.maximum(needed, least)
    return Seasons(ordinary, np.maximum(np.floor(ordinary * in_peak + 0.5).astype(np.int64), ordinary))


def _length(hours: str) -> float:
    opens, closes = span(hours)
    return closes - opens
