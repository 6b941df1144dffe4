"""Words that mean the same everywhere in the business.

Countries and markets are ISO 3166-1 alpha-2 codes, jurisdictions the same or with an ISO 3166-2
part ("US-CA"), languages BCP 47 tags, currencies ISO 4217 codes: open lists kept by others, so
they stay plain strings here and are checked for shape where a command arrives.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

Country: TypeAlias = str
Market: TypeAlias = str
Jurisdiction: TypeAlias = str
Language: TypeAlias = str
Currency: TypeAlias = str


class Channel(StrEnum):
    """How a message travels between a customer and us."""

    EMAIL = "email"
    PHONE = "phone"
    CHAT = "chat"
    WEB_FORM = "web_form"
    SELF_SERVICE = "self_service"
    SOCIAL_MEDIA = "social_media"
    MARKETPLACE = "marketplace"
    MESSAGE = "message"
    LETTER = "letter"
    FAX = "fax"
    IN_PERSON = "in_person"
    REFERRAL = "referral"
    OTHER = "other"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Tier(StrEnum):
    """The four tiers of CB-9.1a, highest first. Not a stage, a segment or a membership level."""

    CORE = "core"
    IMPORTANT = "important"
    NORMAL = "normal"
    POTENTIAL = "potential"


class CustomerKind(StrEnum):
    """`anonymous`: somebody not yet known. `guest`: the buyer of one invoice, never known."""

    PERSON = "person"
    COMPANY = "company"
    GUEST = "guest"
    ANONYMOUS = "anonymous"


class CollectionSource(StrEnum):
    """Where customer information may come from, and from nowhere else (CB-7.2a)."""

    PLATFORM_BACKEND = "platform_backend"
    CUSTOMER_SUBMITTED = "customer_submitted"
    SERVICE_CONVERSATION = "service_conversation"
    MARKET_RESEARCH = "market_research"
    OTHER_LAWFUL = "other_lawful"


class ConsentPurpose(StrEnum):
    """What a customer can agree to: terms of the W3C Data Privacy Vocabulary, and two acts of the
    Personal Information Protection Law (articles 23 and 39) that it has no terms for."""

    MARKETING = "dpv:Marketing"
    DIRECT_MARKETING = "dpv:DirectMarketing"
    SOCIAL_MEDIA_MARKETING = "dpv:SocialMediaMarketing"
    PERSONALISED_ADVERTISING = "dpv:PersonalisedAdvertising"
    PRODUCT_RECOMMENDATIONS = "dpv:ProvideProductRecommendations"
    SERVICE_PERSONALISATION = "dpv:ServicePersonalisation"
    SERVICE_PROVISION = "dpv:ServiceProvision"
    RELATIONSHIP_MANAGEMENT = "dpv:CustomerRelationshipManagement"
    CUSTOMER_CARE = "dpv:CustomerCare"
    COMMERCIAL_RESEARCH = "dpv:CommercialResearch"
    PUBLIC_RELATIONS = "dpv:PublicRelations"
    PROVISION_TO_OTHERS = "pipl:ProvisionToOthers"
    PROVISION_ABROAD = "pipl:ProvisionAbroad"


class ConsentScope(StrEnum):
    """How far data may travel under a consent. All but the first are asked for separately: one of
    them is never given along with another."""

    OWN_USE = "own_use"
    SHARING = "sharing"
    PUBLICATION = "publication"
    SENSITIVE_DATA = "sensitive_data"
    CROSS_BORDER = "cross_border_transfer"


class ConsentForm(StrEnum):
    """How a consent was expressed, so that it can be shown later. `online`: a box ticked or a
    button pressed; `oral_recorded`: a recorded call; `imported`: an outside system says so."""

    WRITTEN = "written"
    ONLINE = "online"
    ORAL_RECORDED = "oral_recorded"
    ORAL = "oral"
    IMPORTED = "imported"


class WaitingFor(StrEnum):
    """What a case waits for."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    PROBLEM = "problem"
    CHANGE = "change"
    EVIDENCE = "evidence"
    OTHER = "other"


class Complexity(StrEnum):
    """`simple`: can be solved on the spot (CB-13.2a)."""

    SIMPLE = "simple"
    COMPLEX = "complex"


class Severity(StrEnum):
    """`major`: a large claim, or brand reputation at stake (OS-3.4-4c)."""

    NORMAL = "normal"
    MAJOR = "major"
