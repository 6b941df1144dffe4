"""Keys and what is sealed under them.

Start with `keyring.py` (what is asked of keys) and `postgres_keyring.py` (how it is answered). A
value's stored form is `token.py`; into the record it goes by `sealing.py`, out of it by
`unsealing.py`, which only `infra.gate` may import. Keys are wrapped under a key-encryption key of
an epoch: `epochs.py`, `providers/`, `rewrap.py`, `destroying.py`, `snapshot.py`. What other
processes destroy is heard by `watch.py`; what a backup has forgotten is in `ledger.py`.
"""
