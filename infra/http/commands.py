"""Commands over HTTP: every command under its name, and where it belongs to something, there too.

`POST /v1/commands/ResolveTicket` and `POST /v1/tickets/{ticket_id}/resolve` are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from commands.catalogue import HANDLERS
from commands.command import Command
from domain.refusal import NotFound
from infra.dispatch import DueTime, Result
from infra.http.answers import ProblemAnswer, told
from infra.http.asked import (
    OWN_COMMANDS,
    Asked,
    asked,
    credential,
    known_parameters,
    product_of,
    queue_of,
)
from infra.http.scope import Scope, Scoped
from infra.identity.credential import Credential
from infra.problem import kept_problem
from infra.queue.inbox import REPEATABLE
from infra.request import UnknownCommand, command_id, read_command

SOON = "1"
"""Seconds after which it is worth asking what became of a command."""
SUBJECTS = (
    "customer",
    "order",
    "ticket",
    "complaint",
    "agreement",
    "staff",
    "policy",
    "calendar",
    "duty",
    "case",
)
"""What a command may be about; it is sent to the first of these whose id it carries."""


class Answer(BaseModel):
    """What a command came to. `versions` are of the last fact per stream, for If-Match."""

    ids: dict[str, UUID]
    versions: dict[UUID, int]
    position: int | None
    timers: list[DueTime]


class Standing(BaseModel):
    """What became of a command that was sent.

    `pending`: nobody has got to it yet. `recorded`: `answer` is what it came to. `unchanged`: there
    was nothing to record. `refused`: `problem` says why; the same key may ask again. `dead`: it
    failed too often and was given up; nothing of it was recorded.
    """

    command_id: UUID
    state: Literal["pending", "recorded", "unchanged", "refused", "dead"]
    answer: Answer | None = None
    problem: ProblemAnswer | None = None


class Place(NamedTuple):
    """An address of a command; `field` is the field of it that the address gives."""

    path: str
    command: type[Command]
    field: str | None


def places() -> Iterator[Place]:
    """Every address at which a command may be sent."""
    for command, handler in HANDLERS.items():
        yield Place(f"/v1/commands/{command.__name__}", command, None)
        path, field = _address(command, handler.__name__)
        yield Place(path, command, field)


def _address(command: type[Command], verb: str) -> tuple[str, str | None]:
    """Where what a command is about has its address; what it begins is posted to the list."""
    kind = next((k for k in SUBJECTS if f"{k}_id" in command.model_fields), None)
    if kind is None:
        return f"/v1/{plural(command.__module__.split('.')[1])}", None
    step = verb.replace(f"_{kind}", "").replace("_", "-")
    return f"/v1/{plural(kind)}/{{{kind}_id}}/{step}", f"{kind}_id"


def plural(kind: str) -> str:
    return {"staff": "staff", "policy": "policies", "duty": "duties"}.get(kind, f"{kind}s")


def command_routes() -> APIRouter:
    router = APIRouter()
    for place in places():
        router.add_api_route(
            place.path,
            _taking(place),
            methods=["POST"],
            response_model=Answer,
            name=place.command.__name__,
            include_in_schema=False,
        )
    router.add_api_route("/v1/commands/{name}", _unknown, methods=["POST"], include_in_schema=False)
    router.add_api_route(
        "/v1/commands/{command_id}",
        standing,
        methods=["GET"],
        response_model=Standing,
        response_model_exclude_none=True,
        operation_id=OWN_COMMANDS,
        tags=["Commands"],
    )
    return router


def _taking(place: Place) -> Callable[..., Response]:
    def take(request: Request, asked: Annotated[Asked, Depends(asked)], scope: Scoped) -> Response:
        given = {place.field: request.path_params[place.field]} if place.field else {}
        return take_command(place.command, asked, scope, given)

    return take


def take_command(
    kind: type[Command], asked: Asked, scope: Scope, given: dict[str, str]
) -> Response:
    identity = command_id(asked.credential.actor, asked.key)
    command = read_command(kind, asked.body, given)
    caller = asked.credential.caller(kind)
    scope.must_reach_all(command, caller.role)
    if asked.may_wait and asked.product.record.processed(identity) is None:
        asked.queue.send(command, caller, identity, asked.expected)
        place = f"/v1/commands/{identity}"
        pending = Standing(command_id=identity, state="pending")
        return JSONResponse(
            pending.model_dump(mode="json", exclude_none=True),
            202,
            {"Location": place, "Preference-Applied": "respond-async", "Retry-After": SOON},
        )
    result = asked.product.dispatcher.dispatch(command, caller, identity, expected=asked.expected)
    headers = {"Idempotency-Replayed": "true"} if result.replayed else {}
    if len(result.versions) == 1:
        headers["ETag"] = f'"{next(iter(result.versions.values()))}"'
    return JSONResponse(answer_of(result).model_dump(mode="json"), headers=headers)


def answer_of(result: Result) -> Answer:
    return Answer(
        ids=result.ids, versions=result.versions, position=result.position, timers=result.timers
    )


def standing(
    request: Request,
    response: Response,
    command_id: UUID,
    who: Annotated[Credential, Depends(credential)],
    _: Annotated[None, Depends(known_parameters)],
) -> Standing:
    """What became of a command of yours. Of another's, nothing is said, not even that it is there.

    Those sent with `Prefer: respond-async` are known for good, others while their key is.
    """
    response.headers["Cache-Control"] = "no-store"
    answered = product_of(request).dispatcher.answered(command_id)
    if answered is not None and answered[0] == who.actor:
        return Standing(command_id=command_id, state="recorded", answer=answer_of(answered[1]))
    kept = queue_of(request).inbox.standing(command_id)
    if kept is None or kept.actor != who.actor:
        raise NotFound(kind="command", id=str(command_id))
    if kept.outcome is None:
        response.headers["Retry-After"] = SOON
        return Standing(command_id=command_id, state="pending")
    code = kept.outcome["code"]
    if code in REPEATABLE:
        return Standing(command_id=command_id, state=code)
    problem = kept_problem(code, kept.outcome.get("clause"), kept.outcome.get("parameters", {}))
    return Standing(
        command_id=command_id,
        state="dead" if code == "internal_error" else "refused",
        problem=told(request, problem),
    )


def _unknown(name: str, asked: Annotated[Asked, Depends(asked)]) -> Response:
    raise UnknownCommand(command=name[:80])
