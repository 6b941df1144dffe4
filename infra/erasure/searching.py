"""The search after an erasure: one look through every store for all requests that wait for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from commands.privacy.note_erasure_step import Scanned
from infra.erasure.values import Values
from infra.erasure.waiting import Waiting
from infra.scan import Needles, scan

if TYPE_CHECKING:
    from infra.product import Product

SCANNER = "scan:2"
NOT_SEARCHED = "none:2"


class Search:
    """`remembers`: so many seconds whoever destroyed the keys, and may alone know what to search
    for, is waited for."""

    def __init__(self, product: Product, remembers: float) -> None:
        self.values = Values(product)
        self._product = product
        self._remembers = timedelta(seconds=remembers)
        self._looked: dict[UUID, Scanned] = {}

    def look(self, requests: Sequence[UUID]) -> None:
        """Searches every store once for the values of all of them, whose copies must have been
        purged. `of` then says what it came to for each."""
        texts = {
            request: [t.strip() for t in self.values.of(request) or ()] for request in requests
        }
        wanted = [text for each in texts.values() for text in each if text]
        if not wanted:
            return
        needles = Needles(wanted)
        report = scan(self._product.home, self._product.addresses, needles)
        for request, own in texts.items():
            numbers = {number for number, text in needles if text in own}
            if numbers:
                self._looked[request] = Scanned(
                    scanner=SCANNER,
                    needles=len(numbers),
                    objects=report.objects,
                    bytes=report.bytes,
                    hits=sum(hit.needle in numbers for hit in report.hits),
                    unread=len(report.unread),
                )

    def is_needed(self, request: UUID) -> bool:
        """Whether stores would have to be searched before `of` can answer."""
        return request not in self._looked and bool(self.values.of(request))

    def of(self, request: UUID, gone_at: datetime) -> Scanned:
        """What was found of one person. Where nobody can say what to search for, that there was no
        search; Waiting, as long as another process may be able to."""
        if self.values.of(request) is None:
            if datetime.now(UTC) < gone_at + self._remembers:
                raise Waiting("another_process_knows_the_values")
            return Scanned(scanner=NOT_SEARCHED, needles=0, objects=0, bytes=0, hits=0)
        if request not in self._looked:
            self.look([request])
        nothing = Scanned(scanner=NOT_SEARCHED, needles=0, objects=0, bytes=0, hits=0)
        return self._looked.pop(request, nothing)
