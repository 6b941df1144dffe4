"""A complaint: what a customer holds against somebody, and what is done to put it right.

Read in order: `events.py` (what can happen), `refusals.py` (what is not allowed), `plan.py` (a
remedy plan on its way to the customer), `complaint.py` (the state and the decisions), `remedy.py`
(the decisions about plans), `evolve.py` (how events add up), `foreign.py` (complaints handled
elsewhere).
"""
