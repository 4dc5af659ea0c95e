"""What type checkers, ``help()`` and editors see of ``op`` and of batch blocks.

The calls below are checked by mypy, which says so if an ``ignore`` has become needless.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from flask_migrations_ext import op
from flask_migrations_ext.batch import BatchOperations
from flask_migrations_ext.operations import constraint_arguments
from flask_migrations_ext.operations import from_arguments


def right() -> None:
    """Every way to pass arguments that scripts use."""
    op.add_column("t", sa.Column("c", sa.Integer()), if_not_exists=True, schema="s")
    op.add_column(table_name="t", column=sa.Column("c", sa.Integer()))
    op.alter_column("t", "c", nullable=False, type_=sa.Text(), postgresql_using="x")
    op.create_index("i", "t", ["c"], unique=True, postgresql_where=sa.text("c > 1"))
    op.create_index(index_name=None, table_name="t", columns=[sa.text("lower(c)")])
    op.create_exclude_constraint("e", "t", ("room", "="), using="gist", schema="s")
    op.drop_constraint(constraint_name="k", table_name="t", type_="unique")
    op.execute(sqltext="SELECT 1", execution_options={"a": 1})
    with op.batch_alter_table("t") as batch_op:
        batch_op.create_index("i", ["c"], unique=True)
        batch_op.create_index(index_name="i", columns=["c"])
        batch_op.drop_index("i")
        batch_op.create_foreign_key("f", "other", ["a"], ["b"], ondelete="CASCADE")
        batch_op.create_unique_constraint(constraint_name="u", columns=["c"])
        batch_op.drop_column("c", if_exists=True)
        batch_op.create_table_comment(comment="x")


def wrong() -> None:
    """What mypy has to find."""
    op.add_column("t")  # type: ignore[call-arg]
    op.add_column("t", "c")  # type: ignore[arg-type]
    op.add_column("t", sa.Column("c"), if_exist=True)  # type: ignore[call-arg]
    op.alter_column("t", "c", nullable="no")  # type: ignore[arg-type]
    op.drop_table(3)  # type: ignore[arg-type]
    op.create_index("i", "t", 3)  # type: ignore[arg-type]
    op.rename_tabel("a", "b")  # type: ignore[attr-defined]
    with op.batch_alter_table("t") as batch_op:
        batch_op.create_index("i")  # type: ignore[call-arg]
        batch_op.create_index("i", 3)  # type: ignore[arg-type]
        batch_op.drop_constraint()  # type: ignore[call-arg]
        batch_op.drop_constraint("k", typ="unique")  # type: ignore[call-arg]
        batch_op.create_foreign_key("f", "o", ["a"])  # type: ignore[call-arg]


OPERATIONS: list[str] = [
    name
    for module in (from_arguments, constraint_arguments)
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and hasattr(op, name)
]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_function_shows_its_parameters_and_its_document(name: str) -> None:
    function: Callable[..., Any] = getattr(op, name)
    made = getattr(from_arguments, name, None) or getattr(constraint_arguments, name)
    shown = inspect.signature(function)

    assert [*shown.parameters.values()] == [
        each
        for each in inspect.signature(made).parameters.values()
        if each.name != "convention"
    ]
    assert inspect.getdoc(function) == inspect.getdoc(made)
    assert (function.__module__, function.__name__) == (op.__name__, name)


def test_what_is_shown_is_what_scripts_write() -> None:
    assert len(OPERATIONS) == 21
    assert str(inspect.signature(op.drop_index)) == (
        "(index_name: 'str', table_name: 'str | None' = None, *,"
        " schema: 'str | None' = None, if_exists: 'bool' = False,"
        " **options: 'Any') -> None"
    )
    assert str(inspect.signature(BatchOperations.drop_constraint)) == (
        "(self, constraint_name: 'str | None', type_: 'str | None' = None, *,"
        " if_exists: 'bool' = False,"
        " condition: 'str | sa.TextClause | None' = None) -> None"
    )


TABLE = {"table_name", "source_table", "schema", "source_schema", "convention"}


@pytest.mark.parametrize("name", sorted({*OPERATIONS} & {*dir(BatchOperations)}))
def test_a_block_has_the_same_parameters_without_the_table(name: str) -> None:
    made = getattr(from_arguments, name, None) or getattr(constraint_arguments, name)
    shown = inspect.signature(getattr(BatchOperations, name)).parameters
    # Those have a place among the columns, too.
    if name in ("add_column", "alter_column"):
        assert {"insert_before", "insert_after"} < shown.keys()
        return

    assert [each for each in shown if each != "self"] == [
        each for each in inspect.signature(made).parameters if each not in TABLE
    ]
