"""What can be asked about a ticket: one file per request.

`case.py` is no request; it says how every other one finds its ticket and records what was decided.
"""
