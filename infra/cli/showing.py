"""What a terminal shows: tables, spans of time, how far a job is and how long it will take."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text


class Screen(Console):
    def on_broken_pipe(self) -> None:
        """Left to the edge of the process."""
        raise BrokenPipeError


console = Screen(
    highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else 200
)
EVERY = 3.0
"""Seconds between two lines about a job where no terminal can move a bar."""


class Tell(Protocol):
    def __call__(self, done: int, total: int, says: str, rate: float | None = None) -> None:
        """Moves a job on. `rate` a second is worked out from `done` where it is not given."""


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    shown = Table(title=Text(title), title_justify="left")
    for column in columns:
        shown.add_column(column)
    for row in rows:
        shown.add_row(*(Text(text(value)) for value in row))
    console.print(shown)


def text(value: Any) -> str:
    """A value as people read it; times in UTC to the minute. What a terminal would obey instead of
    showing it is shown as a question mark."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in str(value))


def span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


class Pace:
    """How fast a job goes and how long it will still take; each of its stages is timed alone."""

    def __init__(self) -> None:
        self._total = self._done = self._from = 0
        self._begun = time.monotonic()

    def says(self, done: int, total: int, says: str, rate: float | None) -> str | None:
        """None at the first word about a stage, when there is no pace yet."""
        at = time.monotonic()
        if total != self._total or done < self._done:
            self._begun, self._from, self._total = at, done, total
        self._done = done
        spent = at - self._begun
        moved = done - self._from
        if not (spent and moved):
            return None
        left = spent * (total - done) / moved
        return f"{says}, {moved / spent if rate is None else rate:,.0f}/s, {span(left)} left"


@contextmanager
def progress(title: str, *, every: float = EVERY) -> Iterator[Tell]:
    """While a job runs, on the error stream: a bar on a terminal, elsewhere a line now and then,
    seconds apart."""
    pace = Pace()
    screen = Console(stderr=True, markup=False, highlight=False)
    if not screen.is_terminal:
        told = time.monotonic()

        def line(done: int, total: int, says: str, rate: float | None = None) -> None:
            nonlocal told
            words = pace.says(done, total, says, rate)
            if words is not None and time.monotonic() - told >= every:
                told = time.monotonic()
                percent = 100 * done // max(total, 1)
                screen.print(f"{title}: {percent} %, {words}", soft_wrap=True)

        yield line
        return
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[says]}")
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(title, says="", total=None)

        def move(done: int, total: int, says: str, rate: float | None = None) -> None:
            words = pace.says(done, total, says, rate)
            bar.update(task, completed=done, total=max(total, 1), says=words or says)

        yield move
