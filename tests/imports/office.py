"""Small files to import, and what is on record afterwards."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

from domain.event import Event, Recorded
from infra.imports.run import SOURCES, Report, import_file
from infra.product import Product
from infra.publication.shipping import SHIPPER

ROOT = Path(__file__).parents[2]
DEMO = {
    "retail": "online_retail_lines",
    "incidents": "incident_event_log",
    "complaints": "cfpb_complaints",
    "conversations": "helpdesk_conversations",
}
NUMBER = {
    "retail": "invoice_no",
    "incidents": "number",
    "complaints": "complaint_id",
    "conversations": "issue_id",
}
Rows = Sequence[Mapping[str, str]]


class Office:
    """Writes files of a kind, imports them, and reads back what is on record."""

    def __init__(self, product: Product, folder: Path) -> None:
        self.product = product
        self.folder = folder

    def file(self, kind: str, rows: Rows, name: str = "rows.csv") -> Path:
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            source = SOURCES[kind]
            columns = (*source.columns, *source.optional)
            writer = csv.DictWriter(
                file, columns, restval="", extrasaction="ignore", lineterminator="\n"
            )
            writer.writeheader()
            writer.writerows(rows)
        return path

    def sample(self, kind: str, cases: int) -> Path:
        """The first cases of a shipped file, and a row that is none."""
        rows, number = rows_of(kind), NUMBER[kind]
        kept = set(list(dict.fromkeys(row[number] for row in rows))[:cases])
        rows = [row for row in rows if row[number] in kept]
        return self.file(kind, [*rows, rows[0] | {number: ""}], "sample.csv")

    def take(self, kind: str, rows: Rows) -> Report:
        return import_file(self.product, kind, self.file(kind, rows))

    def events(self, *types: str) -> list[Recorded[Event]]:
        """All that is on record besides what comes with the product, or the events of these types,
        in the order of recording."""
        everything = self.product.record.read_after(0, 1_000_000)
        found = [r for r in everything if r.header.actor != SHIPPER.actor]
        return [r for r in found if not types or r.header.type in types]

    def rejects(self, report: Report) -> list[tuple[int, str]]:
        """Line and code of each rejected row."""
        return [(int(row["line"]), row["code"]) for row in _rejected(report)]

    def reasons(self, report: Report) -> list[str]:
        return [row["reason"] for row in _rejected(report)]

    def plain(self) -> list[tuple[object, ...]]:
        """What the record says, without the ids and seals that differ between two installations."""
        names: dict[UUID, int] = {}
        return [
            (
                r.header.type,
                r.header.at,
                r.header.at_precision,
                r.header.source_ref,
                r.header.version,
                r.header.kind,
                names.setdefault(r.header.subject, len(names)),
            )
            for r in sorted(
                self.events(),
                key=lambda r: (r.header.source_ref or "", r.header.at, r.header.version),
            )
            if r.header.source_ref
        ]


def _rejected(report: Report) -> list[dict[str, str]]:
    if report.reject_file is None:
        return []
    with report.reject_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def demo(kind: str) -> Path:
    return ROOT / "demo" / f"{DEMO[kind]}.csv.gz"


def rows_of(kind: str) -> list[dict[str, str]]:
    """The rows of a shipped sample as they stand, read without the product."""
    with gzip.open(demo(kind), "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
