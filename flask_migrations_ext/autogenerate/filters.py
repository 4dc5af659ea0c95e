"""What a comparison looks at: the app's settings and its filter functions.

The functions have the signatures of an env.py written for Alembic, and get what
they expect: SQLAlchemy's tables and columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ..dialects.comparison import ComparisonRules
from ..schema.from_database import IncludeName
from ..schema.from_sqlalchemy import declared_constraints
from ..schema.from_sqlalchemy import read_constraint
from ..schema.model import Check
from ..schema.model import Column
from ..schema.model import Constraint
from ..schema.model import Exclude
from ..schema.model import ForeignKey
from ..schema.model import Index
from ..schema.model import PrimaryKey
from ..schema.model import Schema
from ..schema.model import Table
from ..schema.model import TableName
from ..schema.own_tables import own_tables
from .options import CompareOptions

LEFTOVER_PREFIX = "_alembic_tmp_"
"""How tables begin that an interrupted rebuild has left behind."""


def schemas_to_read(
    inspector: sa.Inspector,
    models: Schema,
    rules: ComparisonRules,
    *,
    include_schemas: bool = False,
    include_name: IncludeName | None = None,
) -> tuple[str | None, ...]:
    """Return the schemas to compare; None is the default one.

    Schemas that the models name are always among them.
    """
    default = inspector.default_schema_name
    found = {table.name.schema for table in models.tables}
    if include_schemas:
        found |= set(inspector.get_schema_names()) - rules.dialect.system_schemas

    names = sorted(name for name in found if name is not None and name != default)
    everywhere: list[str | None] = [None, *names]

    return tuple(
        name
        for name in everywhere
        if include_name is None or include_name(name, "schema", {})
    )


class Filters:
    """Asks ``include_object``, and finds the SQLAlchemy elements to ask about."""

    def __init__(self, options: CompareOptions, rules: ComparisonRules) -> None:
        self.options = options
        self._include = options.include_object
        self._build = rules.build
        self._built: dict[TableName, sa.Table] = {}

    def ignores(self, name: TableName) -> bool:
        """Return whether a table is bookkeeping and no part of any app."""
        own = own_tables(self.options.version_table)
        return name in own or name.name.startswith(LEFTOVER_PREFIX)

    def takes_table(self, database: Table | None, model: Table | None) -> bool:
        """Return whether a pair of tables is compared."""
        if self._include is None:
            return True

        one = self._table_of(database, reflected=True)
        other = self._table_of(model, reflected=False)
        named = model or database

        return named is None or self._takes(named.name.name, "table", one, other)

    def without_excluded_columns(
        self, database: Table, model: Table
    ) -> tuple[Sequence[Column], Sequence[Column]]:
        """Return the columns of two tables that are compared."""
        if self._include is None:
            return database.columns, model.columns

        names = dict.fromkeys(
            [each.name for each in model.columns]
            + [each.name for each in database.columns]
        )
        taken = {
            name
            for name in names
            if self._takes(
                name,
                "column",
                self.sa_column(database, name, reflected=True),
                self.sa_column(model, name, reflected=False),
            )
        }

        return (
            [each for each in database.columns if each.name in taken],
            [each for each in model.columns if each.name in taken],
        )

    def takes(
        self,
        table: tuple[Table | None, Table | None],
        database: Constraint | Index | None,
        model: Constraint | Index | None,
    ) -> bool:
        """Return whether a pair of indexes or constraints of a table is compared."""
        if self._include is None:
            return True

        known = model or database
        assert known is not None
        return self._takes(
            known.name,
            _kind(known),
            self._find(table[0], database, reflected=True),
            self._find(table[1], model, reflected=False),
        )

    def sa_column(
        self, table: Table, name: str, *, reflected: bool
    ) -> sa.Column[Any] | None:
        """Return SQLAlchemy's column."""
        if self._include is None and not callable(self.options.compare_type):
            if not callable(self.options.compare_server_default):
                return None

        column = table.column(name)
        if column is not None and column.element is not None:
            return column.element

        built = self._table_of(table, reflected=reflected)
        return None if built is None else built.c.get(name)

    def _takes(self, name: str | None, kind: str, found: Any, wanted: Any) -> bool:
        if self._include is None:
            return True
        if wanted is not None:
            return bool(self._include(wanted, name, kind, False, found))

        return bool(self._include(found, name, kind, True, None))

    def _table_of(self, table: Table | None, *, reflected: bool) -> sa.Table | None:
        if table is None:
            return None
        if table.element is not None and not reflected:
            return table.element

        if table.name not in self._built:
            self._built[table.name] = self._build.table(table)

        return self._built[table.name]

    def _find(
        self, table: Table | None, wanted: Constraint | Index | None, *, reflected: bool
    ) -> Any:
        if table is None or wanted is None:
            return None

        sa_table = self._table_of(table, reflected=reflected)
        assert sa_table is not None
        if isinstance(wanted, Index):
            found = (each for each in sa_table.indexes if each.name == wanted.name)
            return wanted.element if wanted.element is not None else next(found, None)

        for constraint in declared_constraints(sa_table):
            if read_constraint(constraint) == wanted:
                return constraint

        return self._build.constraint(wanted, table.name)


def _kind(element: Constraint | Index) -> str:
    if isinstance(element, Index):
        return "index"
    if isinstance(element, ForeignKey):
        return "foreign_key_constraint"
    if isinstance(element, Check):
        return "check_constraint"
    if isinstance(element, PrimaryKey):
        return "primary_key_constraint"
    if isinstance(element, Exclude):
        return "exclude_constraint"

    return "unique_constraint"
