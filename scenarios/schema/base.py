"""What every part of a scenario is made of: strict tables, labels in two languages, hours of a day."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

_HOURS = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$")


class Table(BaseModel):
    """A table of a scenario file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(Table):
    """A name that people read."""

    ja: str = Field(description="日本語 / Japanese")
    en: str = Field(description="英語 / English")


def _hours(text: str) -> str:
    match = _HOURS.match(text)
    if match is None:
        raise PydanticCustomError("hours_format", "hours are written as HH:MM-HH:MM")
    opening, closing = span(text)
    if closing <= opening:
        raise PydanticCustomError("hours_reversed", "the hours end before they start")
    return text


def span(hours: str) -> tuple[float, float]:
    """Opening and closing of hours like "08:30-17:00", in minutes after midnight."""
    opening, closing = (part.split(":") for part in hours.split("-"))
    return 60.0 * int(opening[0]) + int(opening[1]), 60.0 * int(closing[0]) + int(closing[1])


Hours = Annotated[
    str,
    AfterValidator(_hours),
    Field(pattern=_HOURS.pattern, examples=["08:30-17:00"], description="時間帯 / hours of a day, HH:MM-HH:MM"),
]
"""Hours of a day as planners write them, "08:30-17:00"; `span` turns them into minutes."""

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="英小文字の名前 / a short ASCII name")]
