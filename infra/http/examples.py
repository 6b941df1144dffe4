"""An example of every command's body, for the API's description.

Those of `examples.toml` are written by hand; where there is none, the least that the command's
schema asks for stands in.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from commands.command import Command

SOMEBODY = "01994f3c-7a10-7000-8000-000000000001"
"""The id in every example."""
STAFF = "ann"
NAMED = {"staff_id": STAFF, "policy_id": "house_rules", "calendar_id": "gb-shop"}
"""What is known by a name of ours."""
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
TEXTS = (
    "text",
    "code",
    "GB",
    "GBP",
    "en",
    "P3Y",
    "2026-01",
    "12.50",
    "1",
    DIGEST,
    "dpv:Marketing",
    "house_rules@1",
)
FORMATS = {
    "uuid": SOMEBODY,
    "date-time": "2026-03-02T12:00:00Z",
    "date": "2026-03-02",
    "duration": "P30D",
}


@cache
def written() -> Mapping[str, Mapping[str, Any]]:
    """Those written by hand, by the command's name; without the id of what it is about."""
    return tomllib.loads(files("infra.http").joinpath("examples.toml").read_text("utf-8"))


@cache
def example_of(command: type[Command]) -> Mapping[str, Any]:
    """A body with every id it needs."""
    schema = command.model_json_schema()
    found = written().get(command.__name__)
    required = schema.get("required", ())
    if found is not None:
        given = {name: identity(name) for name in required if name.endswith("_id")}
        return {**given, **found}
    return {name: _least(name, schema["properties"][name], schema) for name in required}


def identity(name: str) -> str:
    """The id of somebody or something, by the name of the field."""
    return NAMED.get(name, SOMEBODY)


def _least(name: str, schema: Mapping[str, Any], book: Mapping[str, Any]) -> Any:
    """A value that fits a schema, as small as may be."""
    if name in NAMED:
        return NAMED[name]
    if "$ref" in schema:
        return _least("", book["$defs"][schema["$ref"].rpartition("/")[2]], book)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return _least(name, schema[word][-1 if word == "anyOf" else 0], book)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            parts = schema.get("properties", {})
            wanted = [n for n in parts if n in schema.get("required", ()) or "const" in parts[n]]
            return {part: _least(part, parts[part], book) for part in wanted}
        case "array":
            return [_least("", schema["items"], book) for _ in range(schema.get("minItems", 0))]
        case "integer" | "number":
            return max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return FORMATS.get(schema.get("format", "")) or _text(schema)


def _text(schema: Mapping[str, Any]) -> str:
    """The first of our texts that has the form and the length asked for."""
    form, least = schema.get("pattern", ""), schema.get("minLength", 0)
    most = schema.get("maxLength", 10_000)
    fitting = (t for t in TEXTS if re.search(form, t) and least <= len(t) <= most)
    return next(fitting, TEXTS[0])
