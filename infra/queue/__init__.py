"""The queue: commands that need not be answered at once, taken by a worker.

`inbox.py` keeps a command, sealed, until it has an outcome; `commands.py` sends its number through
Valkey and takes it at the other end; `worker.py` is a process that does nothing else.
"""
