"""SQLite: its texts read, edited and rebuilt without losing a row."""

from .dialect import SQLite

__all__ = ["SQLite"]
