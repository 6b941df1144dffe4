"""One turn of all open requests at the command line: what each came to, and what stopped it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from uuid import UUID

from domain.privacy.next_step import Step
from domain.refusal import Refused
from infra.erasure.carrying_out import Erasures
from infra.vault.unavailable import KeysUnavailable
from infra.vault.watch import LEASE

Tell = Callable[[int, int, str], None]
Requests = Sequence[tuple[UUID, UUID]]


class Turn:
    """`tell`: the progress line. A request that is stopped stops no other."""

    def __init__(self, erasures: Erasures, requests: Requests, tell: Tell) -> None:
        self._erasures = erasures
        self._requests = requests
        self._tell = tell
        self._done: dict[UUID, list[Step]] = {request: [] for _, request in requests}
        self._stopped: dict[UUID, Refused | KeysUnavailable] = {}

    @property
    def going(self) -> bool:
        """Whether anything was done for anybody."""
        return any(self._done.values())

    def carry_out(self) -> None:
        for number, (customer, request) in enumerate(self._requests, 1):
            self._tell(number, len(self._requests), str(request))
            if request not in self._stopped:
                self._carry_out(customer, request)

    def search(self) -> None:
        """Of every store, once for all whose copies are purged."""
        self._tell(0, len(self._requests), "looks for what is left, in every store")
        self._erasures.search_for_all([r for r in self._requests if r[1] not in self._stopped])

    def wait_for_the_end_of_keys(self) -> None:
        """Until every process knows of it or has stopped opening; a few seconds."""
        end = time.monotonic() + 2 * LEASE
        while time.monotonic() < end and any(self._nearly(*each) for each in self._requests):
            self._tell(0, len(self._requests), "waits until every process knows of the keys' end")
            time.sleep(0.5)
            self.search()
            self.carry_out()

    def told(self, customer: UUID, request: UUID) -> str:
        stopped = self._stopped.get(request)
        if isinstance(stopped, Refused):
            return f"{request}: stopped, {stopped.code}"
        if stopped is not None:
            return (
                f"{request}: its use is stopped; nothing is destroyed until the"
                " key-encryption key is back, keys_unavailable"
            )
        waits = self._erasures.waits_for(customer, request)
        done = ", ".join(self._done[request]) or "nothing to do now"
        return f"{request}: {done}; next: {waits or 'a person, or a later day'}"

    def raise_what_stopped(self, keys_missing: str | None) -> None:
        for stopped in self._stopped.values():
            raise KeysUnavailable(keys_missing) if isinstance(stopped, KeysUnavailable) else stopped

    def _carry_out(self, customer: UUID, request: UUID) -> None:
        try:
            self._done[request] += self._erasures.carry_out(customer, request, searching=False)
        except (Refused, KeysUnavailable) as refusal:
            self._stopped[request] = refusal

    def _nearly(self, customer: UUID, request: UUID) -> bool:
        waits = self._erasures.waits_for(customer, request)
        return request not in self._stopped and waits in (Step.SCAN, Step.CERTIFY)
