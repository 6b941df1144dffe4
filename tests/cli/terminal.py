"""A terminal of a test: lines typed at `dossier`, and what the record holds before and after."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from infra.home import Home
from infra.product import assembled
from infra.servers.owner import Addresses
from tests.commands.erasing import erase

ROOT = Path(__file__).parents[2]
PROMPT = Path(__file__).with_name("prompt.py")
DOSSIER = (sys.executable, "-m", "infra.cli.main")


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def one_line(self) -> str:
        """The only line of the error stream."""
        (line,) = self.err.splitlines()
        return line


@dataclass
class Terminal:
    home: Home
    database: str
    env: dict[str, str]
    prompt: subprocess.Popen[str]
    languages: tuple[str, ...] = field(default=("en", "zh"))

    def types(self, *words: str, stdin: str = "", **env: str) -> Said:
        asked = {"words": words, "env": {**self.env, **env}, "stdin": stdin}
        assert self.prompt.stdin is not None
        assert self.prompt.stdout is not None
        self.prompt.stdin.write(json.dumps(asked) + "\n")
        self.prompt.stdin.flush()
        return Said(**json.loads(self.prompt.stdout.readline()))

    def sends(self, name: str, body: dict[str, Any], *options: str) -> dict[str, Any]:
        """What a command that is accepted comes to."""
        said = self.types("send", name, json.dumps(body), *options)
        assert said.code == 0, said.err
        answer: dict[str, Any] = json.loads(said.out)
        return answer

    def customer(self, **profile: str) -> UUID:
        body = {"collection_source": "customer_submitted", "market": "GB", "profile": profile}
        return UUID(self.sends("RegisterCustomer", body)["ids"]["customer"])

    def erases(self, customer: UUID) -> None:
        """By a request, in this process: the steps of one are nobody's to type."""
        addresses = Addresses(self.database, self.env["DOSSIER_REDIS_URL"], owner=False)
        with assembled(self.home, addresses) as product:
            erase(product, customer)

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(question.encode()).fetchall()

    def recorded(self) -> int:
        """How many events there are, besides those that come with the product."""
        return int(self.rows("SELECT count(*) FROM es.events WHERE actor <> 'dossier'")[0][0])


@contextmanager
def prompted() -> Iterator[subprocess.Popen[str]]:
    """A prompt for any number of terminals, one after another: it takes as long to start as
    `dossier` takes to import everything."""
    with subprocess.Popen(
        [sys.executable, PROMPT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as prompt:
        yield prompt
        assert prompt.stdin is not None
        prompt.stdin.close()


@contextmanager
def terminal(home: Home, database: str, redis_url: str) -> Iterator[Terminal]:
    """With a prompt of its own."""
    with prompted() as prompt:
        yield at_prompt(prompt, home, database, redis_url)


def at_prompt(prompt: subprocess.Popen[str], home: Home, database: str, redis_url: str) -> Terminal:
    env = {
        "DOSSIER_HOME": str(home.path),
        "DOSSIER_DATABASE_URL": database,
        "DOSSIER_REDIS_URL": redis_url,
    }
    return Terminal(home, database, env, prompt)


class Started:
    """`dossier` as a real process with servers of its own, in its own data folder."""

    def __init__(self, home: Path, *words: str, **env: str) -> None:
        own = {k: v for k, v in os.environ.items() if not k.startswith("DOSSIER_")}
        self.home = home
        self.process = subprocess.Popen(
            [*DOSSIER, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**own, "DOSSIER_HOME": str(home), **env},
        )
        self.lines: list[str] = []
        self.said: Said | None = None

    def until(self, beginning: str) -> str:
        """Reads its output up to the first line that begins so, and returns that line."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.strip().startswith(beginning):
                return line.strip()
        raise AssertionError(f"it ended without saying {beginning}: {self.ended()}")

    def told(self, number: signal.Signals) -> Said:
        self.process.send_signal(number)
        return self.ended()

    def ended(self, patience: float = 60) -> Said:
        if self.said is None:
            out, err = self.process.communicate(timeout=patience)
            self.said = Said(self.process.returncode, "\n".join([*self.lines, out]), err)
        return self.said
