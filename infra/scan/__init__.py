"""Looking for given personal values in everything that is kept.

`needles.py` is what is looked for, `spelling.py` every way it may be written, `stream.py` and
`unpacking.py` look through bytes of any length; `database.py`, `files.py` and `queue.py` are the
stores; `scan.py` goes through all of them and `planted.py` proves that it would find something.
"""

from infra.scan.needles import NeedleFileOpen, Needles, NeedleTooShort
from infra.scan.report import Hit, Report, Store
from infra.scan.scan import scan

__all__ = ["Hit", "NeedleFileOpen", "NeedleTooShort", "Needles", "Report", "Store", "scan"]
