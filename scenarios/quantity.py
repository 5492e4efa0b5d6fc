"""Numbers with their evidence: `{ value = 0.16, low = 0.08, high = 0.25, unit = "share", source = "…" }`.

A plain number is allowed wherever a quantity is; it then carries no evidence. Schema modules use the aliases below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

_ASSUMPTION = re.compile(r"assumption\b\s*:?\s*(.*)", re.IGNORECASE | re.DOTALL)
_NUMBERS = ("value", "low", "high")
_LARGEST_COUNT = 2**53 - 1  # exact in a 64-bit integer, in a float and in JSON alike


class Quantity(BaseModel):
    """A number, the range in which it may lie, and where it comes from.

    Attributes
    ----------
    value, low, high
        The number that is used, and the ends of its range if one is known; `low <= value <= high`.
    unit
        Unit of all three, for people; the field that holds the quantity decides how it is read.
    source
        A URL or citation, or the word "assumption" (or "assumption: why") where no published figure is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    value: float = Field(description="使う値 / the value that is used")
    low: float | None = Field(None, description="ありうる最小 / the lowest it may be")
    high: float | None = Field(None, description="ありうる最大 / the highest it may be")
    unit: str | None = Field(None, min_length=1, description="単位 / unit")
    source: str | None = Field(
        None, min_length=1, description='出典、または "assumption: 理由" / source, or "assumption: why"'
    )

    @property
    def assumed(self) -> bool:
        """Whether the source says that no published figure supports the number."""
        return self.source is not None and _ASSUMPTION.match(self.source) is not None

    @property
    def reason(self) -> str:
        """What follows "assumption:", else an empty text."""
        match = _ASSUMPTION.match(self.source or "")
        return match[1] if match else ""

    def __float__(self) -> float:
        return float(self.value)

    @model_validator(mode="before")
    @classmethod
    def _number_or_table(cls, given: Any) -> Any:
        if isinstance(given, (int, float)) and not isinstance(given, bool):
            return {"value": given}
        if not isinstance(given, (Mapping, Quantity)):
            raise PydanticCustomError("quantity_type", "Input should be a number or a table with `value`")
        return given

    @model_validator(mode="after")
    def _value_in_range(self) -> Quantity:
        faults: list[InitErrorDetails] = []
        if self.low is not None and self.low > self.value:
            faults.append(_fault("low_above_value", "low", self.low, self.value))
        if self.high is not None and self.high < self.value:
            faults.append(_fault("high_below_value", "high", self.high, self.value))
        if faults:
            raise ValidationError.from_exception_data(type(self).__name__, faults)
        return self

    @model_serializer(mode="plain")
    def _as_written(self) -> Any:
        table = {name: given for name in type(self).model_fields if (given := getattr(self, name)) is not None}
        return self.value if table.keys() == {"value"} else table

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return _number_or_table_schema(cls)


class Count(Quantity):
    """A whole number of things, never negative; 6.0 is refused as 6.5 is."""

    value: int = Field(ge=0, le=_LARGEST_COUNT, description="使う値 / the value that is used")
    low: int | None = Field(None, ge=0, le=_LARGEST_COUNT, description="ありうる最小 / the lowest it may be")
    high: int | None = Field(None, ge=0, le=_LARGEST_COUNT, description="ありうる最大 / the highest it may be")

    def __int__(self) -> int:
        return self.value


def is_quantity_table(table: Mapping[str, object]) -> bool:
    """Whether a table of a file is a quantity: it has `value`, and nothing that a quantity has not."""
    return "value" in table and table.keys() <= Quantity.model_fields.keys()


def _fault(code: str, key: str, found: float, allowed: float) -> InitErrorDetails:
    error = PydanticCustomError(code, "does not fit {allowed}", {"allowed": f"{allowed:g}"})
    return InitErrorDetails(type=error, loc=(key,), input=found)


@dataclass(frozen=True, slots=True)
class Within:
    """Bounds of a quantity, held by its value, low and high alike: `Annotated[Quantity, Within("Share", ge=0, le=1)]`.

    Attributes
    ----------
    kind
        Name of the alias, used in the JSON Schema.
    gt, ge, le
        Exclusive lower, inclusive lower and inclusive upper bound.
    duration
        True where a negative number is a negative duration and is called so.
    """

    kind: str
    gt: int | None = None
    ge: int | None = None
    le: int | None = None
    duration: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        plain = deepcopy(handler.resolve_ref_schema(handler(schema)))
        number, table = plain["anyOf"]
        bounds = {"exclusiveMinimum": self.gt, "minimum": self.ge, "maximum": self.le}
        for described in (number, *(table["properties"][name] for name in _NUMBERS)):
            described |= {name: bound for name, bound in bounds.items() if bound is not None}
        return {"x-kind": self.kind, **plain}

    def _checked(self, quantity: Quantity) -> Quantity:
        numbers = [(name, getattr(quantity, name)) for name in _NUMBERS]
        faults = [self._fault(name, number) for name, number in numbers if number is not None and self._outside(number)]
        if faults:
            raise ValidationError.from_exception_data(self.kind, faults)
        return quantity

    def _outside(self, number: float) -> bool:
        below = (self.gt is not None and number <= self.gt) or (self.ge is not None and number < self.ge)
        return below or (self.le is not None and number > self.le)

    def _fault(self, key: str, number: float) -> InitErrorDetails:
        error: str | PydanticCustomError
        context: dict[str, int] = {}
        if self.duration and number < 0:
            error = PydanticCustomError("negative_duration", "a duration is not negative")
        elif self.ge is not None and self.le is not None:
            bounds = {"ge": self.ge, "le": self.le, "allowed": f">= {self.ge}, <= {self.le}"}
            error = PydanticCustomError("out_of_range", "not between {ge} and {le}", bounds)
        elif self.gt is not None:
            error, context = "greater_than", {"gt": self.gt}
        elif self.ge is not None and number < self.ge:
            error, context = "greater_than_equal", {"ge": self.ge}
        else:
            assert self.le is not None
            error, context = "less_than_equal", {"le": self.le}
        return InitErrorDetails(type=error, loc=(key,), input=number, ctx=context)


def _number_or_table_schema(cls: type[Quantity]) -> JsonSchemaValue:
    number: JsonSchemaValue = {"type": "integer", "minimum": 0} if issubclass(cls, Count) else {"type": "number"}
    text: JsonSchemaValue = {"type": "string", "minLength": 1}
    properties = {
        name: {**(number if name in _NUMBERS else text), "description": field.description}
        for name, field in cls.model_fields.items()
    }
    table = {"type": "object", "properties": properties, "required": ["value"], "additionalProperties": False}
    return {"anyOf": [number, table]}


Share = Annotated[Quantity, Within("Share", ge=0, le=1)]
"""A part of a whole, from 0 to 1."""
Minutes = Annotated[Quantity, Within("Minutes", ge=0, duration=True)]
"""A duration, 0 or longer (in the unit that the field names; minutes if it names none)."""
PositiveMinutes = Annotated[Quantity, Within("PositiveMinutes", gt=0, duration=True)]
"""A duration longer than 0."""
Rate = Annotated[Quantity, Within("Rate", ge=0)]
"""How often something happens per unit of time, 0 or more."""
Factor = Annotated[Quantity, Within("Factor", ge=0)]
"""A number by which something is multiplied, 0 or more."""
PositiveCount = Annotated[Count, Within("PositiveCount", ge=1)]
"""A whole number, 1 or more."""
