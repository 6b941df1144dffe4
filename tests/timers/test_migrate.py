"""`dossier sla migrate`: said first, done once, also if the process is killed on the way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from commands.calendar.draft_calendar import DraftCalendar
from commands.calendar.publish_calendar import PublishCalendar
from commands.command import Command
from commands.customer.register_customer import RegisterCustomer
from commands.policy.approve_policy import ApprovePolicy
from commands.policy.draft_policy import DraftPolicy
from commands.policy.publish_policy import PublishPolicy
from commands.policy.review_policy import ReviewPolicy
from commands.ticket.receive_inquiry import ReceiveInquiry
from domain.terms import Channel, CollectionSource
from infra.dispatch import Caller
from infra.home import Home
from infra.product import Product, assembled, now
from infra.servers.owner import Addresses
from tests.cli.terminal import DOSSIER, ROOT, Terminal, at_prompt
from tests.conftest import new_database
from tests.timers.told import row

CASES, LATE = 120, 3
RETARGETED = "SELECT count(*) FROM es.events WHERE type = 'SlaTimersRetargeted'"
STATES = "SELECT timer, policy, rule, target, due_at, state FROM read.sla_timers ORDER BY timer"


def ask(product: Product, command: Command, role: str = "crm_admin", actor: str = "ann") -> Any:
    return product.dispatcher.dispatch(command, Caller(actor, role), uuid4())


def publish(product: Product, *rows: dict[str, Any]) -> None:
    said = "What the house promises."
    ask(product, DraftPolicy(policy_id="house", says=said, zh="承诺。", deadline=rows))
    ask(product, ReviewPolicy(policy_id="house"), "compliance_officer", "reviewer")
    ask(product, ApprovePolicy(policy_id="house"), "department_head", "approver")
    published = PublishPolicy(
        policy_id="house", effective_day=now().date(), change_record="For a test."
    )
    ask(product, published, "management", "publisher")


def promised(minutes: int, id: str = "house-1") -> dict[str, Any]:
    """In elapsed time, so that the hour of the test does not matter."""
    return row(minutes, id=id, metric="resolution", target={"minutes": minutes}) | {
        "fulfilled_by": "TicketResolved"
    }


@pytest.fixture(scope="module")
def made(
    server_addresses: dict[str, str],
    worker_id: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Home, str]]:
    """Running promises of a first version, a second one with less time, and a third with none."""
    home = Home.at(tmp_path_factory.mktemp("migrated") / "home")
    server, queue = server_addresses["postgres"], server_addresses["valkey"]
    name = f"migrated_{worker_id}"
    with new_database(server, name) as address:
        with assembled(home, Addresses(address, queue, owner=False)) as product:
            publish(product, promised(10 * 1440))
            source = CollectionSource.SERVICE_CONVERSATION
            person = RegisterCustomer(collection_source=source, market="GB")
            customer = ask(product, person).ids["customer"]
            for number in range(CASES):
                at = now() - timedelta(hours=4 if number < LATE else 0)
                inquiry = {"customer_id": customer, "channel": Channel.EMAIL, "text": "?", "at": at}
                ask(product, ReceiveInquiry(**inquiry))
            publish(product, promised(180))
            publish(product, promised(180) | {"metric": "another"})
            hours = DraftCalendar(
                calendar_id="gb",
                says="Always open",
                zone="Europe/London",
                weekly=(("00:00-24:00",),) * 7,
            )
            ask(product, hours, "crm_admin", "drafter")
            always = PublishCalendar(calendar_id="gb", version=2, from_day=now().date())
            ask(product, always, "management", "publisher")
        yield home, name


@pytest.fixture
def copies(
    made: tuple[Home, str], server_addresses: dict[str, str], worker_id: str, redis_url: str
) -> Any:
    @contextmanager
    def copy(home: Home, prompt: subprocess.Popen[str], name: str = "copy") -> Iterator[Terminal]:
        shutil.copytree(made[0].path, home.path, dirs_exist_ok=True)
        server = server_addresses["postgres"]
        with new_database(server, f"{name}_{worker_id}", made[1]) as address:
            yield at_prompt(prompt, home, address, redis_url)

    return copy


def test_what_it_would_do_is_said_and_not_done(
    copies: Any, home: Home, prompt: subprocess.Popen[str]
) -> None:
    with copies(home, prompt) as shop:
        before = shop.recorded()
        said = shop.types("sla", "migrate", "--policy", "house@2")
        assert said.code == 0, said.err
        assert said.out.splitlines() == [
            f"to house@2: {CASES} move, {LATE} would breach ({CASES} cases)",
            "nothing was moved; --yes moves them",
        ]
        ended = shop.types("sla", "migrate", "--policy", "house@3")
        assert ended.out.startswith(f"to house@3: 0 move, 0 would breach, {CASES} would end")
        other = shop.types("sla", "migrate", "--policy", "house@2", "--market", "DE", "--yes")
        assert other.out == "to house@2: 0 move, 0 would breach (0 cases)\n"
        assert shop.recorded() == before


def test_confirmed_it_is_done_once(copies: Any, home: Home, prompt: subprocess.Popen[str]) -> None:
    with copies(home, prompt) as shop:
        said = shop.types("sla", "migrate", "--policy", "house@2", "--yes")
        assert said.code == 0, said.err
        assert said.out.splitlines()[-1] == f"{CASES} cases moved"
        assert shop.rows(RETARGETED) == [(CASES,)]
        before = shop.recorded()
        again = shop.types("sla", "migrate", "--policy", "house@2", "--yes")
        assert again.out == "to house@2: 0 move, 0 would breach (0 cases)\n"
        assert shop.recorded() == before
        held = "SELECT DISTINCT policy, target FROM read.sla_timers WHERE metric = 'resolution'"
        assert shop.types("projections", "run").code == 0
        assert shop.rows(f"{held} AND policy LIKE 'house@%'") == [("house@2", "PT180M")]


@pytest.mark.parametrize(("typed", "moved"), [("n", 0), ("y", CASES)])
def test_at_a_terminal_it_asks(
    copies: Any, home: Home, prompt: subprocess.Popen[str], typed: str, moved: int
) -> None:
    with copies(home, prompt) as shop:
        hand, stdin = os.openpty()
        os.write(hand, f"{typed}\n".encode())
        said = subprocess.run(
            [*DOSSIER, "sla", "migrate", "--policy", "house@2"],
            cwd=ROOT,
            env={**os.environ, **shop.env},
            stdin=stdin,
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
            check=True,
        )
        os.close(hand)
        os.close(stdin)
        assert "Move them? [y/N]" in said.stdout
        assert shop.rows(RETARGETED) == [(moved,)]


def test_to_another_version_of_a_calendar(
    copies: Any, home: Home, prompt: subprocess.Popen[str]
) -> None:
    """What is overdue by the hours of the first one stays as it is."""
    words = "sla", "migrate", "--calendar", "gb@2"
    with copies(home, prompt) as shop:
        said = shop.types(*words, "--yes")
        assert said.code == 0, said.err
        assert shop.types("projections", "run").code == 0
        ((moved,),) = shop.rows("SELECT count(*) FROM read.sla_timers WHERE calendar = 'gb@2'")
        assert 2 * CASES - LATE <= moved <= 2 * CASES
        first, last = said.out.splitlines()
        assert first == f"to gb@2: {moved} move, 0 would breach ({CASES} cases)"
        assert last == f"{CASES} cases moved"
        assert shop.types(*words).out == "to gb@2: 0 move, 0 would breach (0 cases)\n"


def test_killed_in_the_middle_and_run_again_it_comes_to_the_same(
    copies: Any,
    tmp_path_factory: pytest.TempPathFactory,
    prompt: subprocess.Popen[str],
) -> None:
    homes = [Home.at(tmp_path_factory.mktemp(name) / "home") for name in ("killed", "whole")]
    words = "sla", "migrate", "--policy", "house@2", "--yes"
    with copies(homes[0], prompt, "killed") as killed, copies(homes[1], prompt, "whole") as whole:
        moved = kill_in_the_middle(killed, words)
        assert 0 < moved < CASES
        finished = killed.types(*words)
        assert finished.code == 0
        assert finished.out.splitlines()[-1] == f"{CASES - moved} cases moved"
        assert whole.types(*words).code == 0
        for shop in (killed, whole):
            assert shop.types("projections", "run").code == 0
            assert shop.rows(RETARGETED) == [(CASES,)]
        assert killed.rows(STATES) == whole.rows(STATES)
        assert killed.types("verify").code == 0


def kill_in_the_middle(shop: Terminal, words: tuple[str, ...]) -> int:
    """How many cases had moved."""
    env = {**os.environ, **shop.env}
    with (
        subprocess.Popen(
            [*DOSSIER, *words], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
        ) as process,
        psycopg.connect(shop.database, autocommit=True) as connection,
    ):
        patience = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < patience:
            (count,) = connection.execute(RETARGETED).fetchone() or (0,)
            if count >= 5:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.002)
        process.wait()
        # What had been sent when it was killed may still be committed.
        time.sleep(0.2)
    return int(shop.rows(RETARGETED)[0][0])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "invalid_request"),
        (("--policy", "house@2", "--calendar", "gb@1"), "invalid_request"),
        (("--policy", "house"), "invalid_request"),
        (("--policy", "nobodys@1"), "not_found"),
        (("--calendar", "gb@99"), "calendar_not_published"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(
    at_terminal: Terminal, words: tuple[str, ...], code: str
) -> None:
    said = at_terminal.types("sla", "migrate", *words, "--yes")
    assert (said.code, said.out) == (1, "")
    assert said.one_line.endswith(f"[{code}]")
