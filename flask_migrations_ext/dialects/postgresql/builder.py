"""SQLAlchemy's tables for PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa

from ...schema.model import Expression
from ...schema.model import Index
from ...schema.model import IndexPart
from ...schema.to_sqlalchemy import SQLAlchemyBuilder
from ..default_text import unparenthesized


class PostgreSQLBuilder(SQLAlchemyBuilder):
    """Says operator classes of expressions, too: SQLAlchemy does of columns only."""

    def _index(self, index: Index, table: sa.Table) -> sa.Index:
        classes = dict(index.options).get("postgresql_ops") or {}
        if not classes:
            return super()._index(index, table)

        said = {unparenthesized(str(key)): name for key, name in classes.items()}
        parts = tuple(self._with_class(part, said) for part in index.parts)
        return super()._index(replace(index, parts=parts), table)

    def _with_class(self, part: IndexPart, classes: Mapping[str, str]) -> IndexPart:
        if isinstance(part, str):
            return part

        text = self.text(part).text
        for said in (part.text, text):
            name = classes.get(unparenthesized(said))
            if name is not None:
                return Expression(f"{text} {name}")

        return part
