"""The keys of an installation, put together at start: provider, epochs, watch, ledger, keyring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.vault.epochs import Connect, Epochs
from infra.vault.kek import InstallationKey
from infra.vault.ledger import Erased, ErasureLedger
from infra.vault.postgres_keyring import PostgresKeyring
from infra.vault.providers import EpochNotGiven, chosen_provider
from infra.vault.unavailable import KeysUnavailable
from infra.vault.watch import Watch


@dataclass(frozen=True)
class Keys:
    """`missing` says why nothing personal can be sealed or opened, if so; `epochs` is None where
    no provider is set up."""

    keyring: PostgresKeyring
    epochs: Epochs | None
    missing: str | None


@contextmanager
def installed(
    folder: Path,
    environment: Mapping[str, str],
    connect: Connect,
    dsn: str,
    installation: InstallationKey,
) -> Iterator[Keys]:
    """`folder` is the keys folder. Every erasure in the ledger has been applied again before this
    yields. Raises ServerProblem for a provider there is not."""
    ledger = ErasureLedger(folder / "erased", installation)
    watch = Watch(dsn)
    epochs: Epochs | None = None
    missing: str | None = None
    erased: list[Erased] = []
    try:
        erased = list(ledger.entries())
        epochs = Epochs(connect, chosen_provider(folder, environment))
        epochs.begin()
    except KeysUnavailable as why:
        missing = str(why)
    except EpochNotGiven as why:
        missing = f"{why.parameters['variable']} is not set"
    keyring = PostgresKeyring(connect, None if missing else epochs, watch=watch, ledger=ledger)
    keyring.apply_again(erased)
    try:
        yield Keys(keyring, epochs, missing)
    finally:
        watch.close()
