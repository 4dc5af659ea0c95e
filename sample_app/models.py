"""What the shop knows: books, customers, what they order and what they say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from .columns import Id
from .columns import Moment
from .columns import Money
from .columns import stored_as
from .extensions import db
from .extensions import Model


class BookFormat(StrEnum):
    """How a book is bound."""

    PAPERBACK = "paperback"
    HARDCOVER = "hardcover"
    EBOOK = "ebook"


class OrderStatus(StrEnum):
    """How far an order has come."""

    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


def pairs_of(first: str, second: str) -> sa.Table:
    """Return the table between two models that know many of each other."""

    def key_of(name: str) -> sa.Column[int]:
        target = sa.ForeignKey(f"{name}.id", ondelete="CASCADE")
        return sa.Column(f"{name}_id", target, primary_key=True)

    index = sa.Index(None, f"{second}_id")
    return db.Table(f"{first}_{second}", key_of(first), key_of(second), index)


book_author = pairs_of("book", "author")
book_category = pairs_of("book", "category")


class Author(Model):
    """Somebody who wrote a book."""

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(
        sa.String(120), unique=True, comment="As printed on the cover"
    )
    biography: Mapped[str | None] = mapped_column(sa.Text)

    books: Mapped[list[Book]] = relationship(
        secondary=book_author, back_populates="authors", order_by="Book.title"
    )


class Category(Model):
    """A shelf of the shop; shelves stand within shelves."""

    __table_args__ = (sa.UniqueConstraint("parent_id", "name"),)

    id: Mapped[Id]
    parent_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("category.id", ondelete="CASCADE")
    )
    name: Mapped[str] = mapped_column(sa.String(80))
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)

    parent: Mapped[Category | None] = relationship(
        back_populates="children", remote_side="Category.id"
    )
    children: Mapped[list[Category]] = relationship(
        back_populates="parent", order_by="Category.name", passive_deletes=True
    )


class Book(Model):
    """A title that the shop sells, in one format."""

    __table_args__ = (
        sa.CheckConstraint("price >= 0", name="price_not_negative"),
        sa.CheckConstraint("stock >= 0", name="stock_not_negative"),
    )

    id: Mapped[Id]
    isbn: Mapped[str] = mapped_column(
        sa.String(13), unique=True, comment="ISBN-13 without hyphens"
    )
    title: Mapped[str] = mapped_column(sa.String(200), index=True)
    summary: Mapped[str | None] = mapped_column(sa.Text)
    published_on: Mapped[date | None]
    format: Mapped[BookFormat] = mapped_column(
        stored_as(BookFormat, "book_format"), server_default="paperback"
    )
    price: Mapped[Money] = mapped_column(comment="In euros")
    stock: Mapped[int] = mapped_column(server_default="0", comment="Copies to sell")
    is_available: Mapped[bool] = mapped_column(server_default=sa.true())
    added_at: Mapped[Moment]

    authors: Mapped[list[Author]] = relationship(
        secondary=book_author, back_populates="books", order_by=Author.name
    )
    categories: Mapped[list[Category]] = relationship(
        secondary=book_category, order_by=Category.name
    )
    reviews: Mapped[list[Review]] = relationship(
        back_populates="book", order_by="Review.id.desc()", passive_deletes=True
    )


class Customer(Model):
    """Somebody who orders books."""

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    first_name: Mapped[str] = mapped_column(sa.String(80))
    last_name: Mapped[str] = mapped_column(sa.String(80))
    wants_newsletter: Mapped[bool] = mapped_column(server_default=sa.false())
    joined_at: Mapped[Moment]

    addresses: Mapped[list[Address]] = relationship(
        order_by="Address.id", passive_deletes=True
    )


class Address(Model):
    """Where a customer has books sent."""

    __table_args__ = (sa.CheckConstraint("length(country) = 2", name="country_code"),)

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(
        sa.ForeignKey("customer.id", ondelete="CASCADE"), index=True
    )
    street: Mapped[str] = mapped_column(sa.String(200))
    postal_code: Mapped[str] = mapped_column(sa.String(20))
    city: Mapped[str] = mapped_column(sa.String(100))
    country: Mapped[str] = mapped_column(
        sa.String(2), server_default="GB", comment="ISO 3166-1 alpha-2"
    )


class Order(Model):
    """What was sold; it outlives the customer and the address."""

    __table_args__ = (
        sa.CheckConstraint("shipping_cost >= 0", name="shipping_not_negative"),
        sa.Index(None, "customer_id", "placed_at"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    customer_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("customer.id", ondelete="SET NULL")
    )
    address_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("address.id", ondelete="SET NULL")
    )
    status: Mapped[OrderStatus] = mapped_column(
        stored_as(OrderStatus, "order_status", checked=True), server_default="placed"
    )
    shipping_cost: Mapped[Money] = mapped_column(server_default="0.00")
    note: Mapped[str | None] = mapped_column(sa.Text, comment="From the customer")
    placed_at: Mapped[Moment]

    customer: Mapped[Customer | None] = relationship()
    address: Mapped[Address | None] = relationship()
    lines: Mapped[list[OrderLine]] = relationship(
        back_populates="order",
        order_by="OrderLine.id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    @property
    def total(self) -> Decimal:
        """Return what the customer pays, shipping included."""
        return self.shipping_cost + sum(
            (line.unit_price * line.quantity for line in self.lines), Decimal()
        )


class OrderLine(Model):
    """Copies of one book in an order, with its title and price of that day."""

    __table_args__ = (
        sa.UniqueConstraint("order_id", "book_id"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("unit_price >= 0", name="unit_price_not_negative"),
    )

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("order.id", ondelete="CASCADE"))
    book_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("book.id", ondelete="SET NULL")
    )
    title: Mapped[str] = mapped_column(sa.String(200))
    quantity: Mapped[int] = mapped_column(server_default="1")
    unit_price: Mapped[Money]

    order: Mapped[Order] = relationship(back_populates="lines")


class Review(Model):
    """What a customer says about a book, once for each book."""

    __table_args__ = (
        sa.UniqueConstraint("book_id", "customer_id"),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating_in_stars"),
        sa.Index(None, "book_id", "rating"),
    )

    id: Mapped[Id]
    book_id: Mapped[int] = mapped_column(sa.ForeignKey("book.id", ondelete="CASCADE"))
    customer_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("customer.id", ondelete="SET NULL")
    )
    rating: Mapped[int] = mapped_column(sa.SmallInteger)
    body: Mapped[str] = mapped_column(sa.Text)
    written_at: Mapped[Moment]

    book: Mapped[Book] = relationship(back_populates="reviews")


class AuditEntry(Model):
    """Something that happened in the shop; written once, never changed."""

    __table_args__ = (sa.Index(None, "action", "happened_at"),)

    id: Mapped[Id]
    action: Mapped[str] = mapped_column(sa.String(60))
    details: Mapped[dict[str, object]] = mapped_column(
        sa.JSON, comment="What the action was about"
    )
    happened_at: Mapped[Moment]
