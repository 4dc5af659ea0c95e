"""The types that PostgreSQL keeps by name, enums and domains: which a column needs.

Seen from a run: what the database has, and, where there is none to look at, what the
run itself has created and dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect as SADialect

from ...errors import DataAtRisk
from ...errors import OperationError
from ..dialect import Preparation

TypeName = tuple[str | None, str]
"""The schema, or None for the default one, and the name."""

_CREATED = re.compile(
    r"""\bCREATE \s+ (?: TYPE | DOMAIN ) \s+ (?: (?P<schema>"[^"]+"|\w+) \. )?
        (?P<name>"[^"]+"|\w+) \s+ AS\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DROPPED = re.compile(
    r"""\bDROP \s+ (?: TYPE | DOMAIN ) \s+ (?: IF \s+ EXISTS \s+ )?
        (?: (?P<schema>"[^"]+"|\w+) \. )? (?P<name>"[^"]+"|\w+)""",
    re.IGNORECASE | re.VERBOSE,
)

_LOOK = """
SELECT t.typtype::text, ARRAY(
    SELECT e.enumlabel::text FROM pg_catalog.pg_enum e
    WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder
)
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd') AND t.typname = :name AND {place}
"""


_ADDS_VALUE = re.compile(r"\s*ALTER\s+TYPE\b.+\bADD\s+VALUE\b", re.I | re.S)


def adds_value(sql: str) -> bool:
    """Return whether a statement adds a value to an enum, which commits to be used."""
    return _ADDS_VALUE.match(sql) is not None


def creation_of(named: postgresql.ENUM | postgresql.DOMAIN) -> Any:
    """Return ``CREATE TYPE`` or ``CREATE DOMAIN``."""
    if isinstance(named, postgresql.ENUM):
        return postgresql.CreateEnumType(named)

    return postgresql.CreateDomainType(named)


def stored_type(
    element: sa.types.TypeEngine[Any], dialect: SADialect
) -> sa.types.TypeEngine[Any]:
    """Return the type that the database sees: decorators and variants taken off."""
    seen: Any = element.dialect_impl(dialect)
    while isinstance(seen, sa.types.TypeDecorator):
        seen = seen.impl_instance.dialect_impl(dialect)

    return seen  # type: ignore[no-any-return]  # a TypeEngine, which a decorator's parts do not say


def named_types(
    element: sa.types.TypeEngine[Any], dialect: SADialect
) -> Iterator[postgresql.ENUM | postgresql.DOMAIN]:
    """Yield the enums and domains in a type, also those inside an array."""
    stored = stored_type(element, dialect)
    if isinstance(stored, sa.ARRAY):
        yield from named_types(stored.item_type, dialect)
    elif isinstance(stored, postgresql.DOMAIN):
        yield from named_types(stored.data_type, dialect)
        yield stored
    elif isinstance(stored, postgresql.ENUM):
        yield stored


def is_string(stored: sa.types.TypeEngine[Any]) -> bool:
    """Return whether what the database sees is text, and no enum."""
    return isinstance(stored, sa.String) and not isinstance(stored, postgresql.ENUM)


def is_enum(element: sa.types.TypeEngine[Any], dialect: SADialect) -> bool:
    """Return whether a type is an enum that the database keeps, or an array of one."""
    return any(
        isinstance(each, postgresql.ENUM) for each in named_types(element, dialect)
    )


def key_of(named: postgresql.ENUM | postgresql.DOMAIN) -> TypeName:
    """Return the name of a type with its schema.

    :raises OperationError: if it has no name.
    """
    if not named.name:
        raise OperationError(
            f"PostgreSQL keeps an enum by its name, and {named!r} has none;"
            " give it one with name='…', or native_enum=False to have a string"
        )

    return named.schema, str(named.name)


def values_in(connection: sa.Connection, key: TypeName) -> tuple[str, ...] | None:
    """Return the values of an enum in the database; None if there is no such type.

    A domain has none.
    """
    schema, name = key
    place = "n.nspname = :schema" if schema else "pg_catalog.pg_type_is_visible(t.oid)"
    look = sa.text(re.sub("::", r"\\:\\:", _LOOK).format(place=place))
    row = connection.execute(
        look, {"name": name, **({"schema": schema} if schema else {})}
    ).first()

    return None if row is None else tuple(row[1])


def grows(wanted: Iterable[str], there: tuple[str, ...]) -> bool:
    """Return whether an enum that exists has all but values to be added."""
    return tuple(value for value in wanted if value in there) == there


def value_added(named: sa.Enum, value: str, dialect: SADialect) -> str:
    """Return the SQL that adds a value to an enum, at its place among the others."""
    prepare = dialect.identifier_preparer
    name = prepare.quote(str(named.name))
    if named.schema:
        name = f"{prepare.quote_schema(named.schema)}.{name}"

    values = list(named.enums)
    place = values.index(value)
    text = f"ALTER TYPE {name} ADD VALUE IF NOT EXISTS {_quoted(value)}"
    if place + 1 == len(values):
        return text
    if place == 0:
        return f"{text} BEFORE {_quoted(values[1])}"

    return f"{text} AFTER {_quoted(values[place - 1])}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def refuse_lacking(
    key: TypeName, wanted: Iterable[str], there: tuple[str, ...]
) -> None:
    """Raise an error if an enum that exists lacks values that are needed.

    :raises DataAtRisk: if it does.
    """
    lacking = [value for value in wanted if value not in there]
    if not lacking:
        return

    name = ".".join(part for part in key if part)
    added = "; ".join(
        f"ALTER TYPE {name} ADD VALUE '" + value.replace("'", "''") + "'"
        for value in lacking
    )
    raise DataAtRisk(
        f"the enum type '{name}' exists with the values {', '.join(there)}"
        f" and lacks {', '.join(lacking)}",
        f"add what it lacks in an autocommit block ({added}),"
        " give the new type another name, or say create_type=False to take the type"
        " as it is",
    )


class TypesOfRun:
    """The types that a run without a database has created and dropped so far; of one
    with a database, the values that were added before their revision began again."""

    def __init__(self) -> None:
        self._exists: dict[TypeName, bool] = {}
        self._added: set[str] = set()

    def committing(self, added: Sequence[str]) -> Preparation:
        """Return what adds values for good, before the revision that adds them."""

        def add(connection: sa.Connection) -> Callable[[], None]:
            for sql in added:
                connection.exec_driver_sql(sql)
            connection.commit()
            self._added.update(map(_plain, added))
            return self._added.clear

        return add

    def is_done(self, sql: str) -> bool:
        """Return whether a statement is one of those that were committed before."""
        return _plain(sql) in self._added

    def exists(self, key: TypeName) -> bool | None:
        """Return whether a type is there; None if the run has not touched it."""
        return self._exists.get(key)

    def created(self, key: TypeName) -> None:
        """Note that a type has been created."""
        self._exists[key] = True

    def dropped(self, key: TypeName) -> None:
        """Note that a type has been dropped."""
        self._exists[key] = False

    def read(self, sql: str) -> None:
        """Note what a statement of the user's own creates and drops."""
        for found in _CREATED.finditer(sql):
            self.created(_key_in(found))

        for found in _DROPPED.finditer(sql):
            self.dropped(_key_in(found))


def _plain(sql: str) -> str:
    # As a script says it, or as it was sent to the driver.
    return " ".join(sql.replace("\\:", ":").replace("%%", "%").split()).rstrip("; ")


def _key_in(found: re.Match[str]) -> TypeName:
    schema = found["schema"]
    return _folded(schema) if schema else None, _folded(found["name"])


def _folded(name: str) -> str:
    return name.strip('"') if name.startswith('"') else name.lower()
