"""Importers: files of other systems, turned into the same facts our own requests lead to.

`run.import_file` is the way in. `reading` takes a file apart row by row, `spool` brings the rows of
a case together on disk, `retail`, `incidents`, `complaints` and `conversations` say what rows mean,
`persons` finds whom they are about, `recording` decides and appends, one append per case.
"""
