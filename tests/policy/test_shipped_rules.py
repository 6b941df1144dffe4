"""What the product ships with, put together."""

from __future__ import annotations

from datetime import date

from infra.policies import shipped_rulebook


def test_the_policies_in_force_are_named_in_order() -> None:
    assert shipped_rulebook().versions == (
        "cross_border_crm@1 cross_border_further@1 ecommerce@1 overseas_further@1"
        " overseas_service@1 privacy_rights@1 staff_access@1"
    )


def test_only_some_start_anything_by_themselves() -> None:
    assert shipped_rulebook().versions_on(date(2026, 3, 2)) == (
        "cross_border_crm@1 overseas_service@1 privacy_rights@1 staff_access@1"
    )


def test_every_rule_can_be_counted_in_every_market() -> None:
    rules = shipped_rulebook()
    assert set(rules.calendars) == {"CN", "DE", "GB", "HK", "IL", "JP", "US", "US:statutory"}
    assert rules.calendar("DE").name == "de@1"
    assert rules.calendar("FR") == rules.calendar(None) == rules.calendars[rules.home]


def test_tier_schemes_are_there() -> None:
    assert shipped_rulebook().tiers["retail"].version == 1


def test_rules_are_found_by_what_starts_them() -> None:
    assert {
        trigger: [rule.id for rule in rules]
        for trigger, rules in shipped_rulebook().started_by.items()
    } == {
        "InquiryReceived": ["cb-10.1a", "cb-10.1b", "cb-10.1d"],
        "ComplaintReceived": ["os-3.4-2b"],
        "ComplaintRegistered": ["os-3.4-3b"],
        "PrivacyRequestReceived": [
            "cb-15.2b-execution",
            "cb-15.2b-reply",
            "gdpr-12-3",
            "ccpa-1798-130",
            "gbt-35273-8.7",
            "lgpd-19",
        ],
        "StaffLeft": ["cb-14.1e"],
        "StaffPostChanged": ["rr-a-3.3"],
    }
