"""Sending single commands."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    app.command("send")(send)


def send(
    name: Annotated[str, typer.Argument(help="The command, for instance RegisterCustomer.")],
    body: Annotated[str, typer.Argument(help="Its fields as a JSON object, or - to read them.")],
    key: Annotated[str | None, typer.Option(help="The same command again, under its key.")] = None,
    expect: Annotated[
        int | None, typer.Option(min=0, max=2**48, help="The version of the last fact.")
    ] = None,
) -> None:
    """Sends one command, to the running API if there is one, and prints what it came to."""
    from infra.cli.door import door
    from infra.product import new_id
    from infra.request import command_id, command_type, read_command

    kind = command_type(name)
    text = sys.stdin.buffer.read() if body == "-" else body.encode(errors="surrogateescape")
    read_command(kind, text)
    sent_under = str(new_id()) if key is None else key
    command_id("", sent_under)
    with door() as to:
        print(to.send(kind, text, sent_under, expect).model_dump_json(indent=1))
