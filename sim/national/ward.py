"""What the country shares with the ward: the tables that the ward's demand, systems and incidents read, as they ask."""

from __future__ import annotations

from scenarios.quantity import Quantity
from scenarios.schema import Scenario
from scenarios.schema.national import NationalScenario
from scenarios.schema.office import Opening
from scenarios.schema.systems import Origin

_SHARED = ("period", "cards", "travel", "behaviour", "work", "one_stop", "portal", "relay", "jlis", "incidents")


def as_ward(scenario: NationalScenario) -> Scenario:
    """Return a ward without sites that has the country's rules, for parts of the model that need no more of it.

    The other town's delay is none: here the other town is in the model.
    """
    offices = scenario.offices
    opening = Opening(
        weekday=offices.weekday,
        back_office=offices.back_office,
        lunch=offices.lunch,
        peak_from=offices.peak_from,
        peak_to=offices.peak_to,
        evening=None,
        sunday=None,
    )
    origin = Origin(opening_days=(Quantity(value=1.0),))
    shared = {name: getattr(scenario, name) for name in _SHARED}
    return Scenario.model_construct(opening=opening, origin=origin, sites=(), **shared)
