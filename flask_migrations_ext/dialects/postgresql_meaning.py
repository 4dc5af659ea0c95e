"""An older name of PostgreSQL's rules of comparison, which stays documented."""

from .postgresql.comparison import PostgreSQLComparison as PostgreSQLMeaning

__all__ = ["PostgreSQLMeaning"]
