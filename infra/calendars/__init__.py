"""Calendars from outside: drawn up from the `holidays` package, and read back from the record.

`countries.py`: what has to be known of a country besides its days off; `drawing.py`: a calendar of
some years of it; `shipping.py`: the first publication of those that come with the product;
`recorded.py`: the published ones, as the record has them, for decisions.
"""
