"""`dossier` as it is started: a process with servers of its own in an empty data folder."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.home import Home
from infra.servers.owner import running
from infra.servers.process import working_in
from tests.cli.terminal import ROOT, Said, Started, Terminal

PROGRESS = re.compile(r"[a-z ]+: \d+ %, .+, [\d,]+/s, .+ left$")
REGISTER = {"collection_source": "customer_submitted", "profile": {"name": "Ann"}}


@contextmanager
def started(home: Path, *words: str, **env: str) -> Iterator[Started]:
    process = Started(home, *words, **env)
    try:
        yield process
    finally:
        process.process.kill()
        process.ended()


def finished(home: Path, *words: str, **env: str) -> Said:
    with started(home, *words, **env) as process:
        return process.ended(120)


@pytest.fixture
def typed(tmp_path: Path, prompt: subprocess.Popen[str]) -> Callable[..., Said]:
    """What is asked beside the process a test is about: it, too, finds or starts the servers of the
    data folder."""
    return Terminal(Home(tmp_path), "", {"DOSSIER_HOME": str(tmp_path)}, prompt).types


def fine(said: Said) -> str:
    """Its output; all that the error stream may hold is how far a job is."""
    assert said.code == 0, said.err
    assert all(PROGRESS.match(line) for line in said.err.splitlines()), said.err
    return said.out


def events(home: Path, but: str = "dossier") -> int:
    """How many events there are besides those of one actor, who is the product itself where nothing
    is said; asked at the servers that run."""
    told = running(Home(home))
    assert told is not None
    with psycopg.connect(str(told["database_url"])) as connection:
        row = connection.execute(
            "SELECT count(*) FROM es.events WHERE actor <> %s", (but,)
        ).fetchone()
    assert row is not None
    return int(row[0])


def answered(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.loads(answer.read())


def nothing_left(home: Path) -> bool:
    servers = Home(home)
    return not (working_in(servers.pg / "data") + working_in(servers.valkey))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_serves_until_it_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, "up") as up:
        up.until("ready")
        address = up.until("API").split()[1]
        up.until("keys")
        assert answered(f"{address}/readyz")["ready"]
        servers = working_in(tmp_path / "pg" / "data") + working_in(tmp_path / "valkey")
        assert len(servers) > 1
        assert {largest_core(each) for each in (up.process.pid, *servers)} == {"0"}
        fine(up.told(number))
    assert nothing_left(tmp_path)
    assert not (tmp_path / "run.json").exists()


def largest_core(process: int) -> str:
    """Bytes; what a process that crashes may leave of its memory on the disk."""
    limits = Path(f"/proc/{process}/limits").read_text().splitlines()
    (line,) = (line for line in limits if line.startswith("Max core file size"))
    return line.split()[5]


def test_a_data_folder_is_written_by_its_owner_alone_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        home = Home.at(tmp_path / "deep" / "home")
    finally:
        os.umask(before)
    for folder in (home.path, home.log, home.keys, home.credentials):
        assert folder.stat().st_mode & 0o022 == 0


def test_commands_go_to_the_running_api_and_are_the_same_without_it(
    tmp_path: Path, typed: Callable[..., Said]
) -> None:
    words = ("send", "RegisterCustomer", json.dumps(REGISTER), "--key", "k")
    with started(tmp_path, "up") as up:
        up.until("keys")
        first = json.loads(fine(finished(tmp_path, *words)))
        log = (tmp_path / "log" / "dossier.log").read_text()
        assert '"route": "/v1/commands/RegisterCustomer"' in log
        other = (*words[:2], json.dumps({**REGISTER, "market": "GB"}), *words[3:])
        gone = ("send", "EraseCustomer", json.dumps({"customer_id": first["ids"]["customer"]}))
        refusals = (other, (*gone, "--expect", "9"), ("send", "ReopenTicket", "{}"))
        through_api = [typed(*w, "--lang", "zh") for w in refusals]
        assert events(tmp_path) == 2
        fine(up.told(signal.SIGTERM))
    again = json.loads(fine(typed(*words)))
    assert again == {**first, "replayed": True}
    assert [typed(*w, "--lang", "zh") for w in refusals] == through_api
    assert [said.code for said in through_api] == [1, 1, 1]
    codes = [said.one_line.rpartition("[")[2] for said in through_api]
    assert codes == ["command_reused]", "conflict]", "invalid_request]"]


def test_a_worker_takes_what_was_queued_and_keeps_the_read_models(
    tmp_path: Path, typed: Callable[..., Said]
) -> None:
    with started(tmp_path, "worker") as worker:
        worker.until("ready")
        sent = fine(typed("send", "RegisterCustomer", json.dumps(REGISTER)))
        position = json.loads(sent)["position"]
        end = time.monotonic() + 20
        while position not in behind(tmp_path):
            assert time.monotonic() < end
            time.sleep(0.1)
        queued = subprocess.run(
            [sys.executable, ROOT / "tests/cli/queued.py", tmp_path],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT)},
        )
        assert queued.stdout.strip() == "recorded"
        fine(worker.told(signal.SIGTERM))
    assert nothing_left(tmp_path)


def behind(home: Path) -> set[int]:
    """The positions at which the read models stand."""
    told = running(Home(home))
    assert told is not None
    with psycopg.connect(str(told["database_url"])) as connection:
        return {row[0] for row in connection.execute("SELECT position FROM es.tracking")}


def test_the_demo_tells_its_story_once_and_a_second_run_adds_nothing(
    tmp_path: Path, typed: Callable[..., Said]
) -> None:
    first = fine(finished(tmp_path, "demo", DEMO_ONCE="1"))
    for said in ("tier view", "breaches as of", "history of", "ready", "API", "token", "analysts"):
        assert said in first
    assert "of these complaints only the days are known" in first
    with started(tmp_path, "demo") as demo:
        demo.until("keys")
        again = "\n".join(demo.lines)
        assert again.count(" 0 cases new, 0 extended,") == 4
        assert again.count(" 0 customers, 0 events") == 4
        # What was overdue at the end of the files is noted while the product runs.
        end = time.monotonic() + 120
        (address,) = (line.split()[1] for line in demo.lines if line.startswith("  API "))
        while answered(f"{address}/readyz")["due"]:
            assert time.monotonic() < end
            time.sleep(0.2)
        recorded = events(tmp_path, but="")
        fine(demo.told(signal.SIGTERM))
    assert nothing_left(tmp_path)
    new = sum(int(line.split(", ")[-1].split()[0].replace(",", "")) for line in cases(first))
    assert recorded > new > 30_000
    held = fine(typed("tiers"))
    assert [line for line in held.splitlines() if "retail" in line] == [
        line for line in first.splitlines() if line.startswith("│ retail")
    ]
    assert f"{recorded:,} events" in fine(typed("verify"))


def cases(out: str) -> list[str]:
    return [line for line in out.splitlines() if " cases new, " in line]


def test_the_demo_stopped_in_the_middle_ends_well_and_goes_on(tmp_path: Path) -> None:
    for number, reached in ((signal.SIGINT, "retail:"), (signal.SIGTERM, "incidents:")):
        with started(tmp_path, "demo") as demo:
            demo.until(reached)
            fine(demo.told(number))
        assert nothing_left(tmp_path)
    out = fine(finished(tmp_path, "demo", DEMO_ONCE="1"))
    for done in cases(out)[:2]:
        assert " 0 cases new, 0 extended" in done
    assert "ready" in out


def test_an_import_killed_leaves_no_server_and_is_resumed(
    tmp_path: Path, typed: Callable[..., Said]
) -> None:
    file = str(ROOT / "demo" / "incident_event_log.csv.gz")
    with started(tmp_path, "import", "incidents", file) as killed:
        end = time.monotonic() + 60
        while running(Home(tmp_path)) is None or tickets(tmp_path) < 200:
            assert time.monotonic() < end
            time.sleep(0.05)
        killed.process.kill()
        assert killed.process.wait() == -signal.SIGKILL
    end = time.monotonic() + 20
    while not nothing_left(tmp_path):
        assert time.monotonic() < end
        time.sleep(0.05)
    resumed = fine(typed("import", "incidents", file))
    assert len(resumed.splitlines()) == 1
    unchanged = int(resumed.split(" extended, ")[1].split()[0].replace(",", ""))
    assert unchanged > 0
    again = fine(typed("import", "incidents", file))
    assert " 0 cases new, 0 extended, 1,474 unchanged; 0 customers, 0 events" in again
    fine(typed("verify"))


def tickets(home: Path) -> int:
    """How many tickets are on record at the servers that run."""
    told = running(Home(home))
    try:
        with psycopg.connect(str(told and told["database_url"])) as connection:
            row = connection.execute("SELECT count(*) FROM es.streams WHERE kind = 'ticket'")
            return int((row.fetchone() or (0,))[0])
    except psycopg.Error:
        return 0


def ready_again(address: str, seconds: float = 30) -> bool:
    """Whether it serves, within this time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answered(f"{address}/readyz")["ready"]:
                return True
        except OSError:
            time.sleep(0.2)
    return False


def test_a_server_that_was_killed_is_started_again_with_what_was_recorded(
    tmp_path: Path, typed: Callable[..., Said]
) -> None:
    with started(tmp_path, "up") as up:
        address = up.until("API").split()[1]
        up.until("keys")
        fine(typed("send", "RegisterCustomer", json.dumps(REGISTER)))
        before = events(tmp_path)
        postmaster = int((tmp_path / "pg" / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        for queue in working_in(tmp_path / "valkey"):
            os.kill(queue, signal.SIGKILL)
        assert wait_until(lambda: killed_and_back(tmp_path, postmaster))
        assert ready_again(address)
        assert events(tmp_path) == before
        fine(typed("send", "RegisterCustomer", json.dumps(REGISTER)))
        assert events(tmp_path) > before
        fine(up.told(signal.SIGTERM))
    assert nothing_left(tmp_path)


def killed_and_back(home: Path, postmaster: int) -> bool:
    """Whether another server has taken the place of both."""
    written = home / "pg" / "data" / "postmaster.pid"
    now = int(written.read_text().split()[0]) if written.exists() else postmaster
    return now != postmaster and bool(working_in(home / "valkey"))


def wait_until(so: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if so():
            return True
        time.sleep(0.1)
    return False


def test_who_uses_the_servers_of_another_ends_with_it(tmp_path: Path) -> None:
    with started(tmp_path, "up") as owner:
        owner.until("keys")
        with started(tmp_path, "up") as other:
            other.until("keys")
            begun = time.monotonic()
            fine(owner.told(signal.SIGTERM))
            assert time.monotonic() - begun < 9
            said = other.ended(30)
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert "server_problem" in said.err
