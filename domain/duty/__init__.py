"""Duties: what has to be done again and again by the calendar, period by period.

A period of a duty is a stream of its own. Which duties there are: the cadence rows of policies.
"""
