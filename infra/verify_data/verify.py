"""`make verify-data`: imports the files in a folder into a fresh data folder and compares."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from infra.home import Home
from infra.imports.problem import ImportProblem
from infra.imports.run import Report, import_file
from infra.product import Product, product
from infra.projector import catch_up
from infra.verify_data import city, complaints, conversations, incidents, retail
from infra.verify_data.comparison import Comparison
from infra.verify_data.promises import Share
from infra.verify_data.reference import Reference
from infra.verify_data.requests_compared import compared as requests_compared
from infra.verify_data.telling import not_imported, told

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
            if "incidents" in paths:
                incidents.publish(running, answers)
            imported = _imported(running, paths, tell)
            failed += len(paths) - len(imported)
            for comparison in _comparisons(running, imported, answers):
                compared += 1
                failed += comparison.failed
                for line in comparison.lines():
                    tell(line)
    for result in requests_compared(data, answers, tell):
        compared += 1
        failed += result.failed
        for line in result.lines():
            tell(line)
    for line in _not_compared(data, paths, answers):
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
            tell(not_imported(path, problem))
            continue
        imported[kind] = path, report
        tell(told(report))
    catch_up(running.addresses.database_url)
    return imported


def _comparisons(
    running: Product, imported: Imported, reference: Reference
) -> Iterator[Comparison | Share]:
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


def _not_compared(data: Path, paths: Mapping[str, Path], reference: Reference) -> Iterator[str]:
    for kind, name in FILES.items():
        answers = [file for file in ANSWERS[kind] if file in reference]
        if kind in paths and not answers:
            yield f"{paths[kind].name}: not compared, the reference has no answers for it"
        if kind not in paths and answers:
            yield f"{', '.join(answers)}: not compared, {name} is not in the data"
    known = {file for files in ANSWERS.values() for file in files}
    for year in city.YEARS:
        files, rules = city.files_of(year, data), reference.like(year.rules)
        known |= {name for pattern in year.covers for name in reference.like(pattern)}
        if files and not rules:
            names = ", ".join(path.name for path in files)
            yield f"{names}: not compared, the reference has no answers for it"
        if rules and not files:
            yield f"{', '.join(rules)}: not compared, {year.files} is not in the data"
    if others := reference.others(known):
        yield f"not covered here: {', '.join(others)}"


def _found(data: Path, name: str) -> Path | None:
    paths = [data / f"{name}.csv.gz", data / f"{name}.csv"]
    return next((path for path in paths if path.exists()), None)
