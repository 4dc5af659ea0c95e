"""The documented name of PostgreSQL's comparison, for dialects from outside."""

from .postgresql.comparison import PostgreSQLMeaning

__all__ = ["PostgreSQLMeaning"]
