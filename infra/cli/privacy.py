"""Personal data: looking for it where it should not be, and finding people by it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.asking import Purpose, Role

if TYPE_CHECKING:
    from infra.product import Product
    from infra.scan import Needles, Report
    from infra.scan.report import Heard


def add_to(app: typer.Typer) -> None:
    privacy = typer.Typer(help="Personal data: scans, the blind index.", no_args_is_help=True)
    privacy.command("scan")(scan)
    privacy.command("reindex")(reindex)
    app.add_typer(privacy, name="privacy")
    customers = next(g.typer_instance for g in app.registered_groups if g.name == "customers")
    assert customers is not None
    customers.command("find")(find)
    customers.command("reviews")(reviews)
    customers.command("settle-review")(settle)


def scan(
    needle_file: Annotated[
        Path | None,
        typer.Option(help="A file of mode 0600 with one value a line; default: standard input."),
    ] = None,
    canary: Annotated[
        bool,
        typer.Option("--canary", help="Send a made-up customer through and look for them."),
    ] = False,
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Plant copies everywhere and look for those.")
    ] = False,
) -> None:
    """Looks for given values in every store; exit 1 if one is found or something is unreadable."""
    from infra.cli.opened import opened
    from infra.scan import scan as look
    from infra.scan.canary import canary as send_canary
    from infra.scan.scan import expected_bytes

    chosen = sum((needle_file is not None, canary, self_test))
    if chosen > 1:
        from infra.cli.problem import wrong

        raise wrong("--needle-file, --canary, --self-test", "one_too_many")
    needles = None if canary or self_test else _needles(needle_file)
    with opened() as running:
        expected = expected_bytes(running.home, running.addresses)
        if self_test:
            _test_itself(running, expected)
        elif canary:
            with _heard("scan", expected) as heard:
                before, after = send_canary(running, heard)
            _show("before the erasure", before)
            _show("after the erasure", after)
            _judge(before)
            _judge(after)
        else:
            assert needles is not None
            with _heard("scan", expected) as heard:
                report = look(running.home, running.addresses, needles, heard)
            _show(f"{len(needles)} values looked for", report)
            _judge(report)


def _needles(path: Path | None) -> Needles:
    from infra.scan import Needles
    from infra.scan.needles import read_file

    if path is not None:
        return read_file(path)
    return Needles(sys.stdin.buffer.read().decode("utf-8", "replace").splitlines())


@contextmanager
def _heard(title: str, expected: int) -> Iterator[Heard]:
    """Progress in megabytes."""
    from infra.cli.showing import progress

    with progress(title) as tell:

        def heard(store: str, done: int) -> None:
            tell(done >> 20, max(expected, done) >> 20, f"{store}, {done >> 20:,} MB")

        yield heard


def _test_itself(running: Product, expected: int) -> None:
    from infra.cli.showing import console, table
    from infra.scan.planted import self_test
    from infra.scan.report import ScannerMisses

    with _heard("self-test", expected) as heard:
        copies, missed, report = self_test(running.home, running.addresses, heard)
    _show("self-test", report, hits=False)
    if missed:
        table("missed", ("store", "copy"), [(copy.store, copy.name) for copy in missed])
        raise ScannerMisses(missed=len(missed), planted=len(copies))
    console.print(f"all {len(copies)} planted copies were found, in {len(report.stores)} stores")


def _show(title: str, report: Report, *, hits: bool = True) -> None:
    from infra.cli.showing import table

    table(
        f"{title}: {report.objects:,} objects, {report.bytes:,} bytes",
        ("store", "objects", "bytes", "seconds", "MB/s", "found", "unread", "how"),
        [
            (
                store.name,
                f"{store.objects:,}",
                f"{store.bytes:,}",
                f"{store.seconds:.1f}",
                f"{store.bytes / max(store.seconds, 0.001) / 1e6:.0f}",
                len(store.hits),
                len(store.unread),
                store.says,
            )
            for store in report.stores
        ],
    )
    if hits and report.hits:
        table("found", ("store", "where", "value", "through"), list(report.hits))
    if report.unread:
        table("not looked into", ("what",), [(said,) for said in report.unread])


def _judge(report: Report) -> None:
    from infra.scan.report import NotAllLookedAt, PersonalDataFound

    if report.hits:
        raise PersonalDataFound(places=len(report.hits))
    if report.unread:
        raise NotAllLookedAt(count=len(report.unread))


def reindex(
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Under a new key; the old one is removed.")
    ] = False,
) -> None:
    """Makes the blind index anew from the record."""
    from infra.blind_index.rebuilding import Rebuilder
    from infra.cli.opened import opened
    from infra.cli.showing import console, progress
    from infra.product import new_id

    with opened() as running, progress("blind index") as tell:
        rebuilder = Rebuilder(running.record, running.gate, running.blind_index.keys, new_id)
        make = rebuilder.rotate if new_key else rebuilder.rebuild
        done = make(lambda at, total: tell(at, total, f"customer {at:,}"))
        console.print(
            f"{done.customers:,} customers are indexed; {done.left:,} could not be opened"
        )


def find(
    purpose: Purpose,
    email: Annotated[bool, typer.Option("--email", help="By e-mail address.")] = False,
    phone: Annotated[bool, typer.Option("--phone", help="By phone number.")] = False,
    name: Annotated[bool, typer.Option("--name", help="By name, roughly.")] = False,
    role: Role = None,
) -> None:
    """Finds customers by the value on the standard input, for a purpose, on record first."""
    from infra.cli.opened import administrator, opened
    from infra.cli.problem import RoleNotHeld, wrong
    from infra.cli.showing import table
    from infra.cli.unsealing import must_name_purpose
    from infra.gate import Reader
    from infra.product import new_id

    kinds = [kind for kind, asked in (("email", email), ("phone", phone), ("name", name)) if asked]
    if len(kinds) != 1:
        raise wrong("--email, --phone, --name", "one_too_many" if kinds else "missing")
    must_name_purpose(True, purpose)
    sought = sys.stdin.buffer.readline().decode("utf-8", "replace").strip()
    with opened() as running:
        who = administrator(running)
        if role is not None and role not in who.roles:
            raise RoleNotHeld(role=role)
        reader = Reader(who.actor, role or who.roles[0], new_id())
        found = running.finder.find(kinds[0], sought, reader, purpose or "")
        table(
            f"{len(found)} found",
            ("customer", "market", "name"),
            [(one.customer, one.market, one.name) for one in found],
        )


def reviews(limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50) -> None:
    """Customers that may be one person, look alike, or speak of each other; nothing is merged."""
    from infra.blind_index.finding import open_reviews
    from infra.cli.opened import opened
    from infra.cli.showing import table

    with opened() as running, running.record.connection() as connection:
        table(
            f"to be looked at (first {limit})",
            ("number", "reason", "customer", "other", "noted"),
            [tuple(review) for review in open_reviews(connection, limit)],
        )


def settle(number: int) -> None:
    """Notes that somebody looked at a review."""
    from domain.refusal import NotFound
    from infra.blind_index.finding import settle_review
    from infra.cli.opened import administrator, opened

    with opened() as running:
        actor = administrator(running).actor
        with running.record.connection() as connection:
            if not settle_review(connection, number, actor):
                raise NotFound(kind="review", id=str(number))
