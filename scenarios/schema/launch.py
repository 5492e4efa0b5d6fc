"""What the launch is held to: the rules of a load test, with the defaults of a ward that has written none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from scenarios.schema.base import Identifier, Table
from scenarios.thresholds import DATA, OFF, PHASES, Rule, RuleError, parse

DEFAULTS: Final = {
    "enquire_p95": "response.p95 of enquire <= 1s during calm",
    "enquire_p99": "response.p99 of enquire <= 3s during calm",
    "status_p95": "response.p95 of status <= 1s during calm",
    "status_p99": "response.p99 of status <= 3s during calm",
    "response_max": "response.max < 30s during calm",
    "staff_p95": "response.p95 of staff <= 3s during calm",
    "staff_p95_peak": "response.p95 of staff <= 5s during peak",
    "submit_p95": "response.p95 of submit <= 5s during calm",
    "sign_p95": "response.p95 of sign <= 5s during calm",
    "ocsp_p95": "response.p95 of ocsp <= 500ms during calm",
    "failures": "failures <= 0.1% during calm",
    "failures_peak": "failures <= 1% during peak",
    "delivered_p95": "delivered.p95 <= 10min",
    "delivered_max": "delivered.max <= 2h",
    "telegram_p95": "telegram.p95 <= 10min",
    "headroom": "headroom >= 1.5",
    **{name: f"{name} == 0" for name in (*DATA, "late", "slow", "growth")},
}
"""By name. 30 s is the guide value for a timeout in the official API specification (住登外者宛名番号付番API仕様); 2 h
the longest delivery that a city names (https://www.city.kawachinagano.lg.jp/soshiki/6/85001.html); that telegrams of
a person keep their order is in 住民記録システム標準仕様書 第1.0版. The other limits are assumptions: 3 s for staff is
common in procurement; nothing lost and everything audited is what the ward committed to."""


def _rule(text: str) -> str:
    if text != OFF:
        try:
            parse(text)
        except RuleError as error:
            raise error.as_pydantic() from None
    return text


Threshold = Annotated[
    str,
    AfterValidator(_rule),
    Field(
        examples=["response.p99 of submit < 2s during peak", "failures <= 0.1%", "off"],
        description="守るべき条件、外すときは off / a rule to keep, or off",
    ),
]


class Launch(Table):
    """What the systems must keep on launch day, for a load test."""

    thresholds: dict[Identifier, Threshold] = Field(
        default_factory=lambda: dict(DEFAULTS),
        description=(
            "負荷試験の合格条件（名前ごと）。書いたものだけ既定の条件と入れ替わります / "
            "rules of a load test by name; what is written replaces the default of that name"
        ),
    )

    @field_validator("thresholds", mode="before")
    @classmethod
    def _over_the_defaults(cls, given: Any) -> Any:
        return {**DEFAULTS, **given} if isinstance(given, Mapping) else given

    @field_validator("thresholds")
    @classmethod
    def _data_are_always_held(cls, given: dict[str, str]) -> dict[str, str]:
        for name in DATA:
            if given[name] != DEFAULTS[name]:
                raise PydanticCustomError(
                    "rule_always", "always held", {"key": name, "found": given[name], "allowed": DEFAULTS[name]}
                )
        return given

    def rules(self) -> dict[str, Rule]:
        """Return the rules that hold, by name; a rule that says what another one says is left out."""
        rules: dict[str, Rule] = {}
        for name, text in self.thresholds.items():
            if text != OFF and (rule := parse(text)) not in rules.values():
                rules[name] = rule
        return rules

    def unknown_phase(self, incidents: set[str]) -> tuple[str, str] | None:
        """Return the name of the first rule about an incident that the scenario does not have, and the incident."""
        for name, rule in self.rules().items():
            if rule.phase not in (*PHASES, *incidents) and ":" not in rule.phase:
                return name, rule.phase
        return None
