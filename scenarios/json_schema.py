"""The JSON Schema of scenario files, for editors: help while typing, in both languages, and faults underlined.

A file that extends another may leave keys to it, so only quantities and `schema_version` have required keys here;
whether a scenario is complete is judged on loading.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from scenarios.quantity import Quantity

FILE = Path(__file__).with_name("scenario.schema.json")
NATIONAL_FILE = Path(__file__).with_name("national.schema.json")

_EXTENDS = {
    "type": "string",
    "minLength": 1,
    "description": (
        "元にするファイル（このファイルからの相対パス）。表は項目ごとに、id のある並びは id ごとに重ねます。"
        "数とその他の並びは丸ごと置き換えます / "
        "the file to start from, relative to this one. Tables are laid over it key by key, lists of items with an id "
        "item by item; numbers and other lists replace those of the base as a whole"
    ),
}


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, without titles made up from names and without null, which TOML does not have."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:  # noqa: ARG002
        return {"type": "string", "format": "date-time-local"}  # TOML has times without offset; so named by OpenAPI

    def time_schema(self, schema: core_schema.TimeSchema) -> JsonSchemaValue:  # noqa: ARG002
        return {"type": "string", "format": "time-local"}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def build(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of files that load as `model`; the same for the same model."""
    kinds: dict[str, Any] = {}
    schema = _tidy(model.model_json_schema(schema_generator=_Generator), kinds)
    definitions = {**schema.pop("$defs", {}), **kinds}
    schema["properties"] = {"extends": _EXTENDS, **schema["properties"]}
    schema["required"] = ["schema_version"]
    schema["$defs"] = dict(sorted(definitions.items()))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def text(model: type[BaseModel]) -> str:
    """Return the schema as the text of its file."""
    return json.dumps(build(model), ensure_ascii=False, indent=2) + "\n"


def write(model: type[BaseModel], file: Path = FILE) -> Path:
    """Write the schema beside the scenarios, where their first line points: `#:schema ./scenario.schema.json`."""
    file.write_text(text(model), encoding="utf-8")
    return file


def _tidy(schema: Any, kinds: dict[str, Any]) -> Any:
    """Return a schema without titles and completeness; what `Within` bounds moves to `kinds`, once for each name."""
    if not isinstance(schema, dict):
        return schema
    schema = {key: _tidy_below(key, part, kinds) for key, part in schema.items() if key != "title"}
    if schema.get("properties", {}).keys() != Quantity.model_fields.keys():
        schema.pop("required", None)
    if schema.get("default", ...) is None:
        del schema["default"]
    if "patternProperties" in schema:
        schema.setdefault("additionalProperties", False)
    if kind := schema.pop("x-kind", None):
        kinds[kind] = {"anyOf": schema.pop("anyOf")}
        schema = {"$ref": f"#/$defs/{kind}", **schema}
    return schema


def _tidy_below(key: str, part: Any, kinds: dict[str, Any]) -> Any:
    if key in ("properties", "patternProperties", "$defs"):
        return {name: _tidy(inner, kinds) for name, inner in part.items()}
    if key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        return [_tidy(inner, kinds) for inner in part]
    return _tidy(part, kinds) if key in ("items", "additionalProperties", "propertyNames") else part
