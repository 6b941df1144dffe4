"""The HTTP door as a test comes to it: a real server, a real client, a token per role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

import httpx2

from infra.home import Home
from infra.http.app import application
from infra.http.listening import listening
from infra.identity.tokens import Grant, issue
from infra.product import Product, assembled
from infra.projector import catch_up
from infra.queue.commands import CommandQueue
from infra.queue.worker import command_queue
from infra.servers.owner import Addresses

PERSON = {
    "kind": "person",
    "collection_source": "customer_submitted",
    "market": "GB",
    "profile": {"name": "Ann Example", "email": "ann@example.org"},
}
COMPLAINT = {"channel": "phone", "market": "GB", "text": "It never came."}
ORDER = {
    "source": "shop",
    "currency": "GBP",
    "lines": [{"stock_code": "PADS", "quantity": 2, "unit_price": "12.50"}],
}
INQUIRY = {"channel": "email", "market": "GB", "text": "Where is my parcel?"}


@dataclass
class Door:
    product: Product
    queue: CommandQueue
    client: httpx2.Client
    tokens: dict[str, str]
    keys: Iterator[int]

    def post(
        self,
        path: str,
        body: Any,
        *,
        role: str = "crm_admin",
        key: str | None = None,
        **headers: str,
    ) -> httpx2.Response:
        sent = {"Idempotency-Key": key or f"key-{next(self.keys)}", **self.bearer(role)}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, json=body, headers=sent)

    def get(self, path: str, *, role: str = "crm_admin", **query: Any) -> httpx2.Response:
        return self.client.get(path, params=query or None, headers=self.bearer(role))

    def bearer(self, role: str) -> dict[str, str]:
        if role not in self.tokens:
            self.tokens[role] = issue(
                self.product.record.connection, Grant(actor=f"a-{role}", roles=[role])
            ).token
        return {"Authorization": f"Bearer {self.tokens[role]}"}

    def customer(self) -> UUID:
        return UUID(self.post("/v1/customers", PERSON).json()["ids"]["customer"])

    def ticket(self, customer: UUID | None = None) -> UUID:
        place = f"/v1/customers/{customer or self.customer()}/receive-inquiry"
        return UUID(self.post(place, INQUIRY).json()["ids"]["ticket"])

    def order(self, customer: UUID, number: str = "1", **more: Any) -> UUID:
        place = f"/v1/customers/{customer}/place-order"
        return UUID(self.post(place, {**ORDER, "number": number, **more}).json()["ids"]["order"])

    def complaint(self, customer: UUID | None = None, **more: Any) -> UUID:
        place = f"/v1/customers/{customer or self.customer()}/receive-complaint"
        answer = self.post(place, {**COMPLAINT, **more})
        return UUID(answer.json()["ids"]["complaint"])

    def show(self) -> None:
        """Brings what is shown up to what is recorded."""
        catch_up(self.product.addresses.database_url)

    def walk(self, path: str, **query: Any) -> list[list[dict[str, Any]]]:
        """Every page of a list, by the addresses it names itself."""
        pages = []
        answer = self.get(path, **query)
        while True:
            assert answer.status_code == 200, answer.text
            told = answer.json()
            pages.append(told["items"])
            link = f'<{told["next"]}>; rel="next"' if told["next"] else None
            assert answer.headers.get("Link") == link
            if told["next"] is None:
                return pages
            answer = self.client.get(told["next"], headers=self.bearer("crm_admin"))

    def recorded(self) -> int:
        """How many events there are, besides those that come with the product."""
        with self.product.record.connection() as connection:
            row = connection.execute(
                "SELECT count(*) FROM es.events WHERE actor <> 'dossier'"
            ).fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def opened(home: Home, database: str, redis_url: str) -> Iterator[Door]:
    addresses = Addresses(database, redis_url, owner=False)
    with assembled(home, addresses) as product:
        queue = command_queue(product)
        with (
            listening(application(product, queue), port=0) as address,
            httpx2.Client(base_url=address, timeout=30) as client,
        ):
            yield Door(product, queue, client, {}, count(1))
        queue.close()
