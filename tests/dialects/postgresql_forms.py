"""Everything that SQLAlchemy's dialect of PostgreSQL can declare, form by form.

The types and the options are asked of SQLAlchemy, so that a new version of it that
brings more of them is met here first: :func:`untried` returns what no form tries.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql.base import PGDialect

Form = Callable[[sa.MetaData], object]
"""Puts tables into a ``MetaData``."""

# -- types -----------------------------------------------------------------

_ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "length": [{"length": 7}],
    "precision": [{"precision": 3}],
    "scale": [{"precision": 9, "scale": 2}, {"precision": 9, "scale": 0}],
    "timezone": [{"timezone": True}],
    "collation": [{"collation": "C"}],
    "fields": [
        {"fields": each}
        for each in ("YEAR", "MONTH", "DAY TO SECOND", "YEAR TO MONTH", "SECOND")
    ],
    "second_precision": [{"second_precision": 3}],
    "day_precision": [{"day_precision": 3}],
    "varying": [{"varying": True}, {"varying": True, "length": 5}],
    "as_uuid": [{"as_uuid": False}],
    "native_uuid": [{"native_uuid": False}],
    "as_tuple": [{}],
    "none_as_null": [{"none_as_null": True}],
    "native": [{"native": False}],
}
_MADE: dict[str, list[Callable[[], Any]]] = {
    "ARRAY": [
        lambda: pg.ARRAY(sa.Integer),
        lambda: pg.ARRAY(sa.Integer, dimensions=2),
        lambda: pg.ARRAY(sa.String(5)),
        lambda: pg.ARRAY(pg.ENUM("a", "b", name="kind")),
        lambda: pg.ARRAY(sa.Numeric(8, 2)),
        lambda: pg.ARRAY(pg.TIMESTAMP(timezone=True, precision=3)),
        lambda: sa.ARRAY(sa.Text, dimensions=1),
    ],
    "ENUM": [
        lambda: pg.ENUM("a", "b c", "d'e", name="other kind"),
        lambda: pg.ENUM("a", name="Kind Of"),
        lambda: pg.ENUM("a%b", name="per%cent"),
    ],
    "Enum": [
        lambda: sa.Enum("a", "b", name="kind"),
        lambda: sa.Enum("a", "b", name="kind", native_enum=False),
        lambda: sa.Enum(
            "a", "b", name="checked", native_enum=False, create_constraint=True
        ),
    ],
    "DOMAIN": [
        lambda: pg.DOMAIN("plain", sa.Integer),
        lambda: pg.DOMAIN("short", sa.String(5), collation="C"),
        lambda: pg.DOMAIN("positive", sa.Integer, check="VALUE > 0"),
        lambda: pg.DOMAIN("present", sa.Text, not_null=True, default="'x'"),
        lambda: pg.DOMAIN(
            "both", sa.Integer, not_null=True, check="VALUE > 0", constraint_name="ck"
        ),
    ],
    "PickleType": [sa.PickleType],
    "Interval": [
        sa.Interval,
        lambda: sa.Interval(second_precision=3),
        lambda: sa.Interval(native=False),
    ],
}
_NO_TYPES = {
    # What other types derive from, and what no column has.
    *("NullType", "TypeEngine", "TypeDecorator", "UserDefinedType", "ExternalType"),
    *("Concatenable", "Indexable", "TypeEngineMixin", "Emulated", "NativeForEmulated"),
    *("Variant", "TupleType", "SchemaType", "MatchType", "NamedType"),
    *("array", "hstore"),
    # Their SQL is another database's, or they are the base of others.
    *("NCHAR", "NVARCHAR", "BINARY", "VARBINARY", "BLOB", "CLOB", "DATETIME"),
    *("NumericCommon", "HasExpressionLookup", "STRINGTYPE", "BOOLEANTYPE"),
    *("DOUBLE", "AbstractRange", "AbstractSingleRange", "AbstractMultiRange"),
}
EXTENSIONS = {"CITEXT": "citext", "HSTORE": "hstore"}
"""What a server has to have for a type."""


def type_classes() -> dict[str, type[sa.types.TypeEngine[Any]]]:
    """Return the types of SQLAlchemy and of its dialect, by name."""
    found: dict[str, Any] = {}
    for module, prefix in ((sa.types, ""), (pg, "pg.")):
        for name in dir(module):
            kind = getattr(module, name)
            if not inspect.isclass(kind) or not issubclass(kind, sa.types.TypeEngine):
                continue
            if name.startswith("_") or name in _NO_TYPES:
                continue
            found[f"{prefix}{name}"] = kind

    return found


def types() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield every type, with every argument that changes it."""
    for name, kind in type_classes().items():
        made = _MADE.get(name.removeprefix("pg."))
        if made is not None:
            for number, each in enumerate(made):
                yield f"{name}-{number}", each
            continue

        yield name, kind
        parameters = {
            each for base in kind.__mro__ for each in _parameters(base)
        } & _parameters(kind)
        # PostgreSQL's TEXT has no length.
        if issubclass(kind, sa.Text):
            parameters -= {"length"}
        for parameter in sorted(parameters & _ARGUMENTS.keys()):
            for number, keywords in enumerate(_ARGUMENTS[parameter]):
                yield (
                    f"{name}-{parameter}-{number}",
                    lambda kind=kind, keywords=keywords: kind(**keywords),  # type: ignore[misc]  # the defaults hold the values of this turn
                )


def _parameters(kind: type) -> set[str]:
    try:
        return set(inspect.signature(kind).parameters)
    except (TypeError, ValueError):
        return set()


# -- options ---------------------------------------------------------------


def _table(*items: Any, **keywords: Any) -> Form:
    def build(metadata: sa.MetaData) -> None:
        copied = [each() if callable(each) else each for each in items]
        sa.Table("t", metadata, *_columns(), *copied, **keywords)

    return build


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Text),
        sa.Column("Odd Name", sa.Text),
        sa.Column("j", pg.JSONB),
        sa.Column("r", pg.INT4RANGE),
        sa.Column("v", pg.TSVECTOR),
    ]


def _index(*parts: Any, **keywords: Any) -> Form:
    made: Any = sa.Index
    return _table(lambda: made("ix", *parts, **keywords))


def _keyed_column(metadata: sa.MetaData) -> None:
    table = sa.Table("t", metadata, sa.Column("nm", sa.Text, key="name"))
    made: Any = sa.Index
    made("ix", table.c.name, postgresql_ops={"name": "text_pattern_ops"})


def _covered_key(metadata: sa.MetaData) -> None:
    key = sa.Column("id_col", sa.Integer, key="id", primary_key=True)
    other = sa.Column("Other", sa.Integer, key="other")
    table = sa.Table("t", metadata, key, sa.Column("nm", sa.Text, key="name"), other)
    made: Any = sa.Index
    made("ix", table.c.name, postgresql_include=["id", other])
    table.append_constraint(
        sa.UniqueConstraint("name", name="uq", postgresql_include=["other"])
    )


def _parent(metadata: sa.MetaData, **keywords: Any) -> None:
    sa.Table("p", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("p_id", sa.Integer, sa.ForeignKey("p.id", name="fk", **keywords)),
    )


def _reference(**keywords: Any) -> Form:
    return lambda metadata: _parent(metadata, **keywords)


def _inherits(metadata: sa.MetaData) -> None:
    sa.Table(
        "p",
        metadata,
        sa.Column("id", sa.Integer),
        sa.Column("d", sa.Text, server_default="x", nullable=False),
        sa.CheckConstraint("id > 0", name="ck"),
    )
    child: Any = sa.Table
    child(
        *("c", metadata, sa.Column("e", sa.Integer)),
        postgresql_inherits="p",
    ).add_is_dependent_on(metadata.tables["p"])


def _inherits_and_repeats(metadata: sa.MetaData) -> None:
    sa.Table("p", metadata, sa.Column("id", sa.Integer), sa.Column("x", sa.Text))
    sa.Table(
        *("c", metadata, sa.Column("id", sa.Integer), sa.Column("x", sa.Text)),
        sa.Column("own", sa.Text),
        postgresql_inherits="p",
    ).add_is_dependent_on(metadata.tables["p"])


def _partitioned(metadata: sa.MetaData) -> None:
    sa.Table(
        *("t", metadata, sa.Column("a", sa.Integer), sa.Column("b", sa.Text)),
        postgresql_partition_by="RANGE (a)",
    )


def _exclude(*elements: Any, **keywords: Any) -> Form:
    made: Any = pg.ExcludeConstraint
    return _table(lambda: made(*elements, name="ex", **keywords))


_ = sa.text
OPTIONS: dict[str, Form] = {
    "Index": _index("a"),
    "Index-unique": _index("a", unique=True),
    "Index-several": _index("a", "b", "Odd Name"),
    "Index-using": _index("a", postgresql_using="hash"),
    "Index-using-gin": _index("j", postgresql_using="gin"),
    "Index-using-gist": _index("r", postgresql_using="gist"),
    "Index-using-brin": _index("a", postgresql_using="BRIN"),
    "Index-include": _index("a", postgresql_include=["b", "Odd Name"]),
    "Index-where": _index("a", postgresql_where=_("a > 0 AND b = 'x'")),
    "Index-where-is": _index("a", postgresql_where=_("b IS NOT NULL")),
    "Index-where-in": _index("a", postgresql_where=_("b IN ('x', 'y')")),
    "Index-where-like": _index("a", postgresql_where=_("b LIKE 'x%'")),
    "Index-where-element": _index("a", postgresql_where=sa.column("b").ilike("x%")),
    "Index-where-lines": _index("a", postgresql_where=_("a > 0\n  AND b = 'x'")),
    "Index-ops": _index("b", postgresql_ops={"b": "text_pattern_ops"}),
    "Index-ops-odd": _index(
        "Odd Name", postgresql_ops={"Odd Name": "varchar_pattern_ops"}
    ),
    "Index-ops-gin": _index(
        "j", postgresql_using="gin", postgresql_ops={"j": "jsonb_path_ops"}
    ),
    "Index-ops-default": _index("b", postgresql_ops={"b": "text_ops"}),
    "Index-ops-label": _index(
        sa.func.lower(sa.column("b")).label("lb"),
        postgresql_ops={"lb": "text_pattern_ops"},
    ),
    "Index-ops-text": _index(
        _("lower(b)"), postgresql_ops={"lower(b)": "text_pattern_ops"}
    ),
    "Index-ops-in-text": _index(_("b text_pattern_ops")),
    "Index-ops-in-call": _index(_("lower(b) text_pattern_ops")),
    "Index-ops-in-literal": _index(sa.literal_column("b text_pattern_ops")),
    "Index-ops-desc": _index(_("b text_pattern_ops DESC")),
    "Index-ops-with-parameters": _index(
        _("v tsvector_ops (siglen='100')"), postgresql_using="gist"
    ),
    "Index-ops-of-key": _keyed_column,
    "Index-include-of-key": _covered_key,
    "Index-concurrently": _index("a", postgresql_concurrently=False),
    "Index-with": _index("a", postgresql_with={"fillfactor": 50}),
    "Index-tablespace": _index("a", postgresql_tablespace="pg_default"),
    "Index-nulls_not_distinct": _index(
        "a", unique=True, postgresql_nulls_not_distinct=True
    ),
    "Index-nulls_distinct": _index(
        "a", unique=True, postgresql_nulls_not_distinct=False
    ),
    "Index-expression": _index(_("lower(b)")),
    "Index-expression-concat": _index(_("(b || 'x')")),
    "Index-expression-bare": _index(sa.column("a") + 1),
    "Index-expression-cast": _index(sa.cast(sa.column("a"), sa.Text)),
    "Index-expression-json": _index(_("(j ->> 'k')")),
    "Index-expression-lines": _index(_("coalesce(b,\n   'x')")),
    "Index-expression-collate": _index(sa.column("b").collate("C")),
    "Index-text-collate": _index(_('b COLLATE "C"')),
    "Index-text-collate-call": _index(_('lower(b) COLLATE "C"')),
    "Index-text-collate-desc": _index(_('b COLLATE "C" DESC NULLS LAST')),
    "Index-collate-default": _index(_('b COLLATE "default"')),
    "Index-desc": _index(sa.column("a").desc()),
    "Index-asc": _index(sa.column("a").asc()),
    "Index-text-desc": _index(_("a DESC")),
    "Index-text-asc": _index(_("a ASC")),
    "Index-text-nulls": _index(_("a NULLS FIRST"), _("b DESC NULLS LAST")),
    "Index-nulls-first": _index(sa.column("a").desc().nulls_first()),
    "Index-nulls-last": _index(sa.column("a").nulls_last()),
    "Index-asc-nulls-last": _index(sa.column("a").asc().nulls_last()),
    "Index-call-desc": _index(sa.func.lower(sa.column("b")).desc()),
    "Index-odd-desc": _index(sa.column("Odd Name").desc()),
    "Table": _table(),
    "Table-comment": _table(comment="it's 100 %"),
    "Table-ignore_search_path": _table(postgresql_ignore_search_path=True),
    "Table-tablespace": _table(postgresql_tablespace="pg_default"),
    "Table-partition_by": _partitioned,
    "Table-with_oids": _table(postgresql_with_oids=False),
    "Table-with": _table(postgresql_with={"fillfactor": 70}),
    "Table-on_commit": _table(prefixes=["UNLOGGED"]),
    "Table-inherits": _inherits,
    "Table-inherits-repeated": _inherits_and_repeats,
    "Table-using": _table(postgresql_using="heap"),
    "CheckConstraint": _table(lambda: sa.CheckConstraint("a > 0", name="ck")),
    "CheckConstraint-not_valid": _table(
        lambda: sa.CheckConstraint("a > 0", name="ck", postgresql_not_valid=True)
    ),
    "CheckConstraint-lines": _table(
        lambda: sa.CheckConstraint("a > 0\n  OR b LIKE 'x%'", name="ck")
    ),
    "CheckConstraint-between": _table(
        lambda: sa.CheckConstraint("a BETWEEN 1 AND 5", name="ck")
    ),
    "CheckConstraint-no_inherit": _table(
        lambda: sa.CheckConstraint(_("a > 0) NO INHERIT -- ("), name="ck")
    ),
    "ForeignKeyConstraint": _reference(),
    "ForeignKeyConstraint-not_valid": _reference(postgresql_not_valid=True),
    "ForeignKeyConstraint-initially": _reference(initially="DEFERRED"),
    "ForeignKeyConstraint-initially-immediate": _reference(initially="IMMEDIATE"),
    "ForeignKeyConstraint-deferrable": _reference(deferrable=True),
    "ForeignKeyConstraint-deferred": _reference(deferrable=True, initially="deferred"),
    "ForeignKeyConstraint-not-deferrable": _reference(deferrable=False),
    "ForeignKeyConstraint-match": _reference(match="FULL"),
    "ForeignKeyConstraint-match-simple": _reference(match="SIMPLE"),
    **{
        f"ForeignKeyConstraint-{when}-{what}": _reference(**{when: what})
        for when in ("ondelete", "onupdate")
        for what in ("CASCADE", "set null", "RESTRICT", "SET DEFAULT", "no action")
    },
    "ForeignKeyConstraint-some-null": _reference(ondelete="SET NULL (p_id)"),
    "PrimaryKeyConstraint": lambda metadata: sa.Table(
        *("t", metadata, sa.Column("a", sa.Integer), sa.Column("b", sa.Text)),
        sa.PrimaryKeyConstraint("a", name="the key"),
    ),
    "PrimaryKeyConstraint-include": lambda metadata: sa.Table(
        *("t", metadata, sa.Column("a", sa.Integer), sa.Column("b", sa.Text)),
        sa.PrimaryKeyConstraint("a", name="pk", postgresql_include=["b"]),
    ),
    "PrimaryKeyConstraint-unique": lambda metadata: sa.Table(
        *("t", metadata, sa.Column("a", sa.Integer, primary_key=True, unique=True)),
    ),
    "PrimaryKeyConstraint-index": lambda metadata: sa.Table(
        *("t", metadata, sa.Column("a", sa.Integer, primary_key=True, index=True)),
    ),
    "PrimaryKeyConstraint-deferrable": lambda metadata: sa.Table(
        *("t", metadata, sa.Column("a", sa.Integer), sa.Column("b", sa.Text)),
        sa.PrimaryKeyConstraint("a", name="pk", deferrable=True, initially="DEFERRED"),
    ),
    "UniqueConstraint": _table(lambda: sa.UniqueConstraint("a", name="uq")),
    "UniqueConstraint-unnamed": _table(lambda: sa.UniqueConstraint("a", "b")),
    "UniqueConstraint-include": _table(
        lambda: sa.UniqueConstraint("a", name="uq", postgresql_include=["b"])
    ),
    "UniqueConstraint-nulls_not_distinct": _table(
        lambda: sa.UniqueConstraint("a", name="uq", postgresql_nulls_not_distinct=True)
    ),
    "UniqueConstraint-initially": _table(
        lambda: sa.UniqueConstraint("a", name="uq", initially="DEFERRED")
    ),
    "UniqueConstraint-deferrable": _table(
        lambda: sa.UniqueConstraint("a", name="uq", deferrable=True)
    ),
    "ExcludeConstraint": _exclude(("r", "&&")),
    "ExcludeConstraint-where": _exclude(("r", "&&"), where=_("a > 0")),
    "ExcludeConstraint-expression": _exclude((_("int4range(a, a + 1)"), "&&")),
    "ExcludeConstraint-using": _exclude(("a", "="), using="btree"),
    "ExcludeConstraint-ops": _exclude(
        ("b", "="), using="btree", ops={"b": "text_pattern_ops"}
    ),
    "ExcludeConstraint-deferrable": _exclude(
        ("r", "&&"), deferrable=True, initially="DEFERRED"
    ),
    "ExcludeConstraint-initially": _exclude(("r", "&&"), initially="DEFERRED"),
}

# -- columns ---------------------------------------------------------------


def _column(*arguments: Any, **keywords: Any) -> Form:
    def build(metadata: sa.MetaData) -> None:
        made: Any = sa.Column
        copied = [each() if inspect.isfunction(each) else each for each in arguments]
        sa.Table(
            *("t", metadata, sa.Column("a", sa.Integer), sa.Column("b", sa.Text)),
            made("c", *copied, **keywords),
        )

    return build


def _numbered(
    kind: Any, default: Callable[[Any], Any] | None = None, **keywords: Any
) -> Form:
    def build(metadata: sa.MetaData) -> None:
        sequence = sa.Sequence(**{"name": "q", **keywords}, metadata=metadata)
        numbers: Any = sequence.next_value()
        if default is not None:
            numbers = default(numbers)
        sa.Table("t", metadata, sa.Column("c", kind, server_default=numbers))

    return build


COLUMNS: dict[str, Form] = {
    "system": _column(pg.OID, system=True),
    "xmin": lambda metadata: sa.Table(
        *("t", metadata, sa.Column("a", sa.Integer)),
        sa.Column("xmin", sa.Integer, system=True),
    ),
    "comment": _column(sa.Integer, comment="what's 'it' 5 %"),
    "not-null": _column(sa.Integer, nullable=False),
    "unique": _column(sa.Integer, unique=True),
    "index": _column(sa.Integer, index=True),
    "unique-index": _column(sa.Integer, index=True, unique=True),
    "serial": lambda metadata: sa.Table(
        *("t", metadata, sa.Column("a", sa.Integer, primary_key=True)),
    ),
    "bigserial": lambda metadata: sa.Table(
        *("t", metadata, sa.Column("a", sa.BigInteger, primary_key=True)),
    ),
    "smallserial": lambda metadata: sa.Table(
        *("t", metadata, sa.Column("a", sa.SmallInteger, primary_key=True)),
    ),
    "sequence": _column(sa.Integer, lambda: sa.Sequence("q")),
    "sequence-default": _column(
        sa.Integer, lambda: sa.Sequence("q"), server_default=_("nextval('q')")
    ),
    "sequence-default-next": _numbered(sa.Integer),
    "sequence-default-options": _numbered(
        sa.BigInteger,
        name="Odd Q",
        data_type=sa.SmallInteger,
        start=5,
        increment=2,
        minvalue=1,
        maxvalue=99,
        cycle=True,
        cache=3,
    ),
    "sequence-default-within": _numbered(
        sa.Text, lambda value: "n" + sa.cast(value, sa.Text)
    ),
    "sequence-alone": lambda metadata: sa.Sequence("q", 7, metadata=metadata),
    "identity": _column(sa.Integer, lambda: sa.Identity()),
    "identity-always": _column(sa.Integer, lambda: sa.Identity(always=True)),
    "identity-options": _column(
        sa.BigInteger, lambda: sa.Identity(start=5, increment=2, cycle=True, cache=3)
    ),
    "computed": _column(sa.Integer, lambda: sa.Computed("a * 2", persisted=True)),
    "computed-lines": _column(
        sa.Text, lambda: sa.Computed("b ||\n   'x'", persisted=True)
    ),
    "computed-case": _column(
        sa.Text,
        lambda: sa.Computed(
            "CASE\n WHEN a > 0 THEN 'yes'\n ELSE 'no'\nEND", persisted=True
        ),
    ),
    "computed-cast": _column(
        sa.Text, lambda: sa.Computed("CAST(a AS TEXT)", persisted=True)
    ),
    "computed-coalesce": _column(
        sa.Text, lambda: sa.Computed("coalesce(b, '') || ' x'", persisted=True)
    ),
    "collation": _column(sa.String(5, collation="C")),
}

DEFAULTS: dict[str, tuple[Any, Any]] = {
    "integer": (sa.Integer, "5"),
    "integer-negative": (sa.Integer, "-5"),
    "integer-text": (sa.Integer, _("5")),
    "integer-sum": (sa.Integer, _("2 + 3")),
    "big": (sa.BigInteger, "5000000000"),
    "small": (sa.SmallInteger, "5"),
    "numeric": (sa.Numeric(8, 2), "1.5"),
    "numeric-text": (sa.Numeric(8, 2), _("1.50")),
    "float": (sa.Float, "1.5"),
    "text": (sa.Text, "x"),
    "text-empty": (sa.Text, ""),
    "text-quote": (sa.Text, "it's"),
    "text-backslash": (sa.Text, "a\\b"),
    "text-percent": (sa.Text, "5 %"),
    "text-colon": (sa.Text, "a:b::text"),
    "text-lines": (sa.Text, "a\n b"),
    "text-function": (sa.Text, _("upper('x')")),
    "text-concat": (sa.Text, _("'a' || 'b'")),
    "text-user": (sa.Text, _("current_user")),
    "string": (sa.String(5), "x"),
    "char": (sa.CHAR(5), "x"),
    "char-blank": (sa.CHAR(5), "x    "),
    "boolean": (sa.Boolean, "true"),
    "boolean-one": (sa.Boolean, "1"),
    "boolean-text": (sa.Boolean, _("false")),
    "boolean-true": (sa.Boolean, sa.true()),
    "date": (sa.Date, "2020-01-01"),
    "date-text": (sa.Date, _("'2020-01-01'")),
    "date-now": (sa.Date, _("current_date")),
    "date-func": (sa.Date, sa.func.current_date()),
    "time": (sa.Time, "12:00"),
    "timestamp": (sa.DateTime, "2020-01-01 12:00"),
    "timestamp-now": (sa.DateTime, _("now()")),
    "timestamp-func": (sa.DateTime, sa.func.now()),
    "timestamp-current": (sa.DateTime(timezone=True), _("CURRENT_TIMESTAMP")),
    "timestamp-precision": (sa.DateTime, _("CURRENT_TIMESTAMP(3)")),
    "timestamp-local": (sa.DateTime, _("LOCALTIMESTAMP")),
    "timestamp-utc": (sa.DateTime, _("timezone('utc', now())")),
    "timestamp-at": (sa.DateTime, _("(now() at time zone 'utc')")),
    "timestamp-interval": (sa.DateTime, _("now() + interval '1 day'")),
    "timestamp-string": (sa.DateTime, "now()"),
    "interval": (sa.Interval, "1 day"),
    "interval-text": (sa.Interval, _("interval '90 minutes'")),
    "uuid": (sa.Uuid, "5b4ff2b8-6d7b-4a45-8a3a-3d5d6d2f9c11"),
    "uuid-function": (sa.Uuid, _("gen_random_uuid()")),
    "json": (sa.JSON, "{}"),
    "json-text": (sa.JSON, _("'{\"a\": 1}'::json")),
    "jsonb": (pg.JSONB, '{"a": 1, "b": [2]}'),
    "jsonb-text": (pg.JSONB, _("'[]'::jsonb")),
    "jsonb-function": (pg.JSONB, _("jsonb_build_object('a', 1)")),
    "array": (pg.ARRAY(sa.Integer), "{}"),
    "array-text": (pg.ARRAY(sa.Text), _("'{a,b}'::text[]")),
    "array-constructor": (pg.ARRAY(sa.Text), _("ARRAY['a', 'b']")),
    "array-empty": (pg.ARRAY(sa.Text), _("ARRAY[]::text[]")),
    "enum": (pg.ENUM("a", "b", name="kind"), "a"),
    "enum-cast": (pg.ENUM("a", "b", name="kind"), _("'a'::kind")),
    "bytea": (sa.LargeBinary, _("'\\x00ff'::bytea")),
    "inet": (pg.INET, "127.0.0.1"),
    "cidr": (pg.CIDR, "10.0.0.0/8"),
    "bit": (pg.BIT(3), _("B'101'")),
    "money": (pg.MONEY, "5"),
    "range": (pg.INT4RANGE, "[1,5)"),
    "range-function": (pg.INT4RANGE, _("int4range(1, 5)")),
    "tsvector": (pg.TSVECTOR, _("to_tsvector('english', 'x')")),
    "null": (sa.Text, _("NULL")),
    "null-cast": (sa.Text, _("NULL::text")),
    "case": (sa.Integer, _("CASE WHEN true THEN 1 ELSE 2 END")),
    "coalesce": (sa.Text, _("coalesce(NULL, 'x')")),
    "element": (sa.Integer, sa.literal(2) + 3),
    "cast": (sa.Text, sa.cast(sa.literal_column("5"), sa.Text)),
}


def forms(without: Collection[str] = ()) -> dict[str, Form]:
    """Return every form by its name; types and defaults share a table each.

    :param without: the types that a server does not have.
    """
    made = [
        (name, each)
        for name, each in types()
        if not any(kind in name for kind in without)
    ]
    # A check of each element cannot be said, and arrays of arrays are arrays.
    items = [
        (name, (lambda each=each: pg.ARRAY(sa.types.to_instance(each()))))
        for name, each in made
        if "ARRAY" not in name and "DOMAIN" not in name and name != "Enum-2"
    ]

    return {
        **OPTIONS,
        **{f"column-{name}": build for name, build in COLUMNS.items()},
        "types": _columns_of(made),
        "arrays": _columns_of(items),
        "defaults": lambda metadata: sa.Table(
            *("t", metadata),
            *(
                sa.Column(name, kind, server_default=default)
                for name, (kind, default) in DEFAULTS.items()
            ),
        ),
    }


def count() -> int:
    """Return how many forms there are, each type and default counted."""
    return len(OPTIONS) + len(COLUMNS) + len(DEFAULTS) + 2 * len(list(types()))


def _columns_of(made: Iterable[tuple[str, Callable[[], Any]]]) -> Form:
    return lambda metadata: sa.Table(
        *("t", metadata),
        *(sa.Column(name, sa.types.to_instance(each())) for name, each in made),
    )


def untried() -> set[str]:
    """Return the options of SQLAlchemy's dialect that no form tries."""
    return {
        f"{kind.__name__}-{option}"
        for kind, options in PGDialect.construct_arguments or ()
        for option in options or ()
        if not any(name.startswith(f"{kind.__name__}-{option}") for name in OPTIONS)
    }
