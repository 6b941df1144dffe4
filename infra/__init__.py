"""Everything that touches the world: clock, chance, environment, files, servers, network.

Start with `home.py` (where a data folder keeps what) and `servers/` (the PostgreSQL and the Valkey
that come with the product), then `record/` (how facts are kept) and the doors: command line, HTTP,
queue.
All other folders are handed what they need from here, and none of them imports this one.
"""
