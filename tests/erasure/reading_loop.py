"""Opens a sealed value over and over: `HOME DSN SUBJECT TOKEN FILE [SWALLOW]`.

Run as a process of its own by test_erasure_readers.py. A line in FILE for every try: when it was
answered, and whether the value came. With SWALLOW, what tells this process of destroyed keys goes
through a proxy that swallows everything once that file exists.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from uuid import UUID

from infra.gate import Gate, PostgresTrail, Reader, SealedValue
from infra.home import Home
from infra.record.connections import RoleConnections
from infra.vault.installed import installed
from infra.vault.kek import InstallationKey, read_or_make
from infra.vault.unavailable import KeysUnavailable
from tests.erasure.swallowing_proxy import through_proxy


def main(home: str, dsn: str, subject: str, token: str, file: str, swallow: str = "") -> None:
    keys_folder = Home.at(Path(home)).keys
    heard = through_proxy(dsn, Path(swallow)) if swallow else dsn
    installation = InstallationKey(read_or_make(keys_folder / "installation", may_make=False))
    service = RoleConnections(dsn, "dossier_keys")
    reader = Reader(actor="staff:cleo", role="compliance_officer", correlation=UUID(subject))
    sealed = [SealedValue(token=token, subject=UUID(subject))]
    with (
        installed(keys_folder, os.environ, service.connection, heard, installation) as keys,
        Path(file).open("a") as seen,
    ):
        gate = Gate(keys.keyring, PostgresTrail(dsn))
        while True:
            try:
                (text,) = gate.open(sealed, reader, "dpv:RightsFulfilment")
                came = "open" if text is not None else "gone"
            except KeysUnavailable:
                came = "unavailable"
            seen.write(f"{time.time()} {came}\n")
            seen.flush()
            time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
