"""A ticket: an inquiry of a customer and what is done about it.

Read in order: `events.py` (what can happen), `refusals.py` (what is not allowed), `ticket.py` (the
state and the decisions), `evolve.py` (how events add up), `foreign.py` (histories kept elsewhere).
"""
