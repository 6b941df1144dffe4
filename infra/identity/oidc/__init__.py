"""Statements a provider signs about somebody (OpenID Connect Core 1.0, RFC 7519).

Read in order: `issuer.py` (whom we believe, and what their groups mean here), `fetching.py` (what
we read from them, and how much at most), `published.py` (their keys), `statement.py` (what a
statement has to be).
"""
