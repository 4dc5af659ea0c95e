"""When two definitions are the same to a database.

What a database says of itself is never letter by letter what it was told: it adds
casts, renames types, makes indexes of its own. ``ComparisonRules`` know that of one
kind of database; here stands what all share.
"""

from __future__ import annotations

from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect
from sqlalchemy.sql.elements import conv

from ..operations.tables import AlterTable
from ..schema.from_database import DatabaseReader
from ..schema.from_database import IncludeName
from ..schema.model import Check
from ..schema.model import Column
from ..schema.model import Computed
from ..schema.model import Exclude
from ..schema.model import Expression
from ..schema.model import ForeignKey
from ..schema.model import Index
from ..schema.model import Options
from ..schema.model import Schema
from ..schema.model import ServerDefault
from ..schema.model import SqlType
from ..schema.model import SqlWriter
from ..schema.model import Table
from ..schema.model import TableName
from ..schema.model import Unique
from ..schema.to_sqlalchemy import SQLAlchemyBuilder
from . import default_text
from .constraint_lookup import HeldQuestions
from .constraint_lookup import when_checked
from .dialect import Dialect
from .types import enums_within
from .types import EnumType
from .types import resolved
from .types import type_text
from .types import TypeText


class ComparisonRules:
    """When definitions are the same to one kind of database.

    What is true of the database itself, its traits, is the dialect's to say.

    :param connection: the database, to ask where text alone cannot tell; may be None.
    """

    reads_conditions: ClassVar[bool] = False
    """Whether conditions come back from the database as they were written."""

    row_estimate: ClassVar[str | None] = None
    """What asks how many rows a table has, about: ``:table`` is its name as SQL, and
    ``:name`` and ``:schema`` are the parts of it."""

    options_come_last: ClassVar[bool] = False
    """Whether the other changes of a table ready it for its options."""

    questions: HeldQuestions | None = None
    """What asks the database of expressions all at once, if it is asked at all."""

    reader: ClassVar[type[DatabaseReader]] = DatabaseReader
    """What reads the tables; a database with a faster way of its own has another."""

    def __init__(
        self, dialect: Dialect, connection: sa.Connection | None = None
    ) -> None:
        self.dialect = dialect
        self.sa_dialect: SADialect = dialect.sa_dialect
        self.connection = connection
        # Columns have few types and defaults, each of which is looked at once.
        self._portable: dict[Hashable, tuple[SqlType, ServerDefault | None]] = {}
        self.write: SqlWriter = dialect.write
        self.build = SQLAlchemyBuilder(self.sa_dialect, write=self.write)
        self.default_schema: str | None = getattr(
            self.sa_dialect, "default_schema_name", None
        )

    # -- reading -----------------------------------------------------------

    def read_database(
        self,
        connection: sa.Connection,
        schemas: Sequence[str | None] = (None,),
        include_name: IncludeName | None = None,
    ) -> Schema:
        """Return the tables of these schemas; None is the default one."""
        return self.reader(connection, include_name).read(schemas)

    def sequences_in(self, schemas: Iterable[str | None]) -> set[TableName]:
        """Return the sequences that the database has in these schemas, if any."""
        if self.connection is None:
            return set()

        inspector = sa.inspect(self.connection)
        return {
            self.same_name(TableName(name, schema))
            for schema in schemas
            for name in inspector.get_sequence_names(schema)
        }

    def prepared(self, database: Table, model: Table | None) -> Table:
        """Return a table of the database without what the database made by itself.

        :param model: what the app says of the same table, if it knows the table.
        """
        return replace(
            database,
            columns=tuple(self._portable_column(each) for each in database.columns),
            # Engines, character sets and the like were not asked for.
            options=(),
        )

    def own_parts(
        self, database: Table, model: Table, models: Schema
    ) -> tuple[Table, Table]:
        """Return both sides of a table without what other tables say for it."""
        return database, model

    def options_changed(self, database: Table, model: Table) -> AlterTable | None:
        """Return what gives a prepared table the options that its model says."""
        return None

    def dropped_schema(self, name: str) -> str | None:
        """Return the SQL that drops a schema, if it does so only to an empty one."""
        return None

    def domain_texts(
        self, found: SqlType, wanted: SqlType
    ) -> Iterable[tuple[str, str]]:
        """Yield statements that make one domain of another, and what undoes each."""
        return ()

    def same_name(self, name: TableName) -> TableName:
        """Return a name without its schema, if that is the default one anyway."""
        if name.schema is not None and name.schema == self.default_schema:
            return TableName(name.name)

        return name

    def constraint_name(self, name: str | None) -> str | None:
        """Return a name as the database keeps it: too long ones are cut."""
        return self._kept_name(name, "truncate_and_render_constraint_name")

    def index_name(self, name: str | None) -> str | None:
        """Return a name as the database keeps it: too long ones are cut."""
        return self._kept_name(name, "truncate_and_render_index_name")

    def _kept_name(self, name: str | None, method: str) -> str | None:
        if not isinstance(name, conv):
            return name

        cut: Any = getattr(self.sa_dialect.identifier_preparer, method)
        return str(cut(name, _alembic_quote=False))

    def _portable_column(self, column: Column) -> Column:
        key = column.type.identity, column.default
        if key not in self._portable:
            self._portable[key] = self._portable_parts(column)
        portable, default = self._portable[key]
        if portable is column.type and default is column.default:
            return column

        return column.of(portable, default)

    def _portable_parts(self, column: Column) -> tuple[SqlType, ServerDefault | None]:
        portable = self.portable_type(column.type)
        default = self.portable_default(column.default)
        if default is not None and isinstance(portable.element, sa.Boolean):
            default = default_text.truth_default(default)

        return portable, default

    def portable_type(self, found: SqlType) -> SqlType:
        """Return a type that every database knows, if it says the same here."""
        generic = self._generic(found.element)
        if generic is None:
            return found

        one = type_text(generic, self.sa_dialect)
        other = type_text(found.element, self.sa_dialect)
        if one is None or other is None:
            return found

        same = self.same_form(self.form(other), self.form(one))
        return SqlType.of(generic) if same else found

    def _generic(
        self, element: sa.types.TypeEngine[Any]
    ) -> sa.types.TypeEngine[Any] | None:
        # Of a type that no database came up with, nothing is known.
        if isinstance(element, sa.types.TypeDecorator | sa.types.UserDefinedType):
            return None

        if isinstance(element, sa.Enum) and not element.name:
            return None

        if isinstance(element, sa.Numeric) and not isinstance(element, sa.Float):
            return sa.Numeric(element.precision, element.scale)

        if isinstance(element, sa.JSON):
            return sa.JSON()

        if isinstance(element, sa.CHAR):
            return sa.CHAR(element.length, element.collation)

        try:
            generic = element.as_generic()
        except (NotImplementedError, TypeError):
            return None

        # The classes in capitals say more than they mean.
        return None if type(generic).__name__.isupper() else generic

    def portable_default(self, found: ServerDefault | None) -> ServerDefault | None:
        """Return a default that every database knows, if it says the same here."""
        if found is None or found.literal:
            return found

        text = default_text.unparenthesized(
            default_text.without_casts(found.expression.text)
        )
        value = default_text.string_value(text)
        if value is not None:
            return ServerDefault(Expression(value), literal=True)
        if default_text.number_value(text) is not None:
            return ServerDefault(Expression(text))
        if default_text.canonical(text) == "current_timestamp":
            return ServerDefault(Expression("CURRENT_TIMESTAMP"))

        return found

    # -- types -------------------------------------------------------------

    def same_type(self, database: SqlType, model: SqlType) -> bool:
        """Return whether a column may stay as it is. Yes, if that cannot be told."""
        found = type_text(database.element, self.sa_dialect)
        wanted = type_text(model.element, self.sa_dialect)
        if found is None or wanted is None:
            return True
        if isinstance(database.element, sa.types.NullType):
            return True

        return self.same_form(self.form(found), self.form(wanted))

    def form(self, text: str) -> TypeText:
        """Return the parts of a type, under the one name of several that mean it."""
        return TypeText.parse(text)

    def same_form(self, found: TypeText, wanted: TypeText) -> bool:
        """Return whether two types are the same; an open collation is any."""
        if wanted.collation is None or found.collation is None:
            found = replace(found, collation=None)
            wanted = replace(wanted, collation=None)

        return found == wanted

    def enum_of(self, sql_type: SqlType) -> EnumType | None:
        """Return the enum type that a column needs, where such types have names.

        It is answered for every database: a script that one of them writes is run by
        others too.
        """
        for element in enums_within(sql_type.element):
            if not element.name or not element.native_enum:
                continue
            if getattr(element, "create_type", True):
                values = tuple(element.enums)
                return EnumType(str(element.name), values, element.schema)

        return None

    def conversion(self, database: Column, model: Column) -> Options:
        """Return the options of an alteration that convert the values there are."""
        return ()

    # -- defaults ----------------------------------------------------------

    def same_default(self, database: Column, model: Column) -> bool:
        """Return whether two columns have the same server default."""
        found = self.default_form(database.default, model)
        wanted = self.default_form(model.default, model)
        if found == wanted:
            return True
        if found is None or wanted is None:
            return False

        return self.same_default_text(found, wanted, model)

    def same_default_text(self, found: str, wanted: str, model: Column) -> bool:
        """Return whether two defaults that look different are the same."""
        return False

    def default_form(self, default: ServerDefault | None, model: Column) -> str | None:
        """Return a default in the one form that all ways to say it have."""
        if default is None:
            return None

        text = default_text.canonical(default.sql(self.write))
        if text == "null":
            return None

        plain = resolved(model.type.element, self.sa_dialect)
        value = default_text.string_value(text)
        if isinstance(plain, sa.Boolean):
            return default_text.truth(text if value is None else value)
        if isinstance(plain, sa.Integer | sa.Numeric | sa.Float):
            number = default_text.number_value(text if value is None else value)
            return text if number is None else f"{number.normalize():f}"
        if isinstance(plain, sa.String) and value is None:
            number = default_text.number_value(text)
            return text if number is None else f"'{text}'"

        return text

    def same_identity(self, found: Column, wanted: Column) -> bool:
        """Return whether two columns number the rows alike."""
        return found.identity == wanted.identity

    def same_computed(self, found: Computed, wanted: Computed, table: Table) -> bool:
        """Return whether a column is computed by the same, and kept or not as well."""
        return bool(found.persisted) == bool(wanted.persisted) and self.same_expression(
            found.expression.text, wanted.expression, table.name
        )

    def can_compute(self, found: Column, wanted: Column) -> bool:
        """Return whether a column may become another one, where either is computed.

        Where it may not, it is dropped and added anew.
        """
        return False

    # -- conditions and references -----------------------------------------

    def same_expression(self, found: str, wanted: Expression, table: TableName) -> bool:
        """Return whether two pieces of SQL mean the same. Yes, if it cannot be told."""
        if not self.reads_conditions:
            return True

        return self.loose(found) == self.loose(wanted.sql(self.write))

    def loose(self, text: str) -> str:
        """Return SQL without all that the database adds or removes when it keeps it."""
        return default_text.loose(text)

    def same_index(self, found: Index, wanted: Index, table: TableName) -> bool:
        """Return whether two indexes do the same, whatever their names."""
        if found.unique != wanted.unique or len(found.parts) != len(wanted.parts):
            return False

        for one, other in zip(found.parts, wanted.parts, strict=True):
            if isinstance(one, str) and isinstance(other, str):
                same = one == other
            else:
                same = self.same_expression(_text(one), _expression(other), table)
            if not same:
                return False

        return self.same_index_options(found, wanted, table)

    def same_index_options(self, found: Index, wanted: Index, table: TableName) -> bool:
        """Return whether what only this kind of database knows is the same."""
        one, other = self.option(found, "where"), self.option(wanted, "where")
        if one is None or other is None:
            return one is other

        return self.same_expression(_text(one), _expression(other), table)

    def option(self, element: Index | Unique, name: str) -> Any:
        """Return what an element says only for this kind of database; else None."""
        if not element.options:
            return None

        options = dict(element.options)
        said = (options.get(f"{each}_{name}") for each in self.dialect.names())
        return next((value for value in said if value), None)

    def same_unique(self, found: Unique, wanted: Unique) -> bool:
        """Return whether two unique constraints demand the same, in the same order."""
        return found.columns == wanted.columns and when_checked(found) == when_checked(
            wanted
        )

    def same_check(self, found: Check, wanted: Check) -> bool:
        """Return whether two conditions read the same."""
        wanted_text = wanted.condition.sql(self.write)
        return self.loose(found.condition.text) == self.loose(wanted_text)

    def kept_checks(self, checks: Sequence[Check], table: Table) -> list[Check | None]:
        """Return checks as the database would keep them; None where nobody knows.

        :param table: as it is in the database.
        """
        kept = (
            self.kept_condition(each.condition.sql(self.write), table.name)
            for each in checks
        )
        return [
            None if text is None else Check(each.name, Expression(text))
            for each, text in zip(checks, kept, strict=True)
        ]

    def kept_condition(self, text: str, table: TableName) -> str | None:
        """Return a condition as a table would keep it; None if nobody knows."""
        return text if self.reads_conditions else None

    def same_exclude(self, found: Exclude, wanted: Exclude, table: TableName) -> bool:
        """Return whether two exclude constraints are the same."""
        return found == wanted

    def reference(self, key: ForeignKey) -> tuple[object, ...]:
        """Return what makes a foreign key what it is, apart from its name."""
        return (
            key.columns,
            self.same_name(key.referent),
            key.referent_columns,
            self._action(key.onupdate),
            self._action(key.ondelete),
            when_checked(key),
        )

    def _action(self, action: str | None) -> str | None:
        if action is None:
            return None
        said = action.upper()
        usual = {"NO ACTION", *(["RESTRICT"] * self.dialect.restricts_by_default)}
        return None if said in usual else said


def _text(part: object) -> str:
    return part.text if isinstance(part, Expression) else str(part)


def _expression(part: object) -> Expression:
    return part if isinstance(part, Expression) else Expression(str(part))
