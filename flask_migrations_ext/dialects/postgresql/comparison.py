"""When definitions are the same to PostgreSQL, which is asked where text is silent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from typing import ClassVar

import sqlalchemy as sa

from ...schema.from_database import DatabaseReader
from ...schema.inheritance import above_of
from ...schema.model import Check
from ...schema.model import Column
from ...schema.model import Exclude
from ...schema.model import Expression
from ...schema.model import Index
from ...schema.model import IndexPart
from ...schema.model import Options
from ...schema.model import Schema
from ...schema.model import ServerDefault
from ...schema.model import SqlType
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.model import Unique
from .. import default_text
from ..comparison import ComparisonRules
from ..comparison import EnumType
from ..comparison import when_checked
from ..types import resolved
from ..types import type_text
from ..types import TypeText
from .catalog import INHERITED
from .catalog import PostgreSQLReader
from .catalog import SHARED
from .index_elements import IndexElement
from .queries import USUAL_CLASSES
from .types import value_added

_SERIAL = re.compile(r"^nextval\('.*'::regclass\)$", re.DOTALL)
_MOMENTS = ("now", "today", "tomorrow", "yesterday", "epoch", "allballs")
_NAMES = {
    "DECIMAL": "NUMERIC",
    "TIMESTAMP": "TIMESTAMP WITHOUT TIME ZONE",
    "TIME": "TIME WITHOUT TIME ZONE",
    "INT": "INTEGER",
    "INT4": "INTEGER",
    "INT8": "BIGINT",
    "INT2": "SMALLINT",
    "FLOAT4": "REAL",
    "FLOAT8": "DOUBLE PRECISION",
    "BOOL": "BOOLEAN",
    "CHARACTER": "CHAR",
    "CHARACTER VARYING": "VARCHAR",
    "VARBIT": "BIT VARYING",
}


class PostgreSQLComparison(ComparisonRules):
    """PostgreSQL adds casts, keeps enum types by name and rewrites expressions."""

    reads_conditions: ClassVar[bool] = True
    row_estimate: ClassVar[str | None] = (
        "SELECT CAST(reltuples AS bigint) FROM pg_catalog.pg_class"
        " WHERE oid = to_regclass(:table)"
    )
    reader: ClassVar[type[DatabaseReader]] = PostgreSQLReader

    _usual_classes: frozenset[str] | None = None

    def prepared(self, database: Table, model: Table | None) -> Table:
        """Return a table without the defaults that stand for SERIAL.

        A condition of a table above it is that table's, unless the model says it.
        """
        database = _with_redundant(_own_checks(database, model), model)
        table = super().prepared(database, model)
        wanted = {each.name: each for each in model.columns} if model else {}
        return replace(
            table,
            columns=tuple(
                self._without_serial(each, wanted.get(each.name))
                for each in table.columns
            ),
            options=tuple(
                each for each in database.options if each[0] == "postgresql_inherits"
            ),
        )

    def own_parts(
        self, database: Table, model: Table, models: Schema
    ) -> tuple[Table, Table]:
        """Return a table without the columns that the one above it changes for it.

        A model says them again: each is a column of its own to SQLAlchemy.
        """
        if not dict(database.options).get("postgresql_inherits"):
            return database, model

        above = {
            column.name for table in above_of(model, models) for column in table.columns
        }
        # What it says itself stays when the table above drops it.
        there = tuple(
            each
            for each in database.columns
            if (INHERITED, True) not in each.options and each.name not in above
        )
        wanted = tuple(each for each in model.columns if each.name not in above)
        return replace(database, columns=there), replace(model, columns=wanted)

    def _without_serial(self, column: Column, model: Column | None) -> Column:
        shared = (SHARED, True) in column.options
        column = replace(column, options=()) if column.options else column
        if shared:
            # A key counts, and who fills a column in Python says no default.
            if model is None or not (model.primary_key or model.sequence):
                return column

        default = column.default.expression.text if column.default else ""
        if _SERIAL.match(default) and (model is None or model.default is None):
            return replace(column, default=None)

        return column

    # -- types -------------------------------------------------------------

    def same_type(self, database: SqlType, model: SqlType) -> bool:
        """Return whether the types are the same, and the values of enum types."""
        found = resolved(database.element, self.sa_dialect)
        wanted = resolved(model.element, self.sa_dialect)
        if _is_named_enum(found) and _is_named_enum(wanted):
            assert isinstance(found, sa.Enum) and isinstance(wanted, sa.Enum)
            schemas = {found.schema, wanted.schema} - {None, self.default_schema}
            return (
                found.name == wanted.name
                and len(schemas) < 2
                and found.enums == wanted.enums
            )

        return super().same_type(database, model)

    def form(self, text: str) -> TypeText:
        """Return the parts of a type, under the name that SQL knows it by."""
        form = TypeText.parse(text)
        if form.name == "FLOAT":
            small = bool(form.arguments) and int(form.arguments[0]) <= 24
            return form.renamed("REAL" if small else "DOUBLE PRECISION")

        form = form.renamed(_NAMES.get(form.name, form.name), *form.arguments)
        if form.name == "NUMERIC" and len(form.arguments) == 1:
            return form.renamed("NUMERIC", form.arguments[0], "0")
        if form.name in ("CHAR", "BIT") and not form.arguments:
            return form.renamed(form.name, "1")

        return form

    def _generic(
        self, element: sa.types.TypeEngine[Any]
    ) -> sa.types.TypeEngine[Any] | None:
        if isinstance(element, sa.Double):
            return sa.Double()
        if isinstance(element, sa.REAL):
            return None
        if isinstance(element, sa.Enum):
            return sa.Enum(*element.enums, name=element.name, schema=element.schema)
        if isinstance(element, sa.DateTime | sa.Time):
            if getattr(element, "precision", None) is not None:
                return None
            kind = sa.DateTime if isinstance(element, sa.DateTime) else sa.Time
            return kind(timezone=element.timezone)
        if isinstance(element, sa.ARRAY):
            item = self._generic(element.item_type)
            return sa.ARRAY(item) if item is not None else None
        if isinstance(element, sa.Uuid):
            return sa.Uuid()

        return super()._generic(element)

    def add_enum_value(self, enum: EnumType, value: str) -> str:
        """Return the SQL that adds a value at its place among the others."""
        named = sa.Enum(*enum.values, name=enum.name, schema=enum.schema)
        return value_added(named, value, self.sa_dialect)

    def conversion(self, database: Column, model: Column) -> Options:
        """Return ``USING``, where PostgreSQL does not convert by itself."""
        found = resolved(database.type.element, self.sa_dialect)
        wanted = resolved(model.type.element, self.sa_dialect)
        text = type_text(wanted, self.sa_dialect)
        kinds = (_family(found), _family(wanted))
        if text is None or kinds[0] == kinds[1] or kinds[1] == "string":
            return ()

        # What is quoted for a driver has two percent signs for one.
        quoted = self.sa_dialect.identifier_preparer.quote(model.name)
        name = quoted.replace("%%", "%")
        if kinds == ("number", "boolean"):
            return (("postgresql_using", f"{name} <> 0"),)
        if kinds == ("boolean", "number"):
            return (("postgresql_using", f"{name}::integer"),)

        middle = "" if kinds[0] == "string" else "::text"
        return (("postgresql_using", f"{name}{middle}::{text}"),)

    def same_index(self, found: Index, wanted: Index, table: TableName) -> bool:
        """Return whether two indexes do the same, whatever their names."""
        if found.unique != wanted.unique or len(found.parts) != len(wanted.parts):
            return False

        pairs = zip(self._elements(found), self._elements(wanted), strict=True)
        return all(
            self._same_element(one, other, table) for one, other in pairs
        ) and self.same_index_options(found, wanted, table)

    def _elements(self, index: Index) -> Iterator[IndexElement]:
        classes: Mapping[str, str] = self.option(index, "ops") or {}
        parts: Any = getattr(index.element, "expressions", ())
        labels = [getattr(each, "key", None) for each in parts]
        for place, part in enumerate(index.parts):
            if isinstance(part, str):
                element = IndexElement(part, is_column=True)
            else:
                element = IndexElement.parse(part.sql(self.write))
            plain = element.expression.strip('"')
            names = [element.expression, plain, *map(str, labels[place : place + 1])]
            said = next((classes[name] for name in names if name in classes), None)
            yield replace(element, operator_class=element.operator_class or said)

    def _same_element(
        self, found: IndexElement, wanted: IndexElement, table: TableName
    ) -> bool:
        if self._what_follows(found) != self._what_follows(wanted):
            return False
        if found.is_column and wanted.is_column:
            return found.expression == wanted.expression

        return self.same_expression(
            found.expression, Expression(wanted.expression), table
        )

    def _what_follows(self, element: IndexElement) -> tuple[object, ...]:
        return (
            _own_collation(element.collation),
            self._own_class(element.operator_class),
            element.parameters,
            element.descending,
            element.nulls_first,
        )

    def _own_class(self, name: str | None) -> str | None:
        # The class that a type has by itself says nothing.
        if name is None or self.connection is None:
            return name

        name = name.rpartition(".")[2].strip('"')
        if self._usual_classes is None:
            found = self.connection.execute(USUAL_CLASSES).scalars()
            self._usual_classes = frozenset(map(str, found))

        return None if name in self._usual_classes else name

    def same_index_options(self, found: Index, wanted: Index, table: TableName) -> bool:
        """Return whether method, covered columns, nulls and condition are the same."""

        def plain(index: Index) -> tuple[object, ...]:
            return (
                str(self.option(index, "using") or "btree").lower(),
                [str(each) for each in self.option(index, "include") or ()],
                bool(self.option(index, "nulls_not_distinct")),
            )

        if plain(found) != plain(wanted):
            return False

        return super().same_index_options(found, wanted, table)

    # -- defaults and expressions ------------------------------------------

    def same_default_text(self, found: str, wanted: str, model: Column) -> bool:
        """Return whether the server takes two defaults for the same value."""
        element = resolved(model.type.element, self.sa_dialect)
        value = default_text.string_value(wanted)
        if isinstance(element, sa.DateTime | sa.Date | sa.Time) and value is not None:
            # Such a string became a moment when the default was made.
            if value.lower().rstrip("()") in _MOMENTS:
                return True

        text = type_text(element, self.sa_dialect)
        if self.connection is None or text is None:
            return False
        if default_text.is_constant(found) and default_text.is_constant(wanted):
            return self._ask(
                f"SELECT CAST(({found}) AS {text}) = CAST(({wanted}) AS {text})"
            )
        if default_text.loose(found) == default_text.loose(wanted):
            return True

        kept = self._looked_up(
            [f"CREATE TEMPORARY TABLE _asked (c {text} DEFAULT {wanted})"],
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"
            " WHERE adrelid = '_asked'::regclass",
        )
        if kept is None:
            return False

        same = self.default_form(ServerDefault(Expression(kept)), model) == found
        return same or default_text.loose(kept) == default_text.loose(found)

    def _ask(self, question: str) -> bool:
        assert self.connection is not None
        try:
            with self.connection.begin_nested():
                plain = question.replace(":", "\\:")
                return bool(self.connection.execute(sa.text(plain)).scalar())
        except sa.exc.DBAPIError:
            # Not every type has an equality, and not every text is a value.
            return False

    def same_exclude(self, found: Exclude, wanted: Exclude, table: TableName) -> bool:
        """Return whether two exclude constraints exclude the same rows."""
        pairs = list(zip(found.elements, wanted.elements, strict=False))
        conditions = (found.where is None) == (wanted.where is None)
        if found.where is not None and wanted.where is not None:
            conditions = self.same_expression(found.where.text, wanted.where, table)

        return (
            len(found.elements) == len(wanted.elements)
            and all(
                one[1] == other[1] and self._same_part(one[0], other[0])
                for one, other in pairs
            )
            and found.using == wanted.using.lower()
            and conditions
            and when_checked(found) == when_checked(wanted)
            # A class that is not said is the usual one of its type.
            and dict(wanted.ops).items() <= dict(found.ops).items()
        )

    def _same_part(self, found: IndexPart, wanted: IndexPart) -> bool:
        if isinstance(found, str) or isinstance(wanted, str):
            return found == wanted

        text = wanted.sql(self.write)
        return default_text.loose(found.text) == default_text.loose(text)

    def same_expression(self, found: str, wanted: Expression, table: TableName) -> bool:
        """Return whether PostgreSQL rewrites a condition to what it keeps."""
        text = wanted.sql(self.write)
        if default_text.loose(found) == default_text.loose(text):
            return True
        if self.connection is None:
            return True

        kept = self._rewritten(text, table)
        return kept is None or default_text.loose(kept) == default_text.loose(found)

    def _rewritten(self, text: str, table: TableName) -> str | None:
        """Return a condition as PostgreSQL would keep it; None if it does not tell."""
        assert self.connection is not None
        prepare = self.sa_dialect.identifier_preparer
        source = prepare.quote(table.name)
        if table.schema:
            source = f"{prepare.quote_schema(table.schema)}.{source}"

        return self._looked_up(
            [
                f"CREATE TEMPORARY TABLE _asked (LIKE {source})",
                f"CREATE INDEX _asked_index ON _asked (({text}))",
            ],
            "SELECT pg_get_expr(indexprs, indrelid) FROM pg_index"
            " WHERE indexrelid = '_asked_index'::regclass",
        )

    def _looked_up(self, made: Sequence[str], question: str) -> str | None:
        """Return what PostgreSQL says of what is made, and taken back at once."""
        assert self.connection is not None
        savepoint = self.connection.begin_nested()
        try:
            for sql in made:
                self._run(sql)
            return str(self._run(question).scalar())
        except sa.exc.DBAPIError:
            return None
        finally:
            savepoint.rollback()

    def _run(self, sql: str) -> sa.CursorResult[Any]:
        assert self.connection is not None
        return self.connection.execute(sa.text(sql.replace(":", "\\:")))


def _own_checks(table: Table, model: Table | None) -> Table:
    if model is None or not dict(table.options).get("postgresql_inherits"):
        return table

    said = {each.name for each in model.of_kind(Check)}
    inherited = (INHERITED, True)
    return replace(
        table,
        constraints=tuple(
            each
            for each in table.constraints
            if inherited not in getattr(each, "options", ()) or each.name in said
        ),
    )


def _with_redundant(table: Table, model: Table | None) -> Table:
    """Return a table with what PostgreSQL leaves out: UNIQUE of a primary key."""
    key = table.primary_key
    if model is None or key is None:
        return table

    found = {each.columns for each in table.of_kind(Unique)}
    same = tuple(
        each
        for each in model.of_kind(Unique)
        if each.columns == key.columns and each.columns not in found
    )
    return replace(table, constraints=table.constraints + same)


def _own_collation(name: str | None) -> str | None:
    plain = (name or "").rpartition(".")[2].strip('"')
    return plain if plain not in ("", "default") else None


def _is_named_enum(element: sa.types.TypeEngine[Any]) -> bool:
    return isinstance(element, sa.Enum) and element.native_enum and bool(element.name)


def _family(element: sa.types.TypeEngine[Any]) -> str:
    if isinstance(element, sa.Enum) and element.native_enum:
        return f"enum {element.name}"
    if isinstance(element, sa.String):
        return "string"
    if isinstance(element, sa.Integer | sa.Numeric | sa.Float):
        return "number"
    if isinstance(element, sa.Boolean):
        return "boolean"
    if isinstance(element, sa.DateTime | sa.Date):
        return "date"
    if isinstance(element, sa.JSON):
        return "json"

    return type(element).__name__
