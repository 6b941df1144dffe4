"""An import run: a file read, its cases recorded, every row accounted for.

Importing a file again records what is missing and nothing else, so a killed run is resumed by
starting it again. The run is on record in `ref.import_run`: while it is open nothing overdue is
noted in the streams it writes (their events carry its id as correlation).
"""

from __future__ import annotations

import getpass
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from domain.refusal import Refused
from infra.dispatch import Caller
from infra.imports import runs
from infra.imports.case import Case, LeftOut, Source
from infra.imports.complaints import COMPLAINTS
from infra.imports.conversations import CONVERSATIONS
from infra.imports.incidents import INCIDENTS
from infra.imports.problem import ImportKindUnknown, RowProblem
from infra.imports.reading import BadRow, Row, Table
from infra.imports.recording import Batch, Recorder
from infra.imports.rejects import RowList
from infra.imports.retail import RETAIL
from infra.imports.spool import Spool
from infra.product import Product, new_id, now
from infra.record.batch import Answer

SOURCES: Mapping[str, Source] = {
    source.name: source for source in (RETAIL, INCIDENTS, COMPLAINTS, CONVERSATIONS)
}
CASES_PER_BATCH, ROWS_PER_BATCH = 256, 4_000
AHEAD = timedelta(minutes=5)
EVERY = 0.25


@dataclass(frozen=True, slots=True)
class Progress:
    """`stage` is reading or recording. `done` and `total` are bytes of the file while reading,
    rows while recording; `rate` is rows a second, `seconds_left` for this stage."""

    stage: str
    rows: int
    done: int
    total: int
    rate: float
    seconds_left: float | None


@dataclass(slots=True)
class Report:
    """What became of a file. Every row is in a case that is on record, rejected, or left out.

    `recorded` cases are new, `extended` ones got further facts, `unchanged` ones were on record in
    full. `horizon` is the time of the last fact (UTC): up to then the file speaks.
    """

    run: UUID
    kind: str
    file: str
    rows: int = 0
    recorded: int = 0
    extended: int = 0
    unchanged: int = 0
    customers: int = 0
    events: int = 0
    rejected: int = 0
    reject_file: Path | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    left_out_file: Path | None = None
    notes: Counter[str] = field(default_factory=Counter)
    horizon: datetime | None = None
    seconds: float = 0.0


def import_file(
    product: Product,
    kind: str,
    path: Path,
    progress: Callable[[Progress], None] = lambda _: None,
    caller: Caller | None = None,
) -> Report:
    """Imports a file of one kind: retail, incidents, complaints, conversations.

    Raises ImportProblem if the file cannot be read (nothing is recorded then), KeysUnavailable, and
    psycopg's errors if the database is lost: then import it again.
    """
    source = SOURCES.get(kind)
    if source is None:
        raise ImportKindUnknown(kind=kind, known=", ".join(SOURCES))
    return import_from(product, source, path, progress, caller)


def import_from(
    product: Product,
    source: Source,
    path: Path,
    progress: Callable[[Progress], None] = lambda _: None,
    caller: Caller | None = None,
) -> Report:
    """The same of a file that its source describes. Raises as `import_file`."""
    kind, begun = source.name, time.monotonic()
    with (
        closing(Table(path, source.columns)) as table,
        Spool(product.home.path / "spool") as spool,
    ):
        digest = table.sha256()
        run = runs.unfinished(product.record, kind, digest) or new_id()
        folder, stem = product.home.path / "rejects", f"{kind}-{run.hex[-12:]}"
        with (
            closing(RowList(folder / f"{stem}.csv", path.name)) as rejects,
            closing(RowList(folder / f"{stem}-left-out.csv", path.name)) as left_out,
        ):
            job = _Import(source, Report(run, kind, path.name), rejects, left_out, progress)
            job.read(table, spool)
            runs.open_run(product.record, run, kind, digest, source.assumptions)
            job.record(spool, Recorder(product, source, run, caller or _caller(), job.refuse))
            report = job.report
            report.rejected = rejects.count
            report.reject_file = rejects.path if rejects.count else None
            report.left_out_file = left_out.path if left_out.count else None
        report.seconds = time.monotonic() - begun
        runs.close_run(product.record, run, report.horizon, report.rows, report.rejected)
    return report


class _Import:
    def __init__(
        self,
        source: Source,
        report: Report,
        rejects: RowList,
        left_out: RowList,
        progress: Callable[[Progress], None],
    ) -> None:
        self._source = source
        self.report = report
        self._rejects = rejects
        self._left_out = left_out
        self._meter = _Meter(progress)

    def read(self, table: Table, spool: Spool) -> None:
        """Every well-formed row into the spool."""
        pick = table.pick([*self._source.columns, *self._source.optional])
        latest = now() + AHEAD
        report = self.report
        self._meter.start("reading", table.size)
        for row in table.rows():
            report.rows += 1
            if report.rows % 1_000 == 0:
                self._meter.tell(report.rows, table.bytes_read)
            if isinstance(row, BadRow):
                self._rejects.add(row.line, row.problem.code, row.problem.reason, row.text)
                continue
            fields = pick(row.fields)
            try:
                placed = self._source.place(fields)
                if max(placed.at, placed.began) > latest:
                    raise RowProblem("future_date", "it lies in the future")
            except RowProblem as fault:
                self._rejects.add(row.line, fault.code, fault.reason, row.fields)
                continue
            if report.horizon is None or placed.at > report.horizon:
                report.horizon = placed.at
            spool.add(Row(row.line, fields), placed)
        spool.sort()

    def record(self, spool: Spool, recorder: Recorder) -> None:
        """While one batch is appended, the next is decided and sealed."""
        self._meter.start("recording", self.report.rows - self._rejects.count)
        done = 0
        with ThreadPoolExecutor(1) as appending:
            under_way: tuple[Batch, Future[list[Answer]]] | None = None
            for cases, rows in self._batches(spool):
                batch = recorder.prepare(cases)
                if under_way is not None:
                    recorder.repeat(recorder.settle(under_way[0], under_way[1].result()))
                under_way = batch, appending.submit(recorder.append, batch)
                done += rows
                self._meter.tell(done, done)
            if under_way is not None:
                recorder.repeat(recorder.settle(under_way[0], under_way[1].result()))
        report = self.report
        report.recorded, report.extended = recorder.recorded, recorder.extended
        report.unchanged, report.events = recorder.unchanged, recorder.events
        report.customers = recorder.people.registered + recorder.newcomers

    def refuse(self, rows: Sequence[Row], fault: Refused | RowProblem) -> None:
        if isinstance(fault, RowProblem):
            reason = fault.reason
        else:
            told = (type(fault).__doc__ or fault.code).split(".")[0].split("\n\n")[0]
            reason = " ".join(told.split())
        for row in rows:
            self._rejects.add(row.line, fault.code, reason, row.fields)

    def _batches(self, spool: Spool) -> Iterator[tuple[Sequence[Case], int]]:
        cases: list[Case] = []
        rows = 0
        for number, found in spool.each_case():
            kept = self._without_repeats(found)
            rows += len(found)
            try:
                case = self._source.case(number, kept, self.report.notes)
            except RowProblem as fault:
                self.refuse(kept, fault)
                continue
            if isinstance(case, LeftOut):
                self.report.left_out[case.code] += len(kept)
                for row in kept:
                    self._left_out.add(row.line, case.code, case.reason, row.fields)
                continue
            cases.append(case)
            if len(cases) >= CASES_PER_BATCH or rows >= ROWS_PER_BATCH:
                yield cases, rows
                cases, rows = [], 0
        yield cases, rows

    def _without_repeats(self, rows: Sequence[Row]) -> Sequence[Row]:
        """A number that comes twice within a case tells the same again, or nobody knows which."""
        kept: list[Row] = []
        number: int | None = None
        for row in rows:
            placed = self._source.place(row.fields).number
            if placed == number:
                reason = f"line {kept[-1].line} has the same number"
                self._rejects.add(row.line, "repeated_row", reason, row.fields)
            else:
                kept.append(row)
            number = placed
        return kept


class _Meter:
    """Tells how far a stage is, a few times a second."""

    def __init__(self, tell: Callable[[Progress], None]) -> None:
        self._tell = tell

    def start(self, stage: str, total: int) -> None:
        self._stage, self._total = stage, total
        self._begun = self._told = time.monotonic()

    def tell(self, rows: int, done: int) -> None:
        at = time.monotonic()
        if at - self._told < EVERY:
            return
        self._told = at
        spent = at - self._begun
        left = spent * (self._total - done) / done if done else None
        self._tell(Progress(self._stage, rows, done, self._total, rows / spent, left))


def _caller() -> Caller:
    return Caller(f"cli:{getpass.getuser()}", "importer")
