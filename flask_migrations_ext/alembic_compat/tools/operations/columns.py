"""Alembic's operation objects for columns."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from .operation import AlterTableOp

_ATTRIBUTES = ("type", "nullable", "server_default", "comment")
# What stands for "not said"; None is a value of the other two.
_NOTHING = {"type": None, "nullable": None, "server_default": False, "comment": False}


class AlterColumnOp(AlterTableOp):
    """Change a column: what is ``modify_…`` becomes, what is ``existing_…`` was."""

    def __init__(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        existing_type: Any = None,
        existing_server_default: Any = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        modify_nullable: bool | None = None,
        modify_comment: Any = False,
        modify_server_default: Any = False,
        modify_name: str | None = None,
        modify_type: Any = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.existing_type = existing_type
        self.existing_server_default = existing_server_default
        self.existing_nullable = existing_nullable
        self.existing_comment = existing_comment
        self.modify_nullable = modify_nullable
        self.modify_comment = modify_comment
        self.modify_server_default = modify_server_default
        self.modify_name = modify_name
        self.modify_type = modify_type
        self.kw = kw

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


class AddColumnOp(AlterTableOp):
    """Add a column."""

    def __init__(
        self,
        table_name: str,
        column: sa.Column[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column = column
        self.if_not_exists = if_not_exists
        self.inline_references = inline_references
        self.inline_primary_key = inline_primary_key
        self.kw = kw

    @classmethod
    def from_column(cls, column: sa.Column[Any]) -> AddColumnOp:
        """Return the operation that adds a column of a table."""
        table: Any = column.table
        return cls(str(table.name), column, schema=table.schema)

    @classmethod
    def from_column_and_tablename(
        cls, schema: str | None, tname: str, col: sa.Column[Any]
    ) -> AddColumnOp:
        """Return the operation that adds a column to a table."""
        return cls(tname, col, schema=schema)

    def to_column(self) -> sa.Column[Any]:
        """Return SQLAlchemy's column."""
        return self.column

    def reverse(self) -> DropColumnOp:
        return DropColumnOp.from_column_and_tablename(
            self.schema, self.table_name, self.column
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return "add_column", self.schema, self.table_name, self.column


class DropColumnOp(AlterTableOp):
    """Drop a column."""

    def __init__(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: AddColumnOp | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.if_exists = if_exists
        self.kw = kw
        self._reverse = _reverse

    @classmethod
    def from_column_and_tablename(
        cls, schema: str | None, tname: str, col: sa.Column[Any]
    ) -> DropColumnOp:
        """Return the operation that drops a column of a table."""
        return cls(
            tname,
            str(col.name),
            schema=schema,
            _reverse=AddColumnOp.from_column_and_tablename(schema, tname, col),
        )

    def to_column(self, migration_context: Any = None) -> sa.Column[Any]:
        """Return SQLAlchemy's column, as far as it is known."""
        if self._reverse is not None:
            return self._reverse.column

        return sa.Column(self.column_name, sa.types.NULLTYPE)

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
