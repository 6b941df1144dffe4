"""`dossier verify`: recomputes every chain in pure Python, with nothing but the stored columns.

Shows a changed header column or body, a deleted, swapped, moved or forged row. Does not show the
removal of a whole stream together with its row in es.streams, nor a rewrite of a stream from some
event to its end by somebody who can write to the tables: that takes sealed checkpoints outside
the database.
"""

from infra.verify.walk import Finding, Verified, verify

__all__ = ["Finding", "Verified", "verify"]
