"""The HTTP door: commands as POST, questions as GET, problems as RFC 9457.

`app.py` puts it together; `commands.py` and `reading.py` are the two halves, `asked.py` what every
request brings with it, `answers.py` how it is answered, `openapi.py` how it is described,
`listening.py` how it is served. Who is let in, and how far: `entering.py`, `scope.py`, `limits.py`;
what is too much: `intricacy.py`, `patience.py`; what every answer carries: `edge.py`, `hygiene.py`.
"""
