"""Reads whole schemas from PostgreSQL's catalog, with as many queries for a thousand
tables as for one.

What SQLAlchemy's inspector would say is said in the same words, and more where it says
less: collations and parameters of index columns, what is inherited, when constraints
are checked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from ...schema.model import Check
from ...schema.model import Column
from ...schema.model import Computed
from ...schema.model import Constraint
from ...schema.model import Exclude
from ...schema.model import Expression
from ...schema.model import ForeignKey
from ...schema.model import Identity
from ...schema.model import Index
from ...schema.model import Options
from ...schema.model import options_from
from ...schema.model import PrimaryKey
from ...schema.model import Schema
from ...schema.model import ServerDefault
from ...schema.model import SqlType
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.model import Unique
from ..default_text import unparenthesized
from .index_elements import elements_of
from .index_elements import IndexElement
from .inspected import exclude_of
from .inspected import InspectingReader
from .queries import CatalogQueries
from .queries import CLASSES
from .reflected_types import ReflectedTypes

INHERITED = "postgresql_inherited"
"""The option of columns and conditions that a table has from the one above it."""

SHARED = "postgresql_shared_sequence"
"""The option of columns that count by a sequence which is not theirs: no SERIAL."""

_ACTIONS = {
    **{"a": None, "c": "CASCADE", "r": "RESTRICT"},
    **{"n": "SET NULL", "d": "SET DEFAULT"},
}

_Row = Any
_ByTable = Mapping[int, Sequence[_Row]]


class PostgreSQLReader(InspectingReader):
    """Reads tables from the catalog itself."""

    def read(self, schemas: Sequence[str | None] = (None,)) -> Schema:
        """Return the tables of these schemas, sorted by name."""
        sa_dialect = self.connection.dialect
        version: tuple[int, ...] = getattr(sa_dialect, "server_version_info", ())
        # Databases that derive from PostgreSQL have a catalog that is like its own.
        if sa_dialect.name != "postgresql" or version < (12,):
            return super().read(schemas)

        queries = CatalogQueries(self.connection, schemas, version)
        found = _Found(queries, self.connection)
        tables = [
            self._table(row, TableName(row.name, schema), found)
            for row in found.tables
            for schema in schemas
            if (row.visible if schema is None else row.place == schema)
            and self._includes_table(row.name, schema)
        ]
        return Schema.of(
            sorted(tables, key=lambda each: (each.name.schema or "", each.name.name))
        )

    def _table(self, row: _Row, name: TableName, found: _Found) -> Table:
        place = name.schema
        constraints = list(found.constraints(row.oid, place))
        key = next((each for each in constraints if isinstance(each, PrimaryKey)), None)
        return Table(
            name=name,
            columns=tuple(
                each
                for each in found.columns(row.oid, key)
                if self.includes("column", each.name, name, place)
            ),
            constraints=tuple(
                each
                for each in constraints
                if isinstance(each, PrimaryKey)
                or self.includes(_KINDS[type(each)], each.name, name, place)
            ),
            indexes=tuple(
                each
                for each in found.indexes(row.oid)
                if self.includes("index", each.name, name, place)
            ),
            comment=row.comment or None,
            options=_table_options(row),
        )


_KINDS: Mapping[type[Constraint], str] = {
    ForeignKey: "foreign_key_constraint",
    Unique: "unique_constraint",
    Check: "check_constraint",
    Exclude: "exclude_constraint",
}
_PLACES = {kind: place for place, kind in enumerate((PrimaryKey, *_KINDS))}


class _Found:
    """The rows of the catalog, by the numbers of their tables."""

    def __init__(self, queries: CatalogQueries, connection: sa.Connection) -> None:
        self.tables = queries.tables().all()
        self._columns = _by_table(queries.columns(), "attrelid")
        self._names = {
            table: {row.attnum: row.name for row in rows}
            for table, rows in self._columns.items()
        }
        constraints = queries.constraints().all()
        self._constraints = _by_table(constraints, "conrelid")
        self._of_constraints = {row.index for row in constraints if row.kind in "pux"}
        excludes = any(row.kind == "x" for row in constraints)
        self._excludes = _by_table(queries.excludes() if excludes else (), "conrelid")
        indexes = queries.indexes().all()
        self._indexes = _by_table(indexes, "indrelid")
        self._of_number = {row.indexrelid: row for row in indexes}
        self._classes = {
            row.oid: row.name for row in connection.execute(CLASSES) if indexes
        }
        self._types = ReflectedTypes(connection)
        self._preparer = connection.dialect.identifier_preparer

    def _quote(self, name: str) -> str:
        # What is quoted for a driver has two percent signs for one.
        return self._preparer.quote(name).replace("%%", "%")

    # -- columns -----------------------------------------------------------

    def columns(self, table: int, key: PrimaryKey | None) -> Iterator[Column]:
        for row in self._columns.get(table, ()):
            yield self._column(row, key)

    def _column(self, row: _Row, key: PrimaryKey | None) -> Column:
        found = self._types.of(row.type, row.collation)
        in_key = key is not None and row.name in key.columns
        default = row.default
        computed = None
        if row.generated:
            computed = Computed(Expression(default), row.generated == "s")
            default = None

        return Column(
            name=row.name,
            type=found,
            nullable=not row.not_null,
            default=None if default is None else ServerDefault(Expression(default)),
            computed=computed,
            identity=_identity(row) if row.identity else None,
            comment=row.comment or None,
            primary_key=in_key,
            autoincrement=_autoincrement(row, found, key) if in_key else "auto",
            options=_column_options(row),
        )

    # -- constraints -------------------------------------------------------

    def constraints(self, table: int, schema: str | None) -> list[Constraint]:
        """Return the constraints of a table by kind and name.

        :param schema: as it is asked for; references within it say it, too.
        """
        names = self._names.get(table, {})
        found: list[Constraint] = [
            self._constraint(row, [names[each] for each in row.columns or ()], schema)
            for row in self._constraints.get(table, ())
            if row.kind != "x"
        ]
        found += [exclude_of(row) for row in self._excludes.get(table, ())]
        return sorted(found, key=lambda each: (_PLACES[type(each)], each.name or ""))

    def _constraint(
        self, row: _Row, columns: Sequence[str], schema: str | None
    ) -> Constraint:
        name = conv(row.name)
        if row.kind == "c":
            condition = Expression(unparenthesized(row.condition))
            return Check(name, condition, _check_options(row))
        if row.kind == "f":
            return _foreign_key(row, columns, schema, self._names)

        index = self._of_number.get(row.index)
        names = self._names.get(row.conrelid, {})
        covered = index.columns[index.keys :] if index is not None else ()
        options: dict[str, Any] = {}
        if covered:
            options["postgresql_include"] = [names[each] for each in covered]
        if row.kind == "p":
            return PrimaryKey(name, tuple(columns), options_from(options))
        if index is not None and index.nulls_not_distinct:
            options["postgresql_nulls_not_distinct"] = True

        return Unique(
            name,
            tuple(columns),
            deferrable=row.deferrable or None,
            initially=_initially(row) if row.deferrable else None,
            options=options_from(options),
        )

    # -- indexes -----------------------------------------------------------

    def indexes(self, table: int) -> list[Index]:
        """Return the indexes of a table that no constraint has made, by name."""
        names = self._names.get(table, {})
        return sorted(
            (
                self._index(row, names)
                for row in self._indexes.get(table, ())
                if row.indexrelid not in self._of_constraints
            ),
            key=lambda each: each.name or "",
        )

    def _index(self, row: _Row, names: Mapping[int, str]) -> Index:
        elements = list(self._elements(row, names))
        said = [each for each in elements if each.operator_class]
        classes = {each.expression: each.operator_class for each in said}
        covered = [names[each] for each in row.columns[row.keys :]]
        options: dict[str, Any] = {
            "postgresql_include": covered,
            "postgresql_nulls_not_distinct": row.nulls_not_distinct,
            "postgresql_ops": classes,
            "postgresql_using": row.method if row.method != "btree" else None,
            "postgresql_where": Expression(row.condition) if row.condition else None,
            "postgresql_with": _settings(row.settings),
            "postgresql_invalid": not row.valid,
        }
        return Index(
            name=conv(row.name),
            parts=tuple(each.part(self._quote) for each in elements),
            unique=row.unique,
            options=options_from(
                {name: value for name, value in options.items() if value}
            ),
        )

    def _elements(self, row: _Row, names: Mapping[int, str]) -> Iterator[IndexElement]:
        said = elements_of(row.definition) if row.definition else None
        for place in range(row.keys):
            number, flags = row.columns[place], row.flags[place]
            yield IndexElement(
                expression=row.parts[place] if row.parts else names[number],
                is_column=number != 0,
                collation=said[place].collation if said else None,
                operator_class=self._classes.get(row.classes[place])
                or (said[place].operator_class if said else None),
                parameters=said[place].parameters if said else None,
                descending=bool(flags & 1),
                nulls_first=bool(flags & 2),
            )


def _by_table(rows: Iterable[_Row], name: str) -> _ByTable:
    found: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)

    return found


def _settings(found: Sequence[str] | None) -> dict[str, str]:
    return dict(each.split("=", 1) for each in found or ())


def _table_options(row: _Row) -> Options:
    said = {
        "postgresql_inherits": tuple(row.parents),
        "postgresql_tablespace": row.tablespace,
        "postgresql_using": row.method,
        "postgresql_with": _settings(row.settings),
    }
    return options_from({name: value for name, value in said.items() if value})


def _identity(row: _Row) -> Identity:
    options = {
        "cache": row.seqcache,
        "cycle": row.seqcycle,
        "increment": row.seqincrement,
        "maxvalue": row.seqmax,
        "minvalue": row.seqmin,
        "start": row.seqstart,
    }
    return Identity(row.identity == "a", options_from(options))


def _autoincrement(row: _Row, found: SqlType, key: PrimaryKey | None) -> bool | str:
    # Of a key of one integer column, "auto" already says that it counts up.
    several = key is not None and len(key.columns) > 1
    whole = isinstance(found.element, sa.Integer)
    counts = whole and bool(row.default) and "nextval('" in row.default
    counts = counts or bool(row.identity)
    return "auto" if counts == (whole and not several) else counts


def _column_options(row: _Row) -> Options:
    counts = (row.default or "").startswith("nextval('")
    said = {INHERITED: not row.is_local, SHARED: counts and not row.owns_sequence}
    return options_from({name: True for name, value in said.items() if value})


def _check_options(row: _Row) -> Options:
    said = {
        "no_inherit": row.no_inherit,
        "not_valid": not row.validated,
        INHERITED: not row.is_local,
    }
    return options_from({name: True for name, value in said.items() if value})


def _initially(row: _Row) -> str:
    return "DEFERRED" if row.deferred else "IMMEDIATE"


def _foreign_key(
    row: _Row,
    columns: Sequence[str],
    schema: str | None,
    names: Mapping[int, Mapping[int, str]],
) -> ForeignKey:
    # As PostgreSQL writes it: without the schema, where it can be seen without.
    place = None if row.visible else row.place
    if row.visible and schema == row.place:
        place = schema

    ondelete = _ACTIONS[row.ondelete]
    if row.columns_to_set:
        listed = [names[row.conrelid][each] for each in row.columns_to_set]
        ondelete = f"{ondelete} ({', '.join(listed)})"

    return ForeignKey(
        name=conv(row.name),
        columns=tuple(columns),
        referent=TableName(row.referent, place),
        referent_columns=tuple(row.referred),
        onupdate=_ACTIONS[row.onupdate],
        ondelete=ondelete,
        deferrable=row.deferrable or None,
        initially="DEFERRED" if row.deferred else None,
        match="FULL" if row.match == "f" else None,
    )
