"""Every quantity of a scenario with its evidence: the table of assumptions that each report shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from scenarios.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Evidence:
    """One quantity: where it stands, what it is called, its value, range, unit and source.

    Attributes
    ----------
    assumed
        True where no published figure supports the value, or no source is given.
    """

    key: str
    label_ja: str
    label_en: str
    value: float
    low: float | None
    high: float | None
    unit: str
    source: str
    assumed: bool


def evidence_of(scenario: BaseModel) -> list[Evidence]:
    """All quantities of a scenario in the order of its schema; items of lists are named by their id, else counted."""
    return list(_walk(scenario, "", ("", "")))


def _walk(value: object, key: str, label: tuple[str, str]) -> Iterator[Evidence]:
    if isinstance(value, Quantity):
        yield _row(value, key, label)
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _walk(getattr(value, name), _joined(key, name), _label(field.description, name))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _walk(item, _joined(key, str(name)), (f"{label[0]} {name}", f"{label[1]} {name}"))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, item in enumerate(value, start=1):
            yield from _walk(item, _joined(key, str(getattr(item, "id", number))), label)


def _row(quantity: Quantity, key: str, label: tuple[str, str]) -> Evidence:
    return Evidence(
        key=key,
        label_ja=label[0],
        label_en=label[1],
        value=float(quantity),
        low=None if quantity.low is None else float(quantity.low),
        high=None if quantity.high is None else float(quantity.high),
        unit=quantity.unit or "",
        source=quantity.source or "",
        assumed=quantity.assumed or not quantity.source,
    )


def _joined(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _label(description: str | None, name: str) -> tuple[str, str]:
    """Japanese and English of a field's description, which is written "ja / en"."""
    if description is None or " / " not in description:
        return name, name
    ja, en = description.split(" / ", maxsplit=1)
    return ja, en
