"""`hikkoshi explain`: a key of a scenario, a measure, an error code or an exit code, in words and both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from cli.errors import CommandError
from cli.exits import Exit
from cli.here import Given, Here
from texts import LANGS, catalogue, say

if TYPE_CHECKING:
    from pydantic import BaseModel

    from scenarios.keypath import Step

_RESULTS = "results.error."


def explain(word: Annotated[str, Parameter(help="cli.argument.word", name="KEY")], /, *, here: Given) -> Exit:
    """Say what a word means: `one_stop.uptake`, `wait_p90`, `E-extra_forbidden`, `12`."""
    lines = list(_exit_code(word) or _error_code(word) or _measure(word) or _scenario_key(word, here))
    if not lines:
        raise _unknown(word)
    for line in lines:
        here.answer(line)
    return Exit.FINE


def _exit_code(word: str) -> list[str]:
    if not word.isdecimal() or int(word) not in [int(code) for code in Exit]:
        return []
    return [f"{lang}: {say(f'cli.exit.{int(word)}', lang)}" for lang in LANGS]


def _error_code(word: str) -> list[str]:
    """Return the sentence of a code; what it names in a case at hand stands as a dot in brackets."""
    key = word if word in catalogue() else _RESULTS + word.removeprefix("E-").replace("-", "_")
    if not word.startswith("E-") or key not in catalogue():
        return []
    return [f"{lang}: {_with_gaps(catalogue()[key][lang])}" for lang in LANGS]


def _with_gaps(text: str) -> str:
    """Show a text without its values: {found} becomes ⟨found⟩, doubled braces single ones."""
    return re.sub(r"\{(\w+)[^{}]*\}", r"⟨\1⟩", text.replace("{{", "\0").replace("}}", "\1")).translate({0: "{", 1: "}"})


def _measure(word: str) -> list[str]:
    key = f"measure.{word}"
    return [f"{lang}: {catalogue()[key][lang]}" for lang in LANGS] if key in catalogue() else []


def _scenario_key(word: str, here: Here) -> list[str]:
    """Say what a key holds and allows, and what the scenario that comes along has there, with its evidence.

    A key of the ward is explained as such; only what the ward does not have is looked up in the country.
    """
    from scenarios.packaged import country, scenario
    from scenarios.schema import Scenario
    from scenarios.schema.national import NationalScenario

    place = _place(word)
    if place is None:
        return []
    of_ward = _explained(Scenario, "launch", scenario, place, here)
    return of_ward or _explained(NationalScenario, "national_march", country, place, here)


def _explained(
    model: type[BaseModel], example: str, load: Callable[[str], BaseModel], place: tuple[Step, ...], here: Here
) -> list[str]:
    """Say what one kind of scenario has at a place, with the value of an example; nothing where it has nothing."""
    from scenarios.canonical import as_dict
    from scenarios.fields import description_at, names_at
    from scenarios.quantity import Quantity
    from scenarios.toml_text import inline

    described = description_at(model, place)
    if described is None:
        return []
    ja, _, en = described.partition(" / ")
    lines = [f"ja: {ja}", f"en: {en}"] if en else [f"en: {ja}"]
    if names := [name for name in names_at(model, place) if name not in Quantity.model_fields]:
        lines.append(here.text("cli.explain.keys", keys=", ".join(names)))
    value = _value_at(as_dict(load(example)), place)
    if (value is not None and not isinstance(value, dict | list)) or _is_quantity(value):
        lines.append(here.text("cli.explain.value", scenario=example, value=inline(value)))
    return lines


def _is_quantity(value: object) -> bool:
    return isinstance(value, dict) and "value" in value


def _place(word: str) -> tuple[Step, ...] | None:
    from scenarios.keypath import parse

    try:
        return parse(word)
    except ValueError:
        return None


def _value_at(data: Any, place: tuple[Step, ...]) -> Any:
    """Follow a path through plain data; None where it leads nowhere."""
    for step in place:
        if isinstance(data, dict):
            data = data.get(str(step))
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        elif isinstance(data, list) and isinstance(step, str) and step.isdecimal():
            data = dict(enumerate(data, start=1)).get(int(step))
        elif isinstance(data, list):
            data = next((item for item in data if isinstance(item, dict) and item.get("id") == step), None)
        else:
            return None
    return data


def _unknown(word: str) -> CommandError:
    from scenarios.checking import nearest

    near = nearest(word, _known())
    return CommandError("E-use-explain-near" if near else "E-use-explain", found=word, near=near)


def _known() -> Iterable[str]:
    from scenarios.evidence import evidence_of
    from scenarios.packaged import country, scenario

    yield from (row.key for own in (scenario("launch"), country("national_march")) for row in evidence_of(own))
    for key in catalogue():
        if key.startswith("E-"):
            yield key
        elif key.startswith("measure."):
            yield key.removeprefix("measure.")
        elif key.startswith(_RESULTS):
            yield "E-" + key.removeprefix(_RESULTS).replace("_", "-")
