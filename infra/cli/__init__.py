"""The command line: `dossier`. `main.py` is the edge where every problem becomes one line.

`running.py` starts things (`up`, `demo`), `asking.py` answers from the read models, `keeping.py`
checks and repairs (`verify`, `doctor`, `projections`, `analyst`).
"""
