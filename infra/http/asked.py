"""What every request brings with it: who asks, the body, the parameters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import Request

from infra.http.entering import Entry
from infra.http.intricacy import must_be_plain
from infra.http.refusals import BodyTooSlow
from infra.http.tags import expected_version
from infra.identity.credential import Credential
from infra.product import Product
from infra.queue.commands import CommandQueue
from infra.request import ParameterRepeated, ParameterUnknown

LARGEST_BODY = 1024 * 1024
OWN_COMMANDS = "command_standing"
"""The question anybody may ask who may send a command: it answers about their own only."""
SECONDS_FOR_A_BODY = 20
bearer = HTTPBearer(
    auto_error=False,
    description="A token (`dossier token issue` makes one), or a statement signed by a provider"
    " that is believed here (OpenID Connect).",
)


def product_of(request: Request) -> Product:
    found: Product = request.app.state.product
    return found


def queue_of(request: Request) -> CommandQueue:
    found: CommandQueue = request.app.state.queue
    return found


def entry_of(request: Request) -> Entry:
    found: Entry = request.app.state.entry
    return found


def credential(
    request: Request,
    described: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Credential:
    """Who asks, by the one header and the address of the connection. A question has to be within
    the scope of the credential; a command is compared when it is read. Raises Unauthenticated,
    TooManyFailures, TooManyRequests, NoRoleHeld, OutOfScope."""
    who = entry_of(request).admitted(request)
    question = request.scope["route"].operation_id
    if request.method in ("GET", "HEAD") and question != OWN_COMMANDS:
        who.must_reach(f"read:{question}")
    return who


async def body(request: Request) -> bytes:
    """The body, if it is JSON, neither too large nor too intricate, and comes in time."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HTTPException(415)
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > LARGEST_BODY:
        raise HTTPException(413, str(LARGEST_BODY))
    patience: int = request.app.state.seconds_for_a_body
    try:
        async with asyncio.timeout(patience):
            read = await _read(request)
    except TimeoutError:
        raise BodyTooSlow(limit=patience) from None
    must_be_plain(read)
    return read


async def _read(request: Request) -> bytes:
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > LARGEST_BODY:
            raise HTTPException(413, str(LARGEST_BODY))
    return bytes(read)


def known_parameters(request: Request) -> None:
    """A misspelt filter would otherwise answer a question nobody asked."""
    known = set(_query_names(request.scope["route"].dependant))
    given = request.query_params
    if unknown := sorted(set(given) - known):
        raise ParameterUnknown(parameter=_printable(unknown[0]))
    if repeated := sorted(name for name in given if len(given.getlist(name)) > 1):
        raise ParameterRepeated(parameter=repeated[0])


def _query_names(dependant: Dependant) -> Iterator[str]:
    yield from (parameter.alias for parameter in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _query_names(inner)


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name[:80])


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as it came in, not read yet."""

    product: Product
    queue: CommandQueue
    credential: Credential
    body: bytes
    key: str | None
    expected: int | None
    may_wait: bool


def asked(
    request: Request,
    who: Annotated[Credential, Depends(credential)],
    _: Annotated[None, Depends(known_parameters)],
    sent: Annotated[bytes, Depends(body)],
    idempotency_key: Annotated[
        str | None,
        Header(description="Required. The same key with the same body is one command, for 30 days"),
    ] = None,
    if_match: Annotated[
        str | None, Header(description='The version of the last fact you have seen, as in `"17"`')
    ] = None,
    prefer: Annotated[
        str | None, Header(description="`respond-async` queues the command and answers 202")
    ] = None,
) -> Asked:
    return Asked(
        product=product_of(request),
        queue=queue_of(request),
        credential=who,
        body=sent,
        key=idempotency_key,
        expected=expected_version(if_match),
        may_wait=prefers(prefer, "respond-async"),
    )


def prefers(prefer: str | None, preference: str) -> bool:
    """Whether a preference is among those named (RFC 7240)."""
    named = (part.partition(";")[0].strip().lower() for part in (prefer or "").split(","))
    return preference in named


def trace_id(request: Request) -> UUID:
    found: UUID = request.state.trace_id
    return found
