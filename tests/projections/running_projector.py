"""A projector that runs until it is killed and says which batches it committed: `DSN SILENT`.

Run as a process of its own by test_takeover.py.
"""

from __future__ import annotations

import sys
from threading import Event

from infra.projector import Projector, builds
from infra.projector.builds import Build
from projections.orders import ORDERS


def said(build: Build, position: int) -> None:
    sys.stdout.write(f"{position}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    builds.SILENT_SECONDS = int(sys.argv[2])
    Projector(sys.argv[1], {"orders": ORDERS}, after_commit=said).run(Event())
