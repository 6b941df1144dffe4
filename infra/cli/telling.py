"""A problem in one line, in the language asked for."""

from __future__ import annotations

import os

import psycopg
import typer

from infra.cli.problem import ReadModelsMissing, RightsMissing, usage
from infra.messages import Language
from infra.problem import problem_of
from infra.projector import NoSuchProjection
from infra.request import ProjectionUnknown
from infra.servers.problem import ServerProblem

SETTING = "DOSSIER_LANG"


class AnsweredElsewhere(Exception):
    """The running API refused: its sentence, in our language, and its code."""

    def __init__(self, says: str, code: str) -> None:
        super().__init__(code)
        self.says = says
        self.code = code


def language() -> Language:
    return "zh" if os.environ.get(SETTING) == "zh" else "en"


def told(fault: Exception) -> str:
    """A fault of ours is told by its kind only: its text may quote data."""
    if isinstance(fault, AnsweredElsewhere):
        return f"{fault.says} [{fault.code}]"
    problem = problem_of(_named(fault))
    if problem is None:
        return f"a defect of Dossier: {type(fault).__name__}"
    return f"{problem.line(language())} [{problem.code}]"


def one_line(text: str) -> str:
    """Without line ends, and without what a terminal would obey instead of showing it."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def _named(fault: Exception) -> Exception:
    """What libraries and inner layers raise, as the refusal it amounts to at a terminal."""
    match fault:
        case typer.TyperException():
            return usage(fault)
        case NoSuchProjection():
            return ProjectionUnknown(name=str(fault))
        case psycopg.errors.UndefinedTable() if '"read.' in (fault.diag.message_primary or ""):
            return ReadModelsMissing()
        case psycopg.errors.InsufficientPrivilege():
            return RightsMissing()
        case OSError(strerror=str(reason)):
            # A full disk, a file taken away: the machine's, with no data in it.
            return ServerProblem(f"the operating system refused: {reason}")
        case _:
            return fault
