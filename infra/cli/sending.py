"""Sending single commands, and the tokens others send theirs with."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

ACTOR = "[!-~]{1,100}"


def add_to(app: typer.Typer) -> None:
    app.command("send")(send)
    app.command("token")(token)


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


def token(
    actor: str, role: Annotated[list[str], typer.Option(help="Repeat it for several roles.")]
) -> None:
    """Makes a token for an actor; it is shown this once."""
    from infra.cli.opened import opened
    from infra.cli.problem import wrong
    from infra.credentials import issue

    if not re.fullmatch(ACTOR, actor):
        raise wrong("ACTOR", "string_pattern_mismatch", pattern=ACTOR)
    with opened() as running:
        print(issue(running.record.connection, actor, role))
