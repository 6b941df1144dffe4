"""Whatever is wrong on the command line is one line on standard error and exit code 1."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from infra.home import Home

CASES = {
    "unknown group": ("bogus",),
    "unknown flag": ("verify", "--fast"),
    "no id": ("history", "x"),
    "unknown customer": ("history", "00000000-0000-0000-0000-000000000001"),
    "unknown command": ("send", "OpenPodBayDoors", "{}"),
    "no json": ("send", "RegisterCustomer", "{"),
    "extra field": ("send", "RegisterCustomer", '{"vip": 1}'),
    "missing file": ("import", "retail", "nowhere.csv"),
    "unknown kind": ("import", "rumours", "nowhere.csv"),
    "unknown projection": ("projections", "rebuild", "rumours"),
}


def test_each_is_one_line_and_exit_code_1(
    home: Home, database: str, redis_url: str, subtests: pytest.Subtests
) -> None:
    named = {"DOSSIER_DATABASE_URL": database, "DOSSIER_REDIS_URL": redis_url}
    env = {**os.environ, **named, "DOSSIER_HOME": str(home.path)}
    for name, words in CASES.items():
        with subtests.test(name):
            run = subprocess.run(
                [sys.executable, "-m", "infra.cli.main", *words],
                capture_output=True,
                text=True,
                env=env,
            )
            assert run.returncode == 1, run.stderr
            assert len(run.stderr.strip().splitlines()) == 1, run.stderr
            assert "Traceback" not in run.stderr
