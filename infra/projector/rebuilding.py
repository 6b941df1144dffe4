"""Rebuilding: a projection built anew from the first event, then shown in place of the old one."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from infra.projector.builds import (
    Build,
    NoSuchProjection,
    Projections,
    begin,
    building,
    complete,
    connected,
    switch,
)
from infra.projector.worker import Heard, Worker, unheard, watermark
from projections.catalogue import PROJECTIONS
from projections.projection import Projection


def rebuild(
    dsn: str, name: str, *, heard: Heard = unheard, projections: Projections = PROJECTIONS
) -> Build:
    """Raises NoSuchProjection. If it fails half-way, the build before goes on being shown."""
    if name not in projections:
        raise NoSuchProjection(name)
    with connected(dsn) as connection, building(connection, projections[name]):
        return build_anew(connection, projections[name], heard)


def build_anew(
    connection: Connection[tuple[Any, ...]], projection: Projection[Any], heard: Heard = unheard
) -> Build:
    """For whoever holds `building`."""
    build = begin(connection, projection)
    worker = Worker(connection, build)
    worker.lease()
    # Nobody reads a build yet, and its position is lost together with its rows.
    connection.execute("SET synchronous_commit = off")
    try:
        worker.catch_up(watermark(connection), heard)
    finally:
        if not connection.closed:
            connection.execute("RESET synchronous_commit")
    complete(connection, build)
    show(connection, worker)
    worker.release()
    return build


def show(connection: Connection[Any], worker: Worker) -> None:
    """The switch. The worker of the build before is held at its position until the commit, so that
    no reader sees the tables step back."""
    name = worker.build.projection.name
    with connection.transaction():
        connection.execute(
            "SELECT t.position FROM es.tracking t JOIN es.projection p USING (name, version)"
            " WHERE name = %s AND p.state = 'live' FOR UPDATE OF t",
            (name,),
        )
        worker.catch_up(watermark(connection))
        switch(connection, worker.build)
