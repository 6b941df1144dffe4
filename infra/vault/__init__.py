"""Keys and what is sealed under them.

`token.py` is the form of a sealed value, `kek.py` the key that wraps all others and lies outside
the database, `keyring.py` the keys per subject and category, `sealing.py` the way of a decision
into the record. Opening is in `unsealing.py`, which only `infra.gate` may import.
"""
