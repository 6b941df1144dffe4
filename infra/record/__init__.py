"""The record: how events are stored, chained, numbered and read back.

Start with `migrations/` (the guarantees are in the schema), then `batch.py` (what goes in),
`postgres.py` and `memory.py` (the two places it goes), `codec.py` and `registry.py` (bytes and
classes), `chain.py` (what makes a change show). Only this folder imports the library.
"""
