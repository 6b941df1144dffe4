"""The people cases are about: found by what the source calls them, or put on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from commands.command import Append, Desk, ExternalRef
from commands.customer.receipt import at_receipt
from domain.customer.customer import register
from domain.refusal import CustomerErased
from infra.imports.case import Case, Standing
from infra.imports.known import outside_names
from infra.product import Product
from infra.record.batch import Outcome
from infra.record.group import append_through_races
from infra.vault.sealing import Decided, Provenance

REMEMBERED = 50_000
Found = Mapping[str, Standing | CustomerErased]


class People:
    """Remembers whom it found. A person erased meanwhile is still refused when the append commits,
    for every case guards its customer."""

    def __init__(self, product: Product, source: str, provenance: Provenance) -> None:
        self._product = product
        self._source = source
        self._provenance = provenance
        self._known: dict[str, Standing | CustomerErased] = {}
        self.registered = 0

    def standings(self, desk: Desk, cases: Sequence[Case], on_record: set[UUID]) -> Found:
        """By external id. Whoever is unknown is registered, unless all their cases here are on
        record already and somebody else's."""
        named = {c.person.external_id: c for c in reversed(cases) if c.person.external_id}
        wanted = {name for name in named if name and name not in self._known}
        if len(self._known) > REMEMBERED:
            self._known.clear()
        self._find(desk, wanted)
        missing = [
            case
            for name, case in named.items()
            if name not in self._known and case.stream not in on_record
        ]
        if missing:
            self._register(desk, missing)
            self._find(desk, {name for c in missing if (name := c.person.external_id)})
        return self._known

    def forget(self, name: str | None) -> None:
        self._known.pop(name or "", None)

    def _find(self, desk: Desk, names: set[str]) -> None:
        view = self._product.dispatcher.view
        hashes = {
            view.outside_name(self._source, name): name for name in names if name not in self._known
        }
        if not hashes:
            return
        subjects = outside_names(self._product.record, self._source, hashes)
        for hashed, subject in subjects.items():
            self._known[hashes[hashed]] = _standing(desk, subject)

    def _register(self, desk: Desk, cases: Sequence[Case]) -> None:
        """Those whom another process registered meanwhile are left to be found."""
        decided = []
        standings = {}
        for case in cases:
            external_id, registered = case.person
            assert external_id is not None, "only people the source names are looked up"
            customer = desk.new_id()
            write = desk.begin(
                "customer",
                customer,
                customer,
                register(registered),
                market=registered.market,
            )
            reference = ExternalRef(source=self._source, external_id=external_id, subject=customer)
            append = Append(writes=[write], external=[reference], ids={"customer": customer})
            decided.append(Decided(desk.new_id(), None, self._provenance, append))
            standings[external_id] = Standing(customer, None, registered.market)
        submissions = self._product.dispatcher.sealer.seal(decided)
        answers = append_through_races(self._product.record, submissions)
        for (name, standing), answer in zip(standings.items(), answers, strict=True):
            if answer.outcome is Outcome.RECORDED:
                self._known[name] = standing
                self.registered += 1


def _standing(desk: Desk, customer: UUID | None) -> Standing | CustomerErased:
    if customer is None:
        return CustomerErased(customer=None)
    try:
        found = at_receipt(desk, customer)
    except CustomerErased as erased:
        return erased
    return Standing(customer, found.tier, found.market)
