"""The shop as JSON, below ``/api``."""

from __future__ import annotations

from collections import Counter

from flask import abort
from flask import Blueprint
from flask import request
from werkzeug.exceptions import HTTPException

from . import models
from . import shop

api = Blueprint("api", __name__, url_prefix="/api")

Json = dict[str, object]


@api.get("/books")
def list_books() -> list[Json]:
    """Return the books for sale; ``?category=slug`` narrows them down."""
    return [book_json(book) for book in shop.find_books(request.args.get("category"))]


@api.get("/books/<isbn>")
def show_book(isbn: str) -> Json:
    """Return one book with its categories and reviews."""
    book = shop.find_book(isbn)
    return {
        **book_json(book),
        "summary": book.summary,
        "categories": [category.slug for category in book.categories],
        "reviews": [
            {"rating": review.rating, "body": review.body} for review in book.reviews
        ],
    }


@api.post("/books/<isbn>/reviews")
def review_book(isbn: str) -> tuple[Json, int]:
    """Take ``{"email": …, "rating": 1 to 5, "body": …}``."""
    sent = sent_object()
    rating = whole_number(sent, "rating")
    if not 1 <= rating <= 5:
        abort(400, "'rating' must be from 1 to 5")
    review = shop.write_review(isbn, text(sent, "email"), rating, text(sent, "body"))
    return {"isbn": isbn, "rating": review.rating, "body": review.body}, 201


@api.get("/categories")
def list_categories() -> list[Json]:
    """Return the tree of categories."""
    return [category_json(category) for category in shop.top_categories()]


@api.post("/orders")
def place_order() -> tuple[Json, int]:
    """Take ``{"email": …, "lines": [{"isbn": …, "quantity": …}, …]}``."""
    sent = sent_object()
    lines = sent.get("lines")
    if not isinstance(lines, list) or not lines:
        abort(400, "'lines' must be a list of books to order")
    copies: Counter[str] = Counter()
    for line in lines:
        if not isinstance(line, dict):
            abort(400, "each of 'lines' must be an object")
        quantity = whole_number(line, "quantity")
        if quantity < 1:
            abort(400, "'quantity' must be at least 1")
        copies[text(line, "isbn")] += quantity
    note = text(sent, "note") if "note" in sent else None
    return order_json(shop.place_order(text(sent, "email"), copies, note)), 201


@api.get("/customers/<int:customer_id>/orders")
def list_orders(customer_id: int) -> list[Json]:
    """Return what the customer ordered, newest first."""
    return [order_json(order) for order in shop.orders_of(customer_id)]


@api.errorhandler(shop.ShopError)
def refuse(error: shop.ShopError) -> tuple[Json, int]:
    """Answer 404 for what is not there and 409 for what cannot be."""
    return {"error": str(error)}, 404 if isinstance(error, shop.NotFound) else 409


@api.errorhandler(HTTPException)
def complain(error: HTTPException) -> tuple[Json, int]:
    """Answer in JSON where Flask would in HTML."""
    return {"error": error.description}, error.code or 500


def book_json(book: models.Book) -> Json:
    """Return a book as lists show it; money is text, so that no cent gets lost."""
    return {
        "isbn": book.isbn,
        "title": book.title,
        "authors": [author.name for author in book.authors],
        "format": book.format.value,
        "published_on": book.published_on and book.published_on.isoformat(),
        "price": str(book.price),
        "stock": book.stock,
    }


def category_json(category: models.Category) -> Json:
    """Return a category with everything below it."""
    return {
        "slug": category.slug,
        "name": category.name,
        "children": [category_json(child) for child in category.children],
    }


def order_json(order: models.Order) -> Json:
    """Return an order with its lines and total."""
    return {
        "number": order.number,
        "status": order.status.value,
        "placed_at": order.placed_at.isoformat(),
        "lines": [
            {
                "title": line.title,
                "quantity": line.quantity,
                "unit_price": str(line.unit_price),
            }
            for line in order.lines
        ],
        "shipping_cost": str(order.shipping_cost),
        "total": str(order.total),
    }


def sent_object() -> Json:
    """Return the JSON object in the request; answer 400 if it is none."""
    sent = request.get_json()
    if not isinstance(sent, dict):
        abort(400, "send a JSON object")
    return sent


def text(sent: Json, key: str) -> str:
    """Return the text under this key; answer 400 if there is none."""
    value = sent.get(key)
    if not isinstance(value, str) or not value.strip():
        abort(400, f"'{key}' must be text")
    return value.strip()


def whole_number(sent: Json, key: str) -> int:
    """Return the number under this key; answer 400 if there is none."""
    value = sent.get(key)
    # JSON's true is an int to Python.
    if not isinstance(value, int) or isinstance(value, bool):
        abort(400, f"'{key}' must be a whole number")
    return value
