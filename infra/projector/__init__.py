"""The projector: keeps the tables of `projections/` up to date with the record.

`builds` makes the tables of a projection and switches the views over to them, `worker` brings one
build forward batch by batch, `rebuilding` builds anew from the first event, `running` keeps all of
them up to date until it is told to stop, `waiting` answers how far they are.
"""

from infra.projector.builds import NoSuchProjection
from infra.projector.rebuilding import rebuild
from infra.projector.running import Projector, catch_up
from infra.projector.waiting import Progress, progress, wait_for

__all__ = [
    "NoSuchProjection",
    "Progress",
    "Projector",
    "catch_up",
    "progress",
    "rebuild",
    "wait_for",
]
