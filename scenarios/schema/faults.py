"""What the fake systems of load tests do wrong in an incident: single connections, deliveries, clocks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.schema.base import Table

FaultName = Literal[
    "outage",
    "slow",
    "hang",
    "reset",
    "slow_first_byte",
    "dribble",
    "connection_cap",
    "stall",
    "queue_full",
    "swap",
    "duplicate",
    "reorder",
    "wrong_municipality",
    "stale_cursor",
    "stand_down",
    "behind_standby",
    "clock_skew",
]

_AMOUNTS = {
    "outage": "status",
    "slow": "milliseconds",
    "slow_first_byte": "milliseconds",
    "dribble": "bytes_per_second",
    "connection_cap": "count",
    "stall": "milliseconds",
    "queue_full": "seconds",
    "swap": "milliseconds",
    "duplicate": "count",
    "reorder": "count",
    "stale_cursor": "count",
    "behind_standby": "seconds",
    "clock_skew": "seconds",
}
"""The key that says how much of each fault; the others have none."""


class FakeFault(Table):
    """One fault of the fake systems: what, where, to whom. When and which system is said by its incident."""

    what: FaultName = Field(description="何が起きるか / what goes wrong")
    phase: Literal["before", "committed", "answer", "inside"] | None = Field(
        None,
        description="処理前・記録後・応答中・処理中 / when in the life of a call; the usual one of its kind if absent",
    )
    route: str | None = Field(
        None,
        min_length=1,
        description="エンドポイント名か / で始まるパスの先頭 / name of an endpoint, or start of a path",
    )
    municipalities: tuple[Annotated[str, Field(pattern=r"^[0-9]{6}$")], ...] = Field(
        (), description="自治体コード（6桁）。空はすべて / codes of towns; empty for all"
    )
    share: float = Field(1.0, ge=0.0, le=1.0, description="起きる割合 / share that is met")
    of: Literal["applicants", "requests"] = Field(
        "applicants", description="割合の母数（申請者・要求） / what the share is of: applicants or requests"
    )
    nth: int = Field(0, ge=0, description="何番目の要求だけに起きるか（0はすべて） / only the n-th request; 0 for all")
    every: int = Field(0, ge=0, description="何件ごとに起きるか（0はすべて） / every so many requests; 0 for all")
    milliseconds: int | None = Field(None, ge=1, description="実時間（ミリ秒） / real milliseconds")
    seconds: int | None = Field(None, description="シナリオ上の秒数 / seconds of the scenario")
    count: int | None = Field(None, ge=1, description="件数 / number of connections, copies or records")
    bytes_per_second: int | None = Field(None, ge=1, description="送信の速さ（バイト/秒） / speed of sending")
    status: int | None = Field(None, ge=0, le=599, description="HTTPステータス（0は切断） / HTTP status; 0 refuses")

    @model_validator(mode="after")
    def _amount_fits(self) -> FakeFault:
        own = _AMOUNTS.get(self.what)
        for key in sorted(set(_AMOUNTS.values())):
            if getattr(self, key) is not None and key != own:
                raise PydanticCustomError(
                    "fault_amount", "this fault is measured otherwise", {"key": key, "allowed": own or "–"}
                )
        if self.seconds is not None and self.seconds < 0 and self.what != "clock_skew":
            raise PydanticCustomError("fault_amount", "only a clock is behind", {"key": "seconds", "allowed": ">= 0"})
        return self

    @property
    def amount(self) -> int | None:
        """How much, in the unit of its kind; None for the usual amount."""
        own = _AMOUNTS.get(self.what)
        return None if own is None else getattr(self, own)
