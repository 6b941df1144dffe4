"""Duties at the terminal: what is due, done and missed, and that something was done."""

from __future__ import annotations

from typing import Annotated

import typer

Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")]


def add_to(app: typer.Typer) -> None:
    app.command("duties")(duties)


def duties(
    begins: Annotated[str | None, typer.Option("--from", help="Due from then on.")] = None,
    ends: Annotated[str | None, typer.Option("--to", help="Due before then.")] = None,
    state: Annotated[str | None, typer.Option(help="open, performed, missed or late.")] = None,
    duty: Annotated[str | None, typer.Option(help="One duty, by its name.")] = None,
    owed_by: Annotated[str | None, typer.Option(help="Those of one role.")] = None,
    limit: Limit = 100,
) -> None:
    """What has to be done by the calendar: due, done, missed; the earliest due first."""
    from infra.cli.opened import moment, reading
    from infra.cli.problem import wrong
    from infra.cli.showing import table
    from projections.duties import LATE, MISSED, OPEN, PERFORMED
    from queries.duties_found import duties_found

    first, last = moment("--from", begins), moment("--to", ends)
    if state not in (None, OPEN, PERFORMED, MISSED, LATE):
        raise wrong("--state", "invalid")
    with reading() as db:
        found = duties_found(
            db, begins=first, ends=last, state=state, duty=duty, owed_by=owed_by, limit=limit
        )
    table(
        f"duties (first {limit})",
        ("due", "state", "duty", "whose", "done", "last done", "owed by", "clause", "id"),
        [
            (
                d.due_at,
                d.state,
                d.duty,
                d.whose or d.per,
                f"{d.done} of {d.times}",
                d.done_at,
                d.owed_by,
                d.clause,
                d.stream,
            )
            for d in found
        ],
    )
