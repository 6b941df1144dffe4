"""An order: what a customer bought on one document, and what came back of it.

`events.py` says what can happen, `order.py` what may.
"""
