"""`dossier sla breaches` and `dossier sla running`: promises broken, and promises that run."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.cli.asking import Limit, print_breaches

Kind = Annotated[str | None, typer.Option(help="ticket or complaint.")]
Market = Annotated[str | None, typer.Option(help="Two letters, as in GB.")]
Channel = Annotated[str | None, typer.Option(help="How the case came in, as in email.")]
Team = Annotated[str | None, typer.Option(help="The team's code, at receipt.")]
Tier = Annotated[str | None, typer.Option(help="The tier at receipt.")]
Metric = Annotated[str | None, typer.Option(help="What is promised, as in first_response.")]
Clause = Annotated[str | None, typer.Option(help="As in CB-10.1a.")]
Policy = Annotated[str | None, typer.Option(help="A pack, or one version of it: name@version.")]


def breaches(
    as_of: Annotated[str | None, typer.Option(help="As of when; default: now.")] = None,
    kind: Kind = None,
    market: Market = None,
    channel: Channel = None,
    team: Team = None,
    tier: Tier = None,
    metric: Metric = None,
    clause: Clause = None,
    policy: Policy = None,
    late_minutes: Annotated[
        int | None, typer.Option(min=1, max=10_000_000, help="Late by so many minutes at least.")
    ] = None,
    limit: Limit = 50,
) -> None:
    """Promises that were broken by then, noted or not."""
    from infra.cli.opened import moment, reading
    from infra.cli.problem import wrong
    from infra.product import now

    when = moment("--as-of", as_of) or now()
    if kind not in (None, "ticket", "complaint"):
        raise wrong("--kind", "invalid")
    with reading() as db:
        print_breaches(
            db,
            when,
            kind,
            limit,
            market=market,
            channel=channel,
            team=team,
            tier=tier,
            metric=metric,
            clause=clause,
            policy=policy,
            late_minutes=late_minutes,
        )


def running(
    kind: Kind = None,
    market: Market = None,
    channel: Channel = None,
    team: Team = None,
    tier: Tier = None,
    metric: Metric = None,
    clause: Clause = None,
    policy: Policy = None,
    due_before: Annotated[str | None, typer.Option(help="Due before then.")] = None,
    started_before: Annotated[str | None, typer.Option(help="Made before then.")] = None,
    limit: Limit = 50,
) -> None:
    """Promises that run, the earliest due first."""
    from infra.cli.opened import moment, reading
    from infra.cli.problem import wrong
    from infra.cli.showing import table
    from queries.timers_running import timers_running

    if kind not in (None, "ticket", "complaint"):
        raise wrong("--kind", "invalid")
    due, started = moment("--due-before", due_before), moment("--started-before", started_before)
    with reading() as db:
        found = timers_running(
            db,
            kind=kind,
            market=market,
            channel=channel,
            team=team,
            tier=tier,
            metric=metric,
            clause=clause,
            policy=policy,
            due_before=due,
            started_before=started,
            limit=limit,
        )
    table(
        f"promises that run (first {limit})",
        ("due", "since", "metric", "clause", "market", "channel", "team", "case"),
        [
            (t.due_at, t.started_at, t.metric, t.clause, t.market, t.channel, t.team, t.stream)
            for t in found
        ],
    )
