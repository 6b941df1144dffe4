"""Checks what the projections say of imported files against answers computed elsewhere.

`verify.verify` imports the files it finds into a fresh data folder and compares; each of `retail`,
`incidents`, `complaints` and `conversations` arranges projections the way its answers are arranged.

Promises are compared too: rules of the reference become policies and calendars (`publishing`), in a
store that is thrown away; `city`, `requests`, `requests_compared` and `promises` do so for a city's
service requests, `incident_promises` for the incident log.
"""
