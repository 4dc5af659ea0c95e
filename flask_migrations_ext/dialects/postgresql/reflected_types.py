"""The types that PostgreSQL names, as SQLAlchemy's; each text is read once."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ...schema.model import SqlType
from ...schema.model import TableName
from ..default_text import loose
from ..dialect import Dialect

_FORM = re.compile(
    r'^(?P<name>(?:"(?:[^"]|"")*"|[^"(\[])+)(?:\((?P<arguments>.*)\))?'
    r"(?P<rest>[^\[]*)(?P<array>(?:\[\])*)$",
    re.DOTALL,
)
_NAME = re.compile(r'"((?:[^"]|"")*)"|([^".]+)')

_ENUMS = sa.text("""
SELECT n.nspname::text AS place, t.typname::text AS name,
    pg_catalog.pg_type_is_visible(t.oid) AS visible, ARRAY(
        SELECT e.enumlabel::text FROM pg_catalog.pg_enum e
        WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder
    ) AS labels
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e'
""")
_DOMAINS = sa.text("""
SELECT n.nspname::text AS place, t.typname::text AS name,
    pg_catalog.pg_type_is_visible(t.oid) AS visible,
    pg_catalog.format_type(t.typbasetype, t.typtypmod) AS base,
    t.typnotnull AS not_null, t.typdefault AS default,
    l.collname::text AS collation, ARRAY(
        SELECT k.conname::text FROM pg_catalog.pg_constraint k
        WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname
    ) AS names, ARRAY(
        SELECT pg_catalog.pg_get_expr(k.conbin, 0) FROM pg_catalog.pg_constraint k
        WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname
    ) AS conditions
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation l ON l.oid = t.typcollation
    AND t.typcollation <> b.typcollation
WHERE t.typtype = 'd'
""")

NAMES = {
    "DECIMAL": "NUMERIC",
    "TIMESTAMP": "TIMESTAMP WITHOUT TIME ZONE",
    "TIME": "TIME WITHOUT TIME ZONE",
    "INT": "INTEGER",
    "INT4": "INTEGER",
    "INT8": "BIGINT",
    "INT2": "SMALLINT",
    "FLOAT4": "REAL",
    "FLOAT8": "DOUBLE PRECISION",
    "BOOL": "BOOLEAN",
    "CHARACTER": "CHAR",
    "CHARACTER VARYING": "VARCHAR",
    "VARBIT": "BIT VARYING",
}
"""The names that SQL has for types, by others that PostgreSQL takes."""

_Named = Mapping[tuple[str, ...], Any]


class ReflectedTypes:
    """The types of the columns of one database.

    Enums and domains are asked for when a name is met that SQLAlchemy does not know.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._classes: Any = connection.dialect
        self._known: dict[tuple[str, str | None], SqlType] = {}
        self._named: tuple[_Named, _Named] | None = None

    def of(self, text: str, collation: str | None) -> SqlType:
        """Return the type that ``format_type()`` calls so."""
        known = self._known.get((text, collation))
        if known is None:
            known = SqlType.of(self._reflected(text, collation))
            self._known[text, collation] = known

        return known

    def _reflected(self, text: str, collation: str | None) -> sa.types.TypeEngine[Any]:
        form = _FORM.match(text)
        if form is None:
            return sa.types.NULLTYPE

        arguments = [each.strip() for each in (form["arguments"] or "").split(",")]
        name = " ".join(f"{form['name']} {form['rest']}".split())
        made = self._made(name, [each for each in arguments if each], collation)
        # How many dimensions an array has is not kept.
        known = not isinstance(made, sa.types.NullType)
        return postgresql.ARRAY(made) if form["array"] and known else made

    def _made(
        self, name: str, arguments: list[str], collation: str | None
    ) -> sa.types.TypeEngine[Any]:
        collated = {} if collation is None else {"collation": collation}
        # "interval day to second" has its fields in its name.
        plain = "interval" if name.startswith("interval ") else name.lower()
        kind = self._classes.ischema_names.get(plain)
        if kind is None:
            return self._of_name(name, collated)

        if plain == "double precision":
            return kind(53)  # type: ignore[no-any-return]  # of SQLAlchemy's table of classes
        if plain == "bit varying":
            return kind(*map(int, arguments), varying=True)  # type: ignore[no-any-return]  # as above
        if plain == "interval":
            fields = name.partition(" ")[2] or None
            return postgresql.INTERVAL(precision=_number(arguments), fields=fields)
        if plain in _MOMENTS:
            zoned = plain.endswith("with time zone")
            return kind(timezone=zoned, precision=_number(arguments))  # type: ignore[no-any-return]  # as above

        numbers = [int(each) if each.isdigit() else each for each in arguments]
        return kind(*numbers, **collated)  # type: ignore[no-any-return]  # as above

    def _of_name(
        self, name: str, collated: Mapping[str, str]
    ) -> sa.types.TypeEngine[Any]:
        if self._named is None:
            self._named = (self._asked(_ENUMS), self._asked(_DOMAINS))

        enums, domains = self._named
        key = tuple(
            quoted.replace('""', '"') if quoted else plain
            for quoted, plain in _NAME.findall(name)
        )
        if key in enums:
            row = enums[key]
            schema = None if row.visible else row.place
            return postgresql.ENUM(*row.labels, name=row.name, schema=schema)
        if key in domains:
            return self._domain(domains[key], collated)

        warnings.warn(
            f"SQLAlchemy has no type for '{name}' of PostgreSQL: such columns are not"
            " compared",
            sa.exc.SAWarning,
            stacklevel=2,
        )
        return sa.types.NULLTYPE

    def _domain(
        self, row: Any, collated: Mapping[str, str]
    ) -> sa.types.TypeEngine[Any]:
        # SQLAlchemy's has one condition; the names of several are all in the way.
        checked = (
            {"constraint_name": row.names[0], "check": row.conditions[0]}
            if row.names
            else {}
        )
        return postgresql.DOMAIN(
            row.name,
            self._reflected(row.base, row.collation),
            **{"collation": row.collation, **collated},
            default=row.default,
            not_null=row.not_null,
            create_type=False,
            schema=None if row.visible else row.place,
            **checked,
        )

    def _asked(self, question: sa.TextClause) -> _Named:
        return {
            (row.name,) if row.visible else (row.place, row.name): row
            for row in self._connection.execute(question)
        }


_MOMENTS = {
    f"{kind}{zone}"
    for kind in ("timestamp", "time")
    for zone in ("", " with time zone", " without time zone")
}


def _number(arguments: list[str]) -> int | None:
    return int(arguments[0]) if arguments else None


def domain_changes(
    one: postgresql.DOMAIN,
    other: postgresql.DOMAIN,
    dialect: Dialect,
    kept: Callable[[postgresql.DOMAIN, str], str | None],
) -> Iterator[tuple[str, str]]:
    """Yield what makes one domain of another of the same name, and what undoes it.

    :param one: as it was read.
    :param other: as the models say it.
    :param kept: says how the server would keep a condition, if it knows.
    """
    if one.name != other.name or not other.create_type:
        return

    alter = f"ALTER DOMAIN {dialect.table_text(TableName(str(one.name), one.schema))}"
    nulls = [
        f"{alter} {'SET' if each.not_null else 'DROP'} NOT NULL"
        for each in (one, other)
    ]
    defaults = [None if one.default is None else str(one.default)]
    defaults += [_default_text(other, dialect)]
    settings = [
        f"{alter} DROP DEFAULT" if each is None else f"{alter} SET DEFAULT {each}"
        for each in defaults
    ]
    for was, becomes in (nulls, settings):
        if loose(was) != loose(becomes):
            yield becomes, was

    yield from _condition_changes(one, other, dialect.quote, alter, kept)


def _condition_changes(
    one: postgresql.DOMAIN,
    other: postgresql.DOMAIN,
    quote: Callable[[str], str],
    alter: str,
    kept: Callable[[postgresql.DOMAIN, str], str | None],
) -> Iterator[tuple[str, str]]:
    was, becomes = (
        None if each.check is None else str(each.check) for each in (one, other)
    )
    if was is not None and becomes is not None:
        asked = becomes if loose(was) == loose(becomes) else kept(one, becomes)
        if asked is None or loose(asked) == loose(was):
            return

    name = one.constraint_name or other.constraint_name or f"{one.name}_check"
    drop = f"{alter} DROP CONSTRAINT {quote(str(name))}"
    add = f"{alter} ADD CONSTRAINT {quote(str(name))} CHECK "
    if was is not None:
        yield drop, f"{add}({was})"
    if becomes is not None:
        yield f"{add}({becomes})", drop


def _default_text(domain: postgresql.DOMAIN, dialect: Dialect) -> str | None:
    if domain.default is None:
        return None

    known: Any = dialect.sa_dialect
    return str(known.ddl_compiler(known, None).render_default_string(domain.default))
