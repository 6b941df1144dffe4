"""What every request brings with it: who asks, the body, the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import Request

from infra.credentials import Credential, authenticated
from infra.product import Product
from infra.queue.commands import CommandQueue
from infra.request import ExpectationInvalid, ParameterUnknown

LARGEST_BODY = 1024 * 1024
bearer = HTTPBearer(auto_error=False, description="A service token; `dossier token` makes one.")


def product_of(request: Request) -> Product:
    found: Product = request.app.state.product
    return found


def queue_of(request: Request) -> CommandQueue:
    found: CommandQueue = request.app.state.queue
    return found


def credential(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Credential:
    token = given.credentials if given is not None else None
    return authenticated(product_of(request).record.connection, token)


async def body(request: Request) -> bytes:
    """The body, if it is JSON and not too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415)
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > LARGEST_BODY:
        raise HTTPException(413, str(LARGEST_BODY))
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > LARGEST_BODY:
            raise HTTPException(413, str(LARGEST_BODY))
    return bytes(read)


def known_parameters(request: Request) -> None:
    """A misspelt filter would otherwise answer a question nobody asked."""
    known = {p.alias for p in request.scope["route"].dependant.query_params}
    for dependant in request.scope["route"].dependant.dependencies:
        known |= {p.alias for p in dependant.query_params}
    if unknown := sorted(set(request.query_params) - known):
        raise ParameterUnknown(parameter=unknown[0][:80])


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
        may_wait="respond-async" in (prefer or "").lower(),
    )


def expected_version(if_match: str | None) -> int | None:
    """Raises ExpectationInvalid."""
    if if_match is None:
        return None
    digits = if_match.strip().removeprefix('"').removesuffix('"')
    if if_match.strip() != f'"{digits}"' or not (digits.isascii() and digits.isdigit()):
        raise ExpectationInvalid
    if len(digits) > 15:
        raise ExpectationInvalid
    return int(digits)


def trace_id(request: Request) -> UUID:
    found: UUID = request.state.trace_id
    return found
