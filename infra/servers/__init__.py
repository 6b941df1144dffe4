"""The PostgreSQL and the Valkey that come with the product, and who may start them.

Start with `owner.py`: one process owns the servers of a data folder, all others are told where
they are. `postgres.py` and `valkey.py` start one server each; `leash.py` is the small program that
becomes the server once its life is tied to ours; `process.py` finds what is left of a dead one.
"""

from infra.servers.problem import ServerProblem

__all__ = ["ServerProblem"]
