"""From the arguments that scripts pass to ``op`` functions, to operations.

The names and meanings of the arguments are those that existing scripts use.
https://alembic.sqlalchemy.org/en/latest/ops.html
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ..errors import InvalidArgument
from ..errors import UnknownOption
from ..schema.from_sqlalchemy import option_values
from ..schema.from_sqlalchemy import read_column
from ..schema.from_sqlalchemy import read_index
from ..schema.from_sqlalchemy import read_table
from ..schema.model import Check
from ..schema.model import Constraint
from ..schema.model import Exclude
from ..schema.model import Expression
from ..schema.model import ForeignKey
from ..schema.model import Index
from ..schema.model import IndexPart
from ..schema.model import KEPT
from ..schema.model import Kept
from ..schema.model import Options
from ..schema.model import options_from
from ..schema.model import PrimaryKey
from ..schema.model import SqlType
from ..schema.model import TableName
from ..schema.model import Unique
from ..schema.to_sqlalchemy import NamingConvention
from . import server_default_arguments as generation
from .base import Operation
from .columns import AddColumn
from .columns import AlterColumn
from .columns import ColumnFacts
from .columns import DropColumn
from .constraints import AddConstraint
from .constraints import DropConstraint
from .indexes import CreateIndex
from .indexes import DropIndex
from .rows import InsertRows
from .sql import ExecuteSql
from .tables import CommentTable
from .tables import RebuildOptions

log = logging.getLogger("flask_migrations_ext.op")

CONSTRAINT_KINDS: Mapping[str, type[Constraint]] = {
    "foreignkey": ForeignKey,
    "primary": PrimaryKey,
    "unique": Unique,
    "check": Check,
    "exclude": Exclude,
}
"""What ``drop_constraint(type_=…)`` takes."""

_ALTER_COLUMN = frozenset(
    {
        *("nullable", "comment", "server_default", "new_column_name", "type_"),
        *("existing_type", "existing_server_default", "existing_nullable"),
        *("existing_comment", "autoincrement", "existing_autoincrement", "schema"),
        *("insert_before", "insert_after", "postgresql_using"),
    }
)
_RECREATE = ("auto", "always", "never")
_DROP_COLUMN = frozenset(
    {
        *("schema", "if_exists", "mssql_drop_default", "mssql_drop_check"),
        "mssql_drop_foreign_key",
    }
)


def metadata_with(convention: NamingConvention | None) -> sa.MetaData:
    """Return an empty ``MetaData`` that names constraints by the convention."""
    if convention is None:
        return sa.MetaData()

    return sa.MetaData(naming_convention=dict(convention))


def sa_table_of(
    name: str,
    items: Iterable[sa.schema.SchemaItem],
    *,
    schema: str | None,
    convention: NamingConvention | None,
    **keywords: Any,
) -> sa.Table:
    """Return the SQLAlchemy table that ``create_table`` describes.

    Columns that belong to a table already are copied.
    """
    return sa.Table(
        name,
        metadata_with(convention),
        *(_unattached(item) for item in items),
        schema=schema,
        **keywords,
    )


def _unattached(item: Any) -> Any:
    if isinstance(item, sa.Column) and getattr(item, "table", None) is not None:
        return item._copy()

    return item


def add_column(
    table: TableName,
    column: sa.Column[Any],
    convention: NamingConvention | None,
    *,
    if_not_exists: bool = False,
    inline_references: bool = False,
    inline_primary_key: bool = False,
    before: str | None = None,
    after: str | None = None,
) -> AddColumn:
    """Return the operation with all that the column declares."""
    stub = sa_table_of(table.name, [column], schema=table.schema, convention=convention)
    read = read_table(stub)
    own = next(iter(stub.columns))

    return AddColumn(
        table,
        read_column(own),
        # The key that ``primary_key=True`` makes is the column's own affair.
        constraints=tuple(
            each for each in read.constraints if not isinstance(each, PrimaryKey)
        ),
        indexes=read.indexes,
        if_not_exists=if_not_exists,
        inline_references=inline_references,
        inline_primary_key=inline_primary_key,
        before=before,
        after=after,
    )


def drop_column(
    table: TableName, name: str, *, if_exists: bool = False, **options: Any
) -> DropColumn:
    """Return the operation."""
    _warn_of_unknown("drop_column", options, _DROP_COLUMN)
    return DropColumn(table, name, if_exists=if_exists, options=option_values(options))


def alter_column(
    table: TableName,
    name: str,
    *,
    nullable: bool | None = None,
    comment: str | bool | None = False,
    server_default: Any = False,
    new_column_name: str | None = None,
    type_: Any = None,
    existing_type: Any = None,
    existing_server_default: Any = False,
    existing_nullable: bool | None = None,
    existing_comment: str | None = None,
    autoincrement: bool | str | None = None,
    existing_autoincrement: bool | str | None = None,
    before: str | None = None,
    after: str | None = None,
    **options: Any,
) -> AlterColumn:
    """Return the operation; False means "not said" where None means "none"."""
    becomes = ColumnFacts(
        type=_type(type_),
        nullable=_said(nullable),
        comment=_comment(comment),
        autoincrement=_said(autoincrement),
        **generation.change(server_default, existing_server_default),
    )
    was = ColumnFacts(
        type=_type(existing_type),
        nullable=_said(existing_nullable),
        comment=_said(existing_comment),
        autoincrement=_said(existing_autoincrement),
        **generation.known(server_default, existing_server_default),
    )
    _warn_of_unknown("alter_column", options, _ALTER_COLUMN)

    return AlterColumn(
        table,
        name,
        becomes=becomes,
        was=was,
        new_name=new_column_name if new_column_name != name else None,
        before=before,
        after=after,
        options=option_values(options),
    )


def _type(given: Any) -> SqlType | Kept:
    return KEPT if given is None else SqlType.of(given)


def _said(given: Any) -> Any:
    return KEPT if given is None else given


def _comment(given: str | bool | None) -> str | None | Kept:
    return KEPT if isinstance(given, bool) else given


def _warn_of_unknown(
    function: str, options: Mapping[str, Any], known: Collection[str]
) -> None:
    # Scripts in the world hold misspelt keywords that have always been passed
    # over; failing now would stop a history that used to run.
    for name in options.keys() - known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if near:
            log.warning(
                "%s() does not know the argument '%s'; did you mean '%s'?",
                function,
                name,
                near[0],
            )
        elif not _is_of_database(name):
            log.warning(
                "%s() does not know the argument '%s'; it is passed over",
                function,
                name,
            )


def _is_of_database(name: str) -> bool:
    """Return whether a keyword begins with the name of a kind of database."""
    try:
        sa.dialects.registry.load(name.partition("_")[0])
    except sa.exc.NoSuchModuleError:
        return False

    return True


def create_index(
    table: TableName,
    name: str | None,
    parts: Sequence[Any],
    convention: NamingConvention | None,
    *,
    unique: bool = False,
    if_not_exists: bool = False,
    **options: Any,
) -> CreateIndex:
    """Return the operation; the index's name follows the convention where it is open.

    :raises InvalidArgument: if the parts are one string: its letters are no columns.
    """
    if isinstance(parts, str):
        raise InvalidArgument("columns", "a list of columns", parts)

    read = [part_of(part) for part in parts]
    if name is None:
        stub = sa_table_of(
            table.name,
            [sa.Column(each) for each in read if isinstance(each, str)],
            schema=table.schema,
            convention=convention,
        )
        name = read_index(
            sa.Index(None, *(stub.c[each] for each in read if isinstance(each, str)))
        ).name

    index = Index(name, tuple(read), bool(unique), option_values(options))
    return CreateIndex(table, index, if_not_exists=if_not_exists)


def create_primary_key(
    table: TableName, name: str | None, columns: Sequence[str], **options: Any
) -> AddConstraint:
    """Return the operation."""
    key = PrimaryKey(name, column_names(columns), option_values(options))
    return AddConstraint(table, key)


def create_unique_constraint(
    table: TableName,
    name: str | None,
    columns: Sequence[str],
    *,
    deferrable: bool | None = None,
    initially: str | None = None,
    **options: Any,
) -> AddConstraint:
    """Return the operation."""
    unique = Unique(
        name, column_names(columns), deferrable, initially, option_values(options)
    )
    return AddConstraint(table, unique)


def create_foreign_key(
    table: TableName,
    name: str | None,
    referent: str,
    local_cols: Sequence[str],
    remote_cols: Sequence[str],
    *,
    onupdate: str | None = None,
    ondelete: str | None = None,
    deferrable: bool | None = None,
    initially: str | None = None,
    match: str | None = None,
    referent_schema: str | None = None,
    use_alter: bool = False,
    **options: Any,
) -> AddConstraint:
    """Return the operation."""
    key = ForeignKey(
        name,
        column_names(local_cols),
        TableName(referent, referent_schema),
        column_names(remote_cols),
        onupdate=onupdate,
        ondelete=ondelete,
        deferrable=deferrable,
        initially=initially,
        match=match,
        use_alter=use_alter,
        options=option_values(options),
    )
    return AddConstraint(table, key)


def create_check_constraint(
    table: TableName, name: str | None, condition: Any, **options: Any
) -> AddConstraint:
    """Return the operation."""
    if isinstance(condition, str):
        # Scripts escape a colon as in op.execute().
        condition = condition.replace("\\:", ":")

    check = Check(name, Expression.of(condition), option_values(options))
    return AddConstraint(table, check)


def create_exclude_constraint(
    table: TableName,
    name: str | None,
    elements: Iterable[Any],
    *,
    where: Any = None,
    using: str = "gist",
    deferrable: bool | None = None,
    initially: str | None = None,
    ops: Mapping[str, str] | None = None,
) -> AddConstraint:
    """Return the operation; of each element a column or expression, and an operator.

    :raises InvalidArgument: if an element is something else.
    """
    parts: list[tuple[IndexPart, str]] = []
    for element in elements:
        if isinstance(element, str) or len(element) != 2:
            raise InvalidArgument("elements", "pairs such as ('room', '=')", element)

        part, operator = element
        parts.append((part_of(part), operator))

    exclude = Exclude(
        name,
        tuple(parts),
        using,
        None if where is None else Expression.of(where),
        deferrable,
        initially,
        options_from(ops or {}),
    )
    return AddConstraint(table, exclude)


def column_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns.

    :raises InvalidArgument: if it is one string: its letters are no columns.
    """
    if isinstance(columns, str):
        raise InvalidArgument("columns", "a list of column names", columns)

    return tuple(str(each) for each in columns)


def part_of(given: Any) -> IndexPart:
    """Return the column, or the expression, that a part of an index stands for."""
    if isinstance(given, str):
        return given

    if isinstance(given, sa.ColumnClause) and not given.is_literal:
        return str(given.name)

    return Expression.of(given)


def drop_constraint(
    table: TableName,
    name: str | None,
    kind: str | None = None,
    *,
    if_exists: bool = False,
) -> DropConstraint:
    """Return the operation.

    :raises UnknownOption: if ``kind`` is no kind of constraint.
    """
    if kind is not None and kind not in CONSTRAINT_KINDS:
        raise UnknownOption(
            "type_",
            f"'{kind}' is no kind of constraint;"
            f" there are {', '.join(CONSTRAINT_KINDS)}",
        )

    return DropConstraint(
        table,
        name,
        kind=CONSTRAINT_KINDS[kind] if kind else None,
        if_exists=if_exists,
    )


def drop_index(
    table: TableName | None,
    name: str,
    *,
    schema: str | None = None,
    if_exists: bool = False,
    **options: Any,
) -> DropIndex:
    """Return the operation."""
    return DropIndex(
        table,
        name,
        # A table says its schema itself.
        schema=None if table is not None else schema,
        if_exists=if_exists,
        options=option_values(options),
    )


def comment_table(
    table: TableName, comment: str | None, existing_comment: str | None
) -> CommentTable:
    """Return the operation that sets a comment, or with None removes it."""
    was = KEPT if existing_comment is None else existing_comment
    return CommentTable(table, comment, was=was)


def rebuild_options(
    *,
    recreate: str = "auto",
    copy_from: sa.Table | None = None,
    table_args: Iterable[Any] = (),
    table_kwargs: Mapping[str, Any] | None = None,
    reflect_args: Iterable[Any] = (),
    reflect_kwargs: Mapping[str, Any] | None = None,
    partial_reordering: Iterable[Sequence[str]] = (),
    naming_convention: NamingConvention | None = None,
) -> RebuildOptions:
    """Return what a block asks of a rebuild.

    :raises UnknownOption: if ``recreate`` is no way to go about it.
    :raises InvalidArgument: if ``table_args`` has more than constraints and indexes.
    """
    if recreate not in _RECREATE:
        raise UnknownOption(
            "recreate", f"'{recreate}' is none of {', '.join(_RECREATE)}"
        )

    given = tuple(table_args)
    for each in given:
        if not isinstance(each, sa.Constraint | sa.Index):
            raise InvalidArgument("table_args", "constraints and indexes", each)

    return RebuildOptions(
        recreate=recreate,
        copy_from=copy_from,
        table_args=given,
        table_options=option_values(table_kwargs or {}),
        reflect_args=tuple(reflect_args),
        reflect_options=option_values(reflect_kwargs or {}),
        partial_reordering=tuple(tuple(group) for group in partial_reordering),
        naming_convention=naming_convention,
    )


def execute(
    statement: str | sa.Executable, execution_options: Mapping[str, Any] | None = None
) -> ExecuteSql:
    """Return the operation for text or for anything that SQLAlchemy executes."""
    options: Options = option_values(execution_options or {})

    if isinstance(statement, str):
        return ExecuteSql(statement, None, options)

    if not isinstance(statement, sa.Executable):
        raise InvalidArgument(
            "sqltext", "SQL text or an SQLAlchemy statement", statement
        )

    return ExecuteSql(_shown(statement), statement, options)


def _shown(statement: sa.Executable) -> str:
    try:
        return str(statement)
    except AttributeError:
        # SQLAlchemy 2.1 cannot say CREATE TYPE without knowing for which database.
        return type(statement).__name__


def insert_rows(
    table: sa.TableClause, rows: Iterable[Mapping[str, Any]], *, together: bool = True
) -> InsertRows:
    """Return the operation that inserts rows into a table or table clause."""
    if not isinstance(table, sa.TableClause):
        raise InvalidArgument("table", "a table, such as sa.table(…) returns", table)

    name = TableName(str(table.name), getattr(table, "schema", None))
    return InsertRows(name, tuple(dict(row) for row in rows), table, together)


def inline_literal(
    value: Any, type_: sa.types.TypeEngine[Any] | None = None
) -> sa.BindParameter[Any]:
    """Return a value that is written into the SQL, not sent beside it."""
    return sa.literal(value, type_, literal_execute=True)


def operation(given: Any) -> Operation:
    """Return what was given, if it is an operation.

    :raises InvalidArgument: if it is none.
    """
    if not isinstance(given, Operation):
        raise InvalidArgument("operation", "an Operation", given)

    return given
