"""The description is valid OpenAPI 3.1, leaves nothing out, and what it shows is true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from fastapi.routing import iter_route_contexts

from commands.catalogue import HANDLERS
from infra.http.answers import MEDIA_TYPE, ProblemAnswer
from infra.http.app import application
from infra.http.commands import Answer, Standing, places
from infra.http.problems import every_problem
from infra.problem import FAULTS, STATUS
from tests.http.door import Door

Json = dict[str, Any]
METHODS = {"get", "post"}
UNCOUNTED = "/v1/commands/{name}"
"""Answers for names that are no command's."""


@pytest.fixture(scope="module")
def book() -> Json:
    described: Json = application(None, None).openapi()  # type: ignore[arg-type]
    return described


def operations(book: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in book["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def nodes(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from nodes(inner)


def resolved(book: Json, reference: str) -> Json:
    assert reference.startswith("#/")
    found: Any = book
    for part in reference[2:].split("/"):
        found = found[part]
    assert isinstance(found, dict)
    return found


def answers(book: Json, operation: Json) -> Iterator[tuple[str, Json]]:
    for status, answer in operation["responses"].items():
        yield status, resolved(book, answer["$ref"]) if "$ref" in answer else answer


def test_it_is_openapi_3_1(book: Json) -> None:
    """The shape as its own model knows it, and what that does not check."""
    OpenAPI.model_validate(book)
    assert re.fullmatch(r"3\.1\.\d+", book["openapi"])
    assert book["info"]["title"] and book["info"]["version"] and book["servers"]
    assert set(book) <= {"openapi", "info", "servers", "paths", "components", "tags"}
    for path, method, operation in operations(book):
        assert method in METHODS and path.startswith("/")
        named = [(p["name"], p["in"]) for p in operation["parameters"]]
        assert len(set(named)) == len(named)
        in_path = {name for name, place in named if place == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path)), path
        assert all(p["required"] for p in operation["parameters"] if p["in"] == "path")
        assert all(("schema" in p) != ("content" in p) for p in operation["parameters"])
        assert all(re.fullmatch(r"[1-5]\d\d", status) for status in operation["responses"])
    for names in book["components"].values():
        assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)
    templates = [re.sub(r"{\w+}", "{}", path) for path in book["paths"]]
    assert len(set(templates)) == len(templates)


def test_every_reference_leads_somewhere_and_nothing_lies_about_unused(book: Json) -> None:
    used = {node["$ref"] for node in nodes(book) if isinstance(node, dict) and "$ref" in node}
    for reference in used:
        resolved(book, reference)
    kept = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "responses")
        for name in book["components"][kind]
    }
    assert kept - used == set()


def test_operations_are_named_once(book: Json) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(book)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"\w+", name) for name in ids)


def test_every_route_is_described_and_nothing_else(book: Json) -> None:
    app = application(None, None)  # type: ignore[arg-type]
    served = {
        (route.path, method.lower())
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
        if route.path != UNCOUNTED
    }
    assert served == {(path, method) for path, method, _ in operations(book)}


def test_every_command_is_there_at_both_its_addresses(book: Json) -> None:
    for command in HANDLERS:
        path = f"/v1/commands/{command.__name__}"
        assert book["paths"][path]["post"]["operationId"] == command.__name__
    assert {place.path for place in places()} <= set(book["paths"])


def test_everything_says_what_it_is(book: Json) -> None:
    tags = {tag["name"] for tag in book["tags"] if tag["description"]}
    for path, method, operation in operations(book):
        where = f"{method} {path}"
        assert operation["summary"] and operation["description"], where
        assert set(operation["tags"]) <= tags, where
        for parameter in operation["parameters"]:
            assert parameter["description"], f"{where}: {parameter['name']}"
        for status, answer in answers(book, operation):
            assert answer["description"], f"{where}: {status}"
            assert answer["description"] != "Successful Response", where
            for name, header in answer.get("headers", {}).items():
                assert header["description"], f"{where}: {status} {name}"
        if "requestBody" in operation:
            assert operation["requestBody"]["description"]
    for scheme in book["components"]["securitySchemes"].values():
        assert scheme["description"]


def test_what_asks_for_a_token_is_said_to(book: Json, door: Door) -> None:
    assert set(book["components"]["securitySchemes"]) == {"HTTPBearer"}
    for path, method, operation in operations(book):
        address = re.sub(r"{\w+}", "00000000-0000-0000-0000-000000000000", path)
        answer = door.client.request(method, address, json={} if method == "post" else None)
        assert (answer.status_code == 401) == ("security" in operation), path
        assert ("401" in operation["responses"]) == ("security" in operation), path


def test_every_problem_is_among_the_answers_under_its_status(book: Json) -> None:
    told: set[tuple[str, str]] = set()
    for answer in book["components"]["responses"].values():
        content = answer["content"][MEDIA_TYPE]
        assert content["schema"] == {"$ref": "#/components/schemas/ProblemAnswer"}
        for code, example in content["examples"].items():
            problem = ProblemAnswer.model_validate(example["value"])
            assert problem.code == code and f"`{code}`" in answer["description"]
            told.add((code, str(problem.status)))
    every = {(p.code, str(p.status)) for p in every_problem("en") if p.status}
    assert every - told - {("route_unknown", "404"), ("method_not_allowed", "405")} == set()
    statuses = {str(s) for s in STATUS.values()} | {str(s) for _, _, s in FAULTS}
    acting = book["paths"]["/v1/commands/ResolveTicket"]["post"]["responses"]
    assert statuses | {"409", "412", "413", "415", "500"} <= set(acting)


def test_examples_of_answers_are_answers(book: Json) -> None:
    commands = 0
    for _, _, operation in operations(book):
        if "requestBody" not in operation or operation["operationId"] == "lookup":
            continue
        done, queued = operation["responses"]["200"], operation["responses"]["202"]
        for model, answer in ((Answer, done), (Standing, queued)):
            example = answer["content"]["application/json"]["example"]
            read = model.model_validate(example)
            assert json.loads(read.model_dump_json(exclude_unset=True)) == example
        commands += 1
    assert commands == len(list(places()))


def test_what_is_served_is_what_was_described(book: Json, door: Door) -> None:
    assert door.client.get("/openapi.json").json() == book
    page = door.client.get("/docs").text
    for path, _, operation in operations(book):
        assert f'id="{operation["operationId"]}"' in page and path in page
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= set(re.findall(r'id="([^"]+)"', page))
