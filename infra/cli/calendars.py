"""Service calendars: those on record, a year of one as a picture, publishing and assigning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

C = TypeVar("C", bound="Command")
if TYPE_CHECKING:
    from commands.command import Command
    from domain.calendar.calendar import ServiceCalendar
    from infra.dispatch import Result
    from infra.product import Product

Id = Annotated[str, typer.Argument(help="The calendar's id, as in de-by.")]
Version = Annotated[int | None, typer.Option(min=1, help="Which version; default: the latest.")]
FromDay = Annotated[
    str | None, typer.Option(help="The first day it counts, as in 2027-01-01; default: today.")
]


def add_to(app: typer.Typer) -> None:
    calendars = typer.Typer(help="Service calendars. Alone: those on record.")
    calendars.callback(invoke_without_command=True)(list_calendars)
    calendars.command("show")(show)
    calendars.command("publish")(publish)
    calendars.command("approve")(approve)
    calendars.command("assign")(assign)
    app.add_typer(calendars, name="calendars")


def list_calendars(context: typer.Context) -> None:
    """Service calendars. Alone: those on record."""
    if context.invoked_subcommand is not None:
        return
    from infra.calendars.recorded import all_calendars, calendars_on_record
    from infra.cli.calendar_pictures import listed, word
    from infra.cli.opened import opened
    from infra.cli.showing import table
    from infra.product import now

    with opened() as running:
        known = all_calendars(running.record)
        serving = list(calendars_on_record(running.record).serving(now()))
    table(
        word("calendars"),
        [word(name) for name in ("id", "version", "zone", "serves", "years", "hours", "standing")],
        [row for calendar in known for row in listed(calendar, serving)],
    )


def show(
    id: Id,
    year: Annotated[int | None, typer.Option(min=1900, max=2200, help="Default: this one.")] = None,
    version: Version = None,
) -> None:
    """A year of a calendar: a picture, and each day off with its source."""
    from domain.refusal import NotFound
    from infra.calendars.recorded import calendar_on_record
    from infra.cli.calendar_pictures import days_rows, facts, picture, word
    from infra.cli.opened import opened
    from infra.cli.showing import console, table
    from infra.product import now

    with opened() as running:
        known = calendar_on_record(running.record, id)
    if known is None:
        raise NotFound(kind="calendar", id=id)
    shown = known.version(version or known.next_version - 1)
    wanted = year or now().year
    table(shown.drafted.content.says, (word("field"), word("value")), facts(shown, wanted))
    console.print(picture(shown, wanted))
    table(
        f"{id}@{shown.published.version}, {wanted}",
        [word(name) for name in ("day", "weekday", "what", "hours", "name", "source")],
        days_rows(shown, wanted),
    )


def publish(
    code: Annotated[str, typer.Argument(help="A country, or a part of one: JP, DE-BY.")],
    years: Annotated[
        list[int], typer.Argument(min=1900, max=2200, help="The years, as in 2026 2027.")
    ],
    zone: Annotated[str | None, typer.Option(help="A zone of IANA's; default: the country's.")] = (
        None
    ),
    hours: Annotated[
        list[str] | None, typer.Option(help="09:00-18:00; repeat it for several a day.")
    ] = None,
    provisional_from: Annotated[
        int | None, typer.Option(min=1900, max=2200, help="The first year not yet announced.")
    ] = None,
    from_day: FromDay = None,
) -> None:
    """Draws a calendar up from the package `holidays` and publishes it as the next version.

    Years it has already and that are not named stay as they were. The country's market is served by
    it where it has no hours of its own; whom an earlier version serves, this one does from then on.
    """
    from zoneinfo import ZoneInfo

    from commands.calendar.draft_calendar import DraftCalendar
    from commands.calendar.publish_calendar import PublishCalendar
    from domain.calendar.assignment import counting_from
    from infra.calendars.drawing import Wanted, draw_up
    from infra.calendars.recorded import calendar_on_record
    from infra.cli.calendar_pictures import year_list
    from infra.cli.opened import opened
    from infra.cli.showing import console
    from infra.product import now

    first = _day(from_day)
    wanted = Wanted(code, years, zone, tuple(hours) if hours else None, provisional_from)
    with opened() as running:
        known = calendar_on_record(running.record, wanted.id)
        latest = known.latest if known else None
        content = draw_up(wanted, latest.drafted.content if latest else None)
        version = known.next_version if known else 1
        content.check(wanted.id)
        draft = _checked(
            DraftCalendar, {"calendar_id": wanted.id, "version": version} | _fields(content)
        )
        counting_from(first, now().astimezone(ZoneInfo(draft.zone)).date())
        _ask(running, draft)
        _ask(
            running,
            PublishCalendar(
                calendar_id=wanted.id,
                version=version,
                from_day=first,
                serves=code if len(code) == 2 else None,
            ),
        )
        console.print(f"{wanted.id}@{version} published: {year_list(content.years)}")
        if content.provisional:
            console.print(f"provisional: {year_list(content.provisional)}")


def approve(id: Id, version: Version = None) -> None:
    """Approves a published version, as somebody who neither drafted nor published it."""
    from commands.calendar.approve_calendar import ApproveCalendar
    from infra.cli.opened import opened
    from infra.cli.showing import console

    with opened() as running:
        number = version or _known(running, id).next_version - 1
        _ask(running, _checked(ApproveCalendar, {"calendar_id": id, "version": max(number, 1)}))
        console.print(f"{id}@{number} approved")


def assign(
    market: Annotated[str, typer.Argument(help="Two letters, as in DE.")],
    id: Id,
    version: Version = None,
    channel: Annotated[str | None, typer.Option(help="Only this channel, as in chat.")] = None,
    team: Annotated[str | None, typer.Option(help="Only this team.")] = None,
    kind: Annotated[str | None, typer.Option(help="For some rules only, as in statutory.")] = None,
    from_day: FromDay = None,
) -> None:
    """Says whose hours serve a market, one of its channels, or one of its teams."""
    from commands.calendar.assign_service_calendar import AssignServiceCalendar
    from infra.cli.opened import opened
    from infra.cli.showing import console

    with opened() as running:
        number = version or _known(running, id).next_version - 1
        fields: dict[str, Any] = {
            "market": market,
            "channel": channel,
            "team": team,
            "kind": kind,
            "calendar_id": id,
            "version": max(number, 1),
            "from_day": _day(from_day),
        }
        _ask(running, _checked(AssignServiceCalendar, fields))
        console.print(f"{id}@{number} assigned to {market}")


def _known(running: Product, id: str) -> ServiceCalendar:
    """Raises NotFound."""
    from domain.refusal import NotFound
    from infra.calendars.recorded import calendar_on_record

    known = calendar_on_record(running.record, id)
    if known is None:
        raise NotFound(kind="calendar", id=id)
    return known


def _ask(running: Product, command: Command) -> Result:
    from infra.cli.opened import administrator
    from infra.product import new_id

    caller = administrator(running).caller(type(command))
    return running.dispatcher.dispatch(command, caller, new_id())


def _checked(kind: type[C], fields: dict[str, Any]) -> C:
    """Raises InvalidRequest."""
    from pydantic import ValidationError

    from infra.request import InvalidRequest, field_problems

    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise InvalidRequest(list(field_problems(error))) from None


def _day(text: str | None) -> Any:
    from infra.cli.opened import day

    return None if text is None else day("--from-day", text)


def _fields(content: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(content)
