"""PostgreSQL is asked for all conditions at once, and says the same as one by one."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from functools import partial

import pytest
import sqlalchemy as sa

from flask_migrations_ext.autogenerate.compare.schema import comparison
from flask_migrations_ext.dialects.postgresql.rewriting import in_check
from flask_migrations_ext.dialects.postgresql.rewriting import in_index
from flask_migrations_ext.dialects.postgresql.rewriting import Rewriting
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata

from ..conftest import disposed

CONDITIONS = [
    *("a > 1", "b IN ('x', 'y')", "a BETWEEN 1 AND 5 AND b LIKE '%%y'", "b = 'a:b'"),
    *("nowhere > 1", "a >", "a > 1) OR (a < 0", "now() > '2020-01-01'", ""),
    *("b::text || ':' = 'c'", "(a)::bigint <> 0", "$fme$ = ''", "lower(b) = b"),
]


@pytest.fixture
def place(postgresql_url: sa.URL) -> Iterator[sa.Connection]:
    for engine in disposed(sa.create_engine(postgresql_url)):
        with engine.connect() as connection:
            yield connection


def test_all_at_once_is_as_one_by_one(place: sa.Connection) -> None:
    place.execute(sa.text('CREATE TABLE "The table" (a integer, b varchar(9))'))
    questions = [
        ask(text, table)
        for ask in (in_check, in_index)
        for text in CONDITIONS
        for table in ('"The table"', "none", 'no."The table"')
    ]
    together = Rewriting(place)
    together.hold()

    assert all([together.waits(each) for each in questions])
    assert together.waiting == len(questions)
    said = statements_of(place, together.ask_all)
    assert len(said) == 4  # with a savepoint around

    assert not together.waits(in_index("a > 2", "none"))
    said = statements_of(place, lambda: [together.kept(each) for each in questions])
    assert said == []
    alone = Rewriting(place)
    for each in questions:
        assert together.kept(each) == alone.kept(each), each
    assert together.kept(in_index("b IN ('x', 'y')", '"The table"'))
    assert together.kept(in_check("b IN ('x', 'y')", '"The table"'))
    assert sa.inspect(place).get_temp_table_names() == []


def statements_of(place: sa.Connection, work: Callable[[], object]) -> list[str]:
    said: list[str] = []

    def note(*arguments: object) -> None:
        said.append(str(arguments[2]))

    sa.event.listen(place, "before_cursor_execute", note)
    work()
    sa.event.remove(place, "before_cursor_execute", note)
    return said


def many(count: int, last: str = "price > 0") -> sa.MetaData:
    """Return tables with conditions that PostgreSQL keeps in other words."""
    metadata = sa.MetaData()
    for number in range(count):
        sa.Table(
            f"t{number}",
            metadata,
            sa.Column("kind", sa.String(5)),
            sa.Column("price", sa.Integer),
            sa.Column("twice", sa.Integer, sa.Computed("price*2", persisted=True)),
            sa.CheckConstraint("kind IN ('a', 'b')", name=f"kind{number}"),
            sa.CheckConstraint(
                last if number == count - 1 else "price BETWEEN 1 AND 5",
                name=f"price{number}",
            ),
            sa.Index(
                f"i{number}", "price", postgresql_where=sa.text("kind IN ('a', 'c')")
            ),
        )
    return metadata


def test_a_comparison_asks_once_for_all_tables(place: sa.Connection) -> None:
    counts = []
    for count in (3, 12):
        metadata = many(count)
        metadata.create_all(place)
        rules = rules_for(place.dialect, place)
        database = rules.read_database(place)
        models = read_metadata(metadata, rules.write)

        asked = partial(comparison, database, models, rules)
        counts.append(len(statements_of(place, asked)))
        assert not asked().operations
        metadata.drop_all(place)

    assert counts[0] == counts[1], counts


def test_a_condition_that_differs_is_found(place: sa.Connection) -> None:
    many(4).create_all(place)
    rules = rules_for(place.dialect, place)
    models = read_metadata(many(4, last="price BETWEEN 1 AND 6"), rules.write)

    operations: tuple[Operation, ...] = comparison(
        rules.read_database(place), models, rules
    ).operations

    assert [each.verb for each in operations] == ["drop_constraint", "add_constraint"]


def test_where_no_function_can_be_made_each_is_asked_alone(
    place: sa.Connection,
) -> None:
    place.execute(sa.text("CREATE TABLE t (a integer)"))
    place.execute(sa.text("CREATE ROLE one_by_one"))
    place.execute(sa.text("GRANT SELECT ON t TO one_by_one"))
    place.execute(sa.text("REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC"))
    place.execute(sa.text("SET LOCAL ROLE one_by_one"))
    asked = Rewriting(place)
    asked.hold()
    question = in_index("a IN (1, 2)", "t")
    asked.waits(question)

    asked.ask_all()

    assert asked.kept(question) == "(a = ANY (ARRAY[1, 2]))"
