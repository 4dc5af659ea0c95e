"""``Operations`` on a connection of one's own, beside Alembic's on one database."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext as TheirContext
from alembic.operations import Operations as Theirs

from flask_migrations_ext.alembic_compat.tools.migration import MigrationContext
from flask_migrations_ext.alembic_compat.tools.operations import ops
from flask_migrations_ext.alembic_compat.tools.operations.interface import Operations

Do = Callable[[Any, Any, sa.Connection], None]


def _batch(op: Any, name: str, **options: Any) -> None:
    with op.batch_alter_table("hat", **options) as batch:
        batch.add_column(sa.Column(name, sa.Integer()))


def _in_context(op: Any, context: Any, connection: sa.Connection) -> None:
    with type(op).context(context) as within:
        _batch(within, "a")
        within.execute("UPDATE hat SET size = 2")


def _in_begin_transaction(op: Any, context: Any, connection: sa.Connection) -> None:
    # Where changes of tables are not transactional, theirs would begin none.
    with context.begin_transaction():
        _batch(op, "a")


def _in_callers(op: Any, context: Any, connection: sa.Connection) -> None:
    connection.execute(sa.text("SELECT 1"))
    _batch(op, "a")
    op.execute("UPDATE hat SET size = 2")


def _twice(op: Any, context: Any, connection: sa.Connection) -> None:
    _batch(op, "a")
    op.execute("UPDATE hat SET size = 2")
    _batch(op, "b")


WAYS: dict[str, Do] = {
    "alone": lambda op, context, connection: _batch(op, "a"),
    "made anew": lambda op, context, c: _batch(op, "a", recreate="always"),
    "after a statement": _in_callers,
    "before a statement": _twice,
    "in a context": _in_context,
    "in begin_transaction": _in_begin_transaction,
}


def _left(engine: sa.Engine, context: Any, operations: Any, do: Do) -> Any:
    """Return what is there once the connection is closed: columns, and the row."""
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS hat"))
        connection.execute(sa.text("CREATE TABLE hat (size INTEGER)"))
        connection.execute(sa.text("INSERT INTO hat VALUES (1)"))

    with engine.connect() as connection:
        configured = context.configure(connection)
        do(operations(configured), configured, connection)

    with engine.connect() as connection:
        columns = [each["name"] for each in sa.inspect(connection).get_columns("hat")]
        return columns, connection.execute(sa.text("SELECT size FROM hat")).scalar()


@pytest.mark.parametrize("way", WAYS)
def test_a_batch_block_is_committed_where_alembics_is(
    engine: sa.Engine, way: str
) -> None:
    theirs = _left(engine, TheirContext, Theirs, WAYS[way])
    ours = _left(engine, MigrationContext, Operations, WAYS[way])

    assert ours == theirs


def test_a_batch_block_that_fails_leaves_no_transaction(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE hat (size INTEGER)"))

    with engine.connect() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with pytest.raises(sa.exc.DBAPIError):
            _batch(operations, "size")

        assert not connection.in_transaction()


def test_as_sql_writes_in_place_of_executing(engine: sa.Engine) -> None:
    written = io.StringIO()
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"as_sql": True, "output_buffer": written}
        )
        operations = Operations(context)
        operations.create_table("hat", sa.Column("size", sa.Integer()))
        operations.execute("INSERT INTO hat VALUES (1)")
        operations.get_bind().execute(sa.text("INSERT INTO hat VALUES (2)"))
        context.impl.static_output("-- done")

        assert context.as_sql
        assert sa.inspect(connection).get_table_names() == []

    *statements, comment = written.getvalue().split(";\n")
    assert [" ".join(each.split()) for each in statements] == [
        "CREATE TABLE hat ( size INTEGER )",
        "INSERT INTO hat VALUES (1)",
        "INSERT INTO hat VALUES (2)",
    ]
    assert comment.strip() == "-- done"


def test_as_sql_without_a_buffer_is_printed(
    sqlite_engine: sa.Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"as_sql": True})
        with context.begin_transaction():
            Operations(context).drop_table("hat")

    said = capsys.readouterr().out.split()
    assert " ".join(said) == "BEGIN IMMEDIATE; DROP TABLE hat; COMMIT;"


def test_classes_of_operations_have_their_functions(sqlite_engine: sa.Engine) -> None:
    """As subclasses call them on ``super()``."""
    with sqlite_engine.connect() as connection:
        # They are made when the modules are loaded: type checkers do not know them.
        kinds: Any = ops
        methods: Any = Operations
        op = Operations(MigrationContext.configure(connection))
        kinds.CreateTableOp.create_table(
            op, "hat", sa.Column("size", sa.Integer()), sa.Column("age", sa.Integer())
        )
        kinds.CreateIndexOp.create_index(op, "ix_size", "hat", ["size"])
        kinds.AlterColumnOp.alter_column(op, "hat", "age", new_column_name="years")
        methods.add_column(op, "hat", sa.Column("shape", sa.Text()))
        with op.batch_alter_table("hat") as batch:
            kinds.DropColumnOp.batch_drop_column(batch, "years")
            kinds.CreateIndexOp.batch_create_index(batch, "ix_shape", ["shape"])
            type(batch).alter_column(batch, "size", nullable=False)
        connection.commit()

        inspector = sa.inspect(connection)
        found = inspector.get_columns("hat")
        columns = {each["name"]: each["nullable"] for each in found}
        assert columns == {"size": False, "shape": True}
        indexes = {each["name"] for each in inspector.get_indexes("hat")}
        assert indexes == {"ix_size", "ix_shape"}
