"""What can be done in the shop. Raises a ShopError, knows nothing of the web."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from . import models
from .extensions import db


class ShopError(Exception):
    """Something was asked that the shop cannot do."""


class NotFound(ShopError):
    """The shop has no such book, customer or category."""

    def __init__(self, kind: str, key: object) -> None:
        self.kind = kind
        self.key = key
        super().__init__(f"no {kind} '{key}'")


class OutOfStock(ShopError):
    """More copies were ordered than there are, or the book is not for sale."""

    def __init__(self, isbn: str, wanted: int, stock: int) -> None:
        self.isbn = isbn
        self.wanted = wanted
        self.stock = stock
        super().__init__(f"cannot sell {wanted} of '{isbn}': {stock} in stock")


class AlreadyReviewed(ShopError):
    """A customer reviewed the same book before."""

    def __init__(self, isbn: str, email: str) -> None:
        self.isbn = isbn
        self.email = email
        super().__init__(f"'{email}' has reviewed '{isbn}' already")


def find_books(category: str | None = None) -> Sequence[models.Book]:
    """Return the books for sale, of a category and all below it, or all.

    :raises NotFound: if there is no such category.
    """
    query = (
        sa.select(models.Book)
        .where(models.Book.is_available)
        .options(selectinload(models.Book.authors))
        .order_by(models.Book.title)
    )
    if category is not None:
        shelf = db.session.scalar(
            sa.select(models.Category.id).where(models.Category.slug == category)
        )
        if shelf is None:
            raise NotFound("category", category)
        query = query.where(
            models.Book.categories.any(models.Category.id.in_(_shelf_and_below(shelf)))
        )
    return db.session.scalars(query).all()


def _shelf_and_below(shelf: int) -> sa.Select[tuple[int]]:
    below = (
        sa.select(models.Category.id)
        .where(models.Category.id == shelf)
        .cte("below", recursive=True)
    )
    below = below.union_all(
        sa.select(models.Category.id).where(models.Category.parent_id == below.c.id)
    )
    return sa.select(below.c.id)


def find_book(isbn: str) -> models.Book:
    """Return the book, for sale or not.

    :raises NotFound: if there is none.
    """
    book = db.session.scalar(sa.select(models.Book).where(models.Book.isbn == isbn))
    if book is None:
        raise NotFound("book", isbn)
    return book


def top_categories() -> Sequence[models.Category]:
    """Return the categories that stand in no other, all below them loaded."""
    return db.session.scalars(
        sa.select(models.Category)
        .where(models.Category.parent_id.is_(None))
        .options(selectinload(models.Category.children, recursion_depth=-1))
        .order_by(models.Category.name)
    ).all()


def orders_of(customer_id: int) -> Sequence[models.Order]:
    """Return what the customer ordered, newest first.

    :raises NotFound: if there is no such customer.
    """
    if db.session.get(models.Customer, customer_id) is None:
        raise NotFound("customer", customer_id)
    return db.session.scalars(
        sa.select(models.Order)
        .where(models.Order.customer_id == customer_id)
        .options(selectinload(models.Order.lines))
        .order_by(models.Order.placed_at.desc(), models.Order.id.desc())
    ).all()


def place_order(
    email: str, copies: Mapping[str, int], note: str | None = None
) -> models.Order:
    """Sell copies of books, by ISBN, to a customer and return the order.

    Either everything is sold or nothing.

    :raises NotFound: if there is no such customer or book.
    :raises OutOfStock: if there are too few copies.
    """
    try:
        customer = _find_customer(email)
        order = models.Order(
            number=secrets.token_hex(5).upper(),
            customer=customer,
            address=customer.addresses[0] if customer.addresses else None,
            note=note,
            # Two orders that want the same books take them in the same order,
            # so that neither waits for the other.
            lines=[_sell(isbn, wanted) for isbn, wanted in sorted(copies.items())],
        )
    except ShopError:
        db.session.rollback()
        raise
    db.session.add(order)
    _record("order placed", {"order": order.number, "copies": dict(copies)})
    db.session.commit()
    return order


def _sell(isbn: str, wanted: int) -> models.OrderLine:
    book = find_book(isbn)
    # One statement checks and takes: somebody else may be buying the last copy.
    taken = db.session.connection().execute(
        sa.update(models.Book)
        .where(models.Book.id == book.id)
        .where(models.Book.is_available)
        .where(models.Book.stock >= wanted)
        .values(stock=models.Book.stock - wanted)
    )
    db.session.refresh(book)
    if taken.rowcount == 0:
        raise OutOfStock(isbn, wanted, book.stock if book.is_available else 0)
    return models.OrderLine(
        book_id=book.id, title=book.title, quantity=wanted, unit_price=book.price
    )


def write_review(isbn: str, email: str, rating: int, body: str) -> models.Review:
    """Return what the customer now says about the book.

    :raises NotFound: if there is no such customer or book.
    :raises AlreadyReviewed: if the customer did so before.
    """
    review = models.Review(
        book_id=find_book(isbn).id,
        customer_id=_find_customer(email).id,
        rating=rating,
        body=body,
    )
    db.session.add(review)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise AlreadyReviewed(isbn, email) from None
    _record("review written", {"isbn": isbn, "rating": rating})
    db.session.commit()
    return review


def _find_customer(email: str) -> models.Customer:
    customer = db.session.scalar(
        sa.select(models.Customer).where(models.Customer.email == email)
    )
    if customer is None:
        raise NotFound("customer", email)
    return customer


def _record(action: str, details: dict[str, object]) -> None:
    db.session.add(models.AuditEntry(action=action, details=details))
