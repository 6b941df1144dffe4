"""Every request there is, and the function that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from commands.command import Append, Command, Desk
from commands.customer.complete_profile import CompleteProfile, complete_profile
from commands.customer.correct_profile import CorrectProfile, correct_profile
from commands.customer.erase_customer import EraseCustomer, erase_customer
from commands.customer.evaluate_tier import EvaluateTier, evaluate_tier
from commands.customer.grant_consent import GrantConsent, grant_consent
from commands.customer.mark_dormant import MarkDormant, mark_dormant
from commands.customer.note_profile_change import NoteProfileChange, note_profile_change
from commands.customer.reactivate_customer import ReactivateCustomer, reactivate_customer
from commands.customer.record_interaction import RecordInteraction, record_interaction
from commands.customer.register_customer import RegisterCustomer, register_customer
from commands.customer.withdraw_consent import WithdrawConsent, withdraw_consent
from commands.order.accept_return import AcceptReturn, accept_return
from commands.order.cancel_order import CancelOrder, cancel_order
from commands.order.place_order import PlaceOrder, place_order

HANDLERS: Mapping[type[Command], Callable[[Any, Desk], Append]] = {
    RegisterCustomer: register_customer,
    CompleteProfile: complete_profile,
    CorrectProfile: correct_profile,
    NoteProfileChange: note_profile_change,
    RecordInteraction: record_interaction,
    GrantConsent: grant_consent,
    WithdrawConsent: withdraw_consent,
    EvaluateTier: evaluate_tier,
    MarkDormant: mark_dormant,
    ReactivateCustomer: reactivate_customer,
    EraseCustomer: erase_customer,
    PlaceOrder: place_order,
    CancelOrder: cancel_order,
    AcceptReturn: accept_return,
}
