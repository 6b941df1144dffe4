"""The examples of the description are true: each one is accepted, none is left to chance."""

from __future__ import annotations

from commands.catalogue import HANDLERS
from infra.http.examples import example_of, written
from tests.http.door import Door
from tests.http.story import told


def test_every_command_has_an_example_that_it_takes() -> None:
    for command in HANDLERS:
        command.model_validate(example_of(command))
    assert set(written()) <= {command.__name__ for command in HANDLERS}


def test_every_example_written_by_hand_is_accepted(door: Door) -> None:
    answers = [(name, answer.status_code, answer.text) for name, answer in told(door)]
    refused = [answer for answer in answers if answer[1] != 200]
    assert refused == [], "\n".join(map(str, refused))
    assert sorted(set(written()) - {name for name, _, _ in answers}) == []
