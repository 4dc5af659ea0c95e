"""``alembic.ddl.impl``: what is known of a kind of database, for plug-ins to change.

A subclass with a ``__dialect__`` that nothing here knows makes that database known.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import ClassVar
from typing import NamedTuple

import sqlalchemy as sa

from ....dialects.dialect import Dialect
from ....dialects.registry import dialect_for
from ....dialects.registry import is_known
from ....dialects.registry import register_dialect
from ....dialects.registry import rules_for
from ....dialects.standard import StandardSql
from ....environment import current_environment
from ....execution.history import VersionTable
from ....schema.from_sqlalchemy import read_column
from ....schema.from_sqlalchemy import read_constraint
from ....schema.from_sqlalchemy import read_index
from ....schema.model import SqlType
from ..operations import ops
from ..operations.from_alembic import read

Params = namedtuple("Params", ["token0", "tokens", "args", "kwargs"])


class ComparisonResult(NamedTuple):
    """Whether two definitions are the same, and if not, why."""

    status: str
    message: str

    @property
    def is_equal(self) -> bool:
        """Whether they are the same."""
        return self.status == "equal"

    @property
    def is_different(self) -> bool:
        """Whether they are not."""
        return self.status == "different"

    @property
    def is_skip(self) -> bool:
        """Whether nobody can tell."""
        return self.status == "skip"

    @classmethod
    def Equal(cls) -> ComparisonResult:
        """Return that they are the same."""
        return cls("equal", "")

    @classmethod
    def Different(cls, reason: str | Sequence[str]) -> ComparisonResult:
        """Return that they are not."""
        return cls("different", _text(reason))

    @classmethod
    def Skip(cls, reason: str | Sequence[str]) -> ComparisonResult:
        """Return that nobody can tell."""
        return cls("skip", _text(reason))


def _text(reason: str | Sequence[str]) -> str:
    return reason if isinstance(reason, str) else ", ".join(reason)


def _compared(wanted: Any, found: Any) -> ComparisonResult:
    if wanted == found:
        return ComparisonResult.Equal()

    return ComparisonResult.Different(f"{found} becomes {wanted}")


_IMPLS: dict[str, type[DefaultImpl]] = {}


def _make_known(kind: type[DefaultImpl]) -> None:
    name = kind.__dialect__
    _IMPLS[name] = kind
    if name == "default" or is_known(name):
        return

    body = {
        "name": name,
        "title": name,
        "transactional_ddl": kind.transactional_ddl,
    }
    made: Any = type(f"{kind.__name__}Dialect", (kind.speaks,), body)
    register_dialect(made)


class DefaultImpl:
    """What is known of a kind of database; subclasses say what is different there."""

    __dialect__ = "default"

    transactional_ddl = StandardSql.transactional_ddl
    command_terminator = StandardSql.terminator
    batch_separator = StandardSql.batch_separator
    type_synonyms: tuple[set[str], ...] = ({"NUMERIC", "DECIMAL"},)
    type_arg_extract: Sequence[str] = ()
    identity_attrs_ignore: tuple[str, ...] = ("on_null",)

    # What carries it out here.
    speaks: ClassVar[type[Dialect]] = StandardSql

    def __init_subclass__(cls, of: type[Dialect] | None = None) -> None:
        if of is not None:
            cls.speaks, cls.__dialect__ = of, of.name
            cls.transactional_ddl = of.transactional_ddl
            cls.command_terminator = of.terminator
            cls.batch_separator = of.batch_separator
        if of is not None or "__dialect__" in vars(cls):
            _make_known(cls)

    def __init__(
        self,
        dialect: sa.Dialect,
        connection: sa.Connection | None,
        as_sql: bool,
        transactional_ddl: bool | None,
        output_buffer: Any,
        context_opts: Mapping[str, Any],
    ) -> None:
        self.dialect: Any = dialect
        self.connection = connection
        self.as_sql = as_sql
        self.output_buffer = output_buffer
        self.context_opts = context_opts
        self.memo: dict[Any, Any] = {}
        self._context: Any = None
        if transactional_ddl is not None:
            self.transactional_ddl = transactional_ddl

    @classmethod
    def get_by_dialect(cls, dialect: sa.Dialect) -> type[DefaultImpl]:
        """Return the class for the database that SQLAlchemy's dialect speaks to."""
        return _IMPLS.get(dialect.name, DefaultImpl)

    @classmethod
    def of(cls, context: Any) -> DefaultImpl:
        """Return what is known of the database of a ``MigrationContext``."""
        dialect = context.dialect
        made = cls.get_by_dialect(dialect)(
            dialect,
            context.connection,
            context.as_sql,
            context.opts.get("transactional_ddl"),
            context.opts.get("output_buffer"),
            context.opts,
        )
        made._context = context
        if type(made) is DefaultImpl:
            made.__dialect__ = dialect.name
            made.transactional_ddl = dialect_for(dialect).transactional_ddl
        return made

    @property
    def bind(self) -> Any:
        """The connection, or what writes in its place."""
        return self.connection if self._context is None else self._context.bind

    # -- SQL ---------------------------------------------------------------

    def static_output(self, text: str) -> None:
        """Write text into the SQL text."""
        if self._context is None:
            current_environment("static_output").write(text)
        else:
            self._context.write(text)

    def execute(
        self,
        sql: str | sa.Executable,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Execute a statement, or write it."""
        self._context.execute(sql, execution_options)

    def _exec(self, construct: str | sa.Executable, **options: Any) -> Any:
        if self.connection is not None and not isinstance(construct, str):
            return self.connection.execute(construct)

        return self.execute(construct)

    def _invoke(self, op: Any) -> None:
        self._context._carry_out(read(op))

    # -- one verb each -----------------------------------------------------

    def create_table(self, table: sa.Table, **kw: Any) -> None:
        """Create a table with its indexes."""
        self._invoke(ops.CreateTableOp.from_table(table))
        for index in table.indexes:
            self.create_index(index)

    def drop_table(self, table: sa.Table, **kw: Any) -> None:
        """Drop a table."""
        self._invoke(ops.DropTableOp.from_table(table))

    def rename_table(
        self, old_table_name: str, new_table_name: str, schema: str | None = None
    ) -> None:
        """Give a table another name."""
        self._invoke(ops.RenameTableOp(old_table_name, new_table_name, schema=schema))

    def add_column(self, table_name: str, column: sa.Column[Any], **kw: Any) -> None:
        """Add a column."""
        self._invoke(ops.AddColumnOp(table_name, column, **kw))

    def drop_column(self, table_name: str, column: sa.Column[Any], **kw: Any) -> None:
        """Drop a column."""
        self._invoke(ops.DropColumnOp(table_name, str(column.name), **kw))

    def alter_column(self, table_name: str, column_name: str, **kw: Any) -> None:
        """Change a column: ``nullable``, ``server_default``, ``name``, ``type_``, …"""
        changes = ("nullable", "server_default", "name", "type_", "comment")
        said = {
            f"modify_{each.rstrip('_')}": kw.pop(each) for each in changes if each in kw
        }
        self._invoke(ops.AlterColumnOp(table_name, column_name, **said, **kw))

    def create_index(self, index: sa.Index, **kw: Any) -> None:
        """Create an index."""
        self._invoke(ops.CreateIndexOp.from_index(index))

    def drop_index(self, index: sa.Index, **kw: Any) -> None:
        """Drop an index."""
        self._invoke(ops.DropIndexOp.from_index(index))

    def add_constraint(self, const: sa.Constraint, **kw: Any) -> None:
        """Add a constraint."""
        self._invoke(ops.AddConstraintOp.from_constraint(const))

    def drop_constraint(self, const: sa.Constraint, **kw: Any) -> None:
        """Drop a constraint."""
        self._invoke(ops.DropConstraintOp.from_constraint(const))

    def create_table_comment(self, table: sa.Table) -> None:
        """Set the comment of a table to what it says."""
        name, schema = str(table.name), table.schema
        self._invoke(ops.CreateTableCommentOp(name, table.comment, schema=schema))

    def drop_table_comment(self, table: sa.Table) -> None:
        """Remove the comment of a table."""
        self._invoke(ops.DropTableCommentOp(str(table.name), schema=table.schema))

    def create_column_comment(self, column: sa.Column[Any]) -> None:
        """Set the comment of a column to what it says."""
        table: Any = column.table
        self.alter_column(
            str(table.name),
            str(column.name),
            schema=table.schema,
            comment=column.comment,
            existing_type=column.type,
            existing_nullable=column.nullable,
        )

    def bulk_insert(
        self, table: sa.TableClause, rows: list[dict[str, Any]], **kw: Any
    ) -> None:
        """Insert rows."""
        self._invoke(ops.BulkInsertOp(table, rows, **kw))

    # -- what a comparison asks, if a subclass has its own answer -----------

    def compare_type(
        self, inspector_column: sa.Column[Any], metadata_column: sa.Column[Any]
    ) -> bool:
        """Return whether the types of two columns differ."""
        rules = rules_for(self.dialect, self.connection)
        return not rules.same_type(
            SqlType.of(inspector_column.type), SqlType.of(metadata_column.type)
        )

    def compare_server_default(
        self,
        inspector_column: sa.Column[Any],
        metadata_column: sa.Column[Any],
        rendered_metadata_default: str | None,
        rendered_inspector_default: str | None,
    ) -> bool:
        """Return whether the defaults of two columns differ."""
        rules = rules_for(self.dialect, self.connection)
        return not rules.same_default(
            read_column(inspector_column), read_column(metadata_column)
        )

    def compare_indexes(
        self, metadata_index: sa.Index, reflected_index: sa.Index
    ) -> ComparisonResult:
        """Return whether an index is what the models say."""
        return _compared(read_index(metadata_index), read_index(reflected_index))

    def compare_unique_constraint(
        self,
        metadata_constraint: sa.UniqueConstraint,
        reflected_constraint: sa.UniqueConstraint,
    ) -> ComparisonResult:
        """Return whether a constraint is what the models say."""
        found = read_constraint(reflected_constraint)
        return _compared(read_constraint(metadata_constraint), found)

    def compare_check_constraint(
        self,
        metadata_constraint: sa.CheckConstraint,
        reflected_constraint: sa.CheckConstraint,
    ) -> ComparisonResult:
        """Return whether a constraint is what the models say."""
        found = read_constraint(reflected_constraint)
        return _compared(read_constraint(metadata_constraint), found)

    def render_ddl_sql_expr(
        self, expr: sa.ClauseElement, is_server_default: bool = False, **kw: Any
    ) -> str:
        """Return an expression as SQL, with its values in it."""
        options = {"literal_binds": True, **kw.get("compile_kwargs", {})}
        return str(expr.compile(dialect=self.dialect, compile_kwargs=options))

    def version_table_impl(
        self,
        *,
        version_table: str,
        version_table_schema: str | None,
        version_table_pk: bool,
        **kw: Any,
    ) -> sa.Table:
        """Return the version table."""
        made = VersionTable(version_table, version_table_schema, version_table_pk)
        return made.table

    def cast_for_batch_migrate(
        self, existing: Any, existing_transfer: Any, new_type: Any
    ) -> None:
        """Do nothing."""

    def render_type(self, type_obj: Any, autogen_context: Any) -> str | bool:
        """Return the code that makes a type, or False for the usual one."""
        return False

    # -- what is done elsewhere here, for subclasses that call it on super() -

    def autogen_column_reflect(
        self, inspector: Any, table: Any, column_info: Any
    ) -> None:
        """Do nothing."""

    def correct_for_autogen_constraints(self, *arguments: Any, **keywords: Any) -> None:
        """Do nothing."""

    def correct_for_autogen_foreignkeys(self, *arguments: Any) -> None:
        """Do nothing."""

    def adjust_reflected_dialect_options(
        self, reflected_object: Mapping[str, Any], kind: str
    ) -> dict[str, Any]:
        """Return the options that a reflected object has."""
        return dict(reflected_object.get("dialect_options", {}))

    def prep_table_for_batch(self, batch_impl: Any, table: sa.Table) -> None:
        """Do nothing."""

    def requires_recreate_in_batch(self, batch_op: Any) -> bool:
        """Return whether a batch has to make the table anew."""
        return False

    def start_migrations(self) -> None:
        """Do nothing."""

    def emit_begin(self) -> None:
        """Write what begins a transaction."""
        self._write(dialect_for(self.dialect).begin_text())

    def emit_commit(self) -> None:
        """Write what ends a transaction."""
        self._write(dialect_for(self.dialect).commit_text())

    def _write(self, text: str | None) -> None:
        if text is not None:
            self.static_output(text)
