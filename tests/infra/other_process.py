"""Another process that owns servers, to be killed, waited for, or asked."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.home import Home
from infra.servers.process import working_in

ROOT = Path(__file__).parents[2]


@dataclass
class OtherProcess:
    home: Home
    process: subprocess.Popen[str]
    told: dict[str, Any]

    @property
    def database_url(self) -> str:
        return str(self.told["database_url"])

    @property
    def redis_url(self) -> str:
        return str(self.told["redis_url"])

    @property
    def postmaster(self) -> int:
        return int((self.home.pg / "data" / "postmaster.pid").read_text().splitlines()[0])

    @property
    def valkey(self) -> int:
        return working_in(self.home.valkey)[0]

    def end(self) -> int:
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def servers_left(home: Home) -> list[int]:
    return working_in(home.pg / "data") + working_in(home.valkey)


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.02)


Start = Callable[..., OtherProcess]
