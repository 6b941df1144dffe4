"""Who comes in: tokens, what staff hold, and the markets an analyst's login sees."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

import typer

ACTOR = "[!-~]{1,100}"
MARKET = "[A-Z]{2}"
TEAM = "[!-~]([ -~]{0,98}[!-~])?"
Id = Annotated[str, typer.Argument(help="The token's id, as `dossier token list` shows it.")]


def add_to(app: typer.Typer) -> None:
    token = typer.Typer(help="Tokens of services and of staff.", no_args_is_help=True)
    token.command("issue")(issue)
    token.command("list")(list_tokens)
    token.command("rotate")(rotate)
    token.command("revoke")(revoke)
    app.add_typer(token, name="token")
    staff = typer.Typer(help="What staff may do.", no_args_is_help=True)
    staff.callback()(_staff)
    staff.command("held")(held)
    app.add_typer(staff, name="staff")
    analyst = next(g.typer_instance for g in app.registered_groups if g.name == "analyst")
    assert analyst is not None
    analyst.command("markets")(markets)


def _staff() -> None:
    """What staff may do."""


def issue(
    actor: Annotated[str, typer.Argument(help="Who comes in with it: recorded as the actor.")],
    role: Annotated[
        list[str] | None, typer.Option(help="Repeat it for several, in order of preference.")
    ] = None,
    kind: Annotated[
        Literal["service", "staff"],
        typer.Option(help="A staff member's token gives what they hold when they use it."),
    ] = "service",
    scope: Annotated[
        list[str] | None,
        typer.Option(help="command:NAME, read:NAME, export:NAME or open; NAME may be *."),
    ] = None,
    market: Annotated[list[str] | None, typer.Option(help="Only these markets.")] = None,
    team: Annotated[list[str] | None, typer.Option(help="Only these teams.")] = None,
    network: Annotated[
        list[str] | None, typer.Option(help="Only from there, in CIDR notation: 10.1.0.0/16.")
    ] = None,
    days: Annotated[int, typer.Option(help="How long it lives, at most 366 days.")] = 90,
) -> None:
    """Makes a token; it is shown this once."""
    from infra.cli.opened import opened
    from infra.identity.tokens import Grant
    from infra.identity.tokens import issue as issue_token

    _must_match(ACTOR, "ACTOR", actor)
    _must_match(MARKET, "--market", *(market or ()))
    _must_match(TEAM, "--team", *(team or ()))
    grant = Grant(
        actor=actor,
        roles=role or (),
        kind=kind,
        scopes=scope,
        markets=market,
        teams=team,
        networks=network,
        days=days,
    )
    grant.check()
    with opened() as running:
        print(issue_token(running.record.connection, grant).token)


def list_tokens(
    all: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
) -> None:
    """Shows how each begins, whose it is and when it was last used, to the hour."""
    from infra.cli.opened import opened
    from infra.cli.showing import table
    from infra.identity.tokens import listed

    with opened() as running:
        rows = listed(running.record.connection, all=all)
    table(
        "tokens",
        ("id", "begins", "actor", "roles", "narrowed to", "last used", "until", "ended"),
        [
            (
                t.id,
                t.shown,
                t.actor,
                " ".join(t.roles) or t.kind,
                " ".join((*(t.scopes or ()), *(t.markets or ()), *(t.networks or ()))),
                t.last_used_at,
                t.expires_at,
                t.revoked_at,
            )
            for t in rows
        ],
    )


def rotate(
    id: Id,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=24 * 30, help="How long the old one still holds.")
    ] = 24,
    days: Annotated[int, typer.Option(help="How long the new one lives.")] = 90,
) -> None:
    """Makes a new token for the same; the old one ends after the overlap."""
    from infra.cli.opened import identifier, opened
    from infra.identity.tokens import rotate as rotate_token

    old = identifier("ID", id)
    with opened() as running:
        issued = rotate_token(
            running.record.connection, old, overlap=timedelta(hours=overlap_hours), days=days
        )
        print(issued.token)


def revoke(id: Id) -> None:
    """Ends a token at once, in every process."""
    from infra.cli.opened import identifier, opened
    from infra.identity.tokens import revoke as revoke_token

    ended = identifier("ID", id)
    with opened() as running:
        revoke_token(running.record.connection, ended)


def held(
    as_of: Annotated[str | None, typer.Option(help="As of when; default: now.")] = None,
    staff: Annotated[str | None, typer.Option(help="Only this staff member.")] = None,
) -> None:
    """Who holds which access, who asked for it and who approved it."""
    from infra.cli.opened import moment, reading
    from infra.cli.showing import table
    from infra.product import now
    from queries.access_held import access_held

    at = moment("--as-of", as_of) or now()
    _must_match(ACTOR, "--staff", staff or "any")
    with reading() as db:
        rows = access_held(db, at, staff=staff)
    table(
        "access held",
        ("staff", "post", "roles", "markets", "asked by", "approved by", "since", "until"),
        [
            (
                h.staff,
                h.post,
                " ".join(h.roles),
                "all" if h.markets is None else " ".join(h.markets),
                h.requested_by,
                h.approved_by,
                h.since,
                h.until,
            )
            for h in rows
        ],
    )


def markets(
    login: Annotated[str, typer.Argument(help="A database login in the role dossier_analyst.")],
    market: Annotated[
        list[str], typer.Option(help="A market, or * for all; repeat it for several.")
    ],
) -> None:
    """Says whose rows a login sees in the mart; what it saw before ends."""
    from infra.cli.opened import opened

    _must_match(ACTOR, "LOGIN", login)
    _must_match(rf"{MARKET}|\*", "--market", *market)
    with opened() as running, running.record.connection() as connection, connection.transaction():
        connection.execute("DELETE FROM ref.analyst_market WHERE login = %s", (login,))
        connection.cursor().executemany(
            "INSERT INTO ref.analyst_market (login, market) VALUES (%s, %s)",
            [(login, code) for code in sorted(set(market))],
        )


def _must_match(pattern: str, name: str, *given: str) -> None:
    from infra.cli.problem import wrong

    if not all(re.fullmatch(pattern, text) for text in given):
        raise wrong(name, "string_pattern_mismatch", pattern=pattern)
