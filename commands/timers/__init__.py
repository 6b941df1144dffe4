"""Requests about the promises of a case."""
