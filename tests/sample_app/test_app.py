"""The sample bookshop, from outside: its pages, its JSON and its command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from datetime import UTC
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import StatementError

from sample_app import create_app
from sample_app import models
from sample_app.extensions import db
from sample_app.extensions import Model
from sample_app.seed import seed_shop

FRANKENSTEIN = "9780000000019"
BALLADS = "9780000000026"
TIME_MACHINE = "9780000000033"
READER = "reader@example.com"


@pytest.fixture
def empty_app(sqlite_url: sa.URL) -> Iterator[Flask]:
    yield from shop_on(sqlite_url)


@pytest.fixture
def app(empty_app: Flask) -> Flask:
    return filled(empty_app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def shop_on(url: sa.URL) -> Iterator[Flask]:
    app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url})
    yield app
    with app.app_context():
        db.engine.dispose()


def filled(app: Flask) -> Flask:
    with app.app_context():
        db.create_all()
        seed_shop()
    return app


def stock_of(app: Flask, isbn: str) -> int | None:
    with app.app_context():
        return db.session.scalar(
            sa.select(models.Book.stock).where(models.Book.isbn == isbn)
        )


def rows_in_every_table(app: Flask) -> dict[str, int | None]:
    with app.app_context():
        return {
            name: db.session.scalar(sa.select(sa.func.count()).select_from(table))
            for name, table in db.metadata.tables.items()
        }


def order_of(**copies: object) -> dict[str, object]:
    lines = [
        {"isbn": isbn.removeprefix("isbn_"), "quantity": quantity}
        for isbn, quantity in copies.items()
    ]
    return {"email": READER, "lines": lines}


# -- pages -----------------------------------------------------------------


def test_the_front_page_lists_books_and_categories(client: FlaskClient) -> None:
    page = client.get("/")

    assert page.status_code == 200
    assert "Lyrical Ballads" in page.text
    assert "Time travel" in page.text


def test_the_front_page_of_a_category_lists_what_stands_in_it(
    client: FlaskClient,
) -> None:
    page = client.get("/?category=poetry")

    assert "Lyrical Ballads" in page.text
    assert "Frankenstein" not in page.text


def test_the_page_of_a_book_shows_authors_reviews_and_stock(
    client: FlaskClient,
) -> None:
    page = client.get(f"/books/{FRANKENSTEIN}")

    assert page.status_code == 200
    assert "Mary Shelley" in page.text
    assert "★★★★★" in page.text
    assert "12 in stock" in page.text


def test_the_page_of_a_sold_out_book_says_so(client: FlaskClient) -> None:
    assert "not in stock" in client.get(f"/books/{TIME_MACHINE}").text


@pytest.mark.parametrize("address", ["/books/1", "/?category=cookery"])
def test_a_page_of_what_is_not_there_is_not_found(
    client: FlaskClient, address: str
) -> None:
    page = client.get(address)

    assert page.status_code == 404
    assert page.mimetype == "text/html"


# -- JSON ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "titles"),
    [
        ("poetry", ["Lyrical Ballads"]),
        ("time-travel", ["The Time Machine"]),
        ("science-fiction", ["Frankenstein", "The Time Machine"]),
        ("fiction", ["Frankenstein", "Northanger Abbey", "The Time Machine"]),
    ],
)
def test_a_category_holds_the_books_of_all_below_it(
    client: FlaskClient, category: str, titles: list[str]
) -> None:
    books = client.get(f"/api/books?category={category}").json

    assert books is not None
    assert [book["title"] for book in books] == titles


def test_a_book_that_is_not_available_is_neither_listed_nor_sold(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        db.session.execute(sa.update(models.Book).values(is_available=False))
        db.session.commit()

    assert client.get("/api/books").json == []
    assert client.get(f"/api/books/{FRANKENSTEIN}").status_code == 200
    assert (
        client.post("/api/orders", json=order_of(isbn_9780000000019=1)).status_code
        == 409
    )


def test_a_book_comes_with_authors_categories_and_reviews(
    client: FlaskClient,
) -> None:
    assert client.get(f"/api/books/{BALLADS}").json == {
        "isbn": BALLADS,
        "title": "Lyrical Ballads",
        "authors": ["Samuel Taylor Coleridge", "William Wordsworth"],
        "format": "hardcover",
        "published_on": "1798-01-01",
        "price": "14.50",
        "stock": 3,
        "summary": None,
        "categories": ["poetry"],
        "reviews": [{"rating": 4, "body": "Borrowed by everybody."}],
    }


def test_categories_are_a_tree(client: FlaskClient) -> None:
    tree = client.get("/api/categories").json

    def outline(nodes: list[dict[str, object]]) -> dict[object, object]:
        return {
            node["slug"]: outline(node["children"])  # type: ignore[arg-type]  # JSON
            for node in nodes
        }

    assert tree is not None
    assert outline(tree) == {
        "fiction": {"gothic": {}, "science-fiction": {"time-travel": {}}},
        "poetry": {},
    }


def test_an_order_takes_from_the_stock_and_is_listed_first(
    app: Flask, client: FlaskClient
) -> None:
    placed = client.post(
        "/api/orders", json=order_of(isbn_9780000000019=2, isbn_9780000000026=1)
    )
    listed = client.get("/api/customers/1/orders").json

    assert placed.status_code == 201
    assert placed.json is not None
    assert placed.json["total"] == "34.30"
    assert placed.json["status"] == "placed"
    assert listed is not None
    assert listed[0] == placed.json
    assert listed[1]["number"] == "SAMPLE-1"
    assert stock_of(app, FRANKENSTEIN) == 10
    assert stock_of(app, BALLADS) == 2


def test_an_order_goes_to_the_customers_address_and_is_recorded(
    app: Flask, client: FlaskClient
) -> None:
    placed = client.post("/api/orders", json=order_of(isbn_9780000000019=2))

    assert placed.json is not None
    with app.app_context():
        order = db.session.scalars(
            sa.select(models.Order).filter_by(number=placed.json["number"])
        ).one()
        entry = db.session.scalars(sa.select(models.AuditEntry)).one()

        assert order.address is not None
        assert order.address.country == "GB"
        assert entry.action == "order placed"
        assert entry.details == {"order": order.number, "copies": {FRANKENSTEIN: 2}}


def test_lines_with_the_same_book_become_one(app: Flask, client: FlaskClient) -> None:
    line = {"isbn": FRANKENSTEIN, "quantity": 3}
    placed = client.post("/api/orders", json={"email": READER, "lines": [line, line]})

    assert placed.json is not None
    assert [line["quantity"] for line in placed.json["lines"]] == [6]
    assert stock_of(app, FRANKENSTEIN) == 6


def test_an_order_that_cannot_be_filled_sells_nothing(
    app: Flask, client: FlaskClient
) -> None:
    before = rows_in_every_table(app)

    refused = client.post(
        "/api/orders", json=order_of(isbn_9780000000019=1, isbn_9780000000026=4)
    )

    assert refused.status_code == 409
    assert refused.json == {"error": f"cannot sell 4 of '{BALLADS}': 3 in stock"}
    assert rows_in_every_table(app) == before
    assert stock_of(app, FRANKENSTEIN) == 12


@pytest.mark.parametrize(
    ("sent", "status", "error"),
    [
        ([], 400, "send a JSON object"),
        ({}, 400, "'lines' must be a list of books to order"),
        ({"lines": []}, 400, "'lines' must be a list of books to order"),
        ({"lines": ["x"]}, 400, "each of 'lines' must be an object"),
        (order_of(isbn_1=0), 400, "'quantity' must be at least 1"),
        (order_of(isbn_1=True), 400, "'quantity' must be a whole number"),
        (order_of(isbn_1="2"), 400, "'quantity' must be a whole number"),
        ({**order_of(isbn_1=1), "email": " "}, 400, "'email' must be text"),
        (order_of(isbn_1=1), 404, "no book '1'"),
        ({**order_of(isbn_1=1), "email": "x@y.z"}, 404, "no customer 'x@y.z'"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    client: FlaskClient, sent: object, status: int, error: str
) -> None:
    refused = client.post("/api/orders", json=sent)

    assert (refused.status_code, refused.json) == (status, {"error": error})


def test_the_orders_of_an_unknown_customer_are_not_found(client: FlaskClient) -> None:
    assert client.get("/api/customers/99/orders").status_code == 404


def test_a_customer_reviews_a_book_once(client: FlaskClient) -> None:
    review = {"email": READER, "rating": 2, "body": "Too short."}

    first = client.post(f"/api/books/{TIME_MACHINE}/reviews", json=review)
    second = client.post(f"/api/books/{TIME_MACHINE}/reviews", json=review)
    book = client.get(f"/api/books/{TIME_MACHINE}").json

    assert first.status_code == 201
    assert second.status_code == 409
    assert book is not None
    assert book["reviews"] == [{"rating": 2, "body": "Too short."}]


@pytest.mark.parametrize("rating", [0, 6])
def test_a_rating_outside_the_stars_is_refused(
    client: FlaskClient, rating: int
) -> None:
    review = {"email": READER, "rating": rating, "body": "Hm."}

    assert (
        client.post(f"/api/books/{TIME_MACHINE}/reviews", json=review).status_code
        == 400
    )


# -- the database ----------------------------------------------------------


def test_sqlite_enforces_foreign_keys(app: Flask) -> None:
    with app.app_context():
        assert db.session.scalar(sa.text("PRAGMA foreign_keys")) == 1


def test_deleting_a_customer_takes_addresses_and_leaves_orders(app: Flask) -> None:
    with app.app_context():
        db.session.execute(sa.delete(models.Customer))
        orders = db.session.scalars(sa.select(models.Order)).all()

        assert db.session.scalars(sa.select(models.Address)).all() == []
        assert [(order.customer_id, order.address_id) for order in orders] == [
            (None, None),
            (None, None),
        ]


def test_deleting_a_book_takes_its_reviews_and_leaves_what_was_sold(
    app: Flask,
) -> None:
    with app.app_context():
        db.session.execute(sa.delete(models.Book))
        lines = db.session.scalars(sa.select(models.OrderLine)).all()

        assert db.session.scalars(sa.select(models.Review)).all() == []
        assert db.session.execute(sa.select(models.book_author)).all() == []
        assert {line.book_id for line in lines} == {None}
        assert {line.title for line in lines} == {"Frankenstein", "Lyrical Ballads"}


@pytest.mark.parametrize(
    ("model", "column", "value"),
    [
        (models.Book, "price", -1),
        (models.Book, "stock", -1),
        (models.Book, "isbn", FRANKENSTEIN),
        (models.Address, "country", "GBR"),
        (models.Order, "shipping_cost", -1),
        (models.Order, "status", sa.literal_column("'lost'")),
        (models.OrderLine, "quantity", 0),
        (models.Review, "rating", 6),
    ],
)
def test_the_database_refuses_what_the_models_forbid(
    app: Flask, model: type[Model], column: str, value: object
) -> None:
    with app.app_context(), pytest.raises(IntegrityError):
        db.session.execute(sa.update(model).values({column: value}))


def test_a_moment_without_time_zone_is_refused(app: Flask) -> None:
    naive = datetime(2024, 1, 1)

    with app.app_context(), pytest.raises(StatementError, match="has no time zone"):
        db.session.execute(sa.update(models.Book).values(added_at=naive))


def test_every_constraint_and_index_has_a_name() -> None:
    names = [
        item.name
        for table in db.metadata.tables.values()
        for items in (table.constraints, table.indexes)
        for item in items
    ]

    assert names
    assert None not in names


def test_the_shop_works_on_every_database(database_url: sa.URL) -> None:
    for app in shop_on(database_url):
        client = filled(app).test_client()
        placed = client.post("/api/orders", json=order_of(isbn_9780000000019=2))
        books = client.get("/api/books?category=fiction").json

        assert placed.status_code == 201
        assert placed.json is not None
        assert placed.json["total"] == "19.80"
        assert placed.json["placed_at"].endswith("+00:00")
        assert books is not None
        assert [book["stock"] for book in books] == [10, 500, 0]
        with app.app_context():
            now = datetime.now(UTC)
            placed_at = db.session.scalars(sa.select(models.Order.placed_at)).all()

            assert all(abs((now - at).total_seconds()) < 3600 for at in placed_at)


# -- seeding and configuration ---------------------------------------------


def test_seeding_twice_adds_nothing(app: Flask) -> None:
    before = rows_in_every_table(app)

    result = app.test_cli_runner().invoke(args=["seed"])

    assert result.exit_code == 0
    assert "in place" in result.output
    assert rows_in_every_table(app) == before


def test_seeding_restores_only_what_is_missing(app: Flask) -> None:
    before = rows_in_every_table(app)
    with app.app_context():
        db.session.execute(sa.delete(models.Review))
        db.session.execute(sa.update(models.Book).values(stock=7))
        db.session.commit()
        seed_shop()

    assert rows_in_every_table(app) == before
    assert stock_of(app, TIME_MACHINE) == 7


def test_seeding_without_tables_says_what_to_do(empty_app: Flask) -> None:
    result = empty_app.test_cli_runner().invoke(args=["seed"])

    assert result.exit_code == 1
    assert "run 'flask db upgrade' first" in result.output


def test_the_environment_names_the_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    monkeypatch.setenv("DATABASE_URL", url)

    app = create_app()

    assert app.config["SQLALCHEMY_DATABASE_URI"] == url
    with app.app_context():
        assert db.engine.url.database == str(tmp_path / "other.db")
