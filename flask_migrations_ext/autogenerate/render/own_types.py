"""Types of the app's own as the code that makes the same column again.

What a script says of such a type are arguments of what it is built on: a length, a
precision, the values of an enum. An attribute is the app's own affair, and may be a
secret; it is said only where the SQL of the type shows it anyway. What was found is
made on trial, and has to be the same column on every database. If nothing is, the
implementation stands in its place.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from ...dialects.types import enums_within
from ...dialects.types import type_text
from ...schema.sql_text import RawType

_HOME = "sqlalchemy."


@dataclass(frozen=True)
class Arguments:
    """What a class is called with; ``spread`` are the last of those without a name."""

    spread: tuple[Any, ...] = ()
    keywords: tuple[tuple[str, Any], ...] = ()

    def make(self, kind: type[Any]) -> Any:
        """Return what the class makes of them."""
        return kind(*self.spread, **dict(self.keywords))


def is_own(element: object) -> bool:
    """Return whether a type is of a class that is not SQLAlchemy's."""
    return not type(element).__module__.startswith(_HOME)


def own_arguments(element: Any, dialects: Sequence[Dialect]) -> Arguments | None:
    """Return the arguments that make a type of the app's again; None if none do."""
    for arguments in _candidates(element, dialects):
        try:
            made = arguments.make(type(element))
        except Exception:  # noqa: BLE001 - the constructor is the app's, and may raise anything
            continue

        if is_same_column(made, element, dialects):
            return arguments

    return None


def implementation(element: Any, dialects: Sequence[Dialect]) -> Any:
    """Return a type that is no class of the app's, and makes the same column."""
    found = getattr(element, "impl_instance", None)
    if found is None:
        found = _base_of(element, dialects)
    elif is_own(found):
        found = implementation(found, dialects)

    for dialect in dialects:
        wanted = type_text(element, dialect)
        if wanted is not None and wanted != type_text(found, dialect):
            stored = element._unwrapped_dialect_impl(dialect)
            variant = _public(stored, wanted, dialect) or RawType(wanted)
            found = found.with_variant(variant, dialect.name)

    return found


def _public(stored: Any, wanted: str, dialect: Dialect) -> Any:
    """Return a type like the one of a database, of a class that scripts may name."""
    values = implementation_arguments(stored)
    for kind in type(stored).__mro__:
        home = kind.__module__.rpartition(".")[0]
        places = (sa.types, sys.modules.get(home))
        if not any(getattr(each, kind.__name__, None) is kind for each in places):
            continue

        try:
            made = kind(**values)
        except (TypeError, NotImplementedError):
            continue
        if type_text(made, dialect) == wanted:
            return made

    return None


def is_same_column(one: Any, other: Any, dialects: Sequence[Dialect]) -> bool:
    """Return whether two types make the same column on every database."""
    return all(
        type_text(one, dialect) == type_text(other, dialect) for dialect in dialects
    ) and _enums_of(one) == _enums_of(other)


def _enums_of(element: Any) -> list[tuple[object, ...]]:
    return [
        (each.name, each.schema, each.enums, each.native_enum, each.create_constraint)
        for each in enums_within(element)
    ]


def _candidates(element: Any, dialects: Sequence[Dialect]) -> Iterator[Arguments]:
    impl = getattr(element, "impl_instance", None)
    built_on = element if impl is None else impl
    taken = _parameters(type(element))
    values = implementation_arguments(built_on)
    spread: tuple[Any, ...] = ()
    if isinstance(built_on, sa.Enum):
        spread = tuple(built_on.enums)

    known = {name: value for name, value in values.items() if name in taken.names}
    every = values if taken.any_keyword else known
    yield Arguments(spread if taken.any_position else (), tuple(every.items()))
    yield Arguments((), tuple(known.items()))

    shown = {**_shown_in_sql(element, taken, dialects), **known}
    if shown != known:
        yield Arguments((), tuple(shown.items()))


@dataclass(frozen=True)
class _Parameters:
    """What a constructor takes by name, and whether it takes any others."""

    names: tuple[str, ...] = ()
    any_keyword: bool = False
    any_position: bool = False


def _parameters(kind: type[Any]) -> _Parameters:
    try:
        several = inspect.signature(kind).parameters.values()
    except (TypeError, ValueError):
        return _Parameters()

    kinds = {each.kind for each in several}
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return _Parameters(
        tuple(each.name for each in several if each.kind in named),
        inspect.Parameter.VAR_KEYWORD in kinds,
        inspect.Parameter.VAR_POSITIONAL in kinds,
    )


def implementation_arguments(element: Any) -> dict[str, Any]:
    """Return the arguments of SQLAlchemy's classes that a type is built on."""
    if isinstance(element, sa.Enum):
        return enum_keywords(element)

    parameters: dict[str, inspect.Parameter] = {}
    for kind in type(element).__mro__:
        made = vars(kind).get("__init__")
        if made is not None and kind.__module__.startswith(_HOME):
            taken = list(inspect.signature(made).parameters.values())[1:]
            # A derived class knows better than its base what is usual.
            parameters = {each.name: each for each in taken} | parameters

    found: dict[str, Any] = {}
    for name, parameter in parameters.items():
        # To read that one is deprecated, and it is about MetaData.
        if name == "inherit_schema" or name.startswith("_"):
            continue

        value = getattr(element, name, parameter.default)
        if _is_plain(value) and value != parameter.default:
            found[name] = value

    return found


def enum_keywords(element: sa.Enum) -> dict[str, Any]:
    """Return the arguments of an enum beside its values."""
    keywords: dict[str, Any] = {}
    if element.name:
        keywords["name"] = str(element.name)
    if element.schema:
        keywords["schema"] = str(element.schema)
    if not element.native_enum:
        keywords["native_enum"] = False
    if getattr(element, "create_constraint", False):
        keywords["create_constraint"] = True
    longest = max((len(value) for value in element.enums), default=0)
    if not element.native_enum and element.length != longest:
        keywords["length"] = element.length
    for option in ("charset", "collation", "ascii", "unicode", "binary"):
        if getattr(element, option, None):
            keywords[option] = getattr(element, option)
    if getattr(element, "create_type", True) is False:
        keywords["create_type"] = False

    return keywords


def _shown_in_sql(
    element: Any, taken: _Parameters, dialects: Sequence[Dialect]
) -> dict[str, Any]:
    texts = [text for each in dialects if (text := type_text(element, each))]
    words = {word for text in texts for word in re.findall(r"\w+", text.lower())}
    found: dict[str, Any] = {}
    for name in taken.names:
        value = getattr(element, name, getattr(element, f"_{name}", None))
        if isinstance(value, bool) or not isinstance(value, str | int):
            continue
        if str(value).lower() in words:
            found[name] = value

    return found


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(each) for each in value)

    return isinstance(value, str | int | float | bool)


def _base_of(element: Any, dialects: Sequence[Dialect]) -> Any:
    """Return the type of SQLAlchemy's that a class of the app's is derived from."""
    kind = next(
        each for each in type(element).__mro__ if each.__module__.startswith(_HOME)
    )
    if kind is sa.types.UserDefinedType:
        texts = [text for each in dialects if (text := type_text(element, each))]
        return RawType(texts[0]) if texts else sa.types.NULLTYPE

    values = implementation_arguments(element)
    spread = tuple(element.enums) if isinstance(element, sa.Enum) else ()
    try:
        return kind(*spread, **values)
    except TypeError:
        return sa.types.NULLTYPE
