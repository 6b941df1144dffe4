"""What can be asked about a complaint: one file per request.

`case.py` is no request; it says how every other one finds its complaint and records what was
decided.
"""
