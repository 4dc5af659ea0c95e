"""The revisions of the sample app, there and back, with its rows, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

import flask_migrations_ext as migrations
from sample_app import create_app
from sample_app.extensions import db
from sample_app.seed import seed_shop

ORDERS = "3c95f27ab018"
REVIEWS = "5e83b9d2047c"

# As the tables are at REVIEWS: customers have one name, books have several authors.
ROWS: dict[str, list[dict[str, Any]]] = {
    "author": [{"id": 1, "name": "Ursula"}, {"id": 2, "name": "Italo"}],
    "book": [
        {"id": 1, "isbn": "9780000000001", "title": "One", "price": 9, "stock": 3},
        {
            "id": 2,
            "isbn": "9780000000002",
            "title": "It's: 100%",
            "price": 1,
            "stock": 0,
        },
    ],
    "book_author": [{"book_id": 1, "author_id": 1}, {"book_id": 2, "author_id": 2}],
    "category": [
        {"id": 1, "parent_id": None, "name": "All", "slug": "all"},
        {"id": 2, "parent_id": 1, "name": "Some", "slug": "some"},
    ],
    "book_category": [{"book_id": 1, "category_id": 2}],
    "customer": [
        {"id": 1, "email": "a@example.org", "name": "Ada King Noel"},
        {"id": 2, "email": "b@example.org", "name": "Voltaire"},
    ],
    "address": [
        {
            "id": 1,
            "customer_id": 1,
            "street": "1 Row",
            "postal_code": "1",
            "city": "London",
        }
    ],
    "order": [{"id": 1, "number": "A-1", "customer_id": 1, "address_id": 1}],
    "order_line": [
        {"id": 1, "order_id": 1, "book_id": 1, "title": "One", "unit_price": 9}
    ],
    "review": [{"id": 1, "book_id": 1, "customer_id": 2, "rating": 5, "body": "Yes."}],
}


@pytest.fixture
def app(database_url: sa.URL) -> Iterator[Flask]:
    url = database_url.render_as_string(hide_password=False)
    app = create_app({"SQLALCHEMY_DATABASE_URI": url})
    yield app
    with app.app_context():
        db.engine.dispose()


def table(name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=db.engine)


def insert_rows() -> None:
    with db.engine.begin() as connection:
        for name, rows in ROWS.items():
            connection.execute(table(name).insert(), rows)


def counts() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            name: connection.execute(
                sa.select(sa.func.count()).select_from(table(name))
            ).scalar_one()
            for name in ROWS
        }


def rows(name: str, *columns: str) -> list[tuple[Any, ...]]:
    found = table(name)
    chosen = [found.c[each] for each in columns]
    with db.engine.connect() as connection:
        read = connection.execute(sa.select(*chosen).order_by(*chosen))
        return [tuple(row) for row in read]


def test_rows_survive_the_way_up_and_down(app: Flask) -> None:
    everything = {name: len(rows) for name, rows in ROWS.items()}
    with app.app_context():
        migrations.upgrade(revision=REVIEWS)
        insert_rows()

        migrations.upgrade()
        at_head = counts()
        names = rows("customer", "first_name", "last_name")
        migrations.downgrade(revision=REVIEWS)
        back = counts()
        joined = rows("customer", "name")
        migrations.downgrade(revision=ORDERS)
        single = rows("book", "id", "author_id")

    assert at_head == everything
    assert names == [("Ada", "King Noel"), ("Voltaire", "")]
    assert back == everything
    assert joined == [("Ada King Noel",), ("Voltaire",)]
    assert single == [(1, 1), (2, 2)]


def test_authors_move_along_when_books_may_have_several(app: Flask) -> None:
    with app.app_context():
        migrations.upgrade(revision=ORDERS)
        with db.engine.begin() as connection:
            connection.execute(table("author").insert(), ROWS["author"])
            books = [
                {**book, "author_id": author}
                for book, author in zip(ROWS["book"], (2, None), strict=True)
            ]
            connection.execute(table("book").insert(), books)

        migrations.upgrade()

        assert rows("book_author", "book_id", "author_id") == [(1, 2)]
        assert rows("book", "title") == [("It's: 100%",), ("One",)]


def test_base_to_head_to_base_to_head_leaves_no_difference(app: Flask) -> None:
    with app.app_context():
        first = migrations.upgrade()
        migrations.check()
        migrations.downgrade(revision="base")
        left = sa.inspect(db.engine).get_table_names()
        again = migrations.upgrade()
        migrations.check()
        seed_shop()
        nothing = migrations.upgrade()

    assert left == ["alembic_version"]
    assert len(first.databases[0].steps) == len(again.databases[0].steps) == 7
    assert nothing.databases[0].steps == ()


def test_a_migration_to_write_is_not_left(app: Flask) -> None:
    with app.app_context():
        migrations.upgrade()

        report = migrations.migrate(message="nothing")

    assert report.path is None
