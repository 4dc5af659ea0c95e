"""What Alembic's operation objects have in common: a mutable object for each call."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from functools import cached_property
from inspect import Parameter
from inspect import Signature
from typing import Any

import sqlalchemy as sa


class MigrateOperation:
    """Base of operations; projects derive their own from it.

    ``takes`` says what the constructor of a class takes, as :func:`_parameters` reads
    it; the arguments become attributes.
    """

    # Which rewriters have made or seen it: they leave it alone.
    _mutations: frozenset[Any] = frozenset()

    def __init_subclass__(cls, takes: str | None = None, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if takes is not None:
            cls.__init__ = _constructor(takes)  # type: ignore[method-assign]  # of the class that is being made

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        if arguments or keywords:
            raise TypeError(f"{type(self).__name__}() takes no arguments")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__} has no attribute '{name}'")

    def _complete(self) -> None:
        """Make of the arguments what they are for."""

    @cached_property
    def info(self) -> dict[Any, Any]:
        """What a project wants to remember about it."""
        return {}

    def reverse(self) -> MigrateOperation:
        """Return what undoes it.

        :raises NotImplementedError: unless a subclass says how.
        """
        raise NotImplementedError(f"{type(self).__name__} has no reverse()")

    def to_diff_tuple(self) -> Any:
        """Return it as ``compare_metadata`` lists it.

        :raises NotImplementedError: unless a subclass says how.
        """
        raise NotImplementedError(f"{type(self).__name__} has no to_diff_tuple()")


def _constructor(takes: str) -> Callable[..., None]:
    attributes = {name: attribute for name, attribute, _, _ in _parameters(takes)}
    signature = Signature(
        [
            Parameter(name, kind, default=default)
            for name, _, kind, default in _parameters(takes)
        ]
    )

    def __init__(self: MigrateOperation, *arguments: Any, **keywords: Any) -> None:
        given = signature.bind(*arguments, **keywords)
        given.apply_defaults()
        for name, value in given.arguments.items():
            setattr(self, attributes[name], value)
        self._complete()

    return __init__


def _parameters(takes: str) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield the name of each parameter, its attribute, its kind and its default.

    They are written as in Python, without commas; those behind ``*`` are None if
    nothing is said, and behind a colon stands an attribute of another name.
    """
    kind: Any = Parameter.POSITIONAL_OR_KEYWORD
    for each in takes.split():
        said, has_default, default = each.partition("=")
        name, _, attribute = said.partition(":")
        if name == "*":
            kind = Parameter.KEYWORD_ONLY
        elif name == "**kw":
            yield "kw", "kw", Parameter.VAR_KEYWORD, Parameter.empty
        else:
            usual = None if kind is Parameter.KEYWORD_ONLY else Parameter.empty
            value = literal_eval(default) if has_default else usual
            yield name, attribute or name, kind, value


class AlterTableOp(MigrateOperation, takes="table_name * schema"):
    """Base of what changes one table."""


def metadata_of(migration_context: Any = None) -> sa.MetaData:
    """Return an empty ``MetaData`` that names constraints as the app's does."""
    opts = getattr(migration_context, "opts", None) or {}
    target = opts.get("target_metadata")
    several = target if isinstance(target, (list, tuple)) else [target]
    for each in several:
        if each is not None and each.naming_convention:
            return sa.MetaData(naming_convention=each.naming_convention)

    return sa.MetaData()


def stub(
    name: str | None,
    columns: Iterable[str],
    schema: str | None,
    metadata: sa.MetaData,
) -> sa.Table:
    """Return a table that has no more than these columns."""
    return sa.Table(
        name or "no_table",
        metadata,
        *(sa.Column(each, sa.types.NULLTYPE) for each in dict.fromkeys(columns)),
        schema=schema,
    )


def place_of(element: Any) -> tuple[str, str | None]:
    """Return the table of an element of SQLAlchemy's, and its schema."""
    return str(element.table.name), element.table.schema


def unattached(column: sa.Column[Any]) -> sa.Column[Any]:
    """Return a copy of a column that no table has yet.

    Where a table has the column, its constraints and indexes are the table's, and the
    copy has none.
    """
    copy = column._copy()
    if getattr(column, "table", None) is not None:
        copy.index = copy.unique = None

    return copy
