"""Types of an app's own, in all shapes, with secrets where apps have them."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

SECRET = "hunter2-the-key"


class Encrypted(sa.types.TypeDecorator[str]):
    """As sqlalchemy-utils has it: what it stores, and the key."""

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, type_in: Any = None, key: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.underlying_type = type_in
        self.type_in = type_in
        self.key = key


class EncryptedText(Encrypted):
    """The same, stored as text of a length."""

    impl = sa.String  # type: ignore[assignment]  # mypy wants the implementation of the base


class Keyed(sa.types.TypeDecorator[str]):
    """A key that has to be given."""

    impl = sa.String
    cache_ok = True

    def __init__(self, key: str, length: int = 20) -> None:
        super().__init__(length)
        self.key = key


class Lower(sa.types.TypeDecorator[str]):
    """Whatever its implementation takes."""

    impl = sa.String
    cache_ok = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.salt = kwargs.pop("salt", None)
        super().__init__(*args, **kwargs)


class Plain(sa.types.TypeDecorator[str]):
    """Without a constructor of its own."""

    impl = sa.Numeric
    cache_ok = True


class Choice(sa.types.TypeDecorator[str]):
    """What has to be given cannot be written."""

    impl = sa.Unicode(255)
    cache_ok = True

    def __init__(self, choices: Any) -> None:
        super().__init__()
        self.choices = list(choices)


class Portable(sa.types.TypeDecorator[str]):
    """Another type on each database, and a key that has to be given."""

    impl = sa.CHAR
    cache_ok = True

    def __init__(self, key: str) -> None:
        super().__init__(32)
        self.key = key

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID())
        return dialect.type_descriptor(sa.CHAR(32))


class Status(sa.types.TypeDecorator[str]):
    """On an enum, with its arguments."""

    impl = sa.Enum
    cache_ok = True


class Secretive(sa.String):
    """A class derived from one of SQLAlchemy's, which shows its key."""

    def __init__(self, length: int | None = None, key: str = "") -> None:
        super().__init__(length)
        self.key = key

    def __repr__(self) -> str:
        return f"Secretive({self.length}, key={self.key!r})"


class Closed(sa.types.TypeDecorator[str]):
    """The key is in a function."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, key: Callable[[], str] | None = None) -> None:
        super().__init__()
        self.key = key


class Point(sa.types.UserDefinedType[Any]):
    """By its text, of which some is given."""

    cache_ok = True

    def __init__(self, srid: int = 0, key: str = "") -> None:
        self.srid = srid
        self.key = key

    def get_col_spec(self, **_: Any) -> str:
        return f"POINT({self.srid})" if self.srid else "POINT"


class Shape(sa.types.UserDefinedType[Any]):
    """By its text, made of what cannot be written."""

    cache_ok = True

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def get_col_spec(self, **_: Any) -> str:
        return f"SHAPE_{len(self.kind)}"


class Role(enum.Enum):
    admin = "a"
    guest = "b"


OWN_TYPES: dict[str, tuple[sa.types.TypeEngine[Any], str]] = {
    "encrypted": (Encrypted(sa.Unicode(50), SECRET), "Encrypted()"),
    "encrypted, a length": (
        EncryptedText(sa.Unicode(50), SECRET, length=90),
        "EncryptedText(length=90)",
    ),
    "key required": (Keyed(SECRET, 30), "sa.String(length=30)"),
    "any arguments": (Lower(length=40), "Lower(length=40)"),
    "any arguments, in order": (Lower(40, salt=SECRET), "Lower(length=40)"),
    "no constructor": (Plain(10, 2), "Plain(precision=10, scale=2)"),
    "choices": (Choice(Role), "sa.Unicode(length=255)"),
    "by database": (
        Portable(SECRET),
        'sa.CHAR(length=32).with_variant(sa.UUID(), "postgresql")',
    ),
    "enum": (Status("a", "b", name="s"), 'Status("a", "b", name="s")'),
    "enum class": (Status(Role, name="s"), 'Status("admin", "guest", name="s")'),
    "derived": (Secretive(9, key=SECRET), "Secretive(length=9)"),
    "closure": (Closed(lambda: SECRET), "Closed()"),
    "shown in its text": (Point(4326, SECRET), "Point(srid=4326)"),
    "not shown": (Point(key=SECRET), "Point()"),
    "text alone": (Shape([SECRET]), 'op.raw_type("SHAPE_1")'),
    "with a variant": (
        Lower(9, salt=SECRET).with_variant(Keyed(SECRET, 7), "postgresql"),
        'Lower(length=9).with_variant(sa.String(length=7), "postgresql")',
    ),
}
"""A type of each shape, and the code for it without the module."""
