"""PostgreSQL: transactional DDL, and types that have names."""

from .dialect import PostgreSQL

__all__ = ["PostgreSQL"]
