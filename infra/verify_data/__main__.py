"""`python -m infra.verify_data DATA REFERENCE`: one line per comparison, 1 if anything differs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from infra.problem import problem_of
from infra.verify_data.verify import verify


def main(arguments: Sequence[str]) -> int:
    folders = [Path(argument) for argument in arguments]
    if len(folders) != 2 or "" in arguments:
        return _refused("name two folders: make verify-data DATA=DIR REFERENCE=DIR")
    for folder in folders:
        if not folder.is_dir():
            return _refused(f"{folder} is no folder")
    try:
        data, reference = folders
        return verify(data, reference, _tell)
    except Exception as fault:
        # The edge of the process: what a person can mend is told in a line, a defect is shown.
        problem = problem_of(fault)
        if problem is None:
            raise
        return _refused(problem.line("en"))


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _refused(line: str) -> int:
    sys.stderr.write(f"{line}\n")
    return 1


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    sys.exit(main(sys.argv[1:]))
