"""Rows that are made from tables are there, and tell all that there is in a table."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from flask_migrations_ext.config import Settings
from flask_migrations_ext.rehearsal.rows.kept import all_rows
from flask_migrations_ext.rehearsal.rows.kept import put_back
from flask_migrations_ext.rehearsal.rows.maker import RowMaker
from flask_migrations_ext.rehearsal.rows.maker import rows_of
from flask_migrations_ext.rehearsal.snapshots import snapshot_of
from flask_migrations_ext.schema.model import TableName


def tables() -> sa.MetaData:
    """Return tables that demand much of their rows."""
    metadata = sa.MetaData()
    place = sa.Table(
        "place",
        metadata,
        sa.Column("country", sa.String(2), primary_key=True),
        sa.Column("number", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("parent", sa.String(2)),
        sa.Column("above", sa.SmallInteger),
        sa.ForeignKeyConstraint(
            ["parent", "above"], ["place.country", "place.number"], name="fk_above"
        ),
        sa.CheckConstraint("length(country) = 2", name="two_letters"),
        sa.CheckConstraint("number BETWEEN 30 AND 40", name="thirties"),
    )
    sa.Table(
        "visit",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("number", sa.SmallInteger, nullable=False),
        sa.Column("starts", sa.Date, nullable=False),
        sa.Column("ends", sa.Date, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("time", sa.Time, nullable=False),
        sa.Column("price", sa.Numeric(4, 2), nullable=False),
        sa.Column("share", sa.Float, nullable=False),
        sa.Column("is_paid", sa.Boolean, nullable=False, unique=True),
        sa.Column("mood", sa.Enum("good", "bad", name="mood"), nullable=False),
        sa.Column("mail", sa.String(40), nullable=False),
        sa.Column("photo", sa.LargeBinary, nullable=False),
        sa.Column("more", sa.JSON, nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("added", sa.DateTime, server_default=sa.func.now()),
        sa.ForeignKeyConstraint(
            ["country", "number"], [place.c.country, place.c.number], name="fk_place"
        ),
        sa.CheckConstraint("starts < ends", name="in_order"),
        sa.CheckConstraint("mail LIKE '%@%.org'", name="mail"),
        sa.CheckConstraint("price > 0 AND price < 50", name="cheap"),
    )
    return metadata


def test_rows_satisfy_what_a_database_demands(engine: sa.Engine) -> None:
    metadata = tables()
    metadata.create_all(engine)
    with engine.connect() as connection:
        now = snapshot_of(connection, Settings())
        failed = RowMaker(connection, now).fill()
        rows = {name.name: found for name, found in all_rows(connection, now).items()}

        assert failed == {}
        assert [len(rows[name]) for name in ("place", "visit")] == [2, 2]
        assert [None, 1] == sorted(
            (row["note"] and 1 for row in rows["visit"]), key=bool
        )
        # What has rows has enough of them.
        RowMaker(connection, now).fill(only_empty=True)
        assert len(rows_of(connection, None, TableName("visit"))) == 2


def test_rows_fit_what_comes_after_too(engine: sa.Engine) -> None:
    """A condition, a key and a type that a revision is about to add."""
    before, after = sa.MetaData(), sa.MetaData()
    for metadata, length, more in (
        (before, 40, ()),
        (
            after,
            3,
            (
                sa.CheckConstraint("code <> '1' AND length(code) = 3", name="code"),
                sa.UniqueConstraint("kind", name="kinds"),
            ),
        ),
    ):
        sa.Table(
            "item",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("code", sa.String(length), nullable=not more),
            sa.Column("kind", sa.String(20)),
            *more,
        )
    after.create_all(engine)
    with engine.connect() as connection:
        there = snapshot_of(connection, Settings())
    after.drop_all(engine)
    before.create_all(engine)
    with engine.connect() as connection:
        now = snapshot_of(connection, Settings())
        assert RowMaker(connection, now, there).fill() == {}
        found = rows_of(connection, None, TableName("item"))

    assert [len(row["code"]) for row in found] == [3, 3]


@pytest.mark.parametrize("given", [False, True])
def test_a_table_without_a_row_says_why(sqlite_engine: sa.Engine, given: bool) -> None:
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE a (x TEXT NOT NULL CHECK (hex(x) = '6869'))"
        )
        connection.exec_driver_sql(
            "CREATE TABLE b (id INTEGER PRIMARY KEY, a_x TEXT NOT NULL"
            " REFERENCES a (x))"
        )
        connection.commit()
        now = snapshot_of(connection, Settings())
        values = {"a": {"x": ["hi"]}} if given else {}
        failed = RowMaker(connection, now, given=values).fill()

    if given:
        assert failed == {}
    else:
        assert "CHECK constraint failed" in failed["a"]
        assert failed["b"] == "it needs a row of 'a', which has none"


def test_a_row_has_the_columns_that_there_are_by_now(engine: sa.Engine) -> None:
    name = TableName("item")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE item (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO item VALUES (1)")
        assert rows_of(connection, None, name) == [{"id": 1}]
        connection.exec_driver_sql("ALTER TABLE item ADD COLUMN more INTEGER")

        assert rows_of(connection, None, name) == [{"id": 1, "more": None}]


def test_rows_are_put_back(engine: sa.Engine) -> None:
    metadata = sa.MetaData()
    item = sa.Table(
        "item",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("above", sa.ForeignKey("item.id")),
    )
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(item.insert(), [{"id": 1, "above": None}])
        now = snapshot_of(connection, Settings())
        rows = all_rows(connection, now)
        connection.execute(item.insert(), [{"id": 2, "above": 1}])
        connection.execute(item.update().values(above=None))

        put_back(connection, now, rows)

        assert all_rows(connection, now) == rows
