"""What has been recorded, arranged for reading: one file per read model, each can be dropped.

Start with `projection.py` (the shape they share) and `catalogue.py` (which there are).
A projection turns events into rows with a cursor it is handed; it reads no clock and draws no
number, so that building it again from the first event gives the same bytes.
"""
