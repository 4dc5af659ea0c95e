"""Cases that change rows, by SQL text, SQLAlchemy's statements or bulk_insert."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Mapping

import sqlalchemy as sa

from flask_migrations_ext import op

from .case import Case
from .case import POSTGRESQL_ONLY
from .case import rows_of_thing
from .case import Script
from .case import table
from .case import thing
from .column_cases import COLOR
from .column_cases import word
from .column_cases import WORDS
from .table_cases import plain

Values = Mapping[str, object]

ZONE = datetime.timezone(datetime.timedelta(hours=2))
STRANGE = "5% %s %(a)s :a \\n \\' '' \" ` ; -- /* ß 日本 🐦 \n \t end"


def typed() -> list[sa.Column[object]]:
    """Return columns of all types that rows have values for."""
    return [
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("string", sa.String(200)),
        sa.Column("text", sa.Text),
        sa.Column("integer", sa.Integer),
        sa.Column("big", sa.BigInteger),
        sa.Column("price", sa.Numeric(12, 4)),
        sa.Column("float", sa.Double),
        sa.Column("yes", sa.Boolean),
        sa.Column("day", sa.Date),
        sa.Column("at", sa.DateTime),
        sa.Column("at_zone", sa.DateTime(timezone=True)),
        sa.Column("time", sa.Time),
        sa.Column("span", sa.Interval),
        sa.Column("bytes", sa.LargeBinary),
        sa.Column("uuid", sa.Uuid),
        sa.Column("json", sa.JSON),
        sa.Column("color", sa.Enum(*COLOR, name="color")),
    ]


ALL_VALUES: Values = {
    "id": 1,
    "string": STRANGE,
    "text": STRANGE,
    "integer": -5,
    "big": 2**53 + 1,
    "price": decimal.Decimal("12345678.0625"),
    "float": 0.1,
    "yes": True,
    "day": datetime.date(2024, 2, 29),
    "at": datetime.datetime(2024, 2, 29, 23, 59, 58),
    "at_zone": datetime.datetime(2024, 2, 29, 23, 59, 58, tzinfo=ZONE),
    "time": datetime.time(23, 59, 58),
    "span": datetime.timedelta(days=2, seconds=3),
    "bytes": bytes(range(256)),
    "uuid": uuid.UUID("12345678123456781234567812345678"),
    "json": {"a": [1, 2.5, None, True], STRANGE: STRANGE},
    "color": "it's 5%",
}
NO_VALUES: Values = {**dict.fromkeys(ALL_VALUES), "id": 2}
OTHER_VALUES: Values = {
    **ALL_VALUES,
    "id": 3,
    "string": "",
    "text": "\\",
    "yes": False,
    "json": [],
    "bytes": b"",
    "price": decimal.Decimal("-0.5"),
    "float": 1e300,
    "span": datetime.timedelta(microseconds=0),
    "color": "a:b",
}


def into(*columns: str) -> sa.TableClause:
    """Return the table clause that scripts write for ``bulk_insert``."""
    return sa.table("typed", *(each for each in typed() if each.name in columns))


def insert(*rows: Values, multiinsert: bool = True) -> Script:
    return lambda: op.bulk_insert(
        into(*ALL_VALUES), list(rows), multiinsert=multiinsert
    )


def with_types() -> sa.MetaData:
    return thing(also=[table("typed", *typed())])


def update(**values: object) -> sa.Update:
    target = sa.table("thing", sa.column("id", sa.Integer), sa.column("word", sa.Text))
    return sa.update(target).where(target.c.id == 2).values(**values)


def rows_only(name: str, script: Script) -> Case:
    return Case(name, with_types(), script, with_types(), rows_of_thing())


def words_only(name: str, script: Script) -> Case:
    return Case(name, thing(word()), script, thing(word()), WORDS)


def create_and_fill() -> None:
    new = op.create_table("new", *plain())
    op.bulk_insert(new, [{"id": 1, "name": STRANGE}, {"id": 2, "name": None}])
    op.execute(sa.update(new).where(new.c.id == 2).values(name=STRANGE))


def grow_an_enum() -> None:
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE color ADD VALUE 'new' BEFORE 'red'")


ROW_CASES = [
    # -- bulk_insert
    rows_only("insert_all_types", insert(ALL_VALUES, NO_VALUES, OTHER_VALUES)),
    rows_only(
        "insert_each_alone",
        insert(ALL_VALUES, NO_VALUES, OTHER_VALUES, multiinsert=False),
    ),
    rows_only("insert_nothing", insert()),
    rows_only(
        "insert_rows_of_different_columns",
        lambda: op.bulk_insert(
            into("id", "string", "integer"),
            [{"id": 1, "string": "a"}, {"id": 2, "integer": 3}, {"id": 3}],
        ),
    ),
    rows_only(
        "insert_expressions",
        lambda: op.bulk_insert(
            into("id", "string", "integer"),
            [
                {"id": 1, "string": op.inline_literal("a:b"), "integer": 1},
                {"id": 2, "string": sa.func.lower("ABC"), "integer": sa.text("1 + 1")},
            ],
            multiinsert=False,
        ),
    ),
    Case(
        "create_and_fill_table",
        thing(),
        create_and_fill,
        thing(also=[table("new", *plain())]),
        rows_of_thing(),
    ),
    # -- execute
    words_only(
        "execute_text",
        lambda: op.execute("UPDATE thing SET word = 'it''s 5% \\:c' WHERE id = 1"),
    ),
    words_only(
        "execute_text_with_parameters",
        lambda: op.execute(
            sa.text("UPDATE thing SET word = :word WHERE id = :id").bindparams(
                word="it's 5% :c", id=1
            )
        ),
    ),
    words_only("execute_update", lambda: op.execute(update(word="it's 5% :c \\"))),
    words_only(
        "execute_update_with_literal",
        lambda: op.execute(update(word=op.inline_literal("it's 5% :c \\"))),
    ),
    words_only(
        "execute_insert_from_select",
        lambda: op.execute(
            "INSERT INTO thing (id, word, anchor)"
            " SELECT id + 10, word, anchor FROM thing"
        ),
    ),
    words_only(
        "execute_delete", lambda: op.execute("DELETE FROM thing WHERE word LIKE '%5%%'")
    ),
    words_only(
        "execute_with_comment",
        lambda: op.execute(
            "/* ; */ UPDATE thing -- ; not the end\nSET word = ';' -- the end"
        ),
    ),
    Case(
        "execute_ddl",
        thing(),
        lambda: op.execute("ALTER TABLE thing ADD COLUMN word VARCHAR(20)"),
        thing(word()),
        rows_of_thing(),
    ),
    Case(
        "grow_an_enum",
        thing(sa.Column("color", sa.Enum(*COLOR, name="color"))),
        grow_an_enum,
        thing(sa.Column("color", sa.Enum("new", *COLOR, name="color"))),
        rows_of_thing(),
        but_not={"sqlite": POSTGRESQL_ONLY, "mariadb": POSTGRESQL_ONLY},
        no_way_back="PostgreSQL never takes a value away from an enum type",
    ),
]
