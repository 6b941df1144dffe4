"""A service calendar's versions: drafted, published, approved. A published one never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Unpack, assert_never
from uuid import UUID, uuid5

from domain.calendar import refusals
from domain.calendar.content import CalendarContent
from domain.calendar.events import (
    CalendarApproved,
    CalendarDrafted,
    CalendarEvent,
    CalendarPublished,
)
from domain.event import Frozen
from domain.when import When

_CALENDAR = UUID("5d0f3a52-8a0b-5c83-9f0e-6b1d3a7c2e41")


def calendar_stream(calendar: str) -> UUID:
    """The stream of the calendar with this id."""
    return uuid5(_CALENDAR, calendar)


class PublishedVersion(Frozen):
    """`approved_by` None: not approved by a second person."""

    drafted: CalendarDrafted
    published: CalendarPublished
    approved_by: str | None = None


class ServiceCalendar(Frozen):
    """The versions of one calendar; `versions` are the published ones, in order."""

    id: str
    draft: CalendarDrafted | None = None
    versions: Mapping[int, PublishedVersion] = field(default_factory=dict)

    @property
    def latest(self) -> PublishedVersion | None:
        return self.versions[max(self.versions)] if self.versions else None

    @property
    def next_version(self) -> int:
        return max(self.versions, default=0) + 1

    def make_draft(
        self, content: CalendarContent, version: int | None, *, by: str, **when: Unpack[When]
    ) -> list[CalendarEvent]:
        """`version` None: the next. Nothing if the draft says this already.

        Raises CalendarVersionExists, CalendarUnchanged, and what `CalendarContent.check` raises.
        """
        number = self.next_version if version is None else version
        if number < self.next_version:
            raise refusals.CalendarVersionExists(calendar=self.id, version=number)
        content.check(self.id)
        digest = content.digest
        if self.latest is not None and self.latest.published.digest == digest:
            raise refusals.CalendarUnchanged(
                calendar=self.id, version=self.latest.published.version
            )
        if self.draft is not None and (self.draft.digest, self.draft.version) == (digest, number):
            return []
        return [
            CalendarDrafted(
                calendar=self.id,
                version=number,
                content=content,
                digest=digest,
                drafted_by=by,
                **when,
            )
        ]

    def publish(
        self, version: int, *, by: str, shipped: bool = False, **when: Unpack[When]
    ) -> list[CalendarEvent]:
        """Raises CalendarVersionExists, CalendarNotDrafted."""
        if version < self.next_version:
            raise refusals.CalendarVersionExists(calendar=self.id, version=version)
        if self.draft is None or self.draft.version != version:
            raise refusals.CalendarNotDrafted(calendar=self.id, version=version)
        return [
            CalendarPublished(
                calendar=self.id,
                version=version,
                digest=self.draft.digest,
                published_by=by,
                shipped=shipped,
                **when,
            )
        ]

    def approve(self, version: int, *, by: str, **when: Unpack[When]) -> list[CalendarEvent]:
        """Raises CalendarNotPublished, CalendarApprovedByMaker; nothing if it is approved."""
        found = self.version(version)
        if found.approved_by is not None:
            return []
        if by in (found.drafted.drafted_by, found.published.published_by):
            raise refusals.CalendarApprovedByMaker(by=by)
        digest = found.published.digest
        return [
            CalendarApproved(
                calendar=self.id, version=version, digest=digest, approved_by=by, **when
            )
        ]

    def version(self, version: int) -> PublishedVersion:
        """Raises CalendarNotPublished."""
        if version not in self.versions:
            raise refusals.CalendarNotPublished(calendar=self.id, version=version)
        return self.versions[version]


def evolve(calendar: ServiceCalendar | None, event: CalendarEvent) -> ServiceCalendar:
    """How events add up. Refuses nothing."""
    if calendar is None:
        calendar = ServiceCalendar(id=event.calendar)
    match event:
        case CalendarDrafted():
            return replace(calendar, draft=event)
        case CalendarPublished():
            assert calendar.draft is not None, "what is published was drafted"
            made = PublishedVersion(drafted=calendar.draft, published=event)
            versions = {**calendar.versions, event.version: made}
            return replace(calendar, draft=None, versions=versions)
        case CalendarApproved():
            approved = replace(calendar.versions[event.version], approved_by=event.approved_by)
            return replace(calendar, versions={**calendar.versions, event.version: approved})
        case _:
            assert_never(event)
