"""When definitions are the same to PostgreSQL, which is asked where text is silent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOMAIN

from ...schema.from_database import DatabaseReader
from ...schema.inheritance import above_of
from ...schema.model import Check
from ...schema.model import Column
from ...schema.model import Computed
from ...schema.model import Exclude
from ...schema.model import Expression
from ...schema.model import ForeignKey
from ...schema.model import IndexPart
from ...schema.model import Options
from ...schema.model import Schema
from ...schema.model import ServerDefault
from ...schema.model import SqlType
from ...schema.model import Table
from ...schema.model import TableName
from ...schema.model import Unique
from .. import default_text
from ..constraint_lookup import when_checked
from ..dialect import Dialect
from ..types import resolved
from ..types import type_text
from ..types import TypeText
from .catalog import INHERITED
from .catalog import PostgreSQLReader
from .catalog import SHARED
from .identity import without_usual
from .index_elements import IndexComparison
from .reflected_types import domain_changes
from .reflected_types import NAMES
from .rewriting import in_check
from .rewriting import in_index
from .rewriting import Rewriting

_SERIAL = re.compile(r"^nextval\('.*'::regclass\)$", re.DOTALL)
_MOMENTS = ("now", "today", "tomorrow", "yesterday", "epoch", "allballs")


class PostgreSQLComparison(IndexComparison):
    """PostgreSQL adds casts, keeps enum types by name and rewrites expressions."""

    reads_conditions: ClassVar[bool] = True
    row_estimate: ClassVar[str | None] = (
        "SELECT CAST(reltuples AS bigint) FROM pg_catalog.pg_class"
        " WHERE oid = to_regclass(:table)"
    )
    reader: ClassVar[type[DatabaseReader]] = PostgreSQLReader

    def __init__(
        self, dialect: Dialect, connection: sa.Connection | None = None
    ) -> None:
        super().__init__(dialect, connection)
        if connection is not None:
            self.questions = self._asked = Rewriting(connection)

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
        said = model is not None and (model.default or model.identity)
        if _SERIAL.match(default) and not said:
            return replace(column, default=None)
        if column.identity is not None:
            text = type_text(column.type.element, self.sa_dialect)
            return replace(column, identity=without_usual(column.identity, text))

        return column

    # -- types -------------------------------------------------------------

    def same_type(self, database: SqlType, model: SqlType) -> bool:
        """Return whether the types are the same, and the values of enum types."""
        found = resolved(database.element, self.sa_dialect)
        wanted = resolved(model.element, self.sa_dialect)
        if isinstance(found, sa.ARRAY) and isinstance(wanted, sa.ARRAY):
            items = (SqlType.of(each.item_type) for each in (found, wanted))
            return self.same_type(*items) and super().same_type(database, model)
        if _is_named_enum(found) and _is_named_enum(wanted):
            assert isinstance(found, sa.Enum) and isinstance(wanted, sa.Enum)
            schemas = {found.schema, wanted.schema} - {None, self.default_schema}
            return (
                found.name == wanted.name
                and len(schemas) < 2
                and found.enums == wanted.enums
            )

        return super().same_type(database, model)

    def same_form(self, found: TypeText, wanted: TypeText) -> bool:
        """Return whether two types are the same; none said is the usual collation."""
        return found == replace(
            wanted,
            collation=None if wanted.collation == "default" else wanted.collation,
        )

    def form(self, text: str) -> TypeText:
        """Return the parts of a type, under the name that SQL knows it by."""
        form = TypeText.parse(text)
        if form.name == "FLOAT":
            small = bool(form.arguments) and int(form.arguments[0]) <= 24
            return form.renamed("REAL" if small else "DOUBLE PRECISION")

        form = form.renamed(NAMES.get(form.name, form.name), *form.arguments)
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

    def reference(self, key: ForeignKey) -> tuple[object, ...]:
        """Return what makes a foreign key what it is, apart from its name."""
        match = (key.match or "").upper()
        return (*super().reference(key), "" if match == "SIMPLE" else match)

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

        kept = self._asked.looked_up(
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

    def same_identity(self, found: Column, wanted: Column) -> bool:
        """Return whether two identities count alike, whatever of it is said."""
        if found.identity is None or wanted.identity is None:
            return found.identity is wanted.identity

        texts = (
            type_text(each.type.element, self.sa_dialect) for each in (found, wanted)
        )
        one, other = texts
        return without_usual(found.identity, one) == without_usual(
            wanted.identity, other
        )

    def same_computed(self, found: Computed, wanted: Computed, table: Table) -> bool:
        """Return whether a column is computed by the same."""
        # Before 18, all values are kept.
        version: Any = getattr(self.sa_dialect, "server_version_info", None)
        if not version or version < (18,):
            wanted = replace(wanted, persisted=found.persisted)

        return super().same_computed(found, wanted, table)

    def can_compute(self, found: Column, wanted: Column) -> bool:
        """Return whether the expression can go, or become another one."""
        version: Any = getattr(self.sa_dialect, "server_version_info", None)
        if wanted.computed is None:
            return found.computed is None or found.computed.persisted is not False

        says_anew = bool(version) and version >= (17,)
        return (
            says_anew
            and found.computed is not None
            and found.computed.persisted == wanted.computed.persisted
        )

    def dropped_schema(self, name: str) -> str | None:
        """Return ``DROP SCHEMA``, which spares one with something in it."""
        return self.dialect.compiled(sa.schema.DropSchema(name))

    def domain_texts(
        self, found: SqlType, wanted: SqlType
    ) -> Iterable[tuple[str, str]]:
        """Return what gives a domain another default, condition, or NULL."""
        one, other = found.element, wanted.element
        if not isinstance(other, DOMAIN) or not isinstance(one, DOMAIN):
            return ()

        return domain_changes(one, other, self.dialect, self._kept_of_domain)

    def _kept_of_domain(self, domain: DOMAIN, condition: str) -> str | None:
        if self.connection is None:
            return None

        base = type_text(domain.data_type, self.sa_dialect)
        return self._asked.looked_up(
            [f"CREATE DOMAIN pg_temp._asked AS {base} CHECK ({condition})"],
            "SELECT pg_get_expr(conbin, 0) FROM pg_constraint"
            " WHERE contypid = 'pg_temp._asked'::regtype",
        )

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

        question = in_index(text, self.dialect.table_text(table))
        if self._asked.waits(question):
            return True

        kept = self._asked.kept(question)
        return kept is None or default_text.loose(kept) == default_text.loose(found)

    def kept_condition(self, text: str, table: TableName) -> str | None:
        """Return a condition as the server keeps it."""
        if self.connection is None:
            return None

        question = in_check(text, self.dialect.table_text(table))
        return None if self._asked.waits(question) else self._asked.kept(question)


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
