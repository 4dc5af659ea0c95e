"""From a live database to values: tables, never views, and in bulk.

The number of calls does not grow with the number of tables. What one kind of
database says differently is not known here: see ``dialects/comparison.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from .from_sqlalchemy import option_values
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
from .model import Table
from .model import TableName
from .model import Unique

IncludeName = Callable[[str | None, str, Mapping[str, str | None]], bool]
"""``include_name(name, type_, parent_names)``, as in an env.py of Alembic."""

_Key = tuple[str | None, str]
_Facts = Mapping[str, Any]
_Many = Mapping[_Key, Sequence[_Facts]]


def read_database(
    connection: sa.Connection,
    schemas: Sequence[str | None] = (None,),
    include_name: IncludeName | None = None,
) -> Schema:
    """Return the tables of these schemas, sorted by name; None is the default one."""
    return DatabaseReader(connection, include_name).read(schemas)


class DatabaseReader:
    """Reads tables through SQLAlchemy's inspector.

    A kind of database that SQLAlchemy reads incompletely overrides what it has to.
    """

    def __init__(
        self, connection: sa.Connection, include_name: IncludeName | None = None
    ) -> None:
        self.connection = connection
        self.inspector: sa.Inspector = sa.inspect(connection)
        self._include_name = include_name

    def read(self, schemas: Sequence[str | None] = (None,)) -> Schema:
        """Return the tables of these schemas, sorted by name."""
        tables = [table for schema in schemas for table in self._read_schema(schema)]
        return Schema.of(
            sorted(tables, key=lambda each: (each.name.schema or "", each.name.name))
        )

    def unmanaged(self, schema: str | None) -> frozenset[str]:
        """Return the names of tables that belong to the database or to other tables."""
        return frozenset()

    def indexes(self, schema: str | None, names: Sequence[str]) -> _Many:
        """Return the indexes of tables, as ``Inspector.get_multi_indexes`` does."""
        found: Any = self.inspector.get_multi_indexes(schema, names)
        return found  # type: ignore[no-any-return]  # SQLAlchemy's typed dictionaries, taken as mappings

    def references(self, schema: str | None, names: Sequence[str]) -> _Many:
        """Return the foreign keys of tables, as the inspector does."""
        found: Any = self.inspector
        result: _Many = found.get_multi_foreign_keys(schema, names)
        return result

    def uniques(self, schema: str | None, names: Sequence[str]) -> _Many:
        """Return unique constraints, as ``Inspector.get_multi_unique_constraints``."""
        found: Any = self.inspector.get_multi_unique_constraints(schema, names)
        return found  # type: ignore[no-any-return]  # SQLAlchemy's typed dictionaries, taken as mappings

    def checks(self, schema: str | None, names: Sequence[str]) -> _Many:
        """Return the conditions, as ``Inspector.get_multi_check_constraints`` does."""
        found: _Many = self._unless_unknown("check_constraints", schema, names)
        return found

    def excludes(
        self, schema: str | None
    ) -> Mapping[tuple[str | None, str], Sequence[Exclude]]:
        """Return the exclude constraints of a schema, by schema and table."""
        return {}

    def includes(
        self, kind: str, name: str | None, table: TableName | None, schema: str | None
    ) -> bool:
        """Return whether what has this name is to be read."""
        if self._include_name is None:
            return True

        parents: dict[str, str | None] = {"schema_name": schema}
        if table is not None:
            parents["table_name"] = table.name
            parents["schema_qualified_table_name"] = str(table)

        return bool(self._include_name(name, kind, parents))

    def _read_schema(self, schema: str | None) -> Iterable[Table]:
        hidden = self.unmanaged(schema)
        names = [
            name
            for name in sorted(self.inspector.get_table_names(schema))
            if name not in hidden and self._includes_table(name, schema)
        ]
        if not names:
            return

        inspector: Any = self.inspector
        columns: _Many = inspector.get_multi_columns(schema, names)
        keys = inspector.get_multi_pk_constraint(schema, names)
        references = self.references(schema, names)
        uniques = self.uniques(schema, names)
        checks = self.checks(schema, names)
        excludes = self.excludes(schema)
        indexes = self.indexes(schema, names)
        comments = self._unless_unknown("table_comment", schema, names)
        options = self._unless_unknown("table_options", schema, names)

        for name in names:
            table = TableName(name, schema)
            key = (schema, name)
            primary_key = _primary_key(keys.get(key) or {})
            yield Table(
                name=table,
                columns=tuple(
                    _column(facts, primary_key)
                    for facts in columns.get(key, ())
                    if self.includes("column", facts["name"], table, schema)
                ),
                constraints=(
                    *([primary_key] if primary_key else ()),
                    *self._constraints(
                        "foreign_key_constraint", _foreign_key, references, table
                    ),
                    *self._constraints("unique_constraint", _unique, uniques, table),
                    *self._constraints("check_constraint", _check, checks, table),
                    *(
                        each
                        for each in excludes.get(key, ())
                        if self.includes("exclude_constraint", each.name, table, schema)
                    ),
                ),
                indexes=tuple(
                    _index(facts)
                    for facts in _by_name(indexes.get(key, ()))
                    if not facts.get("duplicates_constraint")
                    and self.includes("index", facts["name"], table, schema)
                ),
                comment=(comments.get(key) or {}).get("text") or None,
                options=_options(options.get(key) or {}),
            )

    def _includes_table(self, name: str, schema: str | None) -> bool:
        if self._include_name is None:
            return True

        qualified = str(TableName(name, schema))
        return bool(
            self._include_name(
                name,
                "table",
                {"schema_name": schema, "schema_qualified_table_name": qualified},
            )
        )

    def _constraints(
        self,
        kind: str,
        made: Callable[[_Facts], Constraint],
        found: _Many,
        table: TableName,
    ) -> list[Constraint]:
        return [
            made(facts)
            for facts in _by_name(found.get((table.schema, table.name), ()))
            if self.includes(kind, facts["name"], table, table.schema)
        ]

    def _unless_unknown(
        self, what: str, schema: str | None, names: Sequence[str]
    ) -> Any:
        # Some kinds of databases have no comments, and say so by this error.
        try:
            return getattr(self.inspector, f"get_multi_{what}")(schema, names)
        except NotImplementedError:
            return {}


def _by_name(several: Iterable[_Facts]) -> list[_Facts]:
    def place(facts: _Facts) -> tuple[str, list[str]]:
        columns = facts.get("column_names") or facts.get("constrained_columns") or ()
        return facts["name"] or "", [str(column) for column in columns]

    return sorted(several, key=place)


def _final(name: str | None) -> str | None:
    # What a database calls something is no longer subject to a naming convention.
    return None if name is None else conv(name)


def _options(found: Mapping[str, Any]) -> Options:
    # Absent, empty and false are told apart by no database and by every ==.
    said = {
        name: value
        for name, value in found.items()
        if isinstance(value, sa.ClauseElement) or value
    }
    conditions = {
        name: Expression(value)
        for name, value in said.items()
        if name.endswith("_where") and isinstance(value, str)
    }
    return option_values({**said, **conditions})


def _column(facts: _Facts, primary_key: PrimaryKey | None) -> Column:
    name = str(facts["name"])
    in_key = primary_key is not None and name in primary_key.columns
    computed = facts.get("computed")
    default = facts.get("default")

    return Column(
        name=name,
        type=SqlType.of(facts["type"]),
        nullable=bool(facts["nullable"]),
        default=None
        if default is None or computed
        else ServerDefault(Expression(str(default))),
        computed=Computed(Expression(computed["sqltext"]), computed.get("persisted"))
        if computed
        else None,
        identity=_identity(facts["identity"]) if facts.get("identity") else None,
        comment=facts.get("comment") or None,
        primary_key=in_key,
        autoincrement=_autoincrement(facts, primary_key) if in_key else "auto",
        options=_options(facts.get("dialect_options") or {}),
    )


def _autoincrement(facts: _Facts, primary_key: PrimaryKey | None) -> bool | str:
    # Of a key of one integer column, "auto" already says that it counts up.
    found = facts.get("autoincrement", "auto")
    several = primary_key is not None and len(primary_key.columns) > 1
    usual = not several and isinstance(facts["type"], sa.Integer)
    if found == "auto" or bool(found) == usual:
        return "auto"

    return bool(found)


def _identity(facts: _Facts) -> Identity:
    given = {
        name: value
        for name, value in facts.items()
        if name != "always" and value is not None
    }
    return Identity(bool(facts.get("always")), options_from(given))


def _primary_key(facts: _Facts) -> PrimaryKey | None:
    columns = tuple(facts.get("constrained_columns") or ())
    if not columns:
        return None

    return PrimaryKey(
        _final(facts.get("name")), columns, _options(facts.get("dialect_options") or {})
    )


def _foreign_key(facts: _Facts) -> ForeignKey:
    options = facts.get("options") or {}

    return ForeignKey(
        name=_final(facts["name"]),
        columns=tuple(facts["constrained_columns"]),
        referent=TableName(facts["referred_table"], facts["referred_schema"]),
        referent_columns=tuple(facts["referred_columns"]),
        onupdate=options.get("onupdate"),
        ondelete=options.get("ondelete"),
        deferrable=options.get("deferrable"),
        initially=options.get("initially"),
        match=options.get("match"),
    )


def _unique(facts: _Facts) -> Unique:
    options = dict(facts.get("dialect_options") or {})

    return Unique(
        name=_final(facts["name"]),
        columns=tuple(facts["column_names"]),
        deferrable=options.pop("deferrable", None),
        initially=options.pop("initially", None),
        options=_options(options),
    )


def _check(facts: _Facts) -> Check:
    return Check(
        _final(facts["name"]),
        Expression(facts["sqltext"]),
        _options(facts.get("dialect_options") or {}),
    )


def _index(facts: _Facts) -> Index:
    expressions = facts.get("expressions")
    sorting = facts.get("column_sorting") or {}
    parts: list[IndexPart] = []

    for place, column in enumerate(facts["column_names"]):
        text = str(expressions[place] if expressions else column)
        order = " ".join(
            word.upper().replace("_", " ") for word in sorting.get(text, ())
        )
        if order:
            parts.append(Expression(f"{text} {order}"))
        else:
            parts.append(Expression(text) if column is None else text)

    return Index(
        name=_final(facts["name"]),
        parts=tuple(parts),
        unique=bool(facts["unique"]),
        options=_options(facts.get("dialect_options") or {}),
    )
