"""Values and statements as Python code: what rows hold, and what is executed."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ...operations.sql import ExecuteSql
from ...schema.model import Expression
from ...schema.sql_text import escaped
from .elements import expression_node
from .elements import text_node
from .layout import Code
from .layout import literal
from .layout import Node
from .layout import one_line
from .types import RenderContext


def value_code(value: Any, context: RenderContext) -> Code:
    """Return a value of a row, or one inside of it, with the imports it needs."""
    return Code(_text(value, context))


def _text(value: Any, context: RenderContext) -> str:
    if isinstance(value, enum.Enum):
        kind = type(value)
        context.imports.add(f"import {kind.__module__}")
        return f"{kind.__module__}.{kind.__qualname__}.{value.name}"

    if isinstance(value, sa.ClauseElement):
        return one_line(expression_node(Expression.of(value), context))

    if isinstance(value, Mapping):
        inner = (f"{_text(k, context)}: {_text(v, context)}" for k, v in value.items())
        return "{" + ", ".join(inner) + "}"

    if isinstance(value, (list, tuple)):
        inner = (_text(each, context) for each in value)
        return "[" + ", ".join(inner) + "]"

    if isinstance(value, decimal.Decimal):
        context.imports.add("import decimal")
        return f'decimal.Decimal("{value}")'

    if isinstance(value, uuid.UUID):
        context.imports.add("import uuid")
        return f'uuid.UUID("{value}")'

    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        context.imports.add("import datetime")
        return repr(value)

    return literal(value).text


def statement_code(operation: ExecuteSql, context: RenderContext) -> Node:
    """Return what ``op.execute`` takes: text, with its values written into it."""
    if operation.statement is None:
        return literal(operation.text)

    said = context.words.statement(operation.statement)
    if said.others:
        return text_node(said, context)

    # A colon begins a parameter in text that is executed.
    return literal(escaped(said.text))
