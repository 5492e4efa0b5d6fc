"""A scenario: everything that is asked of one simulation, and later of one load test."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.schema.base import Identifier, Label, Table, span
from scenarios.schema.behaviour import Behaviour
from scenarios.schema.launch import Launch
from scenarios.schema.office import Office, Opening, Site, Staff
from scenarios.schema.systems import Incident, Jlis, OneStop, Origin, Portal, Relay
from scenarios.schema.volumes import Cards, Profiles, Travel, Volumes
from scenarios.schema.work import Work
from scenarios.thresholds import PHASES


class Period(Table):
    """The days whose results count, and how many days the model runs before them."""

    start: date = Field(description="集計の初日 / first day of the results")
    end: date = Field(description="集計の末日 / last day of the results, inclusive")
    warm_up_days: int = Field(14, ge=0, le=120, description="助走の日数 / days simulated before, not counted")

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.end < self.start:
            raise PydanticCustomError("period_reversed", "the period ends before it starts", {"key": "end"})
        if (self.end - self.start).days > 400:
            raise PydanticCustomError("period_too_long", "at most 400 days", {"key": "end"})
        return self


class Scenario(Table):
    """One scenario file with everything it extends."""

    schema_version: Literal[1] = Field(description="書式の版 / version of this format")
    name: Identifier
    title: Label
    period: Period
    opening: Opening
    office: Office
    staff: dict[Identifier, Staff] = Field(description="体制の型 / kinds of staffing")
    sites: tuple[Site, ...] = Field(min_length=1, description="窓口のある場所 / places that take notices")
    volumes: Volumes
    profiles: Profiles
    cards: Cards
    travel: Travel
    behaviour: Behaviour
    work: Work
    one_stop: OneStop
    portal: Portal
    relay: Relay
    jlis: Jlis
    origin: Origin
    incidents: tuple[Incident, ...] = Field((), description="障害など / incidents")
    launch: Launch = Field(default_factory=Launch, description="負荷試験 / the load test")

    @model_validator(mode="after")
    def _rules_name_incidents(self) -> Scenario:
        unknown = self.launch.unknown_phase({incident.id for incident in self.incidents})
        if unknown is not None:
            raise PydanticCustomError(
                "rule_incident",
                "no such incident",
                {
                    "key": f"launch.thresholds.{unknown[0]}",
                    "found": unknown[1],
                    "allowed": ", ".join((*PHASES, *(incident.id for incident in self.incidents))),
                },
            )
        return self

    @model_validator(mode="after")
    def _sites_fit(self) -> Scenario:
        ids = [site.id for site in self.sites]
        if len(set(ids)) < len(ids):
            raise PydanticCustomError("id_twice", "an id is used twice", {"key": "sites"})
        if sum(site.main for site in self.sites) != 1:
            raise PydanticCustomError("one_main_office", "exactly one site is the main office", {"key": "sites"})
        for place, site in enumerate(self.sites):
            if site.staff not in self.staff:
                raise PydanticCustomError(
                    "unknown_staff",
                    "no such kind of staffing",
                    {"key": f"sites.{place}.staff", "found": site.staff, "allowed": ", ".join(self.staff)},
                )
        if len(ids) > 1 and sum(float(site.population_weight) for site in self.sites if not site.main) <= 0:
            raise PydanticCustomError("no_weights", "branch offices need a population weight", {"key": "sites"})
        return self

    @model_validator(mode="after")
    def _main_office_is_staffed(self) -> Scenario:
        main = self.staff[next(site.staff for site in self.sites if site.main)]
        if self.opening.sunday is not None and main.sunday is None:
            raise PydanticCustomError(
                "sunday_nobody", "the main office opens on Sundays, and nobody works", {"key": "opening.sunday"}
            )
        if float(self.volumes.card_customers_per_day) > 0 and int(main.card_desks.ordinary) == 0:
            raise PydanticCustomError(
                "no_card_desk",
                "other card customers come to the main office, which has no card desk",
                {"key": "volumes.card_customers_per_day"},
            )
        return self

    @model_validator(mode="after")
    def _files_from_morning(self) -> Scenario:
        opens = span(self.opening.back_office)[0]
        if float(self.behaviour.files_from) > opens:
            raise PydanticCustomError(
                "files_from_late",
                "filing online begins before the office opens",
                {"key": "behaviour.files_from", "allowed": f"{opens:g}"},
            )
        return self

    @model_validator(mode="after")
    def _uptake_under_ceiling(self) -> Scenario:
        for month in {"", *self.one_stop.uptake_by_month}:
            if (found := self.one_stop.uptake_in(month)) > self.cards.ceiling() + 1e-12:
                raise PydanticCustomError(
                    "uptake_over_ceiling",
                    "more would file online than could",
                    {"key": "one_stop.uptake", "found": f"{found:.3f}", "allowed": f"{self.cards.ceiling():.3f}"},
                )
        return self
