"""What a person asks of their data, legal holds, and the steps by which a request is carried out.

A step is asked for by the product itself (`steps.py`); the rest by people.
"""
