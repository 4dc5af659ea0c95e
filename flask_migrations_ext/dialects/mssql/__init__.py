"""Microsoft SQL Server: procedures where others have statements."""

from .dialect import MSSQL

__all__ = ["MSSQL"]
