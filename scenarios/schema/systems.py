"""The systems between applicant and ward, and what may go wrong with them."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.quantity import Count, Factor, Minutes, PositiveCount, PositiveMinutes, Share
from scenarios.schema.base import Hours, Identifier, Label, Table
from scenarios.schema.faults import FakeFault

SystemName = Literal["portal", "relay", "jlis", "ward"]
"""What may have trouble; the ward's own systems only in load tests."""


class OneStop(Table):
    """The one-stop relocation service itself."""

    available: bool = Field(description="サービスがあるか / is the service offered in this scenario")
    since: date = Field(description="開始日 / first day of the service")
    uptake: Share = Field(description="オンライン届出率（移動者全体比） / movers who file online, share of all movers")
    uptake_by_month: dict[Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")], Factor] = Field(
        default_factory=dict, description="月ごとの倍率 / factor on uptake in a month, as 2023-02"
    )
    prepare_visits: bool = Field(True, description="来庁の準備をするか / does the office prepare visits from notices")
    prepare_ahead: Count = Field(
        description="予定日の何開庁日前から準備するか / opening days before the announced day from which on it does"
    )

    def uptake_in(self, month: str) -> float:
        """Share of movers of a month ("2023-02") who file online."""
        factor = self.uptake_by_month.get(month)
        return float(self.uptake) * (1.0 if factor is None else float(factor))


class Maintenance(Table):
    """A planned window in which the portal is closed, every so many weeks."""

    first: datetime = Field(description="最初の開始日時 / start of the first window (JST)")
    hours: PositiveMinutes = Field(description="長さ（時間） / length, hours")
    every_weeks: PositiveCount = Field(description="何週間ごと / repeated every so many weeks")


class Portal(Table):
    """ぴったりサービス on Mynaportal."""

    connections: PositiveCount = Field(description="同時接続の上限 / sessions at once")
    submit: PositiveMinutes = Field(description="送信の処理時間（分） / time to accept one submission, minutes")
    give_up: Minutes = Field(description="つながらないときに諦める時間（分） / patience of an applicant, minutes")
    retry: PositiveMinutes = Field(description="やり直すまでの時間（平均、分） / until the next try, mean, minutes")
    maintenance: tuple[Maintenance, ...] = Field((), description="計画停止 / planned maintenance")


class Relay(Table):
    """The J-LIS relay over LGWAN that hands applications and notices to municipalities."""

    connections: PositiveCount = Field(description="同時処理の上限 / messages handled at once")
    message: PositiveMinutes = Field(description="1件の処理時間（分） / time to relay one message, minutes")
    latency: Minutes = Field(
        description="自治体に見えるまでの最大（分） / until visible to the municipality, at most, minutes"
    )


class Jlis(Table):
    """The card management system and resident network, as the ward's card desks meet it."""

    hours: Hours = Field("08:30-19:00", description="平日の利用時間 / hours on weekdays; closed on other days")
    connections: PositiveCount = Field(description="同時接続の上限 / calls at once from the ward")
    call: PositiveMinutes = Field(description="カード処理の通信（分） / one call for a card, minutes")
    signing_call: PositiveMinutes = Field(
        description="証明書発行の通信（分） / one call for a signing certificate, minutes"
    )
    give_up: Minutes = Field(description="応答を待つ限度（分） / how long a desk waits for a connection, minutes")


class Origin(Table):
    """Other towns, which process the moving-out notices of people who come here."""

    opening_days: tuple[Share, ...] = Field(
        min_length=1,
        description="前住所地の処理が何開庁日後か（0,1,2…日後の割合） / share done 0, 1, 2 … opening days later",
    )

    @model_validator(mode="after")
    def _sums_to_one(self) -> Origin:
        if abs(sum(float(share) for share in self.opening_days) - 1.0) > 1e-9:
            raise PydanticCustomError("shares_not_one", "the shares must add up to 1", {"key": "opening_days"})
        return self


def connections_left(connections: int, share: float) -> int:
    """Whole connections that remain of some: 30 % of 30 are 9."""
    return math.floor(connections * share + 1e-9)


class BusiestDays(Table):
    """A trouble that strikes on busy days: some of the busiest, at a time of day drawn for each replication."""

    among: PositiveCount = Field(description="混む日の上位何日から / chosen among so many busiest days")
    days: PositiveCount = Field(description="何日起きるか / on how many of them")
    between: Hours = Field(description="起きる時間帯 / within these hours")

    @model_validator(mode="after")
    def _few_of_many(self) -> BusiestDays:
        if int(self.days) > int(self.among):
            raise PydanticCustomError("more_than_there_are", "more days than there are to choose from", {"key": "days"})
        return self


class Incident(Table):
    """Something that goes wrong with a system on the scenario's timeline.

    `slow` multiplies the time of all work done there by `factor`; `outage` stops it; `failover` stops it and goes on
    with `standby` of the connections for `degraded` minutes more; `connection_cap` leaves `standby` of the connections.
    `fault` is for the fake systems alone: the simulation, which knows no single connections, leaves it out.
    """

    id: Identifier
    label: Label
    kind: Literal["slow", "outage", "failover", "connection_cap", "fault"]
    system: SystemName
    at: datetime | None = Field(None, description="開始日時（JST） / start (JST)")
    on_busiest: BusiestDays | None = Field(None, description="混む日に起きる / strikes on busy days")
    minutes: PositiveMinutes = Field(description="続く時間（分） / how long, minutes")
    factor: Factor | None = Field(None, description="遅くなる倍率（slow） / how many times slower")
    standby: Share | None = Field(None, description="残る接続の割合 / share of connections that remains")
    degraded: Minutes | None = Field(None, description="縮退運転の時間（分、failover） / minutes on the standby")
    behind: Count | None = Field(
        None, description="予備系の遅れ（秒、failover、模擬システムのみ） / seconds that the standby lags, fakes only"
    )
    fault: FakeFault | None = Field(None, description="模擬システムの障害（fault） / what the fake systems do wrong")

    @model_validator(mode="after")
    def _complete(self) -> Incident:
        if (self.at is None) == (self.on_busiest is None):
            raise PydanticCustomError("at_or_busiest", "an incident has either `at` or `on_busiest`", {"key": "at"})
        needs = {
            "slow": ("factor",),
            "failover": ("standby", "degraded"),
            "connection_cap": ("standby",),
            "fault": ("fault",),
        }
        for field in needs.get(self.kind, ()):
            if getattr(self, field) is None:
                raise PydanticCustomError("incident_needs", "this kind of incident needs another key", {"key": field})
        if self.kind != "fault" and self.fault is not None:
            raise PydanticCustomError("fault_elsewhere", "only a fault has a fault", {"key": "fault"})
        if self.kind != "fault" and self.system == "ward":
            raise PydanticCustomError(
                "ward_incident",
                "the simulation has no such system",
                {"key": "system", "allowed": "portal, relay, jlis"},
            )
        return self

    @property
    def simulated(self) -> bool:
        """Whether the simulation plays it; a fault of single connections is for the fake systems alone."""
        return self.kind != "fault"
