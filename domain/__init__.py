"""The business: what can happen, what may happen, what is refused. Standard library alone.

Start with `event.py` (what a fact is) and `refusal.py` (how the business says no), then read one
aggregate from top to bottom: `customer.py`, `order.py`, `ticket.py` or `complaint.py`.
Rules that change by decree lie in `policy/`, a .toml and a .py each; time is always an argument.
"""
