"""The types that PostgreSQL keeps by name, enums and domains: which a column needs.

Seen from a run: what the database has, and, where there is none to look at, what the
run itself has created and dropped. PostgreSQL can only add values to an enum: for all
else the type is made anew, and every column that has it is converted, with its default
and the conditions on it. https://www.postgresql.org/docs/current/sql-altertype.html
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
from ...operations.columns import AlterColumn
from ...schema.model import Kept
from ...schema.model import TableName
from ..dialect import Preparation
from ..dialect import Statements
from ..standard import StandardSql

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


# -- an enum with other values --------------------------------------------------------

_COLUMNS = """
SELECT c.oid::regclass::text AS table, quote_ident(a.attname) AS column,
    t.typcategory = 'A' AS is_array
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE NOT a.attisdropped AND a.attinhcount = 0
    AND CAST(:type AS regtype) IN (t.oid, t.typelem)
ORDER BY 1, a.attnum
"""

# Where there is no database to look at, as in SQL text, the server does it by itself.
_MADE_ANEW = """
DO $change$
DECLARE
    statements text[];
    statement text;
BEGIN
    WITH used AS (
        SELECT c.oid::regclass AS place, quote_ident(a.attname) AS name, a.attnum,
            CASE WHEN t.typcategory = 'A' THEN '[]' ELSE '' END AS brackets,
            pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS usual
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_catalog.pg_attrdef d
            ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE NOT a.attisdropped AND a.attinhcount = 0
            AND {type}::regtype IN (t.oid, t.typelem)
    ), checks AS (
        SELECT DISTINCT k.conrelid::regclass AS place, quote_ident(k.conname) AS name,
            pg_catalog.pg_get_constraintdef(k.oid) AS said
        FROM pg_catalog.pg_constraint k
        JOIN used u ON u.place = k.conrelid AND u.attnum = ANY (k.conkey)
        WHERE k.contype = 'c' AND k.coninhcount = 0
    ), indexes AS (
        SELECT DISTINCT i.indexrelid::regclass AS place,
            pg_catalog.pg_get_indexdef(i.indexrelid) AS said
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_depend p ON p.objid = i.indexrelid
            AND p.classid = 'pg_catalog.pg_class'::regclass
        JOIN used u ON u.place = i.indrelid AND p.refobjid = i.indrelid
            AND p.refobjsubid = u.attnum
        WHERE i.indpred IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid
        )
    ), planned (step, said) AS (
        SELECT 1, format('DROP INDEX %s', place) FROM indexes
        UNION ALL
        SELECT 2, format('ALTER TABLE %s DROP CONSTRAINT %s', place, name) FROM checks
        UNION ALL
        SELECT 3, format('ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT', place, name)
        FROM used WHERE usual IS NOT NULL
        UNION ALL
        SELECT 4, {renaming}
        UNION ALL
        SELECT 5, {creation}
        UNION ALL
        SELECT 6, format(
            'ALTER TABLE %s ALTER COLUMN %s TYPE %s%s USING %s::text%s::%s%s',
            place, name, {type}, brackets, name, brackets, {type}, brackets
        ) FROM used
        UNION ALL
        SELECT 7, format('ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s', place, name,
            usual) FROM used WHERE usual IS NOT NULL
        UNION ALL
        SELECT 8, format('ALTER TABLE %s ADD CONSTRAINT %s %s', place, name, said)
        FROM checks
        UNION ALL
        SELECT 9, said FROM indexes
        UNION ALL
        SELECT 10, {dropping}
    )
    SELECT array_agg(said ORDER BY step, said) INTO statements FROM planned;
    FOREACH statement IN ARRAY statements LOOP
        EXECUTE statement;
    END LOOP;
END $change$
"""


def enum_altered(
    dialect: StandardSql, operation: AlterColumn, target: sa.types.TypeEngine[Any]
) -> tuple[postgresql.ENUM, postgresql.ENUM] | None:
    """Return an enum type as it was and is to be, if only its values change."""
    if isinstance(operation.was.type, Kept):
        return None

    source = dialect.build.type(operation.was.type)
    if dialect.type_text(source) != dialect.type_text(target):
        return None

    pairs = zip(
        named_types(source, dialect.sa_dialect),
        named_types(target, dialect.sa_dialect),
        strict=False,
    )
    for was, becomes in pairs:
        if isinstance(was, postgresql.ENUM) and isinstance(becomes, postgresql.ENUM):
            if becomes.enums and becomes.create_type:
                return was, becomes

    return None


def with_other_values(
    dialect: StandardSql,
    operation: AlterColumn,
    target: sa.types.TypeEngine[Any],
    connection: sa.Connection | None,
) -> Statements:
    """Yield what makes an enum type anew, where it does not only grow.

    :raises DataAtRisk: if rows hold a value that goes.
    """
    altered = enum_altered(dialect, operation, target)
    if altered is None:
        return

    was, becomes = altered
    key = key_of(becomes)
    there: Any = was.enums if connection is None else values_in(connection, key)
    if there is None:
        return
    if grows(becomes.enums, tuple(there)):
        # With a database, what creates the types that are needed adds the values.
        for value in becomes.enums if connection is None else ():
            if value not in there:
                added = value_added(becomes, value, dialect.sa_dialect)
                yield dialect.raw(added, transactional=False)
        return

    name = dialect.table_text(TableName(key[1], key[0]))
    if connection is not None:
        gone = [each for each in there if each not in becomes.enums]
        _refuse_used(connection, key, name, gone)

    before = f"{key[1][:58]}_old"
    literal = dialect.literal
    yield dialect.raw(
        _MADE_ANEW.strip().format(
            type=literal(name),
            renaming=literal(f"ALTER TYPE {name} RENAME TO {dialect.quote(before)}"),
            creation=literal(dialect.compiled(creation_of(becomes))),
            dropping=literal(
                f"DROP TYPE {dialect.table_text(TableName(before, key[0]))}"
            ),
        )
    )


def _refuse_used(
    connection: sa.Connection, key: TypeName, name: str, gone: Sequence[str]
) -> None:
    if not gone:
        return

    look: Any = sa.text(_COLUMNS.replace("::", "\\:\\:"))
    for row in connection.execute(look, {"type": name}).all():
        held = "&& :gone" if row.is_array else "= ANY (:gone)"
        column = f"{row.column}::text{'[]' if row.is_array else ''}"
        query = f"SELECT count(*) FROM {row.table} WHERE {column} {held}"
        values: Any = sa.bindparam("gone", list(gone), type_=sa.ARRAY(sa.Text))
        asked = sa.text(query.replace("::", "\\:\\:")).bindparams(values)
        count = connection.execute(asked).scalar_one()
        if count:
            said = ", ".join(f"'{each}'" for each in gone)
            raise DataAtRisk(
                f"the enum type '{key[1]}' is to lose {said}, and {count} rows of"
                f" '{row.table}' hold such a value in '{row.column}'",
                f'give them another one first: op.execute("UPDATE {row.table} SET'
                f" {row.column} = '…' WHERE {row.column} = '{gone[0]}'\")",
            )
