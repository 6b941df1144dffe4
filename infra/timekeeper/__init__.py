"""The timekeeper: notes what falls due, at the instant it fell due, whoever looks and when.

`due.py` asks the index what is due, `noting.py` records it by ordinary commands, `running.py` goes
on until told to stop.
"""
