"""The API's description: as OpenAPI for programs, as one page for people."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse

from infra.http.asked import known_parameters
from infra.http.page import page
from infra.http.reference import reference

router = APIRouter(tags=["Description"], dependencies=[Depends(known_parameters)])


@router.get("/openapi.json", operation_id="description", response_model=dict[str, Any])
def description(request: Request) -> JSONResponse:
    """This description, in OpenAPI 3.1."""
    return JSONResponse(request.app.openapi())


@router.get("/docs", operation_id="reference", response_class=HTMLResponse)
def docs(request: Request) -> HTMLResponse:
    """This description as a page, in English."""
    book = request.app.openapi()
    return page(f"{book['info']['title']} API", reference(book), "en")
