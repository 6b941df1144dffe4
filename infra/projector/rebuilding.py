"""Rebuilding: a projection built anew from the first event, then shown in place of the old one."""

from __future__ import annotations

import time
from typing import Any

from psycopg import Connection

from domain.refusal import Refused
from infra.projector.builds import (
    Build,
    NoSuchProjection,
    Projections,
    begin,
    building,
    complete,
    connected,
    drop,
    is_current,
    kept,
    live,
    switch,
)
from infra.projector.parking import parked_keys
from infra.projector.worker import Heard, Worker, unheard, watermark
from projections.catalogue import PROJECTIONS
from projections.projection import Projection

WAIT_SECONDS = 60.0


class SwitchRefused(Refused):
    """A build is not shown in place of the one before while events of it are parked, or another
    process is still at it. Parameters: name, parked."""


def rebuild(
    dsn: str, name: str, *, heard: Heard = unheard, projections: Projections = PROJECTIONS
) -> Build:
    """Raises NoSuchProjection, SwitchRefused. If it fails, the build before goes on being shown."""
    if name not in projections:
        raise NoSuchProjection(name)
    projection = projections[name]
    with connected(dsn) as connection, building(connection, projection):
        build = begin(connection, projection)
        try:
            return finish(connection, build, heard)
        except SwitchRefused:
            before = live(connection, projection)
            if before is not None and is_current(connection, before):
                drop(connection, build)
            raise


def ensure(
    connection: Connection[Any], projection: Projection[Any], heard: Heard = unheard
) -> Build:
    """The live build. If there is none, or the projection has changed since, one made from it as it
    is now: the one on its way, the one that was shown before, or a new one. Raises SwitchRefused.
    """
    with building(connection, projection):
        build = live(connection, projection)
        if build is not None and is_current(connection, build):
            return build
        build = kept(connection, projection) or begin(connection, projection)
        return finish(connection, build, heard)


def finish(connection: Connection[Any], build: Build, heard: Heard = unheard) -> Build:
    """Brings a build to the end and shows it. For whoever holds `building`."""
    worker = Worker(connection, build)
    until = time.monotonic() + WAIT_SECONDS
    while not worker.lease():
        # A projector is at it.
        if is_shown(connection, build):
            return build
        if time.monotonic() > until:
            raise SwitchRefused(name=build.projection.name, parked=0)
        time.sleep(0.1)
    try:
        worker.catch_up(watermark(connection), heard)
        show(connection, worker)
    finally:
        if not connection.closed:
            worker.release()
    return build


def is_shown(connection: Connection[Any], build: Build) -> bool:
    shown = live(connection, build.projection)
    return shown is not None and shown.number == build.number


def show(connection: Connection[Any], worker: Worker) -> None:
    """The switch. The worker of the build before is held at its position until the commit, so that
    no reader sees the tables step back. Raises SwitchRefused where something is parked and
    another build is shown; then that one goes on being shown.
    """
    build = worker.build
    complete(connection, build)
    with connection.transaction():
        before = connection.execute(
            "SELECT t.position FROM es.tracking t JOIN es.projection p USING (name, version)"
            " WHERE name = %s AND p.state = 'live' FOR UPDATE OF t",
            (build.projection.name,),
        ).fetchone()
        worker.shown = True  # from here on its commits count
        worker.catch_up(watermark(connection))
        with connection.cursor() as cursor:
            parked = parked_keys(cursor, build)
        if before is not None and parked:
            raise SwitchRefused(name=build.projection.name, parked=len(parked))
        switch(connection, build)
