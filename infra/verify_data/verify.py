"""`make verify-data`: imports the files in a folder into a fresh data folder and compares."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.home import Home
from infra.imports.run import Report, import_file
from infra.product import Product, product
from infra.projector import catch_up
from infra.verify_data import complaints, conversations, incidents, retail
from infra.verify_data.comparison import Comparison

FILES = {
    "retail": "online_retail_lines",
    "incidents": "incident_event_log",
    "complaints": "cfpb_complaints",
    "conversations": "helpdesk_conversations",
}


def verify(data: Path, reference: Path, tell: Callable[[str], None]) -> int:
    """The exit code: 0 if everything compared is equal, 1 if anything differs or nothing was found.

    Raises ImportProblem for a file that cannot be read.
    """
    compared = differing = 0
    with (
        tempfile.TemporaryDirectory(prefix="dossier-verify-") as folder,
        product(Home.at(Path(folder))) as running,
    ):
        for comparison in _comparisons(running, data, reference, tell):
            compared += 1
            differing += bool(comparison.differing)
            for line in comparison.lines():
                tell(line)
    if not compared:
        tell(f"nothing to compare: no known file in {data} has its answers in {reference}")
    return 1 if differing or not compared else 0


def _comparisons(
    running: Product, data: Path, reference: Path, tell: Callable[[str], None]
) -> Iterator[Comparison]:
    imported: dict[str, tuple[Path, Report]] = {}
    for kind, name in FILES.items():
        path = _found(data, name)
        if path is not None:
            report = import_file(running, kind, path)
            imported[kind] = path, report
            tell(_told(report))
    catch_up(running.addresses.database_url)
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
