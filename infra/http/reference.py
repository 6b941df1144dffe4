"""An OpenAPI description written out as HTML, for reading and for searching in the browser."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

Json = Mapping[str, Any]


def reference(book: Json) -> str:
    """The body of the page."""
    return "".join(_parts(book))


def _parts(book: Json) -> Iterator[str]:
    info = book["info"]
    yield f"<h1>{_text(info['title'])} API, version {_text(info['version'])}</h1>"
    yield "".join(f"<p>{_text(part)}</p>" for part in info["description"].split("\n\n"))
    scheme = book["components"]["securitySchemes"]["HTTPBearer"]
    yield f"<p>Authorization: Bearer. {_text(scheme['description'])}</p>"
    yield '<p><a href="/openapi.json">OpenAPI 3.1</a> · <a href="/problems">Problems</a></p>'
    tags = [_text(tag["name"]) for tag in book["tags"]]
    yield "<nav>"
    yield "".join(f'<a href="#{name}">{name}</a>' for name in (*tags, "Schemas"))
    yield "</nav>"
    for tag in book["tags"]:
        yield f'<section id="{_text(tag["name"])}"><h2>{_text(tag["name"])}</h2>'
        yield f"<p>{_text(tag['description'])}.</p>"
        for path, operations in book["paths"].items():
            for method, operation in operations.items():
                if operation["tags"] == [tag["name"]]:
                    yield from _operation(method, path, operation, book)
        yield "</section>"
    yield '<section id="Schemas"><h2>Schemas</h2>'
    for name, schema in sorted(book["components"]["schemas"].items()):
        yield f'<details id="schema-{_text(name)}"><summary><code>{_text(name)}</code></summary>'
        yield f"<p>{_text(schema.get('description', ''))}</p>{_fields(schema)}</details>"
    yield "</section>"


def _answers(operation: Json, book: Json) -> Iterator[tuple[str, Json]]:
    for status, answer in operation["responses"].items():
        named = answer.get("$ref", "").rpartition("/")[2]
        yield status, book["components"]["responses"][named] if named else answer


def _operation(method: str, path: str, operation: Json, book: Json) -> Iterator[str]:
    where = f"<code>{method.upper()} {_text(path)}</code>"
    yield f'<details id="{_text(operation["operationId"])}"><summary>{where} '
    yield f"{_text(operation['summary'])}</summary>"
    yield "".join(f"<p>{_text(part)}</p>" for part in operation["description"].split("\n\n"))
    rows = [
        (f"<code>{_text(p['name'])}</code>", p["in"], _type(p["schema"]), _text(p["description"]))
        for p in operation["parameters"]
    ]
    yield _table(("Parameter", "In", "Type", "What it says"), rows)
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        yield f"<h4>Body: {_type(content['schema'])}</h4>{_fields(content['schema'])}"
        yield _example(content["example"])
    yield _table(
        ("Status", "What it says", "Content"),
        [
            (status, _text(answer["description"]), _contents(answer))
            for status, answer in sorted(_answers(operation, book))
        ],
    )
    yield "</details>"


def _fields(schema: Json) -> str:
    required = schema.get("required", ())
    return _table(
        ("Field", "Type", ""),
        [
            (
                f"<code>{_text(name)}</code>",
                _type(field),
                " ".join(
                    filter(
                        None,
                        (
                            "required" if name in required else "",
                            _text(field.get("description", "")),
                        ),
                    )
                ),
            )
            for name, field in schema.get("properties", {}).items()
        ],
    )


def _type(schema: Json) -> str:
    """A type in a few words; what has a schema of its own is linked."""
    if "$ref" in schema:
        name = _text(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return " or ".join(_type(part) for part in schema[word])
    if "enum" in schema:
        return " | ".join(f"<code>{_text(value)}</code>" for value in schema["enum"])
    if "const" in schema:
        return f"<code>{_text(schema['const'])}</code>"
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return _text(schema.get("format") or schema.get("type") or schema.get("title") or "any")


def _contents(answer: Json) -> str:
    return ", ".join(
        f"{_text(kind)}: {_type(content.get('schema', {}))}"
        for kind, content in answer.get("content", {}).items()
    )


def _example(value: Any) -> str:
    return f"<pre>{_text(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{name}</th>" for name in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{v}</td>' for v in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{lines}</table>"


def _text(value: Any) -> str:
    return escape(str(value))
