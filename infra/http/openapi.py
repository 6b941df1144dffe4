"""The description of the HTTP door (OpenAPI 3.1): FastAPI's own, with commands and problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from commands.catalogue import HANDLERS
from commands.command import Command
from infra.http.answers import MEDIA_TYPE, ProblemAnswer
from infra.http.commands import Answer, Place, Standing, places
from infra.http.examples import SOMEBODY, example_of, identity
from infra.http.lookup import EXAMPLE, Lookup
from infra.http.problems import ProblemDescribed, every_problem
from infra.http.words import HEADERS, PARAMETERS, STATUSES, TAGS
from infra.problem import refusals

REFERENCE = "#/components/schemas/{model}"
ANSWERS = "#/components/responses/"
PUBLIC = ("Health", "Problems", "Description")
ASKING = ("400", "401", "403", "404", "422", "429", "500", "503")
ACTING = (*ASKING, "408", "409", "410", "412", "413", "415")
LOOKING = (*ASKING, "408", "413", "415")
ASKED_UNDER = {"publication": "policy"}
"""Folders of the domain that are not called like those of their commands."""
TAGGED = ("customer", "order", "ticket", "complaint")


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What `app.openapi` becomes: made when first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    return openapi


def _described(app: FastAPI) -> dict[str, Any]:
    book = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        servers=[{"url": "/", "description": "The host that serves this description"}],
        tags=[{"name": name, "description": says} for name, says in TAGS.items()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    _, made = models_json_schema(
        [
            *((command, "validation") for command in HANDLERS),
            (Lookup, "validation"),
            *((model, "serialization") for model in (Answer, Standing, ProblemAnswer)),
        ],
        ref_template=REFERENCE,
    )
    schemas = book.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(made["$defs"])
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problems = Problems()
    for path in book["paths"].values():
        for operation in path.values():
            _complete(operation, problems)
    for place in places():
        book["paths"].setdefault(place.path, {})["post"] = _operation(place, problems)
    book["components"]["responses"] = dict(sorted(problems.answers.items()))
    return book


def _complete(operation: dict[str, Any], problems: Problems) -> None:
    """Says of a question what FastAPI does not know."""
    public = operation["tags"][0] in PUBLIC
    operation["responses"].pop("422", None)
    operation["responses"]["200"]["description"] = operation["description"]
    operation["summary"] = operation["description"].partition("\n")[0].rstrip(".")
    for parameter in operation.setdefault("parameters", []):
        parameter.setdefault("description", PARAMETERS.get(parameter["name"], ""))
    operation["parameters"].append(_header("Accept-Language"))
    if operation["operationId"] in TAGGED:
        operation["parameters"].append(_header("If-None-Match"))
        operation["responses"]["200"]["headers"] = _headers("ETag")
        operation["responses"]["304"] = {
            "description": "You have it already",
            "headers": _headers("ETag"),
        }
    if any(parameter["name"] == "after" for parameter in operation["parameters"]):
        operation["responses"]["200"]["headers"] = _headers("Link")
    if operation["operationId"] == "ready":
        operation["responses"]["503"] = {
            "description": "It cannot serve now",
            "content": operation["responses"]["200"]["content"],
        }
    told: Sequence[str] = ("400", "404", "500") if public else ASKING
    if operation["operationId"] == "lookup":
        told = LOOKING
        schema = {"$ref": REFERENCE.format(model=Lookup.__name__)}
        operation["requestBody"] = {
            "required": True,
            "description": "Whom to look for, and what for.",
            "content": {"application/json": {"schema": schema, "example": EXAMPLE}},
        }
    operation["responses"].update(problems.responses(told))


def _operation(place: Place, problems: Problems) -> dict[str, Any]:
    name = place.command.__name__
    kind = place.path.split("/")[2]
    says = (place.command.__doc__ or "").strip()
    names = ("Idempotency-Key", "If-Match", "Prefer", "Accept-Language")
    parameters = [_header(header, required=header == "Idempotency-Key") for header in names]
    if place.field:
        parameters.append(_path(place.command, place.field))
    roles = ", ".join(f"`{role}`" for role in sorted(place.command.ROLES))
    return {
        "operationId": name if kind == "commands" else f"{name}_at_{kind}",
        "summary": _spoken(name),
        "description": f"{says}\n\nRoles: {roles}. Purpose on record: `{place.command.PURPOSE}`.",
        "tags": [kind.capitalize()],
        "security": [{"HTTPBearer": []}],
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "description": f"Its fields; `{place.field}` is in the address."
            if place.field
            else "Its fields.",
            "content": {"application/json": {"schema": _body(place), "example": example(place)}},
        },
        "responses": {
            "200": {
                **_answer("Recorded, now or when it was first sent", Answer.__name__, ANSWER),
                "headers": _headers("ETag", "Idempotency-Replayed"),
            },
            "202": {
                **_answer("Queued", Standing.__name__, PENDING),
                "headers": _headers("Location", "Preference-Applied", "Retry-After"),
            },
            **problems.responses(ACTING, place.command.__module__.split(".")[1]),
        },
    }


ANSWER = {
    "ids": {"customer": SOMEBODY},
    "versions": {SOMEBODY: 2},
    "position": 17,
    "timers": [],
}
PENDING = {"command_id": SOMEBODY, "state": "pending"}


def example(place: Place) -> dict[str, Any]:
    """A body that would be accepted at this address, were there such a customer, order or case."""
    return {name: v for name, v in example_of(place.command).items() if name != place.field}


class Problems:
    """The answers that are problems, by status, with the codes that may come under each."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self._every = [problem for problem in every_problem("en") if problem.status is not None]
        self._kinds = refusals()

    def responses(self, statuses: Iterable[str], area: str | None = None) -> dict[str, Any]:
        """References to them. `area`: what the refusals of the business are to be about."""
        return {status: {"$ref": ANSWERS + self._named(status, area)} for status in statuses}

    def _named(self, status: str, area: str | None) -> str:
        codes = list(self._codes(status, area))
        general = codes == list(self._codes(status, None))
        name = f"problem-{status}" if general else f"problem-{status}-{area}"
        if name not in self.answers:
            self.answers[name] = _response(status, codes)
        return name

    def _codes(self, status: str, area: str | None) -> Iterator[ProblemDescribed]:
        for problem in self._every:
            conflict = problem.code == "conflict" and status == "412"
            if (str(problem.status) == status or conflict) and self._may_come(problem.code, area):
                yield problem

    def _may_come(self, code: str, area: str | None) -> bool:
        home = self._kinds[code].__module__.split(".") if code in self._kinds else []
        about = home[1] if len(home) > 2 and home[0] in ("domain", "commands") else None
        if about is None or ASKED_UNDER.get(about, about) == area:
            return True
        return area is not None and about == "policy"


def _response(status: str, codes: Sequence[ProblemDescribed]) -> dict[str, Any]:
    more = {
        "503": ("Retry-After",),
        "429": ("Retry-After", "RateLimit", "RateLimit-Policy"),
        "401": ("WWW-Authenticate",),
    }
    told = ", ".join(f"`{problem.code}`" for problem in codes)
    return {
        "description": f"{STATUSES[status]}. Codes: {told}",
        "headers": _headers("Content-Language", *more.get(status, ())),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": REFERENCE.format(model=ProblemAnswer.__name__)},
                "examples": {problem.code: _told(problem) for problem in codes},
            }
        },
    }


def _told(problem: ProblemDescribed) -> dict[str, Any]:
    answer = ProblemAnswer(
        type=problem.type,
        title=problem.title or "",
        status=problem.status or 0,
        detail=problem.detail,
        code=problem.code,
        clause=problem.clause,
        instance="/v1/commands/ResolveTicket",
        trace_id=UUID(SOMEBODY),
    )
    return {"value": answer.model_dump(mode="json", exclude_none=True)}


def _spoken(name: str) -> str:
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
    return words.capitalize()


def _body(place: Place) -> dict[str, Any]:
    """The command's own schema; where the address gives a field, without it."""
    if place.field is None:
        return {"$ref": REFERENCE.format(model=place.command.__name__)}
    schema = place.command.model_json_schema(ref_template=REFERENCE)
    schema.pop("$defs", None)
    schema["required"] = [name for name in schema.get("required", []) if name != place.field]
    schema["properties"].pop(place.field)
    return schema


def _header(name: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": PARAMETERS[name],
        "schema": {"type": "string"},
    }


def _path(command: type[Command], name: str) -> dict[str, Any]:
    schema = dict(command.model_json_schema()["properties"][name])
    schema.pop("title", None)
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": PARAMETERS[name],
        "schema": schema,
        "example": identity(name),
    }


def _headers(*names: str) -> dict[str, Any]:
    return {
        name: {"description": HEADERS[name], "schema": {"type": "string"}}
        for name in (*names, "X-Trace-Id")
    }


def _answer(says: str, model: str, shown: dict[str, Any]) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(model=model)}
    content = {"application/json": {"schema": schema, "example": shown}}
    return {"description": says, "content": content}
