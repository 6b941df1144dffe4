"""`dossier`, and the edge at which whatever goes wrong becomes one line and exit code 1."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from infra.cli import (
    access,
    asking,
    calendars,
    clauses,
    consents,
    duties,
    erasure,
    glass,
    keeping,
    keys,
    policies,
    privacy,
    running,
    sending,
    tiers,
)

EVERYWHERE = ("--home", "--lang")
app = typer.Typer(
    name="dossier",
    help="Dossier: the customer record that can prove itself. --home and --lang may also stand"
    " behind the command.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
PARTS = (
    running,
    asking,
    consents,
    tiers,
    sending,
    keeping,
    access,
    keys,
    privacy,
    erasure,
    glass,
    calendars,
    policies,
    clauses,
    duties,
)
for part in PARTS:
    part.add_to(app)


def _home(value: Path | None) -> None:
    if value is not None:
        os.environ["DOSSIER_HOME"] = str(value)


def _lang(value: str | None) -> None:
    """While the line is parsed, so that what is wrong behind it is told in this language. One that
    was asked for in the environment and is not there is told, once, and English is spoken."""
    from infra.cli.problem import LanguageUnknown
    from infra.cli.telling import SETTING, one_line, told
    from infra.messages import LANGUAGES

    wanted = os.environ.get(SETTING) if value is None else value
    if not wanted and value is None:
        return
    if wanted in LANGUAGES:
        os.environ[SETTING] = wanted
        return
    unknown = LanguageUnknown(language=wanted, known=", ".join(LANGUAGES))
    if value is not None:
        raise unknown
    os.environ[SETTING] = "en"
    sys.stderr.write(f"dossier: {SETTING}: {one_line(told(unknown))}\n")


@app.callback()
def options(
    home: Annotated[
        Path | None,
        typer.Option(callback=_home, help="The data folder; default: DOSSIER_HOME, else ./var."),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(callback=_lang, help="Of refusals: en or zh; default: DOSSIER_LANG, else en."),
    ] = None,
) -> None:
    """Both are settled while the line is parsed."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit code 0, or 1 with one line on the error stream; no traceback for what a user did.

    Ctrl-C and SIGTERM end any command in order, with 0.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    _speakable()
    words = in_front(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(args=words, standalone_mode=False) or 0
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read us has seen enough, as `head` has.
        _forget_output()
        code = 0
    except Exception as problem:  # noqa: BLE001 - the edge of the process
        code = _failed(problem)
        if isinstance(problem, OSError):
            _forget_output()
    sys.exit(code)


def in_front(words: Sequence[str]) -> list[str]:
    """`--home` and `--lang` mean the same wherever they stand, so they go first."""
    first: list[str] = []
    rest: list[str] = []
    coming = iter(words)
    for word in coming:
        if word == "--":
            rest += [word, *coming]
        elif word in EVERYWHERE:
            first += [word, *([value] if (value := next(coming, None)) is not None else [])]
        else:
            (first if word.startswith(tuple(f"{o}=" for o in EVERYWHERE)) else rest).append(word)
    return first + rest


def _end(*_: object) -> None:
    """What is open is closed on the way out."""
    sys.exit(0)


def _speakable() -> None:
    """Streams that are closed hold nothing and swallow what is said; what cannot be written in a
    terminal's encoding is written as its number."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115
        getattr(sys, name).reconfigure(errors="backslashreplace")


def _forget_output() -> None:
    """So that nothing is tried again when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(problem: Exception) -> int:
    """Says what was wrong; where nothing was asked for, what can be."""
    from infra.cli.telling import one_line, told

    if type(problem).__name__ == "NoArgsIsHelpError":
        print(getattr(problem, "message", ""))
        return 0
    sys.stderr.write(f"dossier: {one_line(told(problem))}\n")
    return 1


if __name__ == "__main__":
    main()
