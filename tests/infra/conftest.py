"""A process beside the test that owns servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from infra.home import Home
from tests.infra.other_process import ROOT, OtherProcess, Start


@pytest.fixture
def other_process(home: Home) -> Iterator[Start]:
    """Start a process that serves `home`; ended after the test if it still runs."""
    begun: list[subprocess.Popen[str]] = []

    def start(
        home: Home = home,
        python: tuple[str, ...] = (sys.executable,),
        user: int | None = None,
        **env: str,
    ) -> OtherProcess:
        process = subprocess.Popen(
            [*python, "-m", "tests.infra.owner_program", str(home.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
            cwd="/",
            user=user,
        )
        begun.append(process)
        assert process.stdout
        line = process.stdout.readline()
        assert line, f"it ended with {process.wait()}"
        return OtherProcess(home, process, json.loads(line))

    yield start
    for process in begun:
        with process:  # closes its standard input, waits
            pass
