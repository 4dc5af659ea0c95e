"""Errors that scripts try for and go on after, as when a database said them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from flask_migrations_ext import op
from flask_migrations_ext.batch import BatchOperations
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.errors import MigrationError
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import DatabaseExecutor
from flask_migrations_ext.execution.failures import is_of_database
from flask_migrations_ext.execution.failures import reason_of


def in_batch(change: Callable[[BatchOperations], object]) -> Callable[[], None]:
    def script() -> None:
        with op.batch_alter_table("mug") as batch_op:
            change(batch_op)

    return script


def elsewhere() -> None:
    with op.batch_alter_table("jug") as batch_op:
        batch_op.drop_column("size")


TRIED = [
    (
        lambda: op.add_column("mug", sa.Column("size", sa.Integer)),
        sa.exc.OperationalError,
        "duplicate column name: size",
    ),
    (
        lambda: op.add_column("jug", sa.Column("size", sa.Integer)),
        sa.exc.OperationalError,
        "no such table: jug",
    ),
    (lambda: op.drop_column("mug", "gone"), sa.exc.OperationalError, "no column"),
    (elsewhere, sa.exc.NoSuchTableError, "no such table: jug"),
    (in_batch(lambda b: b.drop_column("gone")), KeyError, "no column 'gone'"),
    (in_batch(lambda b: b.drop_constraint("uq_x")), ValueError, "no constraint"),
    (
        in_batch(lambda b: b.create_unique_constraint("uq_size", ["size"])),
        sa.exc.IntegrityError,
        "occurs more than once",
    ),
]


@pytest.mark.parametrize(("script", "kind", "said"), TRIED)
def test_a_script_catches_it_and_goes_on(
    script: Callable[[], None], kind: type[Exception], said: str
) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE mug (id INTEGER, size INTEGER)")
        connection.exec_driver_sql("INSERT INTO mug VALUES (1, 3), (2, 3)")
        connection.commit()
        executor = DatabaseExecutor(connection, dialect_for(engine.dialect))

        with executor.transaction(), running(executor):
            with pytest.raises(kind, match=said) as caught:
                script()
            op.add_column("mug", sa.Column("colour", sa.Text))

        names = [each["name"] for each in sa.inspect(connection).get_columns("mug")]
    engine.dispose()
    assert names == ["id", "size", "colour"]
    error = caught.value
    assert isinstance(error, MigrationError)
    assert reason_of(error) == str(error) == str(getattr(error, "orig", None))
    assert not is_of_database(error, engine.dialect)
