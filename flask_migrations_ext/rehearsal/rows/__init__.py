"""Rows for tests: made from the tables as they are, and followed through a revision."""
