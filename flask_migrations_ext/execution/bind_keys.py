"""What the databases of an app are called, there and where somebody types a name."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Protocol
from typing import TypeVar

from ..errors import UnknownBind

DEFAULT = "default"
"""What the default database is called where a name is needed."""


class HasBindKeys(Protocol):
    """A database with the names that the app has for it; None is its default one."""

    @property
    def bind_keys(self) -> tuple[str | None, ...]: ...


Named = TypeVar("Named", bound=HasBindKeys)


def title_of(bind_keys: tuple[str | None, ...]) -> str:
    """Return bind keys as people read them; empty for the default database."""
    return ", ".join(key for key in bind_keys if key is not None)


def is_named(bind_keys: Collection[str | None], name: str) -> bool:
    """Return whether a name that was typed is that of a database.

    :param name: ``default`` means the default database.
    """
    return name in bind_keys or (name == DEFAULT and None in bind_keys)


def chosen(databases: Sequence[Named], names: Collection[str]) -> tuple[Named, ...]:
    """Return the databases with these names; without names, all.

    :raises UnknownBind: if a name is that of none.
    """
    if not names:
        return tuple(databases)

    keys = [key for database in databases for key in database.bind_keys]
    wanted = {_key(name, keys) for name in names}
    return tuple(each for each in databases if wanted.intersection(each.bind_keys))


def _key(name: str, keys: Sequence[str | None]) -> str | None:
    if name in keys:
        return name

    if not is_named(keys, name):
        raise UnknownBind(name, names_of(keys))

    return None


def names_of(bind_keys: Iterable[str | None]) -> tuple[str, ...]:
    """Return bind keys as one types them."""
    return tuple(DEFAULT if key is None else key for key in bind_keys)
