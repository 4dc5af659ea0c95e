"""Cases of rows and SQL: ``execute``, ``bulk_insert``, ``inline_literal``."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import sqlalchemy as sa

from .case import Case
from .case import cases
from .case import database
from .case import POSTGRESQL
from .case import Script

# SQLAlchemy has no annotations for it.
verbatim: Any = sa.DDL


def execute(statement: Any, **options: Any) -> Script:
    return lambda op: op.execute(statement, **options)


def insert(*rows: dict[str, Any], **options: Any) -> Script:
    return lambda op: op.bulk_insert(T, list(rows), **options)


T = sa.table(
    "t",
    sa.column("id", sa.Integer),
    sa.column("word", sa.String),
    sa.column("label", sa.String),
    sa.column("number", sa.Integer),
    sa.column("price", sa.Numeric(8, 2)),
    sa.column("flag", sa.Boolean),
    sa.column("at", sa.DateTime),
)
ALL = {
    "id": 10,
    "word": "it's 5% :c",
    "label": "%(a)s",
    "number": 3,
    "price": decimal.Decimal("1.50"),
    "flag": True,
    "at": datetime.datetime(2024, 2, 29, 12, 30),
}


def literals(op: Any) -> None:
    op.execute(
        sa.update(T)
        .where(T.c.label == op.inline_literal("a"))
        .values(label=op.inline_literal("it's 5% :c"))
    )


def literal_rows(op: Any) -> None:
    op.bulk_insert(
        T,
        [
            {
                "id": 10,
                "label": op.inline_literal("a:b"),
                "number": op.inline_literal(5),
            },
            {"id": 11, "label": sa.func.lower("ABC"), "number": sa.text("1 + 1")},
        ],
        multiinsert=False,
    )


def in_autocommit(op: Any) -> None:
    op.execute("UPDATE t SET label = 'b' WHERE id = 1")
    with op.get_context().autocommit_block():
        op.execute("UPDATE t SET label = 'c' WHERE id = 2")
    op.execute("UPDATE t SET label = 'd' WHERE id = 3")


ROW_CASES = cases(
    Case("execute_text", execute("UPDATE t SET label = 'a' WHERE id = 2")),
    Case(
        "execute_percent", execute("UPDATE t SET label = '5%' WHERE label LIKE '%a%'")
    ),
    Case("execute_colon", execute("UPDATE t SET label = 'a\\:b'")),
    Case("execute_comment", execute("UPDATE t -- comment\nSET label = 'b' /* ; */")),
    Case("execute_semicolon", execute("UPDATE t SET label = 'b';")),
    Case(
        "execute_bound",
        execute(
            sa.text("UPDATE t SET label = :a WHERE id = :b").bindparams(
                a="it's 5% :c", b=1
            )
        ),
    ),
    Case("execute_unbound", execute("UPDATE t SET label = :a"), executed=frozenset()),
    Case(
        "execute_update",
        execute(sa.update(T).where(T.c.id == 1).values(label="it's 5% :c")),
    ),
    Case(
        "execute_backslash",
        execute(sa.update(T).where(T.c.id == 1).values(label="a\\b")),
    ),
    Case("execute_null", execute(sa.update(T).values(word=None))),
    Case("execute_boolean", execute(sa.update(T).values(flag=True))),
    Case(
        "execute_date", execute(sa.update(T).values(at=datetime.datetime(2024, 2, 29)))
    ),
    Case("execute_delete", execute(sa.delete(T).where(T.c.id.in_([2])))),
    Case("execute_insert", execute(sa.insert(T).values(id=10, label="z"))),
    Case(
        "execute_insert_rows",
        execute(
            sa.insert(T).values([{"id": 10, "label": "y"}, {"id": 11, "label": "z"}])
        ),
        only=frozenset(["sqlite", "postgresql", "mariadb", "mysql", "mssql"]),
    ),
    Case(
        "execute_insert_from_select",
        execute(
            sa.insert(T).from_select(["id", "label"], sa.select(T.c.id + 10, T.c.label))
        ),
    ),
    Case("execute_select", execute(sa.select(T.c.id))),
    Case(
        "execute_options",
        execute("UPDATE t SET label = 'b'", execution_options={"a": 1}),
    ),
    Case(
        "execute_ddl",
        execute(verbatim("CREATE VIEW v AS SELECT id FROM t WHERE label LIKE '5%%'")),
    ),
    Case(
        "execute_cast",
        execute("UPDATE t SET label = number\\:\\:varchar WHERE id < 3"),
        only=POSTGRESQL,
    ),
    Case(
        "execute_plain_cast",
        execute("UPDATE t SET label = number::varchar WHERE id < 3"),
        only=POSTGRESQL,
    ),
    Case("execute_literals", literals),
    Case("execute_in_autocommit", in_autocommit),
    Case("insert", insert(ALL)),
    Case("insert_several", insert(ALL, {**ALL, "id": 11, "word": None, "number": 4})),
    Case("insert_nothing", insert()),
    Case(
        "insert_apart",
        insert({"id": 10, "label": "y"}, {"id": 11, "label": "z"}, multiinsert=False),
    ),
    Case(
        "insert_different_columns",
        insert({"id": 10, "label": "y"}, {"id": 11, "label": "z", "number": 9}),
        after=database(),
        rows={
            "t": [
                {"id": 1, "number": 1},
                {"id": 2, "number": 2},
                {"id": 3, "number": None},
                {"id": 10, "number": None},
                {"id": 11, "number": 9},
            ]
        },
    ),
    Case("insert_literals", literal_rows),
    Case("insert_backslash", insert({"id": 10, "label": "a\\b"})),
)
