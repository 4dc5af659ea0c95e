"""Changes of models, with what a person meant by each, and what is to be proposed.

``offered`` is a pair that Enter accepts, ``asked`` a question without such a default,
and ``apart`` no question: one goes and one comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

OFFERED, ASKED, APART = "offered", "asked", "apart"


@dataclass(frozen=True)
class Change:
    """Columns of a table that are gone, and that are new at their place."""

    gone: str
    new: str
    proposed: str
    table: str = "users"


RENAMED = [
    Change("email:s", "email_address:s", OFFERED),
    Change("mail:s", "email:s", OFFERED),
    Change("e_mail:s", "email:s", OFFERED),
    Change("emailAddress:s", "email_address:s", OFFERED),
    Change("name:s", "full_name:s", OFFERED),
    Change("user_name:s", "name:s", OFFERED),
    Change("username:s", "user_name:s", OFFERED),
    Change("passwd:s", "password:s", OFFERED),
    Change("pwd:s", "password:s", OFFERED),
    Change("telephone:s", "phone:s", OFFERED),
    Change("phone:s", "phone_number:s", OFFERED),
    Change("tel:s", "phone_number:s", OFFERED),
    Change("adress:s", "address:s", OFFERED),
    Change("desc:t", "description:t", OFFERED, "products"),
    Change("descripton:t", "description:t", OFFERED, "products"),
    Change("qty:i", "quantity:i", OFFERED, "order_items"),
    Change("amt:n", "amount:n", OFFERED, "payments"),
    Change("cat:s", "category:s", OFFERED, "products"),
    Change("img:s", "image:s", OFFERED, "products"),
    Change("lat:f", "latitude:f", OFFERED, "places"),
    Change("lng:f", "longitude:f", OFFERED, "places"),
    Change("lat:f lng:f", "latitude:f longitude:f", OFFERED, "places"),
    Change("created:d", "created_at:d", OFFERED),
    Change("createdAt:d", "created_at:d", OFFERED),
    Change("create_date:d", "created_at:d", OFFERED),
    Change("date_created:d", "created_at:d", OFFERED),
    Change("active:b", "is_active:b", OFFERED),
    Change("admin:b", "is_admin:b", OFFERED),
    Change("tag:s", "tags:s", OFFERED, "posts"),
    Change("post_title:s", "title:s", OFFERED, "posts"),
    Change("title:s50", "title_text:s", OFFERED, "posts"),
    Change("body:s", "body_text:t", OFFERED, "posts"),
    Change("author:k", "author_id:k", OFFERED, "posts"),
    Change("customer:i", "customer_id:i", OFFERED, "orders"),
    Change("name:s mail:s", "full_name:s email_address:s", OFFERED),
    Change("recieved_at:d", "received_at:d", OFFERED, "orders"),
    # No two names of these have anything in common.
    Change("title:s", "headline:s", ASKED, "posts"),
    Change("body:t", "content:t", ASKED, "posts"),
    Change("user_id:k", "owner_id:k", ASKED, "posts"),
    Change("first_name:s", "given_name:s", ASKED),
    Change("password:s", "password_hash:s", ASKED),
    Change("name:s", "label:s", ASKED, "products"),
]

NOT_RENAMED = [
    Change("first_name:s", "last_name:s", ASKED),
    Change("start_date:d", "end_date:d", ASKED, "events"),
    Change("created_at:d", "updated_at:d", ASKED),
    Change("created_at:d", "deleted_at:d", ASKED),
    Change("min_price:n", "max_price:n", ASKED, "products"),
    Change("width:i", "height:i", ASKED, "products"),
    Change("home_phone:s", "work_phone:s", ASKED),
    Change("billing_address:s", "shipping_address:s", ASKED),
    Change("address1:s", "address2:s", ASKED),
    Change("image:s", "image_alt:s", ASKED, "products"),
    Change("email:s", "backup_email:s", ASKED),
    Change("price:n", "old_price:n", ASKED, "products"),
    Change("is_admin:b", "is_active:b", ASKED),
    Change("latitude:f", "longitude:f", ASKED, "places"),
    Change("facebook:s", "twitter:s", ASKED),
    Change("width:i", "weight:i", ASKED, "products"),
    Change("sent_at:d", "read_at:d", ASKED, "messages"),
    Change("likes:i", "views:i", ASKED, "posts"),
    Change("legacy_id:i", "score:i", ASKED),
    Change("fax:s", "timezone:s", ASKED),
    Change("author_id:k", "editor_id:k", ASKED, "posts"),
    Change("age:i", "birthday:d", APART),
    Change("legacy:b", "bio:t", APART),
    Change("email:s", "email_verified:b", APART),
    Change("email:s", "email_verified_at:d", APART),
    Change("price:n", "price_currency:s", APART, "products"),
    Change("tags:s", "tag_count:i", APART, "posts"),
    Change("status:s", "status_id:i", APART, "orders"),
    Change("photo:s", "photo_data:x", APART),
    Change("data:s", "data:x extra:j", APART),
    Change("author_id:k", "editor_id:p", APART, "posts"),
    Change("address:s", "address_id:i", APART),
    Change("notes:t", "note_count:i", APART),
    Change("password:s", "password_changed_at:d", APART),
    Change("phone:s", "phone_confirmed:b", APART),
    Change("owner:s", "owner_id:k", APART, "posts"),
]

TABLES_RENAMED = [
    ("user", "users", "id email password", OFFERED),
    ("users", "app_users", "id email password name", ASKED),
    ("blogpost", "blog_posts", "id title body author_id", OFFERED),
    ("BlogPost", "blog_post", "id title body", OFFERED),
    ("categories", "category", "id name", OFFERED),
    ("users", "accounts", "id email password phone city", OFFERED),
    ("users", "accounts", "id email password", ASKED),
    ("photo", "picture", "id url", OFFERED),
]
TABLES_NOT_RENAMED = [
    ("tags", "cities", "id name", "id name", APART),
    ("audit_log", "error_log", "id message level", "id message level", ASKED),
    ("customers", "suppliers", "id email phone", "id email phone", ASKED),
    ("posts", "invoices", "id title body", "id total paid_at", APART),
    ("user_roles", "group_roles", "user_id role_id", "group_id role_id", APART),
    ("sessions", "payments", "id user_id token", "id user_id amount", APART),
]

_TYPES: dict[str, Any] = {
    "s": sa.String(120),
    "s50": sa.String(50),
    "t": sa.Text(),
    "i": sa.Integer(),
    "k": sa.Integer(),
    "p": sa.Integer(),
    "n": sa.Numeric(10, 2),
    "f": sa.Float(),
    "b": sa.Boolean(),
    "d": sa.DateTime(),
    "x": sa.LargeBinary(),
    "j": sa.JSON(),
}
_POINTS_TO = {"k": "people.id", "p": "pages.id"}


def tables(table: str, columns: str) -> sa.MetaData:
    """Return a table with these columns between two others, and what they point to."""
    metadata = sa.MetaData()
    for name in ("people", "pages"):
        sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        table,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        *map(_column, columns.split()),
        sa.Column("version", sa.SmallInteger, nullable=False),
    )
    return metadata


def plain_table(name: str, columns: str) -> sa.MetaData:
    """Return a table of texts and numbers."""
    metadata = sa.MetaData()
    sa.Table(
        name,
        metadata,
        *(
            sa.Column(
                each,
                sa.Integer() if each.endswith("id") else sa.String(50),
                primary_key=each == "id",
            )
            for each in columns.split()
        ),
    )
    return metadata


def _column(text: str) -> sa.Column[object]:
    name, _, kind = text.partition(":")
    keys = [sa.ForeignKey(_POINTS_TO[kind])] if kind in _POINTS_TO else []
    return sa.Column(name, _TYPES[kind], *keys)
