"""`make verify-data`: imports the files in a folder into a fresh data folder and compares."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from infra.home import Home
from infra.imports.problem import ImportProblem
from infra.imports.run import Report, import_file
from infra.problem import problem_of
from infra.product import Product, product
from infra.projector import catch_up
from infra.verify_data import complaints, conversations, incidents, retail
from infra.verify_data.comparison import Comparison
from infra.verify_data.reference import Reference

FILES = {
    "retail": "online_retail_lines",
    "incidents": "incident_event_log",
    "complaints": "cfpb_complaints",
    "conversations": "helpdesk_conversations",
}
ANSWERS: Mapping[str, Sequence[str]] = {
    "retail": retail.FILES,
    "incidents": incidents.FILES,
    "complaints": complaints.FILES,
    "conversations": conversations.FILES,
}
"""The reference files each kind of file is compared with."""
Imported = Mapping[str, tuple[Path, Report]]


def verify(data: Path, reference: Path, tell: Callable[[str], None]) -> int:
    """The exit code: 0 if everything compared is equal, 1 if anything differs, a file could not be
    imported or answers not be read, or nothing was compared. Reads both folders, writes neither.
    """
    compared = failed = 0
    answers = Reference(reference)
    paths = {kind: path for kind, name in FILES.items() if (path := _found(data, name))}
    if any(name in answers for kind in paths for name in ANSWERS[kind]):
        with (
            tempfile.TemporaryDirectory(prefix="dossier-verify-") as folder,
            product(Home.at(Path(folder))) as running,
        ):
            imported = _imported(running, paths, tell)
            failed += len(paths) - len(imported)
            for comparison in _comparisons(running, imported, answers):
                compared += 1
                failed += comparison.failed
                for line in comparison.lines():
                    tell(line)
    for line in _not_compared(paths, answers):
        tell(line)
    if not compared:
        tell(f"nothing to compare: no known file in {data} has its answers in {reference}")
    return 1 if failed or not compared else 0


def _imported(running: Product, paths: Mapping[str, Path], tell: Callable[[str], None]) -> Imported:
    imported = {}
    for kind, path in paths.items():
        try:
            report = import_file(running, kind, path)
        except ImportProblem as problem:
            told = problem_of(problem)
            tell(f"{path.name}: not imported, {told.line('en') if told else problem.code}")
            continue
        imported[kind] = path, report
        tell(_told(report))
    catch_up(running.addresses.database_url)
    return imported


def _comparisons(
    running: Product, imported: Imported, reference: Reference
) -> Iterator[Comparison]:
    for kind, (path, report) in imported.items():
        match kind:
            case "retail":
                yield from retail.comparisons(running, path, report, reference)
            case "incidents":
                yield from incidents.comparisons(running, reference)
            case "complaints":
                yield from complaints.comparisons(running, reference)
            case "conversations":
                yield from conversations.comparisons(running, reference)


def _not_compared(paths: Mapping[str, Path], reference: Reference) -> Iterator[str]:
    for kind, name in FILES.items():
        answers = [file for file in ANSWERS[kind] if file in reference]
        if kind in paths and not answers:
            yield f"{paths[kind].name}: not compared, the reference has no answers for it"
        if kind not in paths and answers:
            yield f"{', '.join(answers)}: not compared, {name} is not in the data"
    known = {file for files in ANSWERS.values() for file in files}
    if others := reference.others(known):
        yield f"not covered here: {', '.join(others)}"


def _found(data: Path, name: str) -> Path | None:
    paths = [data / f"{name}.csv.gz", data / f"{name}.csv"]
    return next((path for path in paths if path.exists()), None)


def _told(report: Report) -> str:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{report.file}: {report.rows:,} rows, {report.recorded:,} cases, {report.events:,} events,"
        f" {report.rejected:,} rejected, {sum(report.left_out.values()):,} left out in"
        f" {report.seconds:.1f} s ({report.rows / report.seconds:,.0f} rows/s, {memory:.0f} MB)"
    )
