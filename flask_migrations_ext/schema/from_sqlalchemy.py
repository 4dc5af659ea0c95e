"""From SQLAlchemy's tables and columns to values. Reads, never changes, them."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.base import SchemaEventTarget

from .model import Check
from .model import Column
from .model import Computed
from .model import Constraint
from .model import Exclude
from .model import Expression
from .model import ForeignKey
from .model import Identity
from .model import Index
from .model import IndexPart
from .model import Options
from .model import options_from
from .model import PrimaryKey
from .model import Schema
from .model import ServerDefault
from .model import SqlType
from .model import SqlWriter
from .model import Table
from .model import TableName
from .model import Unique
from .sequences import sequences_of

_IDENTITY_OPTIONS = (
    "on_null",
    "start",
    "increment",
    "minvalue",
    "maxvalue",
    "nominvalue",
    "nomaxvalue",
    "cycle",
    "cache",
    "order",
)


def read_metadata(
    metadata: sa.MetaData | Iterable[sa.MetaData], write: SqlWriter | None = None
) -> Schema:
    """Return the schema of all tables, each after those that it points to.

    :param write: writes SQL in the words of the database that it is compared with.
    """
    several = [metadata] if isinstance(metadata, sa.MetaData) else list(metadata)

    sorted_tables = [(one, _sorted_tables(one)) for one in several]
    return Schema.of(
        (
            read_table(each, write=write)
            for _, tables in sorted_tables
            for each in tables
        ),
        (each for one, tables in sorted_tables for each in sequences_of(one, tables)),
    )


def _sorted_tables(metadata: sa.MetaData) -> list[sa.Table]:
    # Unlike metadata.sorted_tables, this takes tables that point to each other.
    sort: Any = sa.schema.sort_tables_and_constraints
    from_sorted = sort(metadata.tables.values())
    return [table for table, _ in from_sorted if table is not None]


def read_table(
    table: sa.Table, *, as_written: bool = False, write: SqlWriter | None = None
) -> Table:
    """Return a table with its columns, constraints and indexes.

    :param as_written: whether constraints stay in the order they were written in: MySQL
        numbers those without a name, and scripts drop them by that name.
    """
    declared = list(declared_constraints(table))
    if as_written:
        declared.sort(key=lambda each: each._creation_order)
        declared.sort(key=_rank)
    constraints = [read_constraint(each, write) for each in declared]
    indexes = [
        read_index(each, write)
        for each in sorted(table.indexes, key=lambda index: str(index.name or ""))
    ]

    return Table(
        name=TableName(str(table.name), table.schema),
        columns=tuple(
            read_column(column, write) for column in table.columns if not column.system
        ),
        constraints=tuple(constraints),
        indexes=tuple(indexes),
        comment=table.comment,
        options=dialect_options(table),
        prefixes=tuple(str(prefix) for prefix in table._prefixes),
        element=table,
    )


def read_parts(
    given: Iterable[sa.Constraint | sa.Index],
) -> tuple[Constraint | Index, ...]:
    """Return constraints and indexes that name columns of no table yet."""
    several = list(given)
    loose: list[Any] = [each for each in several if not _has_table(each)]
    names = [
        name
        for part in loose
        for listed in ("_pending_colargs", "column_keys")
        for name in getattr(part, listed, ())
        if isinstance(name, str)
    ]
    # By name they know their columns only on a table.
    sa.Table(
        "t",
        sa.MetaData(),
        *(sa.Column(name, sa.types.NULLTYPE) for name in dict.fromkeys(names)),
        *loose,
    )

    return tuple(
        read_index(each) if isinstance(each, sa.Index) else read_constraint(each)
        for each in several
    )


def _has_table(part: sa.Constraint | sa.Index) -> bool:
    if isinstance(part, sa.Index):
        return part.table is not None

    return getattr(part, "parent", None) is not None


def declared_constraints(table: sa.Table) -> Iterator[sa.Constraint]:
    """Yield the constraints of a table in a steady order.

    Left out is an empty primary key, and what a type makes by itself (the CHECK of
    ``Enum`` and ``Boolean``): that comes with the type.
    """

    def place(constraint: sa.Constraint) -> tuple[int, str, tuple[str, ...]]:
        columns = tuple(str(each.name) for each in getattr(constraint, "columns", ()))
        return _rank(constraint), str(constraint.name or ""), columns

    # A CHECK that stands inside a column is the column's, until the table is read.
    of_columns = {each for column in table.columns for each in column.constraints}
    for constraint in sorted(table.constraints | of_columns, key=place):
        if getattr(constraint, "_type_bound", False):
            continue

        if isinstance(constraint, sa.PrimaryKeyConstraint) and not list(
            constraint.columns
        ):
            continue

        yield constraint


_KINDS = (
    sa.PrimaryKeyConstraint,
    sa.ForeignKeyConstraint,
    sa.UniqueConstraint,
    sa.CheckConstraint,
)


def _rank(constraint: sa.Constraint) -> int:
    return next((i for i, kind in enumerate(_KINDS) if isinstance(constraint, kind)), 9)


def read_column(column: sa.Column[Any], write: SqlWriter | None = None) -> Column:
    """Return a column, without the constraints and indexes that mention it."""
    default, computed, identity = _read_server_default(column, write)
    sequence = column.default if isinstance(column.default, sa.Sequence) else None

    return Column(
        name=str(column.name),
        type=SqlType.of(column.type),
        nullable=bool(column.nullable),
        default=default,
        computed=computed,
        identity=identity,
        comment=column.comment,
        primary_key=bool(column.primary_key),
        autoincrement=column.autoincrement,
        sequence=sequence,
        options=dialect_options(column),
        element=column,
    )


def is_plain_column(column: Any) -> bool:
    """Return whether a column brings nothing along: no constraint, index or listener.

    Then it says the same alone as it does in a table.
    """
    return (
        isinstance(column, sa.Column)
        and bool(column.name)
        and not (column.primary_key or column.unique or column.index or column.system)
        and not (column.foreign_keys or column.constraints)
        and (column.default is None or column.default.is_scalar)
        and isinstance(column.server_default, sa.DefaultClause | None)
        and is_plain_type(column.type)
        and not column.dispatch.before_parent_attach
        and not column.dispatch.after_parent_attach
    )


def is_plain_type(element: sa.types.TypeEngine[Any]) -> bool:
    """Return whether a type never asks which table it is in."""
    variants = element._variant_mapping.values()
    return not any(isinstance(each, SchemaEventTarget) for each in (element, *variants))


def _read_server_default(
    column: sa.Column[Any], write: SqlWriter | None
) -> tuple[ServerDefault | None, Computed | None, Identity | None]:
    default = column.server_default

    if isinstance(default, sa.Computed):
        expression = Expression.of(default.sqltext, write)
        return None, Computed(expression, default.persisted), None

    if isinstance(default, sa.Identity):
        return None, None, read_identity(default)

    if isinstance(default, sa.DefaultClause):
        return ServerDefault.of(default.arg, write), None, None

    # FetchedValue: the database has something, and the model does not say what.
    return None, None, None


def read_identity(identity: sa.Identity) -> Identity:
    """Return an identity with the options that were given."""
    given = {
        name: getattr(identity, name)
        for name in _IDENTITY_OPTIONS
        if getattr(identity, name, None) is not None
    }
    return Identity(bool(identity.always), options_from(given))


def read_constraint(
    constraint: sa.Constraint, write: SqlWriter | None = None
) -> Constraint:
    """Return a constraint.

    :raises TypeError: if it is of a kind that has no value here.
    """
    name = _name(constraint.name)
    options = dialect_options(constraint)

    if isinstance(constraint, sa.PrimaryKeyConstraint):
        return PrimaryKey(name, _column_names(constraint), options)

    if isinstance(constraint, sa.ForeignKeyConstraint):
        return _read_foreign_key(constraint)

    if isinstance(constraint, sa.UniqueConstraint):
        return Unique(
            name,
            _column_names(constraint),
            constraint.deferrable,
            constraint.initially,
            options,
        )

    if isinstance(constraint, sa.CheckConstraint):
        return Check(name, Expression.of(constraint.sqltext, write), options)

    # Its class comes with all of a dialect, which is slow to import.
    if constraint.__visit_name__ == "exclude_constraint":
        return _read_exclude(constraint)

    raise TypeError(f"no value for a constraint of the kind {type(constraint)!r}")


def _read_exclude(constraint: Any) -> Exclude:
    where: Any = constraint.where

    return Exclude(
        name=_name(constraint.name),
        elements=tuple(
            (_part(element), str(operator))
            for element, _, operator in constraint._render_exprs
        ),
        using=constraint.using,
        where=None if where is None else Expression.of(where),
        deferrable=constraint.deferrable,
        initially=constraint.initially,
        ops=options_from(constraint.ops),
    )


def _read_foreign_key(constraint: sa.ForeignKeyConstraint) -> ForeignKey:
    schema, referent, _ = constraint.elements[0]._column_tokens

    return ForeignKey(
        name=_name(constraint.name),
        columns=_column_names(constraint),
        referent=TableName(referent, schema),
        referent_columns=tuple(_referred_column(each) for each in constraint.elements),
        onupdate=constraint.onupdate,
        ondelete=constraint.ondelete,
        deferrable=constraint.deferrable,
        initially=constraint.initially,
        match=constraint.match,
        use_alter=bool(constraint.use_alter),
        options=dialect_options(constraint),
    )


def _referred_column(element: sa.ForeignKey) -> str:
    # The string names the column's key; its database name is known once the
    # other table is.
    table_key, _, key = element.target_fullname.rpartition(".")
    referred = element.parent.table.metadata.tables.get(table_key)
    if referred is not None and key in referred.c:
        return str(referred.c[key].name)

    return str(key)


def read_index(index: sa.Index, write: SqlWriter | None = None) -> Index:
    """Return an index."""
    parts = tuple(_part(expression, write) for expression in index.expressions)
    texts = [part if isinstance(part, str) else part.text for part in parts]
    keys = [str(getattr(expression, "key", None)) for expression in index.expressions]
    names = dict(zip(keys, texts, strict=True))
    return Index(
        name=_name(index.name),
        parts=parts,
        unique=bool(index.unique),
        options=tuple(
            (option, _renamed(value, names)) for option, value in dialect_options(index)
        ),
        element=index,
    )


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    # What is said for each part is said by its key: that of a column, or a label.
    if not isinstance(value, Mapping):
        return value

    return {names.get(key, key): said for key, said in value.items()}


def _part(expression: Any, write: SqlWriter | None = None) -> IndexPart:
    if isinstance(expression, sa.ColumnClause) and not expression.is_literal:
        return str(expression.name)

    if isinstance(expression, str):
        return expression

    # In parentheses where it is no plain call, as an index asks for it.
    return Expression.of(expression.self_group(), write)


def dialect_options(element: Any) -> Options:
    """Return the ``postgresql_…``-like keywords that an element was given."""
    # SQLAlchemy makes this when the first keyword is given.
    if "dialect_options" not in vars(element):
        return ()

    # A check of a column has no table that could be asked for.
    keywords: Mapping[str, Any] = {
        name: _covered(value, element.table) if name.endswith("_include") else value
        for name, value in dict(element.dialect_kwargs).items()
    }
    return option_values(keywords)


def _covered(columns: Any, table: sa.Table | None) -> Any:
    # SQLAlchemy takes the keys of columns here, too, and columns themselves.
    if table is None or not isinstance(columns, (list, tuple)):
        return columns

    found = table.c.get
    return [str(getattr(found(each, each), "name", each)) for each in columns]


def option_values(keywords: Mapping[str, Any]) -> Options:
    """Return keyword arguments as values; pieces of SQL become expressions."""
    return options_from(
        {
            name: Expression.of(value) if isinstance(value, sa.ClauseElement) else value
            for name, value in keywords.items()
        }
    )


def _name(name: object) -> str | None:
    # SQLAlchemy marks "no name" by an object that is not None.
    return name if isinstance(name, str) else None


def _column_names(constraint: Any) -> tuple[str, ...]:
    return tuple(str(column.name) for column in constraint.columns)
