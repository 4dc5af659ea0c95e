"""Oracle: each change of a table is for good at once."""

from .dialect import Oracle

__all__ = ["Oracle"]
