"""Answers that are no success: `application/problem+json` (RFC 9457), for everything."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import structlog
from fastapi import FastAPI
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from domain.refusal import Refused
from infra.http.allowed import allowed_methods
from infra.log import described
from infra.messages import Language, chosen, field_sentence, title
from infra.problem import FAULTS, Problem, problem_of
from infra.request import FieldProblem, pointer

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
OF_STATUS = {
    404: "route_unknown",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "media_type_unsupported",
}


class FieldError(BaseModel):
    """A field that is not as it should be."""

    pointer: str = Field(description="RFC 6901 pointer into the body, or /query/... , /header/...")
    code: str
    detail: str


class ProblemAnswer(BaseModel):
    """A problem (RFC 9457). Programs go by `code`, which does not change."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    clause: str | None = Field(default=None, description="The clause of the rules it rests on")
    parameters: dict[str, Any] = Field(default={}, description="Ids, codes, times and numbers")
    errors: list[FieldError] = []
    current_version: int | None = Field(default=None, description="Of the stream, on 409 and 412")
    instance: str
    trace_id: UUID


def language_of(request: Request) -> Language:
    return chosen(request.headers.get("accept-language"))


def told(request: Request, problem: Problem) -> ProblemAnswer:
    """The problem in the caller's language."""
    language = language_of(request)
    return ProblemAnswer(
        type=f"/problems/{problem.code}",
        title=title(problem.status, language),
        status=problem.status,
        detail=problem.sentence(language),
        code=problem.code,
        clause=problem.clause,
        parameters=jsonable_encoder(dict(problem.parameters)),
        errors=[
            FieldError(
                pointer=e.pointer,
                code=e.code,
                detail=field_sentence(e.code, language, e.parameters),
            )
            for e in problem.errors
        ],
        current_version=problem.parameters.get("actual") if problem.code == "conflict" else None,
        instance=request.url.path,
        trace_id=request.state.trace_id,
    )


def problem_answer(
    request: Request, problem: Problem, headers: dict[str, str] | None = None
) -> JSONResponse:
    answer = told(request, problem)
    more = {"Content-Language": language_of(request), **(headers or {})}
    if problem.status == 503:
        more["Retry-After"] = "1"
    if problem.status == 429:
        more["Retry-After"] = str(problem.parameters.get("retry_after", 1))
    if problem.status in (408, 413):
        more["Connection"] = "close"
    if problem.status == 401:
        more["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        answer.model_dump(mode="json", exclude_none=True),
        problem.status,
        more,
        media_type=MEDIA_TYPE,
    )


def answer_problems(app: FastAPI) -> None:
    """Every way a request can fail ends here."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Refused, _known)
    for kind, _, _ in FAULTS:
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(psycopg.errors.UndefinedTable, _not_arranged)
    app.add_exception_handler(Exception, _defect)


async def _known(request: Request, fault: Exception) -> JSONResponse:
    problem = problem_of(fault, insisted="if-match" in request.headers)
    assert problem is not None
    if isinstance(fault, psycopg.Error):
        product = request.app.state.product
        await run_in_threadpool(product.replace_dead_connections)
    if not isinstance(fault, Refused):
        log.warning("http.unavailable", code=problem.code, **described(fault))
    return problem_answer(request, problem)


async def _not_arranged(request: Request, fault: Exception) -> JSONResponse:
    """At the first start of all, for a second: nothing is arranged for reading yet."""
    assert isinstance(fault, psycopg.Error)
    if '"read.' not in (fault.diag.message_primary or ""):
        return await _defect(request, fault)
    behind = Problem("projection_behind", 503, parameters={"position": 1})
    return problem_answer(request, behind)


async def _http(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    if fault.status_code == 405:
        allow = {"Allow": allowed_methods(request)}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=allow)
        return problem_answer(request, Problem("method_not_allowed", 405), allow)
    code = OF_STATUS.get(fault.status_code, "internal_error")
    about = {"limit": fault.detail} if fault.status_code == 413 else {}
    problem = Problem(code, fault.status_code, parameters=about)
    return problem_answer(request, problem, dict(fault.headers or {}))


async def _gone(request: Request, fault: Exception) -> Response:
    """Whoever asked has hung up before the body was through: nobody reads this answer."""
    return problem_answer(request, Problem("malformed_request", 400))


async def _invalid(request: Request, fault: Exception) -> JSONResponse:
    """Parameters of the query, the path or a header that FastAPI itself checks."""
    assert isinstance(fault, RequestValidationError)
    errors = [FieldProblem(pointer(e["loc"]), e["type"], e.get("ctx", {})) for e in fault.errors()]
    return problem_answer(request, Problem("invalid_request", 422, errors=errors))


async def _defect(request: Request, fault: Exception) -> JSONResponse:
    log.error("http.defect", trace_id=str(request.state.trace_id), **described(fault))
    answer = problem_answer(request, Problem("internal_error", 500))
    # It is made outside of the edge, which lets faults pass.
    request.app.state.hygiene.complete(answer.raw_headers, request.scope["state"])
    return answer
