"""Sample rows, so that there is something to look at and to migrate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import InstrumentedAttribute

from . import models
from .extensions import db

# slug, name, slug of the parent; parents come first
CATEGORIES = (
    ("fiction", "Fiction", None),
    ("gothic", "Gothic", "fiction"),
    ("science-fiction", "Science fiction", "fiction"),
    ("time-travel", "Time travel", "science-fiction"),
    ("poetry", "Poetry", None),
)

# ISBN (placeholders with a valid check digit), title, year, price, stock, format,
# authors, categories
BOOKS = (
    (
        "9780000000019",
        "Frankenstein",
        1818,
        "9.90",
        12,
        "paperback",
        ("Mary Shelley",),
        ("gothic", "science-fiction"),
    ),
    (
        "9780000000026",
        "Lyrical Ballads",
        1798,
        "14.50",
        3,
        "hardcover",
        ("Samuel Taylor Coleridge", "William Wordsworth"),
        ("poetry",),
    ),
    (
        "9780000000033",
        "The Time Machine",
        1895,
        "7.25",
        0,
        "paperback",
        ("H. G. Wells",),
        ("time-travel",),
    ),
    (
        "9780000000040",
        "Northanger Abbey",
        1817,
        "3.99",
        500,
        "ebook",
        ("Jane Austen",),
        ("fiction", "gothic"),
    ),
)

# email, first name, last name, street, postal code, city
CUSTOMERS = (
    ("reader@example.com", "Sample", "Reader", "1 Example Street", "AB1 2CD", "Bath"),
    ("library@example.com", "Town", "Library", "2 Example Street", "EF3 4GH", "York"),
)

# number, email, status, shipping cost, {ISBN: copies}
ORDERS = (
    ("SAMPLE-1", "reader@example.com", "shipped", "2.50", {"9780000000019": 1}),
    (
        "SAMPLE-2",
        "library@example.com",
        "paid",
        "0.00",
        {"9780000000019": 2, "9780000000026": 1},
    ),
)

# ISBN, email, stars, text
REVIEWS = (
    ("9780000000019", "reader@example.com", 5, "Better than any film of it."),
    ("9780000000026", "library@example.com", 4, "Borrowed by everybody."),
)


@click.command("seed")
@with_appcontext
def seed_command() -> None:
    """Add sample books, customers and orders."""
    if not sa.inspect(db.engine).has_table(models.Book.__tablename__):
        raise click.ClickException(
            "the database has no tables yet; run 'flask db upgrade' first"
        )
    seed_shop()
    click.echo("The sample rows are in place.")


def seed_shop() -> None:
    """Add the sample rows that are missing; leave those that are there."""
    _add_categories()
    _add_books()
    _add_customers()
    _add_orders()
    _add_reviews()
    db.session.commit()


def _add_categories() -> None:
    for slug, name, above in CATEGORIES:
        if _find(models.Category.slug, slug) is None:
            parent = _find(models.Category.slug, above) if above else None
            db.session.add(models.Category(slug=slug, name=name, parent=parent))


def _add_books() -> None:
    for isbn, title, year, price, stock, binding, names, slugs in BOOKS:
        if _find(models.Book.isbn, isbn) is not None:
            continue
        book = models.Book(
            isbn=isbn,
            title=title,
            published_on=date(year, 1, 1),
            price=Decimal(price),
            stock=stock,
            format=models.BookFormat(binding),
        )
        book.authors = [
            _find(models.Author.name, name) or models.Author(name=name)
            for name in names
        ]
        book.categories = [_find(models.Category.slug, slug) for slug in slugs]
        db.session.add(book)


def _add_customers() -> None:
    for email, first_name, last_name, street, postal_code, city in CUSTOMERS:
        if _find(models.Customer.email, email) is None:
            home = models.Address(street=street, postal_code=postal_code, city=city)
            db.session.add(
                models.Customer(
                    email=email,
                    first_name=first_name,
                    last_name=last_name,
                    addresses=[home],
                )
            )


def _add_orders() -> None:
    for number, email, status, shipping_cost, copies in ORDERS:
        if _find(models.Order.number, number) is not None:
            continue
        customer = _find(models.Customer.email, email)
        db.session.add(
            models.Order(
                number=number,
                customer_id=customer.id,
                address=next(iter(customer.addresses), None),
                status=models.OrderStatus(status),
                shipping_cost=Decimal(shipping_cost),
                lines=[_line(isbn, quantity) for isbn, quantity in copies.items()],
            )
        )


def _line(isbn: str, quantity: int) -> models.OrderLine:
    book = _find(models.Book.isbn, isbn)
    return models.OrderLine(
        book_id=book.id, title=book.title, quantity=quantity, unit_price=book.price
    )


def _add_reviews() -> None:
    for isbn, email, rating, body in REVIEWS:
        book = _find(models.Book.isbn, isbn)
        customer = _find(models.Customer.email, email)
        if customer.id not in {review.customer_id for review in book.reviews}:
            db.session.add(
                models.Review(
                    book_id=book.id, customer_id=customer.id, rating=rating, body=body
                )
            )


def _find(column: InstrumentedAttribute[str], value: str) -> Any:
    return db.session.scalar(sa.select(column.class_).where(column == value))
