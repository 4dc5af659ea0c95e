"""MySQL and MariaDB: each change of a table is for good at once."""

from .dialect import MariaDB
from .dialect import MySQL

__all__ = ["MariaDB", "MySQL"]
