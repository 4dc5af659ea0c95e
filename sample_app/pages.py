"""The shop as web pages."""

from __future__ import annotations

from flask import Blueprint
from flask import render_template
from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound

from . import shop

pages = Blueprint("pages", __name__)


@pages.get("/")
def books() -> str:
    """Show the books for sale beside the tree of categories."""
    chosen = request.args.get("category")
    return render_template(
        "books.html",
        books=shop.find_books(chosen),
        categories=shop.top_categories(),
        chosen=chosen,
    )


@pages.get("/books/<isbn>")
def book(isbn: str) -> str:
    """Show one book and what customers say about it."""
    return render_template("book.html", book=shop.find_book(isbn))


@pages.errorhandler(shop.NotFound)
def not_found(error: shop.NotFound) -> HTTPException:
    """Answer as Flask does for an unknown address."""
    return NotFound(str(error))
