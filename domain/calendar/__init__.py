"""Service calendars of the markets: opening hours, holidays, exceptions, each with its source.

A published version never changes; a timer names the one it was counted by. `reading.py` says how a
file becomes a `Calendar`; what is counted by one is in `domain/working_time.py`.
"""
