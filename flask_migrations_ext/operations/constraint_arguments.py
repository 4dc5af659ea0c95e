"""Operations from the arguments of ``op`` functions: indexes and constraints."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ..errors import InvalidArgument
from ..errors import UnknownOption
from ..schema.from_sqlalchemy import option_values
from ..schema.from_sqlalchemy import read_index
from ..schema.model import Check
from ..schema.model import Constraint
from ..schema.model import Exclude
from ..schema.model import Expression
from ..schema.model import ForeignKey
from ..schema.model import Index
from ..schema.model import IndexPart
from ..schema.model import options_from
from ..schema.model import PrimaryKey
from ..schema.model import TableName
from ..schema.model import Unique
from ..schema.to_sqlalchemy import NamingConvention
from .constraints import AddConstraint
from .constraints import DropConstraint
from .from_arguments import sa_table_of
from .indexes import CreateIndex
from .indexes import DropIndex

CONSTRAINT_KINDS: Mapping[str, type[Constraint]] = {
    "foreignkey": ForeignKey,
    "primary": PrimaryKey,
    "unique": Unique,
    "check": Check,
    "exclude": Exclude,
}
"""What ``drop_constraint(type_=…)`` takes."""


# -- indexes ---------------------------------------------------------------


def create_index(
    convention: NamingConvention | None,
    /,
    index_name: str | None,
    table_name: str,
    columns: Sequence[str | sa.ColumnElement[Any] | sa.TextClause],
    *,
    schema: str | None = None,
    unique: bool = False,
    if_not_exists: bool = False,
    **options: Any,
) -> CreateIndex:
    """Create an index on columns or expressions.

    Without a name, it has the one that the naming convention gives it.
    """
    if isinstance(columns, str):
        raise InvalidArgument("columns", "a list of columns", columns)

    parts = tuple(_part_of(each) for each in columns)
    if index_name is None:
        named = [each for each in parts if isinstance(each, str)]
        stub = sa_table_of(
            table_name,
            [sa.Column(each) for each in named],
            schema=schema,
            convention=convention,
        )
        index_name = read_index(sa.Index(None, *(stub.c[each] for each in named))).name

    return CreateIndex(
        TableName(table_name, schema),
        Index(index_name, parts, bool(unique), option_values(options)),
        if_not_exists=if_not_exists,
    )


def drop_index(
    index_name: str,
    table_name: str | None = None,
    *,
    schema: str | None = None,
    if_exists: bool = False,
    **options: Any,
) -> DropIndex:
    """Drop an index."""
    table = TableName(table_name, schema) if table_name else None
    return DropIndex(
        table,
        index_name,
        # A table says its schema itself.
        schema=None if table else schema,
        if_exists=if_exists,
        options=option_values(options),
    )


def _part_of(given: Any) -> IndexPart:
    """Return the column, or the expression, that a part of an index stands for."""
    if isinstance(given, str):
        return given

    if isinstance(given, sa.ColumnClause) and not given.is_literal:
        return str(given.name)

    return Expression.of(given)


# -- constraints -----------------------------------------------------------


def create_primary_key(
    constraint_name: str | None,
    table_name: str,
    columns: Sequence[str],
    *,
    schema: str | None = None,
    **options: Any,
) -> AddConstraint:
    """Make columns the primary key of a table that has none."""
    key = PrimaryKey(constraint_name, _column_names(columns), option_values(options))
    return AddConstraint(TableName(table_name, schema), key)


def create_unique_constraint(
    constraint_name: str | None,
    table_name: str,
    columns: Sequence[str],
    *,
    schema: str | None = None,
    deferrable: bool | None = None,
    initially: str | None = None,
    **options: Any,
) -> AddConstraint:
    """Demand that values of the columns occur once together."""
    unique = Unique(
        constraint_name,
        _column_names(columns),
        deferrable,
        initially,
        option_values(options),
    )
    return AddConstraint(TableName(table_name, schema), unique)


def create_foreign_key(
    constraint_name: str | None,
    source_table: str,
    referent_table: str,
    local_cols: Sequence[str],
    remote_cols: Sequence[str],
    *,
    onupdate: str | None = None,
    ondelete: str | None = None,
    deferrable: bool | None = None,
    initially: str | None = None,
    match: str | None = None,
    source_schema: str | None = None,
    referent_schema: str | None = None,
    use_alter: bool = False,
    **options: Any,
) -> AddConstraint:
    """Demand that columns point to a row of another table."""
    key = ForeignKey(
        constraint_name,
        _column_names(local_cols),
        TableName(referent_table, referent_schema),
        _column_names(remote_cols),
        onupdate=onupdate,
        ondelete=ondelete,
        deferrable=deferrable,
        initially=initially,
        match=match,
        use_alter=use_alter,
        options=option_values(options),
    )
    return AddConstraint(TableName(source_table, source_schema), key)


def create_check_constraint(
    constraint_name: str | None,
    table_name: str,
    condition: str | sa.ColumnElement[bool] | sa.TextClause,
    *,
    schema: str | None = None,
    **options: Any,
) -> AddConstraint:
    """Demand that every row fulfils a condition."""
    if isinstance(condition, str):
        # Scripts escape a colon as in op.execute().
        condition = condition.replace("\\:", ":")

    check = Check(constraint_name, Expression.of(condition), option_values(options))
    return AddConstraint(TableName(table_name, schema), check)


def create_exclude_constraint(
    constraint_name: str | None,
    table_name: str,
    *elements: tuple[Any, str],
    where: str | sa.ColumnElement[bool] | sa.TextClause | None = None,
    schema: str | None = None,
    using: str = "gist",
    deferrable: bool | None = None,
    initially: str | None = None,
    ops: Mapping[str, str] | None = None,
) -> AddConstraint:
    """Demand that no two rows agree in all elements, each by its operator.

    :param elements: pairs of a column, or an expression, and an operator.
    """
    parts: list[tuple[IndexPart, str]] = []
    given: Iterable[Any] = elements
    for element in given:
        if isinstance(element, str) or len(element) != 2:
            raise InvalidArgument("elements", "pairs such as ('room', '=')", element)

        part, operator = element
        parts.append((_part_of(part), operator))

    exclude = Exclude(
        constraint_name,
        tuple(parts),
        using,
        None if where is None else Expression.of(where),
        deferrable,
        initially,
        options_from(ops or {}),
    )
    return AddConstraint(TableName(table_name, schema), exclude)


def drop_constraint(
    constraint_name: str | None,
    table_name: str,
    type_: str | None = None,
    *,
    schema: str | None = None,
    if_exists: bool = False,
    condition: str | sa.TextClause | None = None,
) -> DropConstraint:
    """Drop a constraint.

    :param type_: ``foreignkey``, ``primary``, ``unique``, ``check`` or ``exclude``.
    :param condition: of a check that was made without a name, what it says.
    """
    if type_ is not None and type_ not in CONSTRAINT_KINDS:
        raise UnknownOption(
            "type_",
            f"'{type_}' is no kind of constraint;"
            f" there are {', '.join(CONSTRAINT_KINDS)}",
        )

    return DropConstraint(
        TableName(table_name, schema),
        constraint_name,
        kind=CONSTRAINT_KINDS[type_] if type_ else None,
        if_exists=if_exists,
        was=None if condition is None else Check(None, Expression.of(condition)),
    )


def _column_names(columns: Sequence[str]) -> tuple[str, ...]:
    if isinstance(columns, str):
        # Its letters are no columns.
        raise InvalidArgument("columns", "a list of column names", columns)

    return tuple(str(each) for each in columns)
