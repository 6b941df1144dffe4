"""Why a file cannot be imported at all, and why one of its rows cannot."""

from __future__ import annotations

from domain.refusal import Refused


class ImportProblem(Refused):
    """The file cannot be imported; nothing was recorded. Parameters: file."""


class ImportFileMissing(ImportProblem):
    """There is no file of this name."""


class ImportFileUnreadable(ImportProblem):
    """It is no file, or may not be read. Parameters: file, detail."""


class ImportFileEmpty(ImportProblem):
    """The file holds nothing, not even a header."""


class ImportFileDamaged(ImportProblem):
    """It is named .gz and is no gzip file, or ends too early. Parameters: file, detail."""


class ImportFileNotText(ImportProblem):
    """The header is not UTF-8 text, so nothing below it will be."""


class ImportColumnsMissing(ImportProblem):
    """The header lacks columns this kind of file has. Parameters: file, missing."""


class ImportColumnsRepeated(ImportProblem):
    """The header names columns this kind of file has more than once. Parameters: file, repeated."""


class ImportFileChanged(ImportProblem):
    """Somebody wrote to the file while it was read."""


class ImportKindUnknown(ImportProblem):
    """No importer has this name. Parameters: kind, known."""


class RowProblem(Exception):
    """A row is malformed: `code` and, in words, what is wrong with it."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
