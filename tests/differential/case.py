"""What a case is: a script that both engines run, and the database it starts from.

A script takes ``op``: Alembic's ``Operations`` or our module of that name. Every
database starts with the same tables; ``t`` is the one that most scripts change.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Script = Callable[[Any], object]

DIALECTS = ("sqlite", "postgresql", "mariadb", "mysql", "mssql", "oracle")

SERVERS = frozenset(DIALECTS) - {"sqlite"}
POSTGRESQL = frozenset(["postgresql"])
EVERYWHERE = frozenset(DIALECTS)

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


@dataclass(frozen=True)
class Case:
    """A script, and what it says that has to be there afterwards.

    ``after`` is needed where the engines do not agree: then nobody else knows what
    is right; ``rows`` are those of a table then, as far as they matter.

    ``only`` are the dialects that have such a thing; ``executed`` those of them whose
    databases, as they start, can execute it.
    """

    name: str
    script: Script
    after: sa.MetaData | None = None
    rows: Mapping[str, list[dict[str, Any]]] | None = None
    start: sa.MetaData | None = None
    only: frozenset[str] = EVERYWHERE
    executed: frozenset[str] = EVERYWHERE
    convention: Mapping[str, str] | None = None
    foreign_keys: bool = False

    @property
    def begins_with(self) -> sa.MetaData:
        return START if self.start is None else self.start


def cases(*found: Case) -> tuple[Case, ...]:
    """Return the cases, each with a name of its own."""
    names = [case.name for case in found]

    assert sorted(set(names)) == sorted(names)

    return found


# -- where all begin ------------------------------------------------------------------

COLUMNS: Mapping[str, Callable[[], sa.Column[Any]]] = {
    "id": lambda: sa.Column("id", sa.Integer, nullable=False),
    "word": lambda: sa.Column("word", sa.String(20)),
    "label": lambda: sa.Column(
        "label", sa.String(20), nullable=False, server_default="x", comment="old"
    ),
    "number": lambda: sa.Column("number", sa.Integer),
    "price": lambda: sa.Column("price", sa.Numeric(8, 2), server_default=sa.text("0")),
    "flag": lambda: sa.Column("flag", sa.Boolean),
    "kind": lambda: sa.Column("kind", checked_enum("a", "b")),
    "color": lambda: sa.Column("color", color()),
    "at": lambda: sa.Column("at", sa.DateTime),
    "parent_id": lambda: sa.Column("parent_id", sa.Integer),
}

PARTS: Mapping[str, Callable[[], sa.schema.SchemaItem]] = {
    "pk_t": lambda: sa.PrimaryKeyConstraint("id", name="pk_t"),
    "uq_t": lambda: sa.UniqueConstraint("label", "number", name="uq_t"),
    "ck_t": lambda: sa.CheckConstraint("number > 0", name="ck_t"),
    "fk_t": lambda: sa.ForeignKeyConstraint(["parent_id"], ["parent.id"], name="fk_t"),
    "ix_t": lambda: sa.Index("ix_t", "word"),
    "ix_parent": lambda: sa.Index("ix_parent", "parent_id"),
}


def checked_enum(*values: str) -> sa.Enum:
    return sa.Enum(*values, name="ck_kind", native_enum=False, create_constraint=True)


def color() -> sa.Enum:
    return sa.Enum("red", "green", name="color")


def parent() -> sa.Table:
    return sa.Table(
        "parent",
        sa.MetaData(),
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_parent"),
        sa.UniqueConstraint("code", name="uq_parent"),
    )


def loose() -> sa.Table:
    """Return a table without any key."""
    return sa.Table(
        "loose",
        sa.MetaData(),
        sa.Column("a", sa.Integer, nullable=False),
        sa.Column("b", sa.String(20)),
    )


def t(
    *more: sa.schema.SchemaItem,
    name: str = "t",
    comment: str | None = "old",
    **changes: sa.schema.SchemaItem | None,
) -> sa.Table:
    """Return the table ``t``; a keyword replaces, drops (None) or adds a part."""
    parts: list[Any] = []
    for key, make in {**COLUMNS, **PARTS}.items():
        parts.append(changes.pop(key) if key in changes else make())
    parts = [part for part in (*parts, *changes.values(), *more) if part is not None]
    parts.sort(key=lambda part: not isinstance(part, sa.Column))

    return sa.Table(name, sa.MetaData(), *parts, comment=comment)


def database(
    *tables: sa.Table, without: Iterable[str] = (), **changes: Any
) -> sa.MetaData:
    """Return the start with tables added, replaced or left out, and ``t`` changed."""
    metadata = sa.MetaData()
    given = {each.name for each in tables}
    for each in (parent(), loose(), t(**changes), child(), *tables):
        left_out = each.name in without or (each.name in given and each not in tables)
        if not left_out:
            each.to_metadata(metadata)

    return metadata


def fk_new(**options: Any) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["new"], ["parent.id"], name="fk_new", **options)


def child(referred: str = "id", **options: Any) -> sa.Table:
    return sa.Table(
        "child",
        sa.MetaData(),
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("t_id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_child"),
        sa.ForeignKeyConstraint(
            ["t_id"], [f"t.{referred}"], name="fk_child", **options
        ),
        sa.Index("ix_child", "t_id"),
    )


START = database()

ROWS: Mapping[str, list[dict[str, Any]]] = {
    "parent": [{"id": 1, "code": "a"}, {"id": 2, "code": "it's 5% :c"}],
    "loose": [{"a": 1, "b": "1"}, {"a": 2, "b": None}],
    "t": [
        {"id": 1, "word": "1", "label": "a", "number": 1, "price": 1, "parent_id": 1},
        {"id": 2, "word": "2", "label": "5%", "number": 2, "flag": True, "kind": "a"},
        {"id": 3, "word": "3", "label": "it's :c", "color": "red"},
    ],
    "child": [{"id": 1, "t_id": 1}, {"id": 2, "t_id": 3}],
}
