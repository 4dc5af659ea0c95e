"""From values to SQLAlchemy's tables and columns, so that SQLAlchemy writes the SQL.

Every call builds on a ``MetaData`` of its own: nothing of the app is touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import visitors

from .copies import copied_type
from .model import Check
from .model import Column
from .model import Constraint
from .model import Exclude
from .model import Expression
from .model import ForeignKey
from .model import Index
from .model import NumberSequence
from .model import Options
from .model import PrimaryKey
from .model import ServerDefault
from .model import SqlType
from .model import SqlWriter
from .model import Table
from .model import TableName
from .model import Unique
from .sql_text import escaped

NamingConvention = Mapping[Any, Any]

_STRING = re.compile(r"'(?:[^'\\]|''|\\.)*'(?:::.*)?$", re.DOTALL)


class SQLAlchemyBuilder:
    """Builds SQLAlchemy's elements for one kind of database.

    :param dialect: the SQLAlchemy dialect that will compile what is built.
    :param naming_convention: the one of the app's metadata, for names left open.
    :param write: writes pieces of SQL; none: as SQLAlchemy writes them.
    """

    def __init__(
        self,
        dialect: Dialect,
        naming_convention: NamingConvention | None = None,
        write: SqlWriter | None = None,
    ) -> None:
        self.dialect = dialect
        self.naming_convention = naming_convention
        self._write: SqlWriter = write or partial(_written, dialect)

    def metadata(self) -> sa.MetaData:
        """Return an empty ``MetaData`` with the naming convention."""
        if self.naming_convention is None:
            return sa.MetaData()

        return sa.MetaData(naming_convention=dict(self.naming_convention))

    def table(self, table: Table) -> sa.Table:
        """Return a table with its columns, constraints, indexes and comment."""
        metadata = self.metadata()
        built = sa.Table(
            table.name.name,
            metadata,
            *(self._column(column, metadata) for column in table.columns),
            *(self._constraint(each, metadata) for each in table.constraints),
            schema=table.name.schema,
            comment=table.comment,
            prefixes=list(table.prefixes),
            **self._keywords(table.options),
        )
        self._add_referents(built, table.constraints)
        for index in table.indexes:
            self._index(index, built)

        return built

    def column(self, column: Column, table: TableName) -> sa.Column[Any]:
        """Return a column that belongs to an otherwise empty table."""
        metadata = self.metadata()
        built = self._column(column, metadata)
        sa.Table(table.name, metadata, built, schema=table.schema)
        return built

    def constraint(self, constraint: Constraint, table: TableName) -> sa.Constraint:
        """Return a constraint, named by the convention where its name is open."""
        metadata = self.metadata()
        built = self._constraint(constraint, metadata)
        options = getattr(constraint, "options", ())
        columns = [*constraint.mentioned, *_listed_columns(options)]
        stub = self._stub(table, metadata, columns)
        stub.append_constraint(built)
        self._add_referents(stub, [constraint])
        return built

    def index(self, index: Index, table: TableName) -> sa.Index:
        """Return an index, named by the convention where its name is open."""
        columns = [*index.columns, *_listed_columns(index.options)]
        stub = self._stub(table, self.metadata(), columns)
        return self._index(index, stub)

    def sequence(self, sequence: NumberSequence) -> sa.Sequence:
        """Return a sequence that belongs to no column."""
        given = dict(sequence.options)
        if isinstance(given.get("data_type"), SqlType):
            given["data_type"] = self.type(given["data_type"])

        return sa.Sequence(sequence.name.name, schema=sequence.name.schema, **given)

    def type(self, sql_type: SqlType) -> sa.types.TypeEngine[Any]:
        """Return a copy of the type that no table knows yet."""
        return self._type(sql_type, sa.MetaData())

    def text(self, expression: Expression) -> sa.TextClause:
        """Return the expression as text of this kind of database."""
        return sa.text(escaped(expression.sql(self._write)))

    def server_default(self, default: ServerDefault) -> str | sa.TextClause:
        """Return what ``server_default=`` takes."""
        if default.literal:
            return default.expression.text

        text = default.expression.sql(self._write)
        if text.startswith("'") and not _STRING.match(text):
            # SQLAlchemy takes what begins like a string for one, and leaves it bare.
            text = f"({text})"

        return sa.text(escaped(text))

    def _stub(
        self, name: TableName, metadata: sa.MetaData, columns: Iterable[str]
    ) -> sa.Table:
        return sa.Table(
            name.name,
            metadata,
            *(sa.Column(each, sa.types.NULLTYPE) for each in dict.fromkeys(columns)),
            schema=name.schema,
        )

    def _add_referents(
        self, table: sa.Table, constraints: Iterable[Constraint]
    ) -> None:
        # A foreign key compiles only when the table that it points to is known.
        wanted: dict[TableName, list[str]] = {}
        for constraint in constraints:
            if isinstance(constraint, ForeignKey):
                wanted.setdefault(constraint.referent, []).extend(
                    constraint.referent_columns
                )

        for name, columns in wanted.items():
            key = str(name)
            known = table.metadata.tables.get(key)
            if known is None:
                self._stub(name, table.metadata, columns)
                continue

            for column in dict.fromkeys(columns):
                if column not in known.c:
                    known.append_column(sa.Column(column, sa.types.NULLTYPE))

    def _type(
        self, sql_type: SqlType, metadata: sa.MetaData
    ) -> sa.types.TypeEngine[Any]:
        return copied_type(sql_type.element, metadata)

    def _column(self, column: Column, metadata: sa.MetaData) -> sa.Column[Any]:
        attached: list[Any] = []
        if column.computed is not None:
            attached.append(
                sa.Computed(
                    self.text(column.computed.expression),
                    persisted=column.computed.persisted,
                )
            )
        if column.identity is not None:
            attached.append(
                sa.Identity(
                    always=column.identity.always, **dict(column.identity.options)
                )
            )
        if column.sequence is not None:
            attached.append(column.sequence._copy())

        autoincrement: Any = column.autoincrement
        keywords: dict[str, Any] = self._keywords(column.options)
        if column.default is not None:
            keywords["server_default"] = self.server_default(column.default)

        return sa.Column(
            column.name,
            self._type(column.type, metadata),
            *attached,
            nullable=column.nullable,
            comment=column.comment,
            autoincrement=autoincrement,
            **keywords,
        )

    def adapted(self, constraint: Constraint) -> Constraint:
        """Return a constraint as far as the database knows its words."""
        return constraint

    def _constraint(
        self, constraint: Constraint, metadata: sa.MetaData
    ) -> sa.Constraint:
        constraint = self.adapted(constraint)
        if isinstance(constraint, PrimaryKey):
            return sa.PrimaryKeyConstraint(
                *constraint.columns,
                name=constraint.name,
                **self._keywords(constraint.options),
            )

        if isinstance(constraint, Unique):
            return sa.UniqueConstraint(
                *constraint.columns,
                name=constraint.name,
                deferrable=constraint.deferrable,
                initially=constraint.initially,
                **self._keywords(constraint.options),
            )

        if isinstance(constraint, Check):
            return sa.CheckConstraint(
                self.text(constraint.condition),
                name=constraint.name,
                **self._keywords(constraint.options),
            )

        if isinstance(constraint, ForeignKey):
            return sa.ForeignKeyConstraint(
                constraint.columns,
                [
                    f"{constraint.referent}.{column}"
                    for column in constraint.referent_columns
                ],
                name=constraint.name,
                onupdate=constraint.onupdate,
                ondelete=constraint.ondelete,
                deferrable=constraint.deferrable,
                initially=constraint.initially,
                match=constraint.match,
                # Such a key is no part of CREATE TABLE: its table may come later.
                use_alter=constraint.use_alter,
                **self._keywords(constraint.options),
            )

        if isinstance(constraint, Exclude):
            return self._exclude(constraint)

        raise TypeError(f"no SQLAlchemy constraint for {constraint!r}")

    def _exclude(self, constraint: Exclude) -> sa.Constraint:
        # With it comes all of that dialect, which is slow to import.
        from sqlalchemy.dialects.postgresql import ExcludeConstraint

        # As columns of their own names, plain ones are quoted where they have to be.
        made: Any = ExcludeConstraint
        return made(  # type: ignore[no-any-return]  # its class is not typed in full
            *(
                (sa.column(part) if isinstance(part, str) else self.text(part), said)
                for part, said in constraint.elements
            ),
            name=constraint.name,
            using=constraint.using,
            where=None if constraint.where is None else self.text(constraint.where),
            deferrable=constraint.deferrable,
            initially=constraint.initially,
            ops=dict(constraint.ops),
        )

    def _index(self, index: Index, table: sa.Table) -> sa.Index:
        parts: list[Any] = [
            table.c[part] if isinstance(part, str) else self._index_part(part, table)
            for part in index.parts
        ]
        return sa.Index(
            index.name,
            *parts,
            unique=index.unique,
            _table=table,
            **self._keywords(index.options),
        )

    def _index_part(self, part: Expression, table: sa.Table) -> Any:
        if part.element is None or isinstance(part.element, sa.TextClause):
            return self.text(part)

        # As text it would lose its label, which options such as postgresql_ops name
        # it by, and the brackets that the database asks of it.
        def own(element: Any, **_: Any) -> Any:
            if not isinstance(element, sa.Column):
                return None

            if element.name not in table.c:
                table.append_column(sa.Column(element.name, element.type))

            return table.c[element.name]

        return visitors.replacement_traverse(part.element, {}, own)

    def _keywords(self, options: Options) -> dict[str, Any]:
        return {
            name: self.text(value) if isinstance(value, Expression) else value
            for name, value in options
        }


def _written(dialect: Dialect, element: sa.ClauseElement) -> str:
    compiled = element.compile(
        dialect=dialect,
        compile_kwargs={"literal_binds": True, "include_table": False},
    )
    # A driver that formats its parameters reads %% as %.
    doubled = compiled.preparer._double_percents
    return str(compiled).replace("%%", "%") if doubled else str(compiled)


def _listed_columns(options: Options) -> list[str]:
    # Options such as postgresql_include name columns, which have to be there.
    lists = [value for _, value in options if isinstance(value, (list, tuple))]
    return [each for value in lists for each in value if isinstance(each, str)]
