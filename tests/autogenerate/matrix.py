"""What may change in models, one row for each change and the databases that have it.

Each row is the models before and after, by database where these say it differently.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql

Build = Callable[[sa.MetaData], object]
Items = Callable[[], list[sa.schema.SchemaItem]]

ALL = ("sqlite", "postgresql", "mariadb")
POSTGRESQL = ("postgresql",)
MARIADB = ("mariadb",)
SQLITE = ("sqlite",)
SERVERS = ("postgresql", "mariadb")


@dataclass(frozen=True)
class Row:
    """A change of models.

    :param first: SQL that the database has to have executed before, by its name.
    """

    name: str
    databases: tuple[str, ...]
    before: Build
    after: Build
    convention: tuple[dict[str, str] | None, dict[str, str] | None] = (None, None)
    rows: tuple[dict[str, Any], ...] = ()
    first: dict[str, tuple[str, ...]] = field(default_factory=dict)


def thing(*items: Callable[[], Any], key: bool = True, **keywords: Any) -> Build:
    """Return what makes one table with these items."""

    def build(metadata: sa.MetaData) -> None:
        columns: list[Any] = [sa.Column("id", sa.Integer, primary_key=True)] * key
        made = [item() for item in items]
        sa.Table(
            "thing",
            metadata,
            *columns,
            sa.Column("a", sa.Integer, nullable=False),
            sa.Column("b", sa.String(20)),
            *made,
            **keywords,
        )

    return build


def of_text(**keywords: Any) -> Build:
    """Return what makes a table of the types that a strict one takes."""

    def build(metadata: sa.MetaData) -> None:
        sa.Table(
            "thing",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("b", sa.Text),
            **keywords,
        )

    return build


def column(name: str, *arguments: Any, **keywords: Any) -> Callable[[], Any]:
    return lambda: sa.Column(
        name,
        *(each() if isinstance(each, Late) else each for each in arguments),
        **keywords,
    )


@dataclass(frozen=True)
class Late:
    """What belongs to one column only, and is made anew for each."""

    make: Callable[[], Any]

    def __call__(self) -> Any:
        return self.make()


def identity(**keywords: Any) -> Callable[[], Any]:
    return column("n", sa.BigInteger, Late(lambda: sa.Identity(**keywords)))


def computed(text: str, persisted: bool | None = True) -> Callable[[], Any]:
    return column("c", sa.Integer, Late(lambda: sa.Computed(text, persisted)))


def check(text: str, name: str | None = None) -> Callable[[], Any]:
    return lambda: sa.CheckConstraint(text, name=name)


def index(name: str, *parts: Any, **keywords: Any) -> Callable[[], Any]:
    return lambda: sa.Index(
        name,
        *(each() if isinstance(each, Late) else each for each in parts),
        **keywords,
    )


def unique(*names: str, **keywords: Any) -> Callable[[], Any]:
    return lambda: sa.UniqueConstraint(*names, **keywords)


def sql(text: str) -> Late:
    return Late(lambda: sa.text(text))


def pair(*key: str, nullable: bool = False, name: str | None = None) -> Build:
    """Return what makes a table with this primary key, or with none."""

    def build(metadata: sa.MetaData) -> None:
        sa.Table(
            "pair",
            metadata,
            sa.Column("a", sa.Integer, nullable=False, autoincrement=False),
            sa.Column(
                "b",
                sa.Integer,
                nullable="b" not in key and nullable,
                autoincrement=False,
            ),
            *([sa.PrimaryKeyConstraint(*key, name=name)] if key else []),
        )

    return build


def counted(**keywords: Any) -> Build:
    def build(metadata: sa.MetaData) -> None:
        sa.Table(
            "counted",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True, **keywords),
            sa.Column("b", sa.Integer),
        )

    return build


def referring(**keywords: Any) -> Build:
    def build(metadata: sa.MetaData) -> None:
        sa.Table(
            "parent",
            metadata,
            sa.Column("x", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("y", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("z", sa.Integer, unique=True),
        )
        sa.Table(
            "child",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("px", sa.Integer),
            sa.Column("py", sa.Integer),
            sa.ForeignKeyConstraint(
                ["px", "py"],
                ["parent.x", "parent.y"],
                **{"name": "fk_child", **keywords},
            ),
            sa.Index("ix_child", "px", "py"),
        )

    return build


def sequences(*made: dict[str, Any], use: bool = False) -> Build:
    def build(metadata: sa.MetaData) -> None:
        for each in made:
            sa.Sequence(**each, metadata=metadata)
        thing()(metadata)

    return build


def domain(**keywords: Any) -> Build:
    check = keywords.pop("check", None)

    def build(metadata: sa.MetaData) -> None:
        kind = postgresql.DOMAIN(
            "code",
            sa.String(10),
            check=None if check is None else sa.text(check),
            **keywords,
        )
        thing(column("c", kind))(metadata)

    return build


def elsewhere(schema: str | None) -> Build:
    def build(metadata: sa.MetaData) -> None:
        thing()(metadata)
        if schema is not None:
            sa.Table(
                "x",
                metadata,
                sa.Column("id", sa.Integer, primary_key=True),
                schema=schema,
            )

    return build


def enum(*values: str, **keywords: Any) -> Callable[[], Any]:
    return column("c", sa.Enum(*values, **{"name": "letters", **keywords}))


def enum_column(
    *values: str, array: bool = False, **keywords: Any
) -> Callable[[], Any]:
    kind: Any = sa.Enum(*values, name="letters")
    return column("c", sa.ARRAY(kind) if array else kind, **keywords)


def exclude(**keywords: Any) -> Callable[[], Any]:
    parts = keywords.pop("parts", (("a", "="),))
    return lambda: postgresql.ExcludeConstraint(
        *parts, **{"name": "ex_thing", **keywords}
    )


def many(metadata: sa.MetaData) -> None:
    """Make tables with something of each kind that a convention names."""
    sa.Table(
        "parent",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(9), unique=True),
    )
    sa.Table(
        "child",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id"), index=True),
        sa.Column("n", sa.Integer),
        sa.CheckConstraint("n > 0", name="positive"),
    )


CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def nothing(metadata: sa.MetaData) -> None:
    pass


def both_ways(
    name: str, databases: tuple[str, ...], one: Build, other: Build, **keywords: Any
) -> list[Row]:
    return [
        Row(name, databases, one, other, **keywords),
        Row(f"{name}, back", databases, other, one, **keywords),
    ]


def _rows() -> list[Row]:
    plain = thing()
    text = column("c", sa.String(10))
    number = column("c", sa.Integer)
    found: list[Row] = []

    def add(
        name: str, databases: tuple[str, ...], one: Build, other: Build, **keywords: Any
    ) -> None:
        found.extend(both_ways(name, databases, one, other, **keywords))

    # tables and columns
    add("a table", ALL, nothing, plain)
    add("a column", ALL, plain, thing(text))
    add("NULL", ALL, thing(text), thing(column("c", sa.String(10), nullable=False)))
    add("a type", ALL, thing(text), thing(column("c", sa.Text)))
    add("a length", ALL, thing(text), thing(column("c", sa.String(30))))
    add(
        "no length",
        ("sqlite", "postgresql"),
        thing(text),
        thing(column("c", sa.String())),
    )
    add(
        "a scale",
        ALL,
        thing(column("c", sa.Numeric(8, 2))),
        thing(column("c", sa.Numeric(8, 3))),
    )
    add(
        "no scale",
        ("sqlite", "postgresql"),
        thing(column("c", sa.Numeric(8, 2))),
        thing(column("c", sa.Numeric())),
    )
    add(
        "a time zone",
        POSTGRESQL,
        thing(column("c", sa.DateTime())),
        thing(column("c", sa.DateTime(timezone=True))),
    )
    add(
        "the items of an array",
        POSTGRESQL,
        thing(column("c", sa.ARRAY(sa.Integer))),
        thing(column("c", sa.ARRAY(sa.BigInteger))),
    )
    for database, collations in {
        "sqlite": ("NOCASE", "RTRIM"),
        "postgresql": ("C", "POSIX"),
        "mariadb": ("utf8mb4_bin", "utf8mb4_german2_ci"),
    }.items():
        one, other = (
            thing(column("c", sa.String(10, collation=each))) for each in collations
        )
        add(f"a collation of {database}", (database,), thing(text), one)
        add(f"another collation of {database}", (database,), one, other)
    add(
        "a character set",
        MARIADB,
        thing(text),
        thing(column("c", mysql.VARCHAR(10, charset="latin1"))),
    )
    # what a column has by itself
    add(
        "a default",
        ALL,
        thing(number),
        thing(column("c", sa.Integer, server_default="7")),
    )
    add(
        "another default",
        ALL,
        thing(column("c", sa.String(9), server_default="x")),
        thing(column("c", sa.String(9), server_default="it's")),
    )
    add(
        "a function as a default",
        ALL,
        thing(column("c", sa.DateTime)),
        thing(column("c", sa.DateTime, server_default=sa.func.now())),
    )
    add(
        "a comment",
        SERVERS,
        thing(number),
        thing(column("c", sa.Integer, comment="it's")),
    )
    add("a comment of a table", SERVERS, plain, thing(comment="it's"))
    add(
        "an identity",
        POSTGRESQL,
        thing(column("n", sa.BigInteger, nullable=False)),
        thing(identity()),
    )
    add("identity: always", POSTGRESQL, thing(identity()), thing(identity(always=True)))
    for option, value in {
        "start": 5,
        "increment": 3,
        "maxvalue": 100,
        "cycle": True,
        "cache": 9,
    }.items():
        add(
            f"identity: {option}",
            POSTGRESQL,
            thing(identity()),
            thing(identity(**{option: value})),
        )
    add(
        "identity: minvalue",
        POSTGRESQL,
        thing(identity()),
        thing(identity(minvalue=-4, start=1)),
    )
    add(
        "identity: downwards",
        POSTGRESQL,
        thing(identity(start=-1, minvalue=-9)),
        thing(identity(increment=-1, minvalue=-9)),
    )
    add(
        "identity: two options",
        POSTGRESQL,
        thing(identity(start=5, cache=2)),
        thing(identity(start=7, increment=2)),
    )
    add("computed", ALL, thing(number), thing(computed("a + 1")))
    add("computed otherwise", ALL, thing(computed("a + 1")), thing(computed("a + 2")))
    add(
        "computed, not kept",
        ("sqlite", "mariadb"),
        thing(computed("a + 1")),
        thing(computed("a + 1", False)),
    )
    add(
        "computed: a type",
        ALL,
        thing(computed("a + 1")),
        thing(column("c", sa.BigInteger, Late(lambda: sa.Computed("a + 1", True)))),
    )
    # options of tables
    add("strict", SQLITE, of_text(), of_text(sqlite_strict=True))
    add("without rowid", SQLITE, of_text(), of_text(sqlite_with_rowid=False))
    add(
        "strict and without rowid",
        SQLITE,
        of_text(sqlite_strict=True),
        of_text(sqlite_with_rowid=False),
    )
    add("sqlite_autoincrement", SQLITE, of_text(), of_text(sqlite_autoincrement=True))
    # keys
    for convention in (None, "pk_pair"):
        named = f" ({convention})" if convention else ""
        add(f"a primary key{named}", ALL, pair(), pair("a", name=convention))
        add(
            f"a wider primary key{named}",
            ALL,
            pair("a", name=convention),
            pair("a", "b", name=convention),
        )
        add(
            f"a primary key that moves{named}",
            ALL,
            pair("a", name=convention),
            pair("b", name=convention),
        )
        add(
            f"a primary key in another order{named}",
            ALL,
            pair("a", "b", name=convention),
            pair("b", "a", name=convention),
        )
        add(
            f"a column that leaves a key and takes NULL{named}",
            ALL,
            pair("a", "b", name=convention),
            pair("a", nullable=True, name=convention),
        )
    add("ondelete", ALL, referring(), referring(ondelete="CASCADE"))
    add("onupdate", ALL, referring(), referring(onupdate="CASCADE"))
    add("deferrable", ("sqlite", "postgresql"), referring(), referring(deferrable=True))
    add(
        "initially",
        ("sqlite", "postgresql"),
        referring(),
        referring(deferrable=True, initially="DEFERRED"),
    )
    add("match", POSTGRESQL, referring(), referring(match="FULL"))
    # unique constraints
    add("unique", ALL, plain, thing(unique("a")))
    add("unique, named", ALL, plain, thing(unique("a", "b", name="uq_thing")))
    add(
        "the name of a unique",
        ALL,
        thing(unique("a", name="uq_one")),
        thing(unique("a", name="uq_other")),
    )
    add(
        "the order of a unique",
        ALL,
        thing(unique("a", "b", name="uq_thing")),
        thing(unique("b", "a", name="uq_thing")),
    )
    add(
        "a unique that waits",
        POSTGRESQL,
        thing(unique("a", name="uq_thing")),
        thing(unique("a", name="uq_thing", deferrable=True, initially="DEFERRED")),
    )
    add(
        "a unique without two NULLs",
        POSTGRESQL,
        thing(unique("b", name="uq_thing")),
        thing(unique("b", name="uq_thing", postgresql_nulls_not_distinct=True)),
    )
    add(
        "a unique that includes",
        POSTGRESQL,
        thing(unique("a", name="uq_thing")),
        thing(unique("a", name="uq_thing", postgresql_include=["b"])),
    )
    # checks
    add("a named check", ALL, plain, thing(check("a > 0", "positive")))
    add(
        "a named check says otherwise",
        ALL,
        thing(check("a > 0", "of_a")),
        thing(check("a > 1 AND b <> 'x'", "of_a")),
    )
    add(
        "the name of a check",
        ALL,
        thing(check("a > 0", "of_a")),
        thing(check("a > 0", "of_b")),
    )
    add("a check", ALL, plain, thing(check("a > 0")))
    add("a check says otherwise", ALL, thing(check("a > 0")), thing(check("a > 1")))
    add(
        "one check of two",
        ALL,
        thing(check("a > 0"), check("b <> 'x'")),
        thing(check("a > 0"), check("b <> 'y'")),
    )
    for name in (None, "ck_c"):
        add(
            f"the check of a Boolean ({name})",
            ("sqlite", "mariadb"),
            thing(column("c", sa.Boolean)),
            thing(column("c", sa.Boolean(create_constraint=True, name=name))),
        )
        add(
            f"the check of an Enum ({name})",
            ALL,
            thing(enum("a", "b", native_enum=False, name=name, length=9)),
            thing(
                enum(
                    "a",
                    "b",
                    native_enum=False,
                    name=name,
                    create_constraint=True,
                    length=9,
                )
            ),
        )
        add(
            f"the values of a checked Enum ({name})",
            ALL,
            thing(
                enum(
                    "a",
                    "b",
                    native_enum=False,
                    name=name,
                    create_constraint=True,
                    length=9,
                )
            ),
            thing(
                enum(
                    "a",
                    "b",
                    "it's",
                    native_enum=False,
                    name=name,
                    create_constraint=True,
                    length=9,
                )
            ),
        )
    add("an exclude", POSTGRESQL, plain, thing(exclude(using="btree")))
    add(
        "an exclude says otherwise",
        POSTGRESQL,
        thing(exclude(using="btree")),
        thing(exclude(using="btree", parts=(("a", "="), ("b", "=")))),
    )
    add(
        "an exclude with a condition",
        POSTGRESQL,
        thing(exclude(using="btree")),
        thing(exclude(using="btree", where="a > 3")),
    )
    add(
        "an exclude that waits",
        POSTGRESQL,
        thing(exclude(using="btree")),
        thing(exclude(using="btree", deferrable=True, initially="DEFERRED")),
    )
    add(
        "the name of an exclude",
        POSTGRESQL,
        thing(exclude(using="btree")),
        thing(exclude(using="btree", name="ex_other")),
    )
    # indexes
    add("an index", ALL, plain, thing(index("ix", "a")))
    add("the name of an index", ALL, thing(index("ix", "a")), thing(index("iy", "a")))
    add(
        "the columns of an index",
        ALL,
        thing(index("ix", "a")),
        thing(index("ix", "a", "b")),
    )
    add(
        "the order of an index",
        ALL,
        thing(index("ix", "a", "b")),
        thing(index("ix", "b", "a")),
    )
    add(
        "a unique index",
        ALL,
        thing(index("ix", "a")),
        thing(index("ix", "a", unique=True)),
    )
    add(
        "an index on an expression",
        ("sqlite", "postgresql"),
        thing(index("ix", sql("lower(b)"))),
        thing(index("ix", sql("upper(b)"))),
    )
    add(
        "an index downwards",
        ("sqlite", "postgresql"),
        thing(index("ix", "a")),
        thing(index("ix", sql("a DESC"))),
    )
    some = {f"{each}_where": sa.text("a > 3") for each in ("sqlite", "postgresql")}
    others = {f"{each}_where": sa.text("a > 4") for each in ("sqlite", "postgresql")}
    add(
        "where",
        ("sqlite", "postgresql"),
        thing(index("ix", "b")),
        thing(index("ix", "b", **some)),
    )
    add(
        "where otherwise",
        ("sqlite", "postgresql"),
        thing(index("ix", "b", **some)),
        thing(index("ix", "b", **others)),
    )
    only: dict[str, dict[str, Any]] = {
        "using": {"postgresql_using": "hash"},
        "include": {"postgresql_include": ["b"]},
        "with": {"postgresql_with": {"fillfactor": 50}},
        "nulls not distinct": {"postgresql_nulls_not_distinct": True, "unique": True},
    }
    for name, keywords in only.items():
        more = {"unique": True} if "unique" in keywords else {}
        add(
            f"an index: {name}",
            POSTGRESQL,
            thing(index("ix", "a", **more)),
            thing(index("ix", "a", **keywords)),
        )
    found.append(
        Row(
            "an index: concurrently",
            POSTGRESQL,
            thing(),
            thing(index("ix", "a", postgresql_concurrently=True), index("iy", "b")),
        )
    )
    add(
        "an index: ops",
        POSTGRESQL,
        thing(index("ix", "b")),
        thing(index("ix", "b", postgresql_ops={"b": "varchar_pattern_ops"})),
    )
    add(
        "an index: with otherwise",
        POSTGRESQL,
        thing(index("ix", "a", postgresql_with={"fillfactor": 50})),
        thing(index("ix", "a", postgresql_with={"fillfactor": 60})),
    )
    add(
        "an index: nulls first",
        POSTGRESQL,
        thing(index("ix", "b")),
        thing(index("ix", sql("b NULLS FIRST"))),
    )
    add(
        "an index: nulls last",
        POSTGRESQL,
        thing(index("ix", sql("b DESC"))),
        thing(index("ix", sql("b DESC NULLS LAST"))),
    )
    add(
        "an index: a collation",
        ("postgresql",),
        thing(index("ix", "b")),
        thing(index("ix", sql('b COLLATE "C"'))),
    )
    add(
        "an index: a prefix",
        MARIADB,
        thing(index("ix", "b")),
        thing(index("ix", "b", mariadb_length=5)),
    )
    add(
        "an index: another prefix",
        MARIADB,
        thing(index("ix", "b", mariadb_length={"b": 4})),
        thing(index("ix", "b", mariadb_length={"b": 5})),
    )
    add(
        "an index: fulltext",
        MARIADB,
        thing(index("ix", "b")),
        thing(index("ix", "b", mariadb_prefix="FULLTEXT")),
    )
    # enum types
    letters = thing(enum_column("a", "b"))
    add("an enum", ALL, thing(text), letters)
    add("an enum has more", SERVERS, letters, thing(enum_column("a", "x", "b", "c")))
    add("an enum in another order", SERVERS, letters, thing(enum_column("b", "a")))
    add("an enum with other values", SERVERS, letters, thing(enum_column("a", "z")))
    add(
        "an enum with a default",
        SERVERS,
        thing(enum_column("a", "b", server_default="a")),
        thing(enum_column("a", "c", server_default="a")),
    )
    add(
        "an array of an enum",
        POSTGRESQL,
        thing(enum_column("a", "b", array=True)),
        thing(enum_column("a", "c", array=True)),
    )
    # what stands beside tables
    add("a domain", POSTGRESQL, thing(text), domain())
    # options of tables
    # names

    add(
        "a domain: a check",
        POSTGRESQL,
        domain(check="VALUE <> 'x'"),
        domain(check="VALUE <> 'y'"),
    )
    add("a domain: a default", POSTGRESQL, domain(), domain(default="x"))
    add("a domain: NULL", POSTGRESQL, domain(), domain(not_null=True))
    # What a schema is for, nobody knows: it stays when its tables go.
    found.append(Row("a schema", POSTGRESQL, elsewhere(None), elsewhere("Else where")))

    return found


ROWS = {row.name: row for row in _rows()}
