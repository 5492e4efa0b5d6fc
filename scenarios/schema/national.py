"""A scenario of the whole country: every municipality with counters and a back office, one portal and one relay.

Such a file extends one of the ward's: what people do, how long hands need and what the service is are the ward's
tables. What belongs to the ward alone is left behind, and `country`, `moves` and `offices` take its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.quantity import Count, Factor, PositiveCount, Quantity, Share, Within
from scenarios.schema.base import Hours, Identifier, Label, Table, span
from scenarios.schema.behaviour import Behaviour
from scenarios.schema.office import Lunch
from scenarios.schema.scenario import Period
from scenarios.schema.systems import Incident, Jlis, OneStop, Portal, Relay
from scenarios.schema.volumes import Cards, Travel
from scenarios.schema.work import Work

WARD_ONLY = ("opening", "office", "staff", "sites", "volumes", "profiles", "origin", "launch")
"""Tables of the ward that a national file inherits from the one it extends, and that say nothing about the country."""

NATIONAL_ONLY = ("country", "moves", "offices")
"""Tables that a national file adds; a ward's has none of them."""


class Country(Table):
    """How many municipalities there are, and how large: what the split of the people rests on."""

    municipalities: PositiveCount = Field(
        description="市区町村の数（特別区を含む） / municipalities, special wards too"
    )
    population: PositiveCount = Field(description="人口の合計 / people in all of them")
    largest: PositiveCount = Field(description="最大の市の人口 / people in the largest one")
    example: PositiveCount = Field(
        description="結果に並べて示す市区町村の人口 / people of a municipality that is shown beside the most crowded"
    )

    @model_validator(mode="after")
    def _can_be_split(self) -> Country:
        number, people, largest = int(self.municipalities), int(self.population), int(self.largest)
        # Beyond half of the people the moves of the largest town would find no other town to come from.
        if number < 3 or not people / number < largest < people / 2:
            allowed = f"> {people / number:.0f}, < {people / 2:.0f}"
            raise PydanticCustomError(
                "largest_town",
                "the largest town lies between the mean and half of the country",
                {"key": "largest", "found": str(largest), "allowed": allowed},
            )
        return self


class Moves(Table):
    """How many households move. Persons of every month come from the national table of moves."""

    year: int = Field(2023, description="平年の量をとる年 / year whose ordinary weeks the offices are staffed for")
    part: Share = Field(
        default_factory=lambda: Quantity(value=1.0),
        description="全国の移動のうちモデルに入れる割合 / part of the country's moves that is in the model",
    )
    persons_per_filing: Annotated[Quantity, Within("PersonsPerHousehold", ge=1, le=8)] = Field(
        description="届出1件あたりの人数 / persons in one filing"
    )
    within_per_move: Factor = Field(
        description="市区町村間の移動1件に対する転居の件数 / moves within a municipality per move between two"
    )
    letter_days: Count = Field(
        description="郵送の転出届が来庁の何開庁日前に着くか / opening days before the visit by which a letter is there"
    )


class Offices(Table):
    """When municipalities work, and the rule by which each has its windows and clerks.

    Windows are the offered load of an ordinary week over the utilisation aimed at, rounded up; so are clerks for the
    back office. In the peak both are multiplied. Crowds are a result of the peak, not of the rule.
    """

    weekday: Hours = Field("08:30-17:15", description="平日の窓口 / counters on weekdays")
    back_office: Hours = Field("08:30-17:15", description="事務処理の時間 / back-office work on weekdays")
    lunch: Lunch = Field(description="昼の交代 / lunch rota")
    profile: Literal["A", "B"] = Field("A", description="平日の時間分布 / hours of an ordinary weekday")
    utilisation: Annotated[Quantity, Within("PositiveFactor", gt=0)] = Field(
        description="通常期にめざす稼働率 / utilisation aimed at in an ordinary week"
    )
    least_windows: PositiveCount = Field(description="窓口の最少数 / windows at least")
    least_back_office: PositiveCount = Field(description="事務の職員の最少数 / back-office clerks at least")
    lent_seats: Count = Field(
        description="手のあいた窓口職員が就ける事務の席 / back-office seats for window clerks whom nobody waits for"
    )
    peak_from: date = Field(description="繁忙期の初日 / first day of peak staffing")
    peak_to: date = Field(description="繁忙期の末日 / last day of peak staffing")
    peak_windows: Annotated[Quantity, Within("PeakFactor", ge=1)] = Field(
        description="繁忙期の窓口（通常期比） / windows in the peak, times those of ordinary weeks"
    )
    peak_back_office: Annotated[Quantity, Within("PeakFactor", ge=1)] = Field(
        description="繁忙期の事務の職員（通常期比） / back-office clerks in the peak, times those of ordinary weeks"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Offices:
        if self.peak_to < self.peak_from:
            raise PydanticCustomError("period_reversed", "the period ends before it starts", {"key": "peak_to"})
        lunch, day = span(self.lunch.hours), span(self.weekday)
        if not day[0] < lunch[0] < lunch[1] < day[1]:
            raise PydanticCustomError("lunch_outside", "lunch lies within the opening hours", {"key": "lunch.hours"})
        return self


class NationalScenario(Table):
    """One national scenario file with everything it extends."""

    schema_version: Literal[1] = Field(description="書式の版 / version of this format")
    name: Identifier
    title: Label
    period: Period
    country: Country
    moves: Moves
    offices: Offices
    cards: Cards
    travel: Travel
    behaviour: Behaviour
    work: Work
    one_stop: OneStop
    portal: Portal
    relay: Relay
    jlis: Jlis
    incidents: tuple[Incident, ...] = Field(
        (), description="障害など。あるときとないときを比べます / incidents; the study compares with and without them"
    )

    @model_validator(mode="before")
    @classmethod
    def _leaves_the_ward_behind(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {name: value for name, value in given.items() if name not in WARD_ONLY}

    @model_validator(mode="after")
    def _incidents_have_a_time(self) -> NationalScenario:
        for place, incident in enumerate(self.incidents):
            if incident.at is None:
                raise PydanticCustomError(
                    "national_incident", "an incident of the country has a time", {"key": f"incidents.{place}.at"}
                )
            if not incident.simulated:
                raise PydanticCustomError(
                    "national_fault", "the country is not load-tested", {"key": f"incidents.{place}.kind"}
                )
        return self

    @model_validator(mode="after")
    def _files_from_morning(self) -> NationalScenario:
        opens = span(self.offices.back_office)[0]
        if float(self.behaviour.files_from) > opens:
            raise PydanticCustomError(
                "files_from_late",
                "filing online begins before the office opens",
                {"key": "behaviour.files_from", "allowed": f"{opens:g}"},
            )
        return self

    @model_validator(mode="after")
    def _uptake_under_ceiling(self) -> NationalScenario:
        for month in {"", *self.one_stop.uptake_by_month}:
            if (found := self.one_stop.uptake_in(month)) > self.cards.ceiling() + 1e-12:
                raise PydanticCustomError(
                    "uptake_over_ceiling",
                    "more would file online than could",
                    {"key": "one_stop.uptake", "found": f"{found:.3f}", "allowed": f"{self.cards.ceiling():.3f}"},
                )
        return self
