"""What can be asked of the record: one file per question, each with the answer it returns.

A query reads the tables of `projections/` with a cursor it is handed and changes nothing.
Personal values stay sealed; a question that needs them opened is handed an `open` port,
which writes down who looked and why before it answers.
"""
