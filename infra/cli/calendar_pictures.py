"""How calendars are shown: a line for each version, a year as a picture, its days with sources."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from domain.calendar.assignment import Served
from domain.calendar.calendar import PublishedVersion, ServiceCalendar
from domain.calendar.content import CalendarContent, Override, by_day
from infra.cli.telling import language
from infra.messages import Language

WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "calendars": "calendars", "id": "id", "version": "version", "zone": "zone",
        "serves": "serves", "years": "years", "hours": "hours", "standing": "standing",
        "field": "field", "value": "value", "day": "day", "weekday": "weekday", "what": "what",
        "name": "name", "source": "source", "provisional": "provisional", "draft": "draft",
        "approved": "approved by {by}", "alone": "published by {by}, not approved by another",
        "shipped": "shipped, not yet approved by a person", "closed": "closed",
        "special_hours": "special hours", "make_up": "make-up working day", "day_off": "day off",
        "digest": "SHA-256", "announced": "announced", "not_looked_up": "never looked up",
        "legend": "o open   . closed   x day off   + hours of its own",
        "weekdays": "Mon Tue Wed Thu Fri Sat Sun",
        "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "says": "says", "this_year": "year {year}",
    },
    "zh": {
        "calendars": "服务日历", "id": "编号", "version": "版本", "zone": "时区",
        "serves": "适用于", "years": "年份", "hours": "服务时间", "standing": "状态",
        "field": "项目", "value": "内容", "day": "日期", "weekday": "星期", "what": "类别",
        "name": "名称", "source": "来源", "provisional": "暂定", "draft": "草稿",
        "approved": "由 {by} 批准", "alone": "由 {by} 发布、未经他人批准",
        "shipped": "随产品提供、尚未经人批准", "closed": "不营业",
        "special_hours": "特别时间", "make_up": "调休上班", "day_off": "休息日",
        "digest": "SHA-256 摘要", "announced": "已公布", "not_looked_up": "未曾查询",
        "legend": "o 营业   . 不营业   x 休息日   + 当日另定时间",
        "weekdays": "周一 周二 周三 周四 周五 周六 周日",
        "months": "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月",
        "says": "说明", "this_year": "{year} 年",
    },
}  # fmt: skip
OPEN, CLOSED, OFF, OWN = "o", ".", "x", "+"


def word(name: str, **given: object) -> str:
    return WORDS[language()][name].format(**given)


def listed(
    calendar: ServiceCalendar, serving: Iterable[tuple[Served, str]]
) -> Iterator[Sequence[Any]]:
    """A row for each published version, and for the draft."""
    for number, version in calendar.versions.items():
        name = f"{calendar.id}@{number}"
        served = [_whom(whom) for whom, by in serving if by == name]
        yield _row(calendar.id, number, version.drafted.content, served, standing(version))
    if calendar.draft is not None:
        draft = calendar.draft
        yield _row(calendar.id, draft.version, draft.content, (), word("draft"))


def _row(
    id: str, version: int, content: CalendarContent, served: Sequence[str], stands: str
) -> Sequence[Any]:
    years = year_list(content.years)
    if content.provisional:
        years += f" ({word('provisional')} {year_list(content.provisional)})"
    return id, version, content.zone, ", ".join(served), years, week(content), stands


def standing(version: PublishedVersion) -> str:
    if version.approved_by is not None:
        return word("approved", by=version.approved_by)
    if version.published.shipped:
        return word("shipped")
    return word("alone", by=version.published.published_by)


def week(content: CalendarContent) -> str:
    """As in "Mon-Fri 09:00-18:00"."""
    names = word("weekdays").split()
    parts = []
    for hours, days in groupby(range(7), key=lambda day: content.weekly[day]):
        run = list(days)
        if hours:
            until = f"-{names[run[-1]]}" if len(run) > 1 else ""
            parts.append(f"{names[run[0]]}{until} {' '.join(hours)}")
    return ", ".join(parts)


def year_list(years: Sequence[int]) -> str:
    """As in "2009-2026, 2028"."""
    parts = []
    for _, run in groupby(enumerate(years), key=lambda one: one[1] - one[0]):
        group = [year for _, year in run]
        parts.append(str(group[0]) if len(group) == 1 else f"{group[0]}-{group[-1]}")
    return ", ".join(parts)


def facts(version: PublishedVersion, year: int) -> list[Sequence[Any]]:
    content = version.drafted.content
    counted = content.calendar(version.published.calendar, version.published.version)
    known = word("provisional" if counted.is_provisional(year) else "announced")
    if content.years and year not in content.years:
        known = word("not_looked_up")
    return [
        (word("version"), counted.name),
        (word("zone"), content.zone),
        (word("hours"), week(content)),
        (word("years"), year_list(content.years)),
        (word("this_year", year=year), known),
        (word("standing"), standing(version)),
        (word("digest"), version.published.digest),
    ]


def picture(version: PublishedVersion, year: int) -> str:
    """A line for each month, a sign for each day."""
    content = version.drafted.content
    counted = content.calendar("", 0)
    special = by_day(content)

    def sign(day: date) -> str:
        if isinstance(special.get(day), Override) and counted.hours(day):
            return OWN
        if day in special and content.weekly[day.weekday()]:
            return OFF
        return OPEN if counted.hours(day) else CLOSED

    lines = []
    for month, name in enumerate(word("months").split(), 1):
        days = range(1, monthrange(year, month)[1] + 1)
        lines.append(f"{month:>2} {''.join(sign(date(year, month, day)) for day in days)}  {name}")
    return "\n".join([*lines, word("legend")])


def days_rows(version: PublishedVersion, year: int) -> list[Sequence[Any]]:
    names = word("weekdays").split()
    rows: list[Sequence[Any]] = []
    for day, one in by_day(version.drafted.content).items():
        if day.year == year:
            own = isinstance(one, Override)
            what = word(one.kind.value) if isinstance(one, Override) else word("day_off")
            hours = " ".join(one.hours) if isinstance(one, Override) and own else ""
            rows.append((day, names[day.weekday()], what, hours, one.name, one.source))
    return rows


def _whom(served: Served) -> str:
    parts = [served.market, served.channel, served.team, served.kind]
    return "/".join(str(part) for part in parts if part is not None)
