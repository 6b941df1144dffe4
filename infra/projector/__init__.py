"""The projector: keeps the tables of `projections/` up to date with the record.

`builds` makes the tables of a projection and switches the views over to them, `worker` brings one
build forward batch by batch: `reading` fetches and applies, `parts` takes apart what cannot be
applied at once, `parking` keeps what waits, `erasing` sees to tokens out of turn. `rebuilding`
builds anew and shows, `running` keeps all of them up to date until it is told to stop, `waiting`
answers how far they are. `row_rules` says who sees which rows.
"""

from infra.projector.builds import NoSuchProjection
from infra.projector.rebuilding import SwitchRefused, rebuild
from infra.projector.running import Projector, catch_up
from infra.projector.waiting import Progress, progress, wait_for

__all__ = [
    "NoSuchProjection",
    "Progress",
    "Projector",
    "SwitchRefused",
    "catch_up",
    "progress",
    "rebuild",
    "wait_for",
]
