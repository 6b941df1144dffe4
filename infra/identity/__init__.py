"""Who comes in: a service token, a staff member's token, or a provider's signed statement.

Read in order: `credential.py` (what a caller is known to be), `tokens.py` (tokens of our own),
`attempts.py` (failed attempts), `trail.py` (what is kept of them), `oidc/` (statements of others),
`staff.py` (what a staff member holds now), `authentication.py` (the one entry for every door),
`drift.py` (whether the database's own roles and rights are still as they should be).
"""
