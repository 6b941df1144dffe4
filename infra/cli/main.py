"""`dossier`, and the edge at which whatever goes wrong becomes one line and exit code 1."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from infra.cli import asking, keeping, running

app = typer.Typer(
    name="dossier",
    help="Dossier: the customer record that can prove itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
running.add_to(app)
asking.add_to(app)
keeping.add_to(app)


@app.callback()
def options(
    home: Annotated[
        Path | None, typer.Option(help="The data folder; default: DOSSIER_HOME, else ./var.")
    ] = None,
    lang: Annotated[str, typer.Option(help="Language of refusals: en or zh.")] = "en",
) -> None:
    if home is not None:
        os.environ["DOSSIER_HOME"] = str(home)
    if lang not in ("en", "zh"):
        raise typer.BadParameter(f"there is no language {lang!r}; en and zh there are")
    os.environ["DOSSIER_LANG"] = lang


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit code 0, or 1 with one line on the error stream; no traceback for what a user did."""
    try:
        code = app(args=arguments, standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = 0
    except typer.TyperException as problem:
        code = _one_line(getattr(problem, "message", "") or "see `dossier --help`")
    except Exception as fault:  # noqa: BLE001
        # The edge of the process. A fault of ours is told by its kind: its text may quote data.
        code = _one_line(_told(fault) or f"a defect of Dossier: {type(fault).__name__}")
    sys.exit(code or 0)


def _one_line(text: str) -> int:
    sys.stderr.write("dossier: " + " ".join(text.split()) + "\n")
    return 1


def _told(fault: Exception) -> str | None:
    """The sentence for a problem that a user can meet; None for a fault of ours."""
    import psycopg

    from infra.problem import problem_of
    from infra.projector.builds import NoSuchProjection
    from infra.request import ProjectionUnknown

    if isinstance(fault, NoSuchProjection):
        fault = ProjectionUnknown(name=str(fault))
    if isinstance(fault, psycopg.errors.UndefinedTable):
        return "there are no read models yet; run `dossier projections run` first"
    problem = problem_of(fault)
    language: Literal["en", "zh"] = "zh" if os.environ.get("DOSSIER_LANG") == "zh" else "en"
    return f"{problem.line(language)} [{problem.code}]" if problem is not None else None


if __name__ == "__main__":
    main()
