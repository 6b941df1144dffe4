"""Keys: their epochs, re-wrapping, destroying an epoch, snapshots."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.product import Product
    from infra.vault.epochs import Epochs


def add_to(app: typer.Typer) -> None:
    keys = typer.Typer(help="Keys and their epochs.", no_args_is_help=True)
    keys.command("list")(list_epochs)
    keys.command("rotate")(rotate)
    keys.command("rewrap")(rewrap_all)
    keys.command("destroy-epoch")(destroy)
    keys.command("snapshot")(snapshot)
    keys.command("load-snapshot")(load_snapshot)
    app.add_typer(keys, name="keys")


def list_epochs() -> None:
    """The epochs of the key-encryption key, and how many keys are wrapped under each."""
    from infra.cli.opened import opened
    from infra.cli.showing import console, table

    with opened() as running:
        table(
            "epochs",
            ("epoch", "state", "made", "destroyed", "keys", "its key"),
            [
                (*epoch[:5], "" if epoch.state == "destroyed" else _there(epoch.there))
                for epoch in _epochs(running).listed()
            ],
        )
        if running.keys_missing:
            console.print(f"nothing personal can be opened: {running.keys_missing}")


def _there(there: bool) -> str:
    return "there, and fits" if there else "missing, or does not fit"


def rotate(
    current_is_lost: Annotated[
        bool,
        typer.Option(
            "--current-is-lost", help="Go on although nobody sealed under it opens any more."
        ),
    ] = False,
) -> None:
    """A new epoch: from now on new keys are wrapped under it."""
    from infra.cli.opened import opened
    from infra.cli.showing import console

    with opened() as running:
        epoch = _epochs(running).rotate(current_is_lost=current_is_lost)
        console.print(f"epoch {epoch} is current; now `dossier keys rewrap`")


def rewrap_all() -> None:
    """Wraps every key under the current epoch. Stopped or killed, it goes on where it was."""
    from infra.cli.opened import opened
    from infra.cli.showing import console, progress
    from infra.vault.rewrap import rewrap

    with opened() as running, progress("re-wrapping") as tell:
        count = rewrap(
            _epochs(running),
            lambda p: tell(p.done, p.total, f"{p.done:,} of {p.total:,} keys", p.rate),
        )
    console.print(f"{count:,} keys re-wrapped" if count else "every key is under the current epoch")


def destroy(epoch: Annotated[int, typer.Argument(min=1)]) -> None:
    """Destroys an old epoch's key for good: what is under it in backups stays unreadable."""
    from infra.cli.opened import opened
    from infra.cli.showing import console
    from infra.product import now
    from infra.queue.worker import inbox_of
    from infra.vault.destroying import destroy_epoch

    with opened() as running:
        inbox_of(running).renew_key()
        position = destroy_epoch(
            running.record,
            _epochs(running),
            epoch,
            actor=f"cli:{getpass.getuser()}",
            at=now(),
        )
    console.print(f"epoch {epoch} is destroyed; on record at position {position}")


def snapshot(
    folder: Annotated[
        Path | None, typer.Argument(help="Where to; default: key-snapshots in the data folder.")
    ] = None,
) -> None:
    """Writes the wrapped keys as they are now. Keep it apart from the database's backups."""
    from infra.cli.opened import opened
    from infra.cli.showing import console
    from infra.vault.snapshot import take

    with opened() as running:
        target = folder or running.home.path / "key-snapshots"
        console.print(f"{take(_epochs(running).connect, target, running.installation)}")


def load_snapshot(file: Path) -> None:
    """Brings the keys of a restored database to the state of a snapshot, at most a week old."""
    from infra.cli.opened import opened
    from infra.cli.showing import console
    from infra.vault.snapshot import load

    with opened() as running:
        count = load(_epochs(running).connect, file, running.installation)
    console.print(f"{count:,} keys can be used; start what runs anew")


def _epochs(running: Product) -> Epochs:
    from infra.vault.unavailable import KeysUnavailable

    if running.epochs is None:
        raise KeysUnavailable(running.keys_missing)
    return running.epochs
