"""What a person asks of their data, and what stands in its way.

One case per customer holds their requests (erase, stop using) and the legal holds on their data,
so that a hold and a destruction can never pass each other: both move the same stream. `case.py`
decides, `evolve.py` folds, `retention.py` says what is kept, `next_step.py` what comes next.
"""
