"""Why something cannot be done with a policy. Whatever is wrong with a row names the row."""

from __future__ import annotations

from domain.refusal import Refused


class DraftIsOpen(Refused):
    """There is one draft at a time: publish or withdraw it first. Parameters: policy, version."""


class NoDraft(Refused):
    """There is no draft to work on. Parameters: policy."""


class NoSuchPolicyVersion(Refused):
    """No version of this number was published. Parameters: policy, version."""


class NoSuchRow(Refused):
    """The draft has no row of this id. Parameters: policy, row."""


class RowRepeated(Refused):
    """Two rows have one id. Parameters: policy, row."""


class RowKindChanged(Refused):
    """A row of this id is of another kind. Parameters: policy, row, kind."""


class RowMalformed(Refused):
    """The row does not have the fields of its kind, or not as they have to be. Parameters: policy,
    row, field."""


class RowEventUnknown(Refused):
    """A rule rests on events there are; one that is foreseen will do where the row says why it is
    inactive. Parameters: policy, row, event."""


class LimitNotPositive(Refused):
    """A limit is above zero. Parameters: policy, row."""


class RowRoleUnknown(Refused):
    """Nobody can hold this role. Parameters: policy, row, role."""

    clause = "CB-14.1b"


class RowZoneUnknown(Refused):
    """The IANA database has no time zone of this name. Parameters: policy, row, zone."""


class ConditionUnknown(Refused):
    """No case is ever like that. Parameters: policy, row, field, value."""


class RowsOverlap(Refused):
    """Both rows promise the same in some case on the same day, and neither is the exception to the
    other. Parameters: policy, row, other, metric."""


class RowsVague(Refused):
    """A limit in words becomes a number before it is published. Parameters: policy, rows."""

    clause = "RR-T-0b"


class PolicyEmpty(Refused):
    """A policy has rows. Parameters: policy."""


class NothingRevised(Refused):
    """The rows are those of the version it would replace. Parameters: policy, version."""

    clause = "RR-T-0a"


class SchemeVersionUsed(Refused):
    """A tier scheme that changes takes another version: evaluations name it. Parameters: policy,
    row, version."""

    clause = "CB-9.1c"


class EffectiveDayPast(Refused):
    """What has begun is not ruled afterwards. Parameters: policy, day, today."""

    clause = "RR-T-0b"


class PolicyNotReviewed(Refused):
    """Compliance reads a policy before it is approved. Parameters: policy, version."""

    clause = "OS-A8b"


class PolicyNotApproved(Refused):
    """A policy is signed before it is published. Parameters: policy, version."""

    clause = "RR-T-0b"


class ReviewedByDrafter(Refused):
    """Nobody reviews what they drafted. Parameters: policy, by."""

    clause = "OS-A8b"
    on_trail = True


class ApprovedByDrafter(Refused):
    """Nobody approves what they drafted. Parameters: policy, by."""

    clause = "RR-T-0b"
    on_trail = True


class ApprovedByReviewer(Refused):
    """Whoever reviewed it does not approve it. Parameters: policy, by."""

    clause = "RR-T-0b"
    on_trail = True


class ApproverNotEntitled(Refused):
    """Tier standards take effect after approval by the department head. Parameters: policy, role,
    needed."""

    clause = "CB-9.1c"
    on_trail = True


class AlreadyApproved(Refused):
    """A person has approved this version. Parameters: policy, version, by."""


class PolicyHasLapsed(Refused):
    """The policy ends on a day that was decided before. Parameters: policy, day."""


class NotPublished(Refused):
    """Nothing of this policy has been published. Parameters: policy."""
