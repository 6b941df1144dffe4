"""What the problems are that can be told: a page for each, where its `type` points (RFC 9457)."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.refusal import NotFound, Refused
from infra.http.answers import OF_STATUS, language_of
from infra.http.asked import known_parameters
from infra.http.page import page, wants_page
from infra.messages import Language, title
from infra.messages.catalogue import sentences
from infra.problem import FAULTS, refusals, status_of

VARY = {"Vary": "Accept, Accept-Language"}
ON_THE_COMMAND_LINE = ("infra.cli", "infra.imports")
HEADINGS: dict[Language, tuple[str, ...]] = {
    "en": ("Problems", "Code", "Status", "Clause", "What it says", "What you can do"),
    "zh": ("问题", "代码", "状态", "条款", "含义", "您可以做什么"),
}
router = APIRouter(tags=["Problems"], dependencies=[Depends(known_parameters)])


class ProblemDescribed(BaseModel):
    """A kind of problem. Words in braces in `detail` are among its `parameters`."""

    type: str
    code: str
    title: str | None
    status: int | None = Field(description="Null: told on the command line alone")
    clause: str | None = Field(description="The clause of the rules it rests on")
    detail: str
    advice: str = Field(description="What the caller can do")


class ProblemsDescribed(BaseModel):
    items: list[ProblemDescribed]


def described(code: str, language: Language) -> ProblemDescribed:
    """Raises NotFound."""
    book = sentences(language)
    detail = book["refused"].get(code) or book["fault"].get(code)
    if detail is None or code == Refused.code:
        raise NotFound(kind="problem", id="".join(c if c.isprintable() else "?" for c in code[:80]))
    kind = refusals().get(code)
    status = _status(code, kind)
    advice = book["advice"]
    return ProblemDescribed(
        type=f"/problems/{code}",
        code=code,
        title=None if status is None else title(status, language),
        status=status,
        clause=None if kind is None else kind.clause,
        detail=detail,
        advice=advice.get(code) or advice["none" if status is None else str(status)],
    )


def every_problem(language: Language) -> list[ProblemDescribed]:
    """In the order of their codes."""
    book = sentences(language)
    codes = {*book["refused"], *book["fault"]} - {Refused.code}
    return [described(code, language) for code in sorted(codes)]


@router.get("/problems", operation_id="problems", response_model=ProblemsDescribed)
def problems(request: Request) -> Response:
    """Every problem there is: as a page or as JSON, in English or Chinese."""
    language = language_of(request)
    every = every_problem(language)
    if not wants_page(request):
        return _json(ProblemsDescribed(items=every), language)
    heading, code, status, _, detail, _ = HEADINGS[language]
    rows = "".join(
        f'<tr><td><a href="{p.type}"><code>{escape(p.code)}</code></a></td>'
        f"<td>{p.status or ''}</td><td>{escape(p.detail)}</td></tr>"
        for p in every
    )
    table = f"<table><tr><th>{code}</th><th>{status}</th><th>{detail}</th></tr>{rows}</table>"
    return page(heading, f"<h1>{heading}</h1>{table}", language, **VARY)


@router.get("/problems/{code}", operation_id="problem", response_model=ProblemDescribed)
def problem(
    request: Request, code: Annotated[str, Path(description="The `code` of a problem")]
) -> Response:
    """One problem: what it says, the clause behind it, what to do."""
    language = language_of(request)
    found = described(code, language)
    if not wants_page(request):
        return _json(found, language)
    heading, *names = HEADINGS[language]
    values = (
        f"<code>{escape(found.code)}</code>",
        f"{found.status or ''} {escape(found.title or '')}",
        escape(found.clause or ""),
        escape(found.detail),
        escape(found.advice),
    )
    rows = "".join(
        f"<tr><th>{name}</th><td>{value}</td></tr>"
        for name, value in zip(names, values, strict=True)
        if value.strip()
    )
    body = f'<nav><a href="/problems">{heading}</a></nav><h1>{escape(code)}</h1>'
    return page(code, f"{body}<table>{rows}</table>", language, **VARY)


def _status(code: str, kind: type[Refused] | None) -> int | None:
    faults = {name: status for _, name, status in FAULTS}
    faults |= {name: status for status, name in OF_STATUS.items()} | {"internal_error": 500}
    if code in faults:
        return faults[code]
    if kind is None or kind.__module__.startswith(ON_THE_COMMAND_LINE):
        return None
    return status_of(kind)


def _json(answer: BaseModel, language: Language) -> Response:
    headers = {"Content-Language": language, **VARY}
    return JSONResponse(answer.model_dump(mode="json"), headers=headers)
