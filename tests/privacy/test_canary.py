"""A made-up person goes through everything there is; no value of theirs comes to rest in the open.

Every command with a place for words, at every door, well-formed and spoilt; every question; files
to import; faults of the database. Then every store is scanned, before and after the erasure.
"""

from __future__ import annotations

import csv
import json
import logging
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import structlog

from infra import log
from infra.dispatch import Caller
from infra.home import Home
from infra.http.commands import places
from infra.imports.run import SOURCES, import_file
from infra.queue.commands import QUEUE
from infra.queue.worker import working
from infra.record.migrate import migrate
from infra.request import COMMANDS, read_command
from infra.scan import Report, scan
from infra.scan.canary import Persona
from infra.servers.owner import serving
from tests.cli.terminal import Terminal
from tests.commands.erasing import erase
from tests.conftest import UNSAFE
from tests.http.door import Door, opened
from tests.http.story import STEPS, role_for
from tests.privacy.planting import WORDED, planted, spoilt

OFFICER, RIGHTS = "compliance_officer", "dpv:RightsFulfilment"
BARE = {"collection_source": "customer_submitted", "market": "DE", "country": "DE"}
ENDS = {"EraseCustomer", "BeginDestruction", "ExecutePrivacyRequest", "NoteErasureStep"}
BY_NAME = {place.command.__name__: place for place in places() if "/commands/" in place.path}


class Canary:
    """The person, the door they come to, and what the answers to refusals said."""

    def __init__(self, door: Door, home: Home) -> None:
        self.persona = Persona.fresh()
        self.door = door
        self.home = home
        self.ids: dict[str, str] = {}
        self.outcomes: dict[str, set[str]] = {}
        self.refusals: list[str] = []

    def send(self, name: str) -> None:
        """One command, over HTTP, filled with the person's values."""
        place = BY_NAME[name]
        body = self._named(planted(place.command, self.persona))
        if name == "CompleteProfile":  # of somebody of whom nothing is known yet
            bare = self.door.post("/v1/customers", {**BARE}).json()
            body["customer_id"] = bare["ids"]["customer"]
        answer = self.door.post(place.path, body, role=role_for(place))
        told = answer.json()
        if answer.status_code == 200:
            for kind, identity in told["ids"].items():
                if kind != "customer" or kind not in self.ids:
                    self.ids[kind] = identity
        else:
            self.refusals.append(answer.text)
        self.outcomes.setdefault(name, set()).add(told.get("code", "recorded"))

    def send_spoilt(self, name: str) -> None:
        place = BY_NAME[name]
        headers = {"Content-Type": "application/json", **self.door.bearer(role_for(place))}
        for body in spoilt(place.command, self.persona):
            key = {"Idempotency-Key": str(uuid4())}
            answer = self.door.client.post(place.path, content=body, headers={**headers, **key})
            assert answer.status_code in (400, 404, 409, 422), (name, answer.text)
            self.refusals.append(answer.text)

    def queue_up(self, name: str) -> tuple[int, UUID]:
        place = BY_NAME[name]
        body = json.dumps(self._named(planted(place.command, self.persona))).encode()
        command = read_command(place.command, body)
        command_id = uuid4()
        caller = Caller("a-canary", role_for(place))
        return self.door.queue.send(command, caller, command_id), command_id

    def look(self) -> Report:
        return scan(self.home, self.door.product.addresses, self.persona.needles())

    def _named(self, body: dict[str, Any]) -> dict[str, Any]:
        named = {n: self.ids.get(n.removesuffix("_id"), v) for n, v in body.items()}
        return {**named, **({"staff_id": "ann"} if "staff_id" in body else {})}


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canary]:
    home = Home.at(tmp_path_factory.mktemp("canary") / "home")
    with serving(home, postgres_settings=UNSAFE) as addresses:
        migrate(addresses.database_url)
        before = structlog.get_config()
        log.configure(home.log / "dossier.log")
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # the test's own side
        with opened(home, addresses.database_url, addresses.redis_url) as door:
            yield Canary(door, home)
        structlog.configure(**before)


@pytest.mark.case("PL-05")
def test_every_place_for_words_stays_out_of_the_representation_of_a_command(
    subtests: pytest.Subtests,
) -> None:
    persona = Persona.fresh()
    assert len(WORDED) >= 20
    for command in WORDED:
        with subtests.test(command.__name__):
            read = read_command(command, json.dumps(planted(command, persona)).encode())
            for text in persona:
                assert text not in f"{read!r}{read}"


@pytest.mark.case("PL-01", "PL-04", "PL-06", "PL-07", "PL-08")
class TestCanary:
    """In order: each step adds to what the scans at the end look through."""

    def test_every_command_is_sent_over_http(self, canary: Canary) -> None:
        later = [name for name in COMMANDS if name not in STEPS and name not in ENDS]
        for name in (*(step for step in STEPS if step not in ENDS), *later):
            canary.send(name)
        assert set(canary.outcomes) == set(COMMANDS) - ENDS
        worded = {command.__name__ for command in WORDED} - ENDS
        silent = {name for name in worded if "recorded" not in canary.outcomes[name]}
        assert silent == set(), {name: canary.outcomes[name] for name in silent}

    @pytest.mark.case("KY-15")
    def test_an_address_with_what_nobody_sees_is_refused_by_field(self, canary: Canary) -> None:
        for name in ("email", "phone"):
            body = {**BARE, "profile": {name: f"{canary.persona.email}\u200b"}}
            answer = canary.door.post("/v1/customers", body)
            (error,) = answer.json()["errors"]
            assert (answer.status_code, error["code"]) == (422, "invisible_character")
            assert error["pointer"] == f"/profile/{name}"
            canary.refusals.append(answer.text)

    def test_spoilt_bodies_are_refused_and_not_repeated(self, canary: Canary) -> None:
        for command in WORDED:
            canary.send_spoilt(command.__name__)
        for refusal in canary.refusals:
            told = json.loads(refusal)
            for error in told.get("errors", ()):
                del error["pointer"]  # where it stood, in names its sender may have made up
            assert not any(text in json.dumps(told, ensure_ascii=False) for text in canary.persona)

    @pytest.mark.case("PL-07")
    def test_questions_take_no_values_in_their_address(self, canary: Canary) -> None:
        door, persona = canary.door, canary.persona
        door.show()
        schema = door.client.get("/openapi.json").json()
        asked = 0
        for path, methods in schema["paths"].items():
            if "get" not in methods or "{" in path.replace("{customer}", ""):
                continue
            place = path.replace("{customer}", canary.ids["customer"])
            opening = door.get(place, role=OFFICER, open=True, purpose=RIGHTS)
            asked += opening.status_code == 200
            for name in ("email", "name", "q"):
                answer = door.get(place, **{name: persona.email})
                if path.startswith("/v1/"):
                    assert answer.status_code == 400, (path, answer.text)
                assert persona.email not in answer.text
            door.get(path.replace("{customer}", persona.email))
            door.get(place, purpose=persona.name, cursor=persona.text)
            door.client.get(place, headers={"Referer": f"http://x/?q={persona.email}"})
        assert asked >= 1

    def test_every_worded_command_is_queued(self, canary: Canary) -> None:
        sent = []
        with working(canary.door.queue):
            for command in WORDED:
                if command.__name__ not in ENDS:
                    sent.append(canary.queue_up(command.__name__)[1])
            came_to = {settled(canary, command_id) for command_id in sent}
        assert "internal_error" not in came_to and "recorded" in came_to

    @pytest.mark.case("PL-06", "PL-08")
    def test_one_waits_and_one_is_given_up(self, canary: Canary) -> None:
        """Both stay in the queue until the end: what it holds is a number and an id."""
        broker = canary.door.queue.broker
        canary.queue_up("RecordInteraction")
        consumer = broker.consume(QUEUE, timeout=100)
        message = next(consumer)
        assert message is not None
        consumer.nack(message)
        canary.queue_up("RecordInteraction")
        report = canary.look()
        (store,) = (store for store in report.stores if store.name == "queue")
        assert store.objects >= 2 and store.hits == []

    def test_the_command_line(self, canary: Canary, prompt: subprocess.Popen[str]) -> None:
        name = "RegisterCustomer"
        terminal = Terminal(canary.home, "", {"DOSSIER_HOME": str(canary.home.path)}, prompt)
        good = json.dumps(planted(COMMANDS[name], canary.persona))
        for body, fine in (
            (good, True),
            (good[:-3], False),
            (f'{{"kind": "{good[9:40]}"}}', False),
        ):
            done = terminal.types("send", name, "-", stdin=body)
            assert (done.code == 0) is fine, done.err
            for text in canary.persona:
                assert text not in done.out + done.err

    def test_files_to_import_with_rows_that_are_not_taken(
        self, canary: Canary, tmp_path: Path
    ) -> None:
        persona = canary.persona
        for kind, source in SOURCES.items():
            path = tmp_path / f"{kind}.csv"
            columns = (*source.columns, *source.optional)
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                writer.writerow([persona.text] * len(columns))
                writer.writerow([persona.email] * (len(columns) - 1))
                for n in range(len(columns)):
                    row = ["1"] * len(columns)
                    row[n] = persona.name
                    writer.writerow(row)
                file.write(f'"{persona.phone},\n{persona.address}\x00\n')
            report = import_file(canary.door.product, kind, path)
            assert report.rejected > len(columns)
            assert report.reject_file is not None and report.reject_file.exists()

    @pytest.mark.case("PL-04")
    def test_faults_of_the_database_are_logged_without_values(self, canary: Canary) -> None:
        text, product = canary.persona.email, canary.door.product
        codes = []
        with psycopg.connect(product.addresses.database_url, autocommit=True) as connection:
            connection.execute("CREATE TEMP TABLE strict (v text UNIQUE CHECK (length(v) < 200))")
            for statement, values in (
                ("SELECT %s::int", [text]),
                ("INSERT INTO strict VALUES (%s), (%s)", [text, text]),
                ("INSERT INTO strict VALUES (%s)", [text * 50]),
            ):
                try:
                    connection.execute(statement, values)
                except psycopg.Error as fault:
                    structlog.get_logger().error("test.fault", exc_info=fault)
                    codes.append(fault.sqlstate)
        assert codes == ["22P02", "23505", "23514"]
        logged = (canary.home.log / "dossier.log").read_text()
        assert all(str(code) in logged for code in codes)
        server = (canary.home.log / "postgres.log").read_text()
        assert "DETAIL" not in server and "STATEMENT" not in server

    @pytest.mark.case("PL-01", "CP-13")
    def test_then_nothing_stands_in_the_open_before_and_after_the_erasure(
        self, canary: Canary
    ) -> None:
        canary.door.show()
        before = canary.look()
        assert (before.hits, before.unread) == ([], [])
        assert all(store.objects for store in before.stores)
        everybody = [
            subject
            for (subject,) in rows(canary, "SELECT stream FROM es.streams WHERE kind = 'customer'")
        ]
        assert UUID(canary.ids["customer"]) in everybody
        for subject in everybody:
            erase(canary.door.product, subject)
        canary.door.show()
        assert rows(canary, "SELECT count(*) FROM ref.blind_index") == [(0,)]
        after = canary.look()
        assert (after.hits, after.unread) == ([], [])

    @pytest.mark.case("PL-08")
    def test_what_was_given_up_ends_as_a_refusal_once_the_person_is_erased(
        self, canary: Canary
    ) -> None:
        waiting = rows(canary, "SELECT position, command_id FROM es.inbox WHERE done_at IS NULL")
        assert len(waiting) == 2
        for position, command_id in waiting:
            canary.door.queue.take(position, str(command_id))
            standing = canary.door.queue.inbox.standing(command_id)
            assert standing is not None and standing.outcome is not None
            assert standing.outcome["code"] == "customer_erased"

    @pytest.mark.case("PL-09")
    def test_what_is_loaded_again_says_erased(self, canary: Canary) -> None:
        """There are no snapshots; the tables for reading are what is kept of a history."""
        kept = rows(canary, "SELECT * FROM read.customers")
        assert kept and canary.persona.email not in str(kept)
        erased = rows(canary, "SELECT count(*) FROM read.customers WHERE erased_at IS NULL")
        assert erased == [(0,)]


def rows(canary: Canary, statement: str) -> list[tuple[Any, ...]]:
    with canary.door.product.record.connection() as connection:
        return connection.execute(statement).fetchall()


def settled(canary: Canary, command_id: UUID, seconds: float = 60) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        standing = canary.door.queue.inbox.standing(command_id)
        if standing is not None and standing.outcome is not None:
            return str(standing.outcome["code"])
        time.sleep(0.05)
    raise AssertionError("a queued command was not settled in time")
