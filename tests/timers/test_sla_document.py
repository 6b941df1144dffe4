"""What docs/sla.md says is so: events of the format, fields, events of the record, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands.catalogue import HANDLERS
from domain.timer_events import TIMERS
from infra.sla_check.told import Case

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sla.md").read_text("utf-8")


def section(title: str) -> str:
    return DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_table_of_events_is_the_methods_of_a_case() -> None:
    told = [name.removeprefix("on_") for name in vars(Case) if name.startswith("on_")]
    assert re.findall(r"^\| `(\w+)` \|", section("Events of a case file as commands"), re.M) == told


def test_every_command_of_the_table_is_one() -> None:
    named = set(re.findall(r"`([A-Z]\w+)`", section("Events of a case file as commands")))
    assert named <= {command.__name__ for command in HANDLERS}
    assert len(named) > 25


def test_every_timer_event_has_its_line() -> None:
    named = set(re.findall(r"`(Sla\w+)`", section("The life of a promise")))
    assert named == {event.__name__ for event in TIMERS}


def test_every_field_of_a_row_is_told() -> None:
    """Those that the shipped rows have."""
    import tomllib
    from importlib.resources import files

    told = set(re.findall(r"`(\w+)`", section("A row")))
    rows = [
        row
        for file in files("domain.policy").iterdir()
        if file.name.endswith(".toml")
        for row in tomllib.loads(file.read_text("utf-8")).get("deadline", ())
    ]
    assert len(rows) > 20
    assert {name for row in rows for name in row} - told == set()
    assert {name for row in rows for name in row.get("target", ())} - told - {"from"} == set()


@pytest.mark.parametrize("command", ["breaches", "explain", "what-if", "migrate", "check"])
def test_every_command_line_it_names_is_there(command: str) -> None:
    import typer.main

    from infra.cli.main import app

    assert f"dossier sla {command}" in DOCUMENT
    sla = typer.main.get_command(app).commands["sla"]  # type: ignore[attr-defined]
    assert command in sla.commands
