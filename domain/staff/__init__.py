"""A staff member's access: asked for, approved by another, granted, and ended when they leave.

Read in order: `roles.py` (what may be held, and what not together), `events.py` (what can happen),
`refusals.py` (what is not allowed), `access.py` (the state and the decisions), `evolve.py` (how
events add up).
"""
