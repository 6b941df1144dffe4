"""Requests about one's own data: what is open, how far it is, the certificate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    erasure = typer.Typer(help="Requests to erase data or stop using them.", no_args_is_help=True)
    erasure.command("list")(list_requests)
    erasure.command("run")(run)
    erasure.command("certificate")(certificate)
    erasure.command("check")(check)
    app.add_typer(erasure, name="erasure")


def list_requests() -> None:
    """Open requests, the one due first at the top, with what is kept for now."""
    from infra.cli.opened import reading
    from infra.cli.showing import table
    from queries.privacy_requests_open import privacy_requests_open

    with reading() as db:
        table(
            "open requests",
            ("due", "request", "customer", "kind", "market", "state", "kept"),
            [
                (r.due_at, r.request, r.customer, r.kind, r.market, r.state, r.kept)
                for r in privacy_requests_open(db)
            ],
        )


def run() -> None:
    """Carries every open request as far as it goes now; exit 1 if one of them is stopped."""
    from infra.cli.erasing import Turn
    from infra.cli.keeping import bring_up_to_date
    from infra.cli.opened import opened
    from infra.cli.showing import console, progress
    from infra.erasure.carrying_out import Erasures
    from infra.erasure.running import open_requests

    with opened() as running:
        bring_up_to_date(running)
        requests = open_requests(running)
        with progress("requests") as tell:
            turn = Turn(Erasures(running), requests, tell)
            turn.carry_out()
            if turn.going:
                bring_up_to_date(running)
                turn.carry_out()
            turn.search()
            turn.carry_out()
            turn.wait_for_the_end_of_keys()
        for customer, request in requests:
            console.print(turn.told(customer, request))
        if not requests:
            console.print("no open request")
        turn.raise_what_stopped(running.keys_missing)


def certificate(customer: str, request: str) -> None:
    """Prints the signed certificate of an erasure, as JSON."""
    from infra.cli.opened import identifier, opened
    from infra.erasure.carrying_out import Erasures

    with opened() as running:
        whole = Erasures(running).certificate(
            identifier("CUSTOMER", customer), identifier("REQUEST", request)
        )
        sys.stdout.buffer.write(whole)


def check(
    file: Annotated[Path, typer.Argument(help="A certificate.")],
    key: Annotated[
        str | None,
        typer.Option(help="The public key in hex it must be signed with; default: this one's."),
    ] = None,
) -> None:
    """Checks a certificate's signature; exit 1 if it is not what was signed."""
    from domain.privacy.refusals import CertificateInvalid
    from infra.cli.showing import table
    from infra.erasure.certificate import verified
    from infra.home import Home
    from infra.vault.signing import Signer

    trusted = key or Signer(Home.at().keys).public
    try:
        whole = file.read_bytes()
    except OSError:
        raise CertificateInvalid(why="not_readable") from None
    stated = verified(whole, trusted)
    table("certificate", ("what", "is"), [(name, value) for name, value in stated.items()])
