"""How long a queue sends people home: a posted wait in minutes becomes a number of people waiting, at each site."""

from __future__ import annotations

import numpy as np

from scenarios.schema import Scenario
from scenarios.schema.office import Site
from sim.demand.horizon import Horizon
from sim.demand.households import Households
from sim.program import Bools, Ints


def balk_length(scenario: Scenario, horizon: Horizon, people: Households) -> Ints:
    """Number waiting that means a posted wait of `balk_wait`: windows times wait over mean service, at each site."""
    peak = _in_peak(scenario, horizon, people.day).astype(np.int64)
    lengths = []
    for site in scenario.sites:
        staff = scenario.staff[site.staff]
        windows = np.array([int(staff.windows.ordinary), int(staff.windows.peak)])
        lengths.append(np.ceil(float(scenario.behaviour.balk_wait) * windows / mean_window_minutes(scenario, site)))
    return np.asarray(np.maximum(1, np.array(lengths)[people.site, peak]), dtype=np.int64)


def mean_window_minutes(scenario: Scenario, site: Site) -> float:
    """Mean hands-on minutes of a customer at the windows of a site, over the year's mix without the service.

    A posted wait is the office's rule of thumb, so the same customers stand behind it in every scenario.
    """
    volumes, work, behaviour = scenario.volumes, scenario.work, scenario.behaviour
    share = float(scenario.office.main_share) if site.main else 1.0 - float(scenario.office.main_share)
    further = (float(volumes.persons_per_filing) - 1.0) * float(work.extra_person)
    by_card = float(scenario.cards.held) * float(behaviour.card_route)
    move_in = (1.0 - by_card) * float(work.move_in_paper) + by_card * float(work.move_in_card_route)
    at_counter = 1.0 - float(behaviour.by_post)
    local = share * (int(volumes.move_in) + int(volumes.move_out) + int(volumes.move_within))
    mix = [
        (share * int(volumes.move_in), move_in + further),
        (share * int(volumes.move_out) * at_counter, float(work.move_out_counter)),
        (share * int(volumes.move_within), float(work.move_within) + further),
        (float(site.main) * int(volumes.from_abroad), float(work.from_abroad) + further),
        (0.0 if site.main else local * float(volumes.certificates_per_filing), float(work.certificate)),
    ]
    customers = sum(number for number, _ in mix)
    return sum(number * minutes for number, minutes in mix) / customers if customers > 0 else float(work.certificate)


def _in_peak(scenario: Scenario, horizon: Horizon, day: Ints) -> Bools:
    opening = scenario.opening
    return (day >= horizon.day_of(opening.peak_from)) & (day <= horizon.day_of(opening.peak_to))
