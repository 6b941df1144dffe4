"""Carrying privacy requests out: from the identified requester to the signed certificate.

`carrying_out.py` does one step at a time and can be killed anywhere; what comes next is always read
from the record (`domain/privacy/next_step.py`). `certificate.py` says what was done and signs it,
`circumstances.py` and `values.py` ask what the steps need to know, `running.py` keeps at it.
"""
