"""What can be asked about a customer: one file per request.

`standing.py` is no request; it says how every other one finds its customer.
"""
