"""Requests about notices, consents and agreements, as tests send them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from commands.agreement.register_agreement import RegisterAgreement
from commands.agreement.sign_agreement import SignAgreement
from commands.customer.give_collection_notice import GiveCollectionNotice
from commands.customer.grant_consent import GrantConsent
from commands.customer.share_personal_data import SharePersonalData
from commands.customer.withdraw_consent import WithdrawConsent
from domain.personal import Category
from domain.terms import Channel, ConsentForm, ConsentPurpose, ConsentScope
from tests.domain.agreed import DIGEST, DIRECT, PARTNER, PLAIN, RESEARCH


def notice(customer: UUID, **more: Any) -> GiveCollectionNotice:
    return GiveCollectionNotice(
        **{
            "customer_id": customer,
            "version": "2026-01",
            "language": "en",
            "purposes": tuple(ConsentPurpose),
            "categories": tuple(Category),
            "recipients": (PARTNER,),
            "retention": "P3Y",
            "text_digest": DIGEST,
            "channel": Channel.WEB_FORM,
            **more,
        }
    )


def consent(customer: UUID, **more: Any) -> GrantConsent:
    """To direct marketing, by us."""
    return GrantConsent(
        **{
            "customer_id": customer,
            "purpose": DIRECT,
            "scope": ConsentScope.OWN_USE,
            "categories": PLAIN,
            "channel": Channel.WEB_FORM,
            "form": ConsentForm.ONLINE,
            "notice_version": "2026-01",
            "notice_language": "en",
            **more,
        }
    )


def consent_to_share(customer: UUID, **more: Any) -> GrantConsent:
    """To research, by the partner."""
    return consent(
        customer,
        **{
            "purpose": RESEARCH,
            "scope": ConsentScope.SHARING,
            "recipients": (PARTNER,),
            **more,
        },
    )


def withdrawal(customer: UUID, **more: Any) -> WithdrawConsent:
    return WithdrawConsent(
        **{
            "customer_id": customer,
            "purpose": DIRECT,
            "scope": ConsentScope.OWN_USE,
            "channel": Channel.EMAIL,
            **more,
        }
    )


def agreement(since: datetime, until: datetime, **more: Any) -> RegisterAgreement:
    return RegisterAgreement(
        **{
            "recipient": PARTNER,
            "country": "DE",
            "number": "NDA-1",
            "categories": PLAIN,
            "valid_from": since,
            "valid_to": until,
            "document_digest": DIGEST,
            **more,
        }
    )


def signature(agreement_id: UUID, **more: Any) -> SignAgreement:
    return SignAgreement(
        **{
            "recipient": PARTNER,
            "agreement_id": agreement_id,
            "countersigned_by": "Kim Partner",
            "document_digest": DIGEST,
            **more,
        }
    )


def sharing(customer: UUID, **more: Any) -> SharePersonalData:
    return SharePersonalData(
        **{
            "customer_id": customer,
            "recipient": PARTNER,
            "categories": (Category.CONTACT,),
            "purpose": RESEARCH,
            "digest": DIGEST,
            **more,
        }
    )
