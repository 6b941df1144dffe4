"""What a customer is told, agrees to and takes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from uuid import UUID

import pytest

from domain.customer import refusals
from domain.customer.consenting import (
    give_notice,
    grant_consent,
    withdraw_consent,
)
from domain.customer.events import (
    ConsentGranted,
    ConsentWithdrawn,
    CustomerEvent,
    PersonalDataErased,
)
from domain.customer.evolve import evolve
from domain.event import Precision
from domain.personal import Category
from domain.refusal import Refused
from domain.terms import Channel, ConsentForm, ConsentPurpose, ConsentScope, CustomerKind
from tests.domain.agreed import (
    DAY,
    DIRECT,
    LATER,
    NOON,
    PARTNER,
    PLAIN,
    RESEARCH,
    grant,
    known,
    shared_with,
    told,
    withdraw,
)

SECOND = timedelta(seconds=1)
ERASED = PersonalDataErased(categories=tuple(Category), keys=(), retained=(), at=LATER)


class TestNotice:
    @pytest.mark.clause("CB-7.2b", "RR-C-4.2a")
    def test_comes_before_a_consent(self) -> None:
        assert give_notice(known(), told()) == [told()]
        with pytest.raises(refusals.NoticeNotGiven):
            grant_consent(known(), grant())
        with pytest.raises(refusals.NoticeNotGiven):
            grant_consent(known(told(at=LATER)), grant(at=NOON))
        with pytest.raises(refusals.NoticeNotGiven):
            grant_consent(known(replace(told(), version="2025-12")), grant())

    @pytest.mark.clause("CB-7.2b")
    @pytest.mark.parametrize(
        ("notice", "what"),
        [
            (told(purposes=(RESEARCH,)), "dpv:DirectMarketing"),
            (told(categories=(Category.CONTACT,)), "content"),
        ],
    )
    def test_names_all_that_is_agreed_to(self, notice: CustomerEvent, what: str) -> None:
        with pytest.raises(refusals.NoticeDoesNotCover) as refused:
            grant_consent(known(notice), grant())
        assert refused.value.parameters["what"] == what

    @pytest.mark.clause("CB-14.3d")
    def test_names_the_recipients(self) -> None:
        with pytest.raises(refusals.NoticeDoesNotCover):
            grant_consent(known(told(recipients=())), shared_with())

    def test_given_again_in_more_detail_counts_with_the_earlier_one(self) -> None:
        narrow = told(1, purposes=(RESEARCH,), recipients=())
        [granted] = grant_consent(known(told(2), narrow), grant())
        assert isinstance(granted, ConsentGranted)
        assert (granted.notice, granted.retention) == (UUID(int=2), "P3Y")

    @pytest.mark.clause("CB-7.2b")
    @pytest.mark.parametrize(
        ("theirs", "ours", "refused"),
        [
            ("zh", "en", True),
            ("zh-Hans-CN", "zh", False),
            ("EN-gb", "en", False),
            (None, "de", False),
        ],
    )
    def test_is_in_the_language_of_the_customer(
        self, theirs: str | None, ours: str, refused: bool
    ) -> None:
        notice, consent = told(language=ours), grant(language=ours)
        if refused:
            with pytest.raises(refusals.NoticeInAnotherLanguage):
                give_notice(known(language=theirs), notice)
            with pytest.raises(refusals.NoticeInAnotherLanguage):
                grant_consent(known(notice, language=theirs), consent)
        else:
            assert give_notice(known(language=theirs), notice) == [notice]
            assert len(grant_consent(known(notice, language=theirs), consent)) == 1


class TestConsent:
    @pytest.mark.clause("CB-7.2c", "CB-15.2a")
    def test_given_then_withdrawn_cites_the_consent(self) -> None:
        given = replace(grant(), notice=UUID(int=100), retention="P3Y")
        assert grant_consent(known(told()), grant()) == [given]
        assert withdraw(known(grant()), LATER) == [
            ConsentWithdrawn(
                consent=UUID(int=1),
                purpose=DIRECT,
                scope=ConsentScope.OWN_USE,
                channel=Channel.EMAIL,
                at=LATER,
            )
        ]

    def test_not_given_cannot_be_withdrawn(self) -> None:
        with pytest.raises(refusals.ConsentNotGiven):
            withdraw(known(), LATER)
        withdrawn = known(grant(), *withdraw(known(grant()), LATER))
        with pytest.raises(refusals.ConsentNotGiven):
            withdraw(withdrawn, LATER + DAY)

    def test_given_again_takes_the_place_of_the_earlier_one(self) -> None:
        [second] = grant_consent(known(told(), grant(1)), grant(2, LATER))
        assert isinstance(second, ConsentGranted)
        assert second.replaces == UUID(int=1)
        [event] = withdraw(known(grant(1), second), LATER)
        assert isinstance(event, ConsentWithdrawn)
        assert event.consent == UUID(int=2)

    def test_run_out_can_still_be_withdrawn(self) -> None:
        assert len(withdraw(known(grant(expires_at=NOON + DAY)), NOON + 2 * DAY)) == 1

    @pytest.mark.parametrize(
        ("at", "precision", "refused"),
        [
            (NOON - timedelta(minutes=1), Precision.INSTANT, True),
            (NOON - timedelta(minutes=1), Precision.MINUTE, True),
            (NOON - timedelta(hours=12), Precision.DAY, False),
            (NOON - timedelta(hours=36), Precision.DAY, True),
        ],
    )
    def test_is_not_withdrawn_before_it_is_given(
        self, at: datetime, precision: Precision, refused: bool
    ) -> None:
        if refused:
            with pytest.raises(refusals.ConsentNotGiven):
                withdraw(known(grant()), at, precision)
        else:
            assert len(withdraw(known(grant()), at, precision)) == 1

    @pytest.mark.parametrize("expires_at", [NOON, NOON - DAY])
    def test_lasts_beyond_the_moment_it_is_given(self, expires_at: datetime) -> None:
        with pytest.raises(refusals.ConsentEndsBeforeItBegins):
            grant_consent(known(told()), grant(expires_at=expires_at))

    @pytest.mark.clause("CB-15.2a")
    def test_an_earlier_word_does_not_bring_it_back(self) -> None:
        withdrawn = known(told(), grant(), *withdraw(known(grant()), LATER))
        with pytest.raises(refusals.ConsentOvertaken):
            grant_consent(withdrawn, grant(2, NOON + SECOND))
        assert len(grant_consent(withdrawn, grant(2, LATER + SECOND))) == 1

    def test_given_on_the_day_it_was_withdrawn_holds_from_the_withdrawal_on(self) -> None:
        """Known to the day only, so it may have come later; it never reaches back past a no."""
        withdrawn = known(told(), grant(), *withdraw(known(grant()), LATER))
        midnight = NOON - timedelta(hours=12)
        asked = replace(grant(2, midnight), at_precision=Precision.DAY)
        held = reduce(evolve, grant_consent(withdrawn, asked), withdrawn).consents
        moments = (midnight, NOON, LATER - SECOND, LATER)
        found = [held.valid_for(DIRECT, (), None, at) for at in moments]
        assert found == [None, UUID(int=1), UUID(int=1), UUID(int=2)]

    def test_a_wish_against_all_marketing_ends_every_kind(self) -> None:
        two = known(grant(1), grant(2, purpose=ConsentPurpose.SOCIAL_MEDIA_MARKETING))
        ended = withdraw(two, LATER, purpose=ConsentPurpose.MARKETING)
        assert [e.consent for e in ended if isinstance(e, ConsentWithdrawn)] == [
            UUID(int=1),
            UUID(int=2),
        ]

    def test_is_withdrawn_at_once_whatever_the_clocks_say(self) -> None:
        """The grant and the withdrawal are both dated ahead of the clock."""
        ahead = known(grant(at=NOON + SECOND))
        for at in (NOON, NOON + 2 * SECOND):
            [ended] = withdraw_consent(
                ahead, DIRECT, ConsentScope.OWN_USE, channel=Channel.EMAIL, now=NOON, at=at
            )
            assert ended.at == NOON
            after = known(grant(at=NOON + SECOND), ended).consents
            assert after.valid_for(DIRECT, (), None, NOON + DAY) is None

    def test_one_that_a_later_grant_will_replace_is_withdrawn_with_it(self) -> None:
        both = known(grant(1), grant(2, NOON + 2 * SECOND))
        events = withdraw_consent(
            both, DIRECT, ConsentScope.OWN_USE, channel=Channel.EMAIL, now=NOON, at=NOON
        )
        held = reduce(evolve, events, both).consents
        for seconds in range(4):
            assert held.valid_for(DIRECT, (), None, NOON + seconds * SECOND) is None

    def test_to_share_is_withdrawn_for_one_recipient_alone(self) -> None:
        both = known(shared_with(1), shared_with(2, recipients=("other",)))
        [ended] = withdraw(
            both, LATER, purpose=RESEARCH, scope=ConsentScope.SHARING, recipient="other"
        )
        assert isinstance(ended, ConsentWithdrawn)
        assert (ended.consent, ended.recipients) == (UUID(int=2), ("other",))

    @pytest.mark.parametrize("kind", [CustomerKind.GUEST])
    def test_a_guest_is_not_asked(self, kind: CustomerKind) -> None:
        with pytest.raises(refusals.GuestIsUnknown):
            give_notice(known(kind=kind), told())
        with pytest.raises(refusals.GuestIsUnknown):
            grant_consent(known(kind=kind), grant())


@pytest.mark.clause("OS-3.6-2b", "CB-14.3d")
@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (grant(categories=(Category.SENSITIVE,)), refusals.SeparateConsentNeeded),
        (
            grant(scope=ConsentScope.SENSITIVE_DATA, categories=(*PLAIN, Category.SENSITIVE)),
            refusals.SeparateConsentNeeded,
        ),
        (
            grant(
                scope=ConsentScope.SENSITIVE_DATA,
                categories=(Category.SENSITIVE,),
                form=ConsentForm.ORAL,
            ),
            refusals.ConsentNotExplicit,
        ),
        (shared_with(form=ConsentForm.IMPORTED), refusals.ConsentNotExplicit),
        (shared_with(recipients=()), refusals.RecipientsMissing),
        (
            grant(scope=ConsentScope.CROSS_BORDER),
            refusals.RecipientsMissing,
        ),
        (grant(recipients=(PARTNER,)), refusals.RecipientsWithoutSharing),
        (grant(scope=ConsentScope.SENSITIVE_DATA, categories=(Category.SENSITIVE,)), None),
        (grant(form=ConsentForm.ORAL), None),
        (shared_with(form=ConsentForm.ORAL_RECORDED), None),
        (shared_with(scope=ConsentScope.CROSS_BORDER), None),
    ],
)
def test_what_is_agreed_to_separately(asked: ConsentGranted, refusal: type[Refused] | None) -> None:
    if refusal is None:
        assert len(grant_consent(known(told()), asked)) == 1
    else:
        with pytest.raises(refusal):
            grant_consent(known(told()), asked)
