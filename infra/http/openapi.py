"""The description of the HTTP door (OpenAPI 3.1): FastAPI's own, with commands and problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from commands.catalogue import HANDLERS
from infra.http.answers import MEDIA_TYPE, ProblemAnswer
from infra.http.commands import Answer, Place, Standing, places

REFERENCE = "#/components/schemas/{model}"
PROBLEMS = {
    "400": "The request cannot be understood, or lacks its Idempotency-Key",
    "401": "No valid token",
    "403": "Not for this role or purpose",
    "404": "There is no such thing",
    "409": "A rule stands against it, or the record has moved on",
    "410": "The person's data were erased",
    "412": "If-Match names another version than the present one",
    "413": "The body is too large",
    "415": "The body is not JSON",
    "422": "Fields are not valid, or the key was used for another request",
    "503": "The database, the queue or the keys cannot be reached",
}
QUESTIONS = ("400", "401", "403", "404", "410", "422", "503")


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What `app.openapi` becomes: made when first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    return openapi


def _described(app: FastAPI) -> dict[str, Any]:
    book = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    _, made = models_json_schema(
        [
            *((command, "validation") for command in HANDLERS),
            *((model, "serialization") for model in (Answer, Standing, ProblemAnswer)),
        ],
        ref_template=REFERENCE,
    )
    schemas = book.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(made["$defs"])
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path in book["paths"].values():
        for operation in path.values():
            operation["responses"].update(_problems(QUESTIONS))
    for place in places():
        book["paths"].setdefault(place.path, {})["post"] = _operation(place)
    return book


def _operation(place: Place) -> dict[str, Any]:
    name = place.command.__name__
    kind = place.path.split("/")[2]
    parameters = [
        _header("Idempotency-Key", "1 to 255 visible ASCII characters", required=True),
        _header("If-Match", 'The version of the last fact you have seen, as in `"17"`'),
        _header("Prefer", "`respond-async`: queue it, answer 202"),
        _header("Accept-Language", "`en` or `zh`"),
    ]
    if place.field:
        parameters.append(
            {
                "name": place.field,
                "in": "path",
                "required": True,
                "schema": {"type": "string", "format": "uuid"},
            }
        )
    return {
        "operationId": name if kind == "commands" else f"{name}_at_{kind}",
        "summary": place.command.__doc__.splitlines()[0] if place.command.__doc__ else name,
        "tags": [kind.capitalize()],
        "security": [{"HTTPBearer": []}],
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "description": f"`{place.field}` comes from the address." if place.field else "",
            "content": {"application/json": {"schema": _body(place)}},
        },
        "responses": {
            "200": _answer("Recorded, now or when it was first sent", Answer.__name__),
            "202": _answer("Queued", Standing.__name__),
            **_problems(PROBLEMS),
        },
    }


def _body(place: Place) -> dict[str, Any]:
    """The command's own schema; where the address gives a field, without it being required."""
    if place.field is None:
        return {"$ref": REFERENCE.format(model=place.command.__name__)}
    schema = place.command.model_json_schema(ref_template=REFERENCE)
    schema.pop("$defs", None)
    schema["required"] = [name for name in schema.get("required", []) if name != place.field]
    schema["properties"].pop(place.field)
    return schema


def _header(name: str, says: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": says,
        "schema": {"type": "string"},
    }


def _answer(says: str, model: str) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(model=model)}
    return {"description": says, "content": {"application/json": {"schema": schema}}}


def _problems(statuses: Any) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(model=ProblemAnswer.__name__)}
    return {
        status: {"description": PROBLEMS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }
