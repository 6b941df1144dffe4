"""Policies between the record and decisions.

`documents.py`: a policy file as a request; `shipping.py`: what a release brings is put on record;
`rules.py`: the rulebook as the record has it, for every decision.
"""
