"""The documented names of what dialects from outside need."""

from .dialect import Dialect
from .dialect import Statement
from .dialect import Statements

__all__ = ["Dialect", "Statement", "Statements"]
