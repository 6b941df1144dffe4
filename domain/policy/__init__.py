"""Rules that change by decree rather than by design.

Each policy is a pair: the `.toml` says what the rules are, clause by clause; the `.py` of the same
name says what a rule of that kind means. Files are read when a policy is published, never when
something is decided.
"""
