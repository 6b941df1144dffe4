"""A policy: drafted row by row, reviewed, approved by another, published, and never edited again.

Read in order: `events.py` (what can happen), `rows.py` (what a row may be), `refusals.py` (what is
not allowed), `policy.py` (the state and the decisions), `evolve.py` (how events add up),
`in_force.py` (which rules the published versions come to).
"""
