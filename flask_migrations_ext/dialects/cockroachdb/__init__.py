"""CockroachDB: says what PostgreSQL says, and locks by a row."""

from .dialect import CockroachDB

__all__ = ["CockroachDB"]
