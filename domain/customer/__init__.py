"""A customer: somebody we may one day have to answer to, and what we hold about them.

Read in order: `profile.py` (what is held), `events.py` (what can happen), `refusals.py` (what is
not allowed), `customer.py` (the state and the decisions), `tier_review.py`, `evolve.py` (how
events add up).
"""
