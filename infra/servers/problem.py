"""A problem with a server or its data folder that the person who started us can mend."""


class ServerProblem(Exception):
    """Its text is one line: what is wrong, and what to do where that is known."""
