"""Broken glass: broken for a reason, told of, reported."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

HALF_YEAR = timedelta(days=183)


def add_to(app: typer.Typer) -> None:
    glass = typer.Typer(
        help="An auditor sees values for a while: for a reason, and others are told.",
        no_args_is_help=True,
    )
    glass.command("break")(break_it)
    glass.command("told")(told)
    glass.command("confirm")(confirm_it)
    glass.command("report")(report)
    app.add_typer(glass, name="glass")


def break_it(
    purpose: Annotated[str, typer.Option(help="As in dpv:LegalCompliance.")],
    reason: Annotated[str, typer.Option(help="A code from the list, as in audit-finding.")],
    reference: Annotated[str, typer.Option(help="The number of a case, as in INC-2026.")],
    token_file: Annotated[Path, typer.Option(help="The file with the auditor's own token.")],
) -> None:
    """As the auditor whose token it is. What is opened then, through any door, has a row of its own
    in the trail for each event."""
    from infra.cli.opened import opened
    from infra.cli.showing import table
    from infra.gate import Reader
    from infra.gate.break_glass import break_glass
    from infra.identity.authentication import authenticated
    from infra.product import new_id, now

    with opened() as running:
        at = now()
        who = authenticated(running.record.connection, _token(token_file))
        role = running.gate.policy.role_for(who.roles, purpose, at.date())
        broken = break_glass(
            running.record.connection,
            running.gate.policy,
            Reader(who.actor, role, new_id()),
            purpose,
            reason=reason,
            reference=reference,
            glass=new_id(),
            at=at,
        )
        table(
            "broken glass",
            ("glass", "actor", "role", "purpose", "until", "told"),
            [(broken.id, broken.actor, broken.role, broken.purpose, broken.until, broken.tells)],
        )


def _token(file: Path) -> str | None:
    """What cannot be read is nobody's."""
    try:
        return file.read_text("ascii").strip()
    except (OSError, UnicodeError):
        return None


def told(role: Annotated[str, typer.Option(help="Whose notices.")] = "dpo") -> None:
    """What a role was told and nobody has confirmed yet."""
    from infra.cli.opened import reading
    from infra.cli.showing import table
    from infra.gate.break_glass import unseen

    with reading() as db:
        table(
            f"notices to {role}",
            ("notice", "at", "topic", "about"),
            [(n.id, n.at, n.topic, n.about) for n in unseen(db, [role])],
        )


def confirm_it(
    notice: Annotated[int, typer.Argument(help="Its number, from `dossier glass told`.")],
) -> None:
    """That a notice was seen."""
    from domain.refusal import NotFound
    from infra.cli.opened import administrator, opened
    from infra.gate.break_glass import confirm

    with opened() as running:
        who = administrator(running)
        with running.record.connection() as connection:
            if not confirm(connection, notice, who.actor):
                raise NotFound(kind="notice", id=str(notice))
        print(f"notice {notice} confirmed")


def report(
    since: Annotated[str | None, typer.Option(help="Default: half a year ago.")] = None,
    until: Annotated[str | None, typer.Option(help="Default: now.")] = None,
) -> None:
    """Every broken glass of a period, and how many requests were made under it."""
    from infra.cli.opened import moment, reading
    from infra.cli.showing import table
    from infra.gate.break_glass import broken_between
    from infra.product import now

    end = moment("--until", until) or now()
    start = moment("--since", since) or end - HALF_YEAR
    with reading() as db:
        table(
            "broken glass",
            ("glass", "actor", "purpose", "reason", "case", "since", "until", "requests"),
            [
                (b.id, b.actor, b.purpose, b.reason, b.reference, b.since, b.until, b.accesses)
                for b in broken_between(db, start, end)
            ],
        )
