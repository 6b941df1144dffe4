"""How many examples a property is tried with: few in `make test`, many times as many in
`make fuzz`, which sets DOSSIER_FUZZ to how many times."""

from __future__ import annotations

import os

TIMES = int(os.environ.get("DOSSIER_FUZZ", "1"))


def examples(usually: int) -> int:
    return usually * TIMES
