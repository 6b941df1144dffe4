"""Why a promise is due when it is, over HTTP."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from domain.refusal import NotFound
from domain.timers import running_timers
from infra.explained import ExplanationShown, explained
from infra.http.answers import language_of
from infra.http.asked import product_of
from infra.http.reading import question_router, reading
from infra.http.scope import Scoped
from infra.product import now
from queries.case_of_timer import case_of_timer

router = question_router()


@router.get(
    "/timers/{timer}/explanation",
    operation_id="timer_explanation",
    response_model=ExplanationShown,
)
def explanation(request: Request, scope: Scoped, timer: UUID) -> Response:
    """Why a promise is due when it is: every stretch of time that counts, and why others do not.

    Times are in the zone of its calendar; `says` is in the language asked for."""
    product, language = product_of(request), language_of(request)
    with product.record.connection() as connection:
        case = case_of_timer(connection, timer)
    absent = NotFound(kind="timer", id=str(timer))
    if case is None:
        raise absent
    try:
        scope.must_reach(case.kind, case.stream)
    except NotFound:
        raise absent from None
    with reading(request, scope) as connection:
        if case_of_timer(connection, timer) is None:
            raise absent
    scope.note_seen([case.customer])
    history = product.dispatcher.view.history(case.stream)
    found = running_timers(history.timer_events).get(timer) if history else None
    if found is None:
        raise absent
    shown = explained(found, case.stream, product.rules.calendar_named, now(), language)
    headers = {
        "Content-Language": language,
        "Vary": "Accept-Language",
        "Cache-Control": "private, no-cache",
    }
    return Response(shown.model_dump_json(), headers=headers, media_type="application/json")
