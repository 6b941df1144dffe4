"""What can be asked for: one file per request, and the listing is the catalogue of use cases.

Start with `command.py` (what a request carries) and `catalogue.py` (which function answers it).
A handler loads, asks the domain to decide, and records; a rule never stands here.
Commands ask the record, which is current, and never a projection, which is late.
"""
