"""Cases of indexes: create and drop, each argument."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from .case import Case
from .case import cases
from .case import CONVENTION
from .case import POSTGRESQL
from .case import Script
from .case import SERVERS

SQLITE_TOO = frozenset(["sqlite", "postgresql"])


def index(name: str | None, *parts: Any, **options: Any) -> Script:
    return lambda op: op.create_index(name, "t", list(parts), **options)


def unindex(name: str, *table: str, **options: Any) -> Script:
    return lambda op: op.drop_index(name, *table, **options)


def concurrently(script: Script) -> Script:
    def run(op: Any) -> None:
        with op.get_context().autocommit_block():
            script(op)

    return run


INDEX_CASES = cases(
    Case("create_index", index("ix_new", "number")),
    Case("create_index_of_two", index("ix_new", "number", "label")),
    Case("create_unique_index", index("ix_new", "label", unique=True)),
    Case("create_index_not_unique", index("ix_new", "label", unique=False)),
    Case("create_unnamed_index", index(None, "number")),
    Case("create_index_by_convention", index(None, "number"), convention=CONVENTION),
    Case(
        "create_index_final_name",
        lambda op: op.create_index(op.f("by_number"), "t", ["number"]),
        convention=CONVENTION,
    ),
    Case("create_index_if_not_exists", index("ix_new", "number", if_not_exists=True)),
    Case("create_index_if_not_exists_there", index("ix_t", "word", if_not_exists=True)),
    Case(
        "create_index_text",
        index("ix_new", sa.text("lower(word)")),
        only=frozenset(["sqlite", "postgresql", "oracle"]),
    ),
    Case(
        "create_index_text_brackets",
        index("ix_new", sa.text("(lower(word))")),
        only=frozenset(["mysql"]),
    ),
    Case(
        "create_index_function",
        index("ix_new", sa.func.lower(sa.column("word"))),
        only=frozenset(["sqlite", "postgresql", "oracle"]),
    ),
    Case("create_index_descending", index("ix_new", sa.column("number").desc())),
    Case(
        "create_index_descending_text", index("ix_new", sa.text("number DESC"), "label")
    ),
    Case(
        "create_index_nulls_last",
        index("ix_new", sa.text("number DESC NULLS LAST")),
        only=POSTGRESQL,
    ),
    Case("create_index_mixed_case", index("Ix New", "number")),
    Case(
        "create_index_in_schema",
        index("ix_new", "number", schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "create_index_where",
        index(
            "ix_new",
            "number",
            postgresql_where=sa.text("number > 5"),
            sqlite_where=sa.text("number > 5"),
            mssql_where=sa.text("number > 5"),
        ),
    ),
    Case(
        "create_index_where_expression",
        index(
            "ix_new",
            "number",
            postgresql_where=sa.column("label") == "5%",
            sqlite_where=sa.column("label") == "5%",
        ),
    ),
    Case(
        "create_index_where_string",
        index(
            "ix_new", "number", postgresql_where="number > 5", sqlite_where="number > 5"
        ),
        only=SQLITE_TOO,
    ),
    Case(
        "create_index_using",
        index(
            "ix_new",
            "number",
            postgresql_using="hash",
            mysql_using="btree",
            mariadb_using="btree",
        ),
    ),
    Case(
        "create_index_ops",
        index("ix_new", "word", postgresql_ops={"word": "varchar_pattern_ops"}),
        only=POSTGRESQL,
    ),
    Case(
        "create_index_with",
        index("ix_new", "number", postgresql_with={"fillfactor": 50}),
        only=POSTGRESQL,
    ),
    Case(
        "create_index_tablespace",
        index("ix_new", "number", postgresql_tablespace="pg_default"),
        only=POSTGRESQL,
    ),
    Case(
        "create_index_include",
        index(
            "ix_new", "number", postgresql_include=["label"], mssql_include=["label"]
        ),
    ),
    Case(
        "create_index_nulls",
        index("ix_new", "number", unique=True, postgresql_nulls_not_distinct=False),
        only=POSTGRESQL,
    ),
    Case("create_index_clustered", index("ix_new", "number", mssql_clustered=True)),
    Case(
        "create_index_length", index("ix_new", "word", mysql_length=5, mariadb_length=5)
    ),
    Case(
        "create_index_lengths",
        index(
            "ix_new",
            "word",
            "label",
            mysql_length={"word": 5},
            mariadb_length={"word": 5},
        ),
    ),
    Case(
        "create_index_prefix",
        index("ix_new", "word", mysql_prefix="FULLTEXT", mariadb_prefix="FULLTEXT"),
    ),
    Case("create_index_bitmap", index("ix_new", "number", oracle_bitmap=True)),
    Case(
        "create_index_concurrently",
        concurrently(index("ix_new", "number", postgresql_concurrently=True)),
    ),
    Case(
        "create_index_concurrently_if_not_exists",
        concurrently(
            index("ix_new", "number", postgresql_concurrently=True, if_not_exists=True)
        ),
        only=POSTGRESQL,
    ),
    Case(
        "create_index_table_keyword",
        lambda op: op.create_index("ix_new", table_name="t", columns=["number"]),
        only=SERVERS,
    ),
    Case("drop_index", unindex("ix_t", "t")),
    Case("drop_index_without_table", unindex("ix_t")),
    Case("drop_index_keyword", unindex("ix_t", table_name="t")),
    Case("drop_index_if_exists", unindex("ix_t", "t", if_exists=True)),
    Case("drop_index_if_exists_not_there", unindex("absent", "t", if_exists=True)),
    Case(
        "drop_index_in_schema",
        unindex("ix_t", "t", schema="s"),
        only=SERVERS,
        executed=frozenset(),
    ),
    Case(
        "drop_index_in_schema_without_table",
        unindex("ix_t", schema="s"),
        only=POSTGRESQL,
        executed=frozenset(),
    ),
    Case(
        "drop_index_concurrently",
        concurrently(unindex("ix_t", "t", postgresql_concurrently=True)),
    ),
    Case(
        "drop_index_final_name",
        lambda op: op.drop_index(op.f("ix_t"), table_name="t"),
        convention=CONVENTION,
    ),
)
