"""Where the command line takes commands: to the running API, else to the record itself.

Either way as whoever the data folder's token says, so that both answer alike. Questions are read
from the database: it is on this machine, and whoever holds the data folder may read it.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from commands.command import Command
from infra.cli.opened import administrator, opened
from infra.cli.telling import AnsweredElsewhere, language
from infra.dispatch import Result
from infra.home import Home
from infra.identity.authentication import authenticated
from infra.identity.credential import Credential, Unauthenticated
from infra.product import Product
from infra.request import command_id, read_command
from infra.servers.owner import DATABASE_SETTING, running
from infra.servers.problem import ServerProblem
from infra.servers.setting import setting

PATIENCE = 60
LONGEST_TOKEN = 8_000


class Door(Protocol):
    def send(self, kind: type[Command], body: bytes, key: str, expected: int | None) -> Result:
        """Raises what was refused, and how it is told."""


class RunningApi:
    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self._token = token
        # A proxy is for the world outside; this is the loopback.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send(self, kind: type[Command], body: bytes, key: str, expected: int | None) -> Result:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Accept-Language": language(),
            "Idempotency-Key": key,
        }
        if expected is not None:
            headers["If-Match"] = f'"{expected}"'
        request = urllib.request.Request(
            f"{self._address}/v1/commands/{kind.__name__}", data=body, headers=headers
        )
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                replayed = answer.headers.get("Idempotency-Replayed") == "true"
                return Result(**json.loads(answer.read()), replayed=replayed)
        except urllib.error.HTTPError as refused:
            raise _told(json.loads(refused.read())) from None
        except OSError as fault:
            reason = getattr(fault, "reason", fault)
            raise ServerProblem(f"the API at {self._address} does not answer: {reason}") from fault


class OpenedRecord:
    def __init__(self, product: Product, token: str | None) -> None:
        self._product = product
        self._token = token

    def send(self, kind: type[Command], body: bytes, key: str, expected: int | None) -> Result:
        who = self._who()
        identity = command_id(who.actor, key)
        command = read_command(kind, body)
        dispatch = self._product.dispatcher.dispatch
        return dispatch(command, who.caller(kind), identity, expected=expected)

    def _who(self) -> Credential:
        if self._token is None:
            return administrator(self._product)
        return authenticated(self._product.record.connection, self._token)


@contextmanager
def door(token_file: Path | None = None) -> Iterator[Door]:
    """As whom the token in the file belongs to; None: the administrator of the data folder. Raises
    Unauthenticated for a file without one."""
    given = None if token_file is None else _token_in(token_file)
    home = Home.at()
    told = running(home) or {}
    named = setting(DATABASE_SETTING)
    if "api_url" in told and named in (None, "", told["database_url"]):
        token = given or (home.credentials / "admin.token").read_text("ascii").strip()
        yield RunningApi(str(told["api_url"]), token)
    else:
        with opened() as product:
            yield OpenedRecord(product, given)


def _token_in(file: Path) -> str:
    try:
        return file.read_text("ascii")[:LONGEST_TOKEN].strip()
    except (OSError, UnicodeDecodeError):
        raise Unauthenticated from None


def _told(problem: dict[str, Any]) -> AnsweredElsewhere:
    fields = "; ".join(
        f"{e['pointer'].removeprefix('/')}: {e['detail']}" for e in problem.get("errors", ())
    )
    return AnsweredElsewhere(f"{problem['detail']} {fields}".strip(), problem["code"])
