"""Alembic's operation objects for columns."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from .operation import AlterTableOp
from .operation import place_of

_ATTRIBUTES = ("type", "nullable", "server_default", "comment")
# What stands for "not said"; None is a value of the other two.
_NOTHING = {"type": None, "nullable": None, "server_default": False, "comment": False}


class AlterColumnOp(
    AlterTableOp,
    takes=(
        "table_name column_name * schema existing_type "
        "existing_server_default=False existing_nullable existing_comment "
        "modify_nullable modify_comment=False modify_server_default=False "
        "modify_name modify_type **kw"
    ),
):
    """Change a column: what is ``modify_…`` becomes, what is ``existing_…`` was."""

    def has_changes(self) -> bool:
        """Return whether it changes anything."""
        if self.modify_name is not None or self._changed():
            return True

        return any(name.startswith("modify_") for name in self.kw)

    def _changed(self) -> list[str]:
        return [
            each
            for each in _ATTRIBUTES
            if getattr(self, f"modify_{each}") is not _NOTHING[each]
        ]

    def reverse(self) -> AlterColumnOp:
        undone = dict(self.kw)
        for each in self.kw:
            if each.startswith("modify_") and f"existing_{each[7:]}" in self.kw:
                other = f"existing_{each[7:]}"
                undone[each], undone[other] = self.kw[other], self.kw[each]
        for each in _ATTRIBUTES:
            undone[f"existing_{each}"] = getattr(self, f"existing_{each}")
            undone[f"modify_{each}"] = _NOTHING[each]
        for each in self._changed():
            undone[f"modify_{each}"] = getattr(self, f"existing_{each}")
            undone[f"existing_{each}"] = getattr(self, f"modify_{each}")

        return self.__class__(
            self.table_name,
            self.modify_name or self.column_name,
            schema=self.schema,
            modify_name=self.column_name if self.modify_name else None,
            **undone,
        )

    def to_diff_tuple(self) -> Any:
        """Return a list: a tuple for each attribute that changes."""
        place = (self.schema, self.table_name, self.column_name)
        names = {"server_default": "modify_default"}
        return [
            (
                names.get(each, f"modify_{each}"),
                *place,
                {
                    f"existing_{other}": getattr(self, f"existing_{other}")
                    for other in _ATTRIBUTES
                    if other != each
                },
                getattr(self, f"existing_{each}"),
                getattr(self, f"modify_{each}"),
            )
            for each in self._changed()
        ]


class AddColumnOp(
    AlterTableOp,
    takes=(
        "table_name column * schema if_not_exists inline_references "
        "inline_primary_key **kw"
    ),
):
    """Add a column."""

    @classmethod
    def from_column(cls, column: sa.Column[Any]) -> AddColumnOp:
        """Return the operation that adds a column of a table."""
        table, schema = place_of(column)
        return cls(table, column, schema=schema)

    @classmethod
    def from_column_and_tablename(
        cls, schema: str | None, tname: str, col: sa.Column[Any]
    ) -> AddColumnOp:
        """Return the operation that adds a column to a table."""
        return cls(tname, col, schema=schema)

    def to_column(self) -> sa.Column[Any]:
        """Return SQLAlchemy's column."""
        column: sa.Column[Any] = self.column
        return column

    def reverse(self) -> DropColumnOp:
        return DropColumnOp.from_column_and_tablename(
            self.schema, self.table_name, self.column
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return "add_column", self.schema, self.table_name, self.column


class DropColumnOp(
    AlterTableOp,
    takes="table_name column_name * schema if_exists _reverse **kw",
):
    """Drop a column."""

    @classmethod
    def from_column_and_tablename(
        cls, schema: str | None, tname: str, col: sa.Column[Any]
    ) -> DropColumnOp:
        """Return the operation that drops a column of a table."""
        added = AddColumnOp.from_column_and_tablename(schema, tname, col)
        return cls(tname, str(col.name), schema=schema, _reverse=added)

    def to_column(self, migration_context: Any = None) -> sa.Column[Any]:
        """Return SQLAlchemy's column, as far as it is known."""
        if self._reverse is None:
            return sa.Column(self.column_name, sa.types.NULLTYPE)

        column: sa.Column[Any] = self._reverse.column
        return column

    def reverse(self) -> AddColumnOp:
        """Return the operation that adds it back.

        :raises ValueError: if it is not known what it was.
        """
        if self._reverse is None:
            raise ValueError(
                "operation is not reversible; original column is not present"
            )

        return AddColumnOp.from_column_and_tablename(
            self.schema, self.table_name, self._reverse.column
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return "remove_column", self.schema, self.table_name, self.to_column()
