"""How many people move, when, and in what households."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.opening import OpeningCalendar
from scenarios.quantity import Count, Factor, Minutes, Quantity, Share, Within
from scenarios.schema.base import Table

MoveKind = Literal["move_in", "move_out", "move_within", "from_abroad"]
"""国内転入, 国内転出, 転居, 国外からの転入."""


class Surge(Table):
    """People who come on top of the year's numbers."""

    flow: MoveKind = Field(description="届出の種類 / kind of move")
    first: date = Field(description="初日 / first day")
    last: date = Field(description="末日 / last day")
    persons: Count = Field(description="上乗せの人数 / persons on top, over the whole period")

    @model_validator(mode="after")
    def _in_order(self) -> Surge:
        if self.last < self.first:
            raise PydanticCustomError("period_reversed", "the period ends before it starts", {"key": "last"})
        if OpeningCalendar.around(self.first, self.last).next_open_day(self.first) > self.last:
            raise PydanticCustomError("never_open", "the office is closed on all of these days", {"key": "first"})
        return self


class Volumes(Table):
    """Yearly numbers, spread over months by the table of monthly moves."""

    year: int = Field(2023, description="月別表の年 / year of the monthly table")
    move_in: Count = Field(description="国内転入（人/年） / moves in from Japan, persons a year")
    move_out: Count = Field(description="国内転出（人/年） / moves out to Japan, persons a year")
    move_within: Count = Field(description="転居（人/年） / moves within the ward, persons a year")
    from_abroad: Count = Field(description="国外からの転入（人/年） / moves in from abroad, persons a year")
    persons_per_filing: Annotated[Quantity, Within("PersonsPerFiling", ge=1)] = Field(
        description="届出1件あたりの人数 / persons in one filing"
    )
    certificates_per_filing: Factor = Field(
        description="出張所で届出1件に対する証明等の客 / other customers of branch offices per filing, average day"
    )
    card_customers_per_day: Factor = Field(
        description="本庁カード窓口の他の客（人/開庁日） / other customers of the main card desks per opening day"
    )
    moving_out_lead_days: Count = Field(
        description="転出の山が転入より早い日数 / days by which the peak of moving out precedes that of moving in"
    )
    sunday_share: Factor = Field(
        description="日曜開庁の来庁者（平日平均比） / arrivals on an open Sunday, relative to a mean weekday"
    )
    surges: tuple[Surge, ...] = Field((), description="上乗せ / surges on top of the year's numbers")


class Profiles(Table):
    """Names of hourly profiles in the table of arrivals by hour."""

    weekday: Literal["A", "B"] = Field("B", description="平日の時間分布 / hours of an ordinary weekday")
    evening: Literal["C"] = Field("C", description="延長日の時間分布 / hours of the day with late opening")
    sunday: Literal["D"] = Field("D", description="日曜の時間分布 / hours of a Sunday")


class Cards(Table):
    """Who could file online."""

    held: Share = Field(description="カード保有率 / households on the move with a card")
    live_signing_certificate: Share = Field(
        description="署名用電子証明書が有効な割合 / card holders with a live signing certificate"
    )
    password_known: Share = Field(description="署名用パスワードを覚えている割合 / of those, who know its password")
    excluded: Share = Field(description="利用できない人の割合 / not admitted (protection cases, card data not current)")

    def ceiling(self) -> float:
        """Share of all movers who could file online at most."""
        return (
            float(self.held)
            * float(self.live_signing_certificate)
            * float(self.password_known)
            * (1.0 - float(self.excluded))
        )


class Travel(Table):
    """What a filing costs the citizen outside the office."""

    round_trip: Minutes = Field(description="往復の移動時間（分/回） / travel there and back, minutes a visit")
    form_online: Minutes = Field(description="オンライン入力の時間（分） / filling in the online form, minutes")
