"""Duties of a shop: one done, one missed."""

from __future__ import annotations

from uuid import uuid4

from commands.command import Command
from commands.duty.note_duty_missed import NoteDutyMissed
from commands.duty.open_duty_period import OpenDutyPeriod
from commands.duty.perform_duty import PerformDuty
from infra.dispatch import Caller, Dispatcher, Result
from infra.product import new_id
from infra.vault.kek import InstallationKey
from infra.vault.memory_keyring import MemoryKeyring
from tests.domain.duties import APRIL, MARCH, row, rulebook
from tests.projections.shop import Shop


def owed(shop: Shop) -> None:
    """Under rules that the shop itself does not have; nothing in them is sealed."""
    rules = rulebook(row(), row(id="h-2", duty="tier_care"))
    dispatcher = Dispatcher(
        shop.record,
        MemoryKeyring({}, {}),
        InstallationKey(bytes(32)),
        rules,
        clock=lambda: APRIL.replace(day=20),
        new_id=new_id,
    )

    def ask(command: Command, role: str = "system") -> Result:
        return dispatcher.dispatch(command, Caller("ann", role), uuid4())

    done, missed = (
        ask(OpenDutyPeriod(policy="house@2", rule=rule.id, on=MARCH)).ids["duty"]
        for rule in rules.cadences
    )
    ask(PerformDuty(duty_id=done, what="report", at=MARCH), "crm_admin")
    ask(NoteDutyMissed(duty_id=missed))
