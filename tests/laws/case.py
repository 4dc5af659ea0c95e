"""What a case of the laws is: a database, what a script does to it, and the end.

Every database holds the same few tables with rows. ``thing`` is the one that most
scripts change; others point to it in each way that can lose rows.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import sqlalchemy as sa

from flask_migrations_ext.execution.current import running
from flask_migrations_ext.execution.executor import Recorder
from flask_migrations_ext.operations.base import Operation

Script = Callable[[], object]
Rows = Mapping[str, Sequence[Mapping[str, Any]]]

SERVERS_ONLY = "SQLite has no such thing"
POSTGRESQL_ONLY = "an object of PostgreSQL only"


@dataclass(frozen=True)
class Case:
    """A script, the database that it starts from, and the models that it leads to.

    ``but_not`` names the databases that are left out, each with the reason;
    ``no_way_back`` says why the models cannot become again what they were.
    """

    name: str
    start: sa.MetaData
    script: Script
    after: sa.MetaData
    rows: Rows = field(default_factory=dict)
    but_not: Mapping[str, str] = field(default_factory=dict)
    no_way_back: str | None = None

    def operations(self) -> tuple[Operation, ...]:
        """Return what the script does, as values."""
        recorder = Recorder()
        with running(recorder):
            self.script()

        return tuple(recorder.operations)


def in_turn(*steps: Script) -> Script:
    """Return a script of several steps."""

    def script() -> None:
        for step in steps:
            step()

    return script


def table(name: str, *items: sa.schema.SchemaItem, **options: Any) -> sa.Table:
    """Return a table on its own, to be put into databases."""
    # Constraints may name columns that are said after them.
    in_order = sorted(items, key=lambda item: not isinstance(item, sa.Column))
    return sa.Table(name, sa.MetaData(), *in_order, **options)


def database(*tables: sa.Table) -> sa.MetaData:
    """Return the metadata of copies of these tables."""
    metadata = sa.MetaData()
    for each in tables:
        each.to_metadata(metadata)

    return metadata


PARENT = table(
    "parent",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("code", sa.String(20), nullable=False, unique=True),
)


def around(name: str) -> tuple[sa.Table, ...]:
    """Return the tables that point to a table, each in another way."""
    return (
        table(
            "child",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("thing_id", sa.Integer, nullable=False, index=True),
            sa.ForeignKeyConstraint(
                ["thing_id"], [f"{name}.id"], name="fk_child", ondelete="CASCADE"
            ),
        ),
        table(
            "friend",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("thing_id", sa.Integer, index=True),
            sa.ForeignKeyConstraint(
                ["thing_id"], [f"{name}.id"], name="fk_friend", ondelete="SET NULL"
            ),
        ),
    )


def thing(
    *items: sa.schema.SchemaItem,
    also: Sequence[sa.Table] = (),
    name: str = "thing",
    **options: Any,
) -> sa.MetaData:
    """Return a database of ``thing`` with these columns and constraints."""
    changed = table(
        name,
        sa.Column("id", sa.Integer, primary_key=True),
        *items,
        # It points to itself, too, and is not empty of other contents.
        sa.Column("next_id", sa.Integer),
        sa.Column("anchor", sa.String(40), nullable=False, server_default="of 'all'"),
        sa.ForeignKeyConstraint(
            ["next_id"], [f"{name}.id"], name="fk_next", ondelete="SET NULL"
        ),
        sa.Index("ix_next", "next_id"),
        sa.Index("ix_anchor", "anchor", "id", unique=True),
        **options,
    )

    return database(PARENT, changed, *around(name), *also)


def rows_of_thing(**columns: Sequence[Any]) -> Rows:
    """Return rows for all tables; each keyword is a column with its three values."""
    return {
        "parent": [
            {"id": 1, "code": "a"},
            {"id": 2, "code": "b"},
            {"id": 3, "code": "it's 5% :c \\"},
        ],
        "thing": [
            {
                "id": place + 1,
                "next_id": None if place == 0 else place,
                "anchor": anchor,
                **{column: values[place] for column, values in columns.items()},
            }
            for place, anchor in enumerate(("one", "it's 5% :two \\", "drei ß"))
        ],
        "child": [{"id": 1, "thing_id": 2}, {"id": 2, "thing_id": 3}],
        "friend": [{"id": 1, "thing_id": 2}, {"id": 2, "thing_id": None}],
    }
