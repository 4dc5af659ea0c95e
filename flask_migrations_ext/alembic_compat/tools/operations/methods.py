"""What classes have as methods there, for subclasses and for who calls them so."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from . import columns
from . import constraints
from . import indexes
from . import tables
from .operation import MigrateOperation

OF_OPERATIONS: Mapping[type[MigrateOperation], tuple[str, int | None]] = {
    columns.AddColumnOp: ("add_column", 0),
    columns.AlterColumnOp: ("alter_column", 0),
    tables.BulkInsertOp: ("bulk_insert", None),
    constraints.CreateCheckConstraintOp: ("create_check_constraint", 1),
    constraints.CreateExcludeConstraintOp: ("create_exclude_constraint", 1),
    constraints.CreateForeignKeyOp: ("create_foreign_key", 1),
    indexes.CreateIndexOp: ("create_index", 1),
    constraints.CreatePrimaryKeyOp: ("create_primary_key", 1),
    tables.CreateTableCommentOp: ("create_table_comment", 0),
    tables.CreateTableOp: ("create_table", None),
    constraints.CreateUniqueConstraintOp: ("create_unique_constraint", 1),
    columns.DropColumnOp: ("drop_column", 0),
    constraints.DropConstraintOp: ("drop_constraint", 1),
    indexes.DropIndexOp: ("drop_index", 1),
    tables.DropTableCommentOp: ("drop_table_comment", 0),
    tables.DropTableOp: ("drop_table", None),
    tables.ExecuteSQLOp: ("execute", None),
    tables.RenameTableOp: ("rename_table", None),
}
"""By class: its function of ``op``, and where a batch block puts its table."""

_CHANGES = {
    "comment": "modify_comment",
    "new_column_name": "modify_name",
    "nullable": "modify_nullable",
    "server_default": "modify_server_default",
    "type_": "modify_type",
}


def _made(kind: type[MigrateOperation], *arguments: Any, **keywords: Any) -> Any:
    """Return the object of a class for the arguments of its function."""
    if issubclass(kind, tables.CreateTableOp):
        return kind(arguments[0], arguments[1:], **keywords)
    if issubclass(kind, constraints.CreateExcludeConstraintOp):
        return kind(*arguments[:2], arguments[2:], **keywords)
    if issubclass(kind, columns.AlterColumnOp):
        keywords = {_CHANGES.get(name, name): said for name, said in keywords.items()}

    return kind(*arguments, **keywords)


def _of_class(kind: type[MigrateOperation], name: str) -> None:
    def call(cls: Any, operations: Any, *arguments: Any, **keywords: Any) -> Any:
        return operations.invoke(_made(cls, *arguments, **keywords))

    setattr(kind, name, classmethod(call))


def _of_batch(kind: type[MigrateOperation], name: str, place: int | None) -> None:
    schema = "source_schema" if kind is constraints.CreateForeignKeyOp else "schema"

    def call(cls: Any, operations: Any, *arguments: Any, **keywords: Any) -> Any:
        if place is not None:
            table = operations.impl.table_name
            arguments = (*arguments[:place], table, *arguments[place:])
            keywords = {schema: operations.impl.schema, **keywords}
        return operations.invoke(_made(cls, *arguments, **keywords))

    setattr(kind, f"batch_{name}", classmethod(call))


for _kind, (_name, _place) in OF_OPERATIONS.items():
    _of_class(_kind, _name)
    if _place is not None or _kind is tables.ExecuteSQLOp:
        _of_batch(_kind, _name, _place)


def looked_up(name: str) -> Callable[..., Any]:
    """Return a method that does what an attribute of the object does."""

    def method(self: Any, *arguments: Any, **keywords: Any) -> Any:
        return type(self).__getattr__(self, name)(*arguments, **keywords)

    return method


def offer(kind: type, names: tuple[str, ...]) -> None:
    """Let a class have methods, which its objects answer by ``__getattr__``."""
    for name in names:
        setattr(kind, name, looked_up(name))
