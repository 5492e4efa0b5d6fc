"""The ward's offices: sites, opening hours, desks and staff."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.quantity import Count, PositiveCount, Quantity, Share
from scenarios.schema.base import Hours, Identifier, Label, Table, span

Weekday = Literal["mon", "tue", "wed", "thu", "fri"]


class Evening(Table):
    """One weekday on which some desks stay open longer."""

    weekday: Weekday = Field("tue", description="延長窓口の曜日 / the weekday with late opening")
    hours: Hours = Field("17:00-19:00", description="延長の時間帯 / the hours after normal closing")


class Sunday(Table):
    """The monthly Sunday opening."""

    week: int = Field(4, ge=1, le=4, description="第何日曜日か / which Sunday of the month")
    december_week: int = Field(3, ge=1, le=4, description="12月は第何日曜日か / which Sunday in December")
    hours: Hours = Field("09:00-17:00", description="日曜開庁の時間帯 / opening hours")


class Lunch(Table):
    """Hours in which part of the staff is at lunch."""

    hours: Hours = Field("12:00-13:30", description="昼休みの交代時間 / the hours of the rota")
    staffed: Share = Field(description="昼に残る職員の割合 / share of staff that stays")


class Opening(Table):
    """When the offices work."""

    weekday: Hours = Field("08:30-17:00", description="平日の窓口 / counters on weekdays")
    back_office: Hours = Field("08:30-17:15", description="事務処理の時間 / back-office work on weekdays")
    evening: Evening | None = Field(None, description="延長窓口 / late opening, at sites with evening staff")
    sunday: Sunday | None = Field(None, description="日曜開庁 / Sunday opening, at sites with Sunday staff")
    lunch: Lunch | None = Field(None, description="昼の交代 / lunch rota")
    peak_from: date = Field(description="繁忙期の初日 / first day of peak staffing")
    peak_to: date = Field(description="繁忙期の末日 / last day of peak staffing")
    shift_change: Literal["finish", "handover"] = Field(
        "finish",
        description=(
            "交代時の扱い：finish=応対中の客を終えてから減る、handover=時刻どおり新しい班に替わる / "
            "what happens at a shift change: the clerk finishes the customer in service, or a whole new crew starts"
        ),
    )

    @model_validator(mode="after")
    def _peak_in_order(self) -> Opening:
        if self.peak_to < self.peak_from:
            raise PydanticCustomError("period_reversed", "the period ends before it starts", {"key": "peak_to"})
        if self.evening and self.evening.hours.split("-")[0] != self.weekday.split("-")[1]:
            raise PydanticCustomError("evening_gap", "the evening must begin at closing time", {"key": "evening"})
        if self.lunch and not _within(self.lunch.hours, self.weekday):
            raise PydanticCustomError("lunch_outside", "lunch lies within the opening hours", {"key": "lunch.hours"})
        return self


def _within(inner: str, outer: str) -> bool:
    return span(outer)[0] <= span(inner)[0] and span(inner)[1] <= span(outer)[1]


class Seasonal(Table):
    """A number of desks or people in ordinary weeks and in the peak."""

    ordinary: Count = Field(description="通常期 / in ordinary weeks")
    peak: Count = Field(description="繁忙期 / in the peak")


class Crew(Table):
    """Who works outside normal hours."""

    windows: PositiveCount = Field(description="届出窓口の数 / windows for notices")
    clerks: PositiveCount = Field(description="職員数 / clerks for these windows")
    card_desks: Count = Field(description="カード窓口の数 / card desks")


class Staff(Table):
    """Desks and people of one kind of site.

    `windows` limit how many notices are taken at once; `clerks` serve windows and back office alike, ticket holders
    first; `back_office_seats` limit how many clerks back-office work may hold. With no card desk of its own a site
    does card work at the window, by the same clerk.
    """

    windows: Seasonal = Field(description="届出窓口の数 / windows for address notices")
    clerks: Seasonal = Field(description="届出担当の職員数（窓口と事務） / clerks for notices, counter and back office")
    back_office_seats: Seasonal = Field(description="事務処理に就ける人数 / clerks that back-office work may hold")
    card_desks: Seasonal = Field(description="カード窓口の数（職員付き） / card desks, each with a clerk")
    evening: Crew | None = Field(None, description="延長窓口の体制 / crew of the late opening")
    sunday: Crew | None = Field(None, description="日曜開庁の体制 / crew of the Sunday opening")

    @model_validator(mode="after")
    def _somebody_works(self) -> Staff:
        for season in ("ordinary", "peak"):
            windows, clerks = getattr(self.windows, season), getattr(self.clerks, season)
            if int(windows) < 1 or int(clerks) < 1:
                raise PydanticCustomError("nobody_works", "a site needs a window and a clerk", {"key": season})
            if int(getattr(self.back_office_seats, season)) < 1:
                raise PydanticCustomError(
                    "no_back_office", "online notices need at least one back-office seat", {"key": "back_office_seats"}
                )
        if (int(self.card_desks.ordinary) == 0) != (int(self.card_desks.peak) == 0):
            raise PydanticCustomError(
                "card_desks_sometimes", "card desks exist in both seasons or in none", {"key": "card_desks"}
            )
        return self


class Site(Table):
    """One place that takes address notices."""

    id: Identifier
    label: Label
    staff: Identifier = Field(description="[staff] の名前 / a name under [staff]")
    main: bool = Field(False, description="本庁か / the main office; arrivals from abroad go there only")
    population_weight: Share = Field(
        default_factory=lambda: Quantity(value=0.0),
        description="出張所の間の人口の重み / weight among the branch offices",
    )


class Office(Table):
    """How the ward's customers spread over its sites."""

    main_share: Share = Field(description="届出のうち本庁に来る割合 / share of counter filings at the main office")
