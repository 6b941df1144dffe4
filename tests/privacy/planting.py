"""The canary's values put into every place of a command where a person's words may stand.

Found in the schema, so that no command can be forgotten: free text is text without a pattern.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from commands.catalogue import HANDLERS
from commands.command import Command
from infra.http.examples import example_of
from infra.scan.canary import Persona

NOT_WORDS = ("reason", "source_ref")
"""Header text: codes and row numbers, in the open by decision."""
Path = tuple[str, ...]
TERMS: Mapping[str, frozenset[str]] = {
    "ReceiveComplaint": frozenset({"product", "sub_product", "issue", "sub_issue", "respondent"}),
    "ReferComplaint": frozenset({"to"}),
    "DraftCalendar": frozenset({"says", "zone", "weekly", "holidays", "overrides"}),
}
"""Text that is no person's words: terms of a catalogue of complaints, names of organisations, hours
and days off. They stand in the open, so whoever types a name there stores a name."""


def word_places(command: type[Command]) -> list[Path]:
    """Paths of the fields that take free text; "*" is an item of a list."""
    schema = command.model_json_schema()
    terms = TERMS.get(command.__name__, frozenset()).union(NOT_WORDS)
    return [path for path in _places(schema, schema, ()) if path[0] not in terms]


def _places(schema: Mapping[str, Any], book: Mapping[str, Any], path: Path) -> Iterator[Path]:
    if "$ref" in schema:
        yield from _places(book["$defs"][schema["$ref"].rpartition("/")[2]], book, path)
    for word in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(word, ()):
            yield from _places(one, book, path)
    for name, part in schema.get("properties", {}).items():
        yield from _places(part, book, (*path, name))
    if "items" in schema:
        yield from _places(schema["items"], book, (*path, "*"))
    plain = {"pattern", "format", "enum", "const"}.isdisjoint(schema)
    if schema.get("type") == "string" and plain and "maxLength" in schema:
        yield path


def planted(command: type[Command], persona: Persona) -> dict[str, Any]:
    """The example of a command, with the canary in every place for words."""
    body: dict[str, Any] = json.loads(json.dumps(example_of(command)))
    for path in word_places(command):
        _put(body, path, text_for(path, persona))
    if "external_id" in body:
        body.setdefault("source", "shop")
    return body


def text_for(path: Path, persona: Persona) -> str:
    named = [part for part in path if part != "*"][-1]
    return str(getattr(persona, named, persona.text))


def _put(value: Any, path: Path, text: str) -> None:
    """Where a list holds the field, into each of its items; what is not there is made."""
    if path[0] == "*":
        for n, item in enumerate(value):
            if len(path) == 1:
                value[n] = text
            else:
                _put(item, path[1:], text)
    elif len(path) == 1:
        value[path[0]] = text
    elif isinstance(value, dict):
        inner = value.setdefault(path[0], [text] if path[1:] == ("*",) else {})
        if inner is not None and not (isinstance(inner, list) and not inner):
            _put(inner, path[1:], text)


def spoilt(command: type[Command], persona: Persona) -> Iterator[bytes]:
    """Bodies that are refused, each with the canary in it: wrong types, unknown names, text where a
    term, a time or a number belongs, cut off in the middle."""
    body = planted(command, persona)
    yield json.dumps({name: {"was": body.get(name), "v": persona.name} for name in body}).encode()
    yield json.dumps({**body, persona.email: persona.phone, "note": [persona.address]}).encode()
    yield json.dumps(dict.fromkeys(command.model_fields, persona.text)).encode()
    yield json.dumps({**body, "reason": "\0" + persona.text, "at": persona.phone}).encode()
    yield json.dumps(body, ensure_ascii=False).encode()[:-2]
    yield json.dumps(body, ensure_ascii=False).encode("utf-16")


WORDED = {command: places for command in HANDLERS if (places := word_places(command))}
