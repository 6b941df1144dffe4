"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from typing import Literal

import psycopg
from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse

from infra.http.asked import known_parameters, product_of
from infra.product import now
from infra.record.migrate import migrations
from queries.what_waits_to_be_noted import what_waits_to_be_noted

router = APIRouter(tags=["Health"], dependencies=[Depends(known_parameters)])


class Alive(BaseModel):
    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """`behind` is how many positions each live projection has still to read, `parked` how
    many keys wait behind an event that it could not apply, `due` how many promises
    fell due ten seconds ago and have not been noted, counted up to 1,000."""

    ready: bool
    database: bool
    migrated: bool
    keys: bool
    behind: dict[str, int]
    parked: dict[str, int] = {}
    due: int = 0


@router.get("/livez", operation_id="alive")
def alive() -> Alive:
    """The process answers."""
    return Alive()


@router.get("/readyz", operation_id="ready", response_model=Ready)
def ready(request: Request) -> JSONResponse:
    """The database answers, on the schema of this release. Without keys it serves, unopened."""
    product = product_of(request)
    state = Ready(
        ready=False, database=False, migrated=False, keys=product.keys_missing is None, behind={}
    )
    try:
        with product.record.connection() as connection:
            state.database = True
            row = connection.execute("SELECT max(number) FROM public.dossier_migration").fetchone()
            state.migrated = row == (migrations()[-1][0],)
            state.behind = dict(
                connection.execute(
                    "SELECT t.name, greatest(w.position - t.position, 0)"
                    " FROM es.tracking t JOIN es.projection p USING (name, version),"
                    " es.watermark w WHERE p.state = 'live'"
                ).fetchall()
            )
            state.parked = dict(
                connection.execute(
                    "SELECT name, count(DISTINCT key) FROM es.parked"
                    " JOIN es.projection p USING (name, version) WHERE p.state = 'live'"
                    " GROUP BY name"
                ).fetchall()
            )
            state.due = what_waits_to_be_noted(connection, now()).promises
    except psycopg.OperationalError:
        state.database = False
    state.ready = state.database and state.migrated
    return JSONResponse(state.model_dump(), 200 if state.ready else 503)
