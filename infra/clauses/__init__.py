"""The clauses of the regulations, and what of each is in the product: its rows, events, projections
and tests."""
