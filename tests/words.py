"""Operations in the words of one database, to compare them by."""

from __future__ import annotations

from dataclasses import fields
from dataclasses import is_dataclass
from dataclasses import replace
from typing import Any

from flask_migrations_ext.schema.model import Expression
from flask_migrations_ext.schema.model import SqlWriter


def worded(value: Any, write: SqlWriter) -> Any:
    """Return operations with all SQL in the words of one database."""
    if isinstance(value, Expression):
        return Expression(value.sql(write))
    if isinstance(value, list | tuple):
        return type(value)(worded(each, write) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: worded(getattr(value, each.name), write)
            for each in fields(value)
            if each.compare
        }
        return replace(value, **changed)

    return value
