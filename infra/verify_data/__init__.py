"""Checks what the projections say of imported files against answers computed elsewhere.

`verify.verify` imports the files it finds into a fresh data folder and compares; each of `retail`,
`incidents`, `complaints` and `conversations` arranges projections the way its answers are arranged.
"""
