"""What is told of an import: how far it is, what became of it, why it did not come about."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path

from infra.imports.problem import ImportProblem
from infra.imports.run import Progress, Report
from infra.problem import problem_of

EVERY = 5.0
"""Seconds between two lines of progress."""
Tell = Callable[[str], None]


def told(report: Report) -> str:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{report.file}: {report.rows:,} rows, {report.recorded:,} cases, {report.events:,} events,"
        f" {report.rejected:,} rejected, {sum(report.left_out.values()):,} left out in"
        f" {report.seconds:.1f} s ({report.rows / report.seconds:,.0f} rows/s, {memory:.0f} MB)"
    )


def not_imported(path: Path, problem: ImportProblem) -> str:
    known = problem_of(problem)
    return f"{path.name}: not imported, {known.line('en') if known else problem.code}"


def progress(path: Path, tell: Tell) -> Callable[[Progress], None]:
    """A line every few seconds while rows are recorded."""
    last = time.monotonic()

    def show(seen: Progress) -> None:
        nonlocal last
        if seen.stage == "recording" and time.monotonic() - last >= EVERY:
            last = time.monotonic()
            tell(f"{path.name}: {seen.done:,} of {seen.total:,} rows, {seen.rate:,.0f} a second")

    return show
