"""What stands for the connection while SQL text is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext import op
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.errors import NeedsDatabase
from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.failures import hint_for
from flask_migrations_ext.execution.text_executor import TextExecutor

BEER = sa.table("beer", sa.column("id", sa.Integer), sa.column("name", sa.String))


def written(script: Callable[[Any], object]) -> list[str]:
    """Return the statements that a script writes for PostgreSQL."""
    dialect = sa.make_url("postgresql+psycopg://").get_dialect()()
    executor = TextExecutor(dialect_for(dialect), None)
    with running(executor):
        script(op.get_bind())
    return [" ".join(line.split()) for line in executor.lines]


def test_it_knows_the_dialect() -> None:
    def script(bind: Any) -> None:
        assert bind.dialect.name == bind.engine.name == "postgresql"
        assert op.get_context().bind is op.get_context().connection is bind
        assert not hasattr(bind, "shop")

    assert written(script) == []


def test_what_it_executes_is_written_in_its_place() -> None:
    kind = sa.Enum("ale", "stout", name="kind")

    def script(bind: Any) -> None:
        kind.create(bind)
        op.execute("SELECT 1")
        bind.execute(sa.text("UPDATE beer SET name = :name"), {"name": "it's"})
        bind.execute(sa.insert(BEER), [{"id": 1}, {"id": 2}])
        bind.exec_driver_sql("SELECT '1:2'")
        kind.drop(bind, checkfirst=True)

    assert written(script) == [
        "CREATE TYPE kind AS ENUM ('ale', 'stout');",
        "SELECT 1;",
        "UPDATE beer SET name = 'it''s';",
        "INSERT INTO beer (id) VALUES (1);",
        "INSERT INTO beer (id) VALUES (2);",
        "SELECT '1:2';",
        "DROP TYPE kind;",
    ]


@pytest.mark.parametrize(
    "script",
    [
        lambda bind: bind.execute(sa.select(BEER)).scalar(),
        lambda bind: list(bind.execute(sa.text("SELECT 1"))),
        lambda bind: bind.scalar(sa.text("SELECT 1")),
        lambda bind: bind.begin_nested(),
        lambda bind: bind.engine.url.database,
        lambda bind: bind.exec_driver_sql("SELECT %s", (1,)),
        lambda bind: bind.execute(sa.update(BEER), {"name": "?"}),
    ],
)
def test_what_takes_a_database_is_told(script: Callable[[Any], object]) -> None:
    with pytest.raises(NeedsDatabase, match="run without --sql"):
        written(script)


def test_a_script_that_does_not_mind_goes_on() -> None:
    def script(bind: Any) -> None:
        if bind.execute(sa.text("SELECT 1")):
            op.execute("SELECT 2")

    assert written(script) == ["SELECT 1;"]


def test_a_script_that_inspects_it_is_told_what_to_ask_first() -> None:
    with pytest.raises(sa.exc.NoInspectionAvailable) as caught:
        written(sa.inspect)

    dialect = dialect_for(sa.make_url("sqlite://").get_dialect()())
    assert "ask context.is_offline_mode() first" in hint_for(
        caught.value, dialect, None
    )
