"""Service calendars: opening hours, days off, exceptions, each with its source, by version.

Read in order: `content.py` (what a version says), `events.py` (what can happen), `refusals.py`
(what is not allowed), `calendar.py` (drafted, published, approved), `assignment.py` (whom it
serves), `calendars.py` (how a decision asks). A published version never changes; a timer names the
one it was counted by. `reading.py` says how the files beside it are read, which are the first
publication of a new record; what is counted by a calendar is in `domain/working_time.py`.
"""
