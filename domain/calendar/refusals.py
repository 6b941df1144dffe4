"""Why a calendar is not drafted, published, approved or assigned."""

from __future__ import annotations

from domain.refusal import Refused


class CalendarZoneUnknown(Refused):
    """There is no time zone of this name in the IANA database. Parameters: zone."""


class CalendarTimeWrong(Refused):
    """A window is two times of day, "HH:MM-HH:MM", up to 24:00. Parameters: window."""


class CalendarWindowsOverlap(Refused):
    """Two windows are open at once: time would be promised twice. Parameters: day, window,
    other."""


class CalendarDayTwice(Refused):
    """A date is a day off once, and has one override. Parameters: day."""


class CalendarDayOutsideYears(Refused):
    """A date lies in none of the years whose days off were looked up. Parameters: day."""


class CalendarYearWithoutData(Refused):
    """No day off is known of this year, so nobody can say when work is done in it. Parameters:
    calendar, year."""


class CalendarVersionExists(Refused):
    """A published version never changes. Parameters: calendar, version."""


class CalendarUnchanged(Refused):
    """The draft says what the version in force says. Parameters: calendar, version."""


class CalendarNotDrafted(Refused):
    """Only a draft is published, and the latest one. Parameters: calendar, version."""


class CalendarNotPublished(Refused):
    """No such version was published. Parameters: calendar, version."""


class CalendarApprovedByMaker(Refused):
    """Whoever drafted or published a version does not approve it. Parameters: by."""

    clause = "RR-T-3.3c"
    on_trail = True


class CalendarDayPast(Refused):
    """What counts from a day on is said before that day is over. Parameters: day."""


class NoServiceCalendar(Refused):
    """No calendar was assigned to this market, nor one to fall back on. Parameters: market."""
