"""Random SQLite tables, and what SQLite says about a table. For tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from hypothesis import strategies as st

from flask_migrations_ext.dialects.sqlite.tokens import folded
from flask_migrations_ext.dialects.sqlite.tokens import RESERVED

Draw = Callable[[st.SearchStrategy[str]], str]
Facts = dict[str, object]

PLAIN = ["a", "b", "ID", "user_id", "größe", "x1", "_y", "naïve$"]
KEYWORDS = ["end", "like", "key", "desc", "glob", "match", "first", "generated", "if"]
STRANGE = ["a b", 'say "hi"', "it's", "`tick`", "[x", "order", "select", "1st", "a,b)"]
names = st.one_of(
    st.sampled_from(PLAIN),
    st.sampled_from(KEYWORDS),
    st.sampled_from(STRANGE),
    st.text(
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1
    ),
    # SQLite keeps such names for itself.
).filter(lambda name: not folded(name).startswith("sqlite_"))
gaps = st.sampled_from([" ", "  ", "\n    ", " /* , ) */ ", " -- ' ( \" \n", "\t"])
types = st.sampled_from(
    ["", "INT", "INTEGER", "varchar(20)", "DECIMAL(10, 2)", "double precision", "[my]"]
)
strict_types = st.sampled_from(["INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"])
conflicts = st.sampled_from(["", "", " ON CONFLICT IGNORE", " on conflict replace"])
defaults = st.sampled_from(
    ["0", "-1.5", "'it''s'", "(1 + (2))", "NULL", "current_timestamp", "x'00'", "true"]
)
actions = st.sampled_from(
    [
        "",
        " ON DELETE CASCADE",
        " ON UPDATE SET NULL ON DELETE NO ACTION",
        " MATCH full DEFERRABLE INITIALLY DEFERRED",
        " NOT DEFERRABLE",
    ]
)
conditions = st.sampled_from(
    [
        "{0} > 0",
        "{0} IS NOT NULL OR {1} LIKE 'a%'",
        "CASE WHEN {0} THEN {1} ELSE 0 END",
        "length({0}) < 10 AND {1} BETWEEN 1 AND 2",
        "{t}.{0} IN (1, 2) AND {0} COLLATE nocase = 'x'",
        "CAST({0} AS integer) = abs({1})",
        "({0}) NOT NULL AND NOT {1} GLOB ')'",
        "{0} || {1} <> 'a' AND coalesce({1}, {0}) ISNULL",
    ]
)


def bare_allowed(name: str) -> bool:
    """Return whether SQLite reads a name without quotes as itself."""
    first_ok = name[0].isascii() and (name[0].isalpha() or name[0] == "_")
    rest_ok = all(c.isascii() and (c.isalnum() or c in "_$") for c in name)

    return first_ok and rest_ok and name.upper() not in RESERVED


@st.composite
def written(draw: Draw, name: str) -> str:
    """Return a name in one of the ways SQLite understands."""
    forms = ['"' + name.replace('"', '""') + '"', "`" + name.replace("`", "``") + "`"]
    if "]" not in name:
        forms.append(f"[{name}]")
    if bare_allowed(name):
        forms += [name, name.upper() if name.isascii() else name]

    return draw(st.sampled_from(forms))


@st.composite
def create_tables(draw: Callable[[st.SearchStrategy[object]], object]) -> str:
    """Return a CREATE TABLE statement with anything that SQLite knows."""
    return _Writer(draw).table()


class _Writer:
    def __init__(self, draw: Callable[..., object]) -> None:
        self.draw = draw
        # After CREATE TABLE, SQLite reads IF as IF NOT EXISTS.
        self.name = str(draw(names.filter(lambda name: folded(name) != "if")))
        chosen = draw(
            st.lists(names, min_size=2, max_size=5, unique_by=lambda n: folded(n))
        )
        assert isinstance(chosen, list)
        self.columns: list[str] = chosen
        self.is_strict = bool(draw(st.booleans()))
        self.key = str(
            draw(st.sampled_from(["none", "column", "table", "autoincrement", "desc"]))
        )
        generated = draw(st.integers(0, len(self.columns) - 1))
        # The first column stays a plain one: a table needs one.
        self.generated = generated if generated and draw(st.booleans()) else None
        plain = [c for i, c in enumerate(self.columns) if i != self.generated]
        self.plain: list[str] = plain

    def one(self, strategy: st.SearchStrategy[str]) -> str:
        return str(self.draw(strategy))

    def gap(self) -> str:
        return self.one(gaps)

    def w(self, name: str) -> str:
        return self.one(written(name))

    def maybe(self, text: str) -> str:
        return text if self.draw(st.booleans()) else ""

    def any_of(self, columns: list[str]) -> str:
        return self.w(self.one(st.sampled_from(columns)))

    def named(self) -> str:
        if not self.draw(st.booleans()):
            return ""

        return f"CONSTRAINT{self.gap()}{self.w(self.one(names))}{self.gap()}"

    def condition(self) -> str:
        first, second = self.any_of(self.columns), self.any_of(self.columns)

        return self.one(conditions).format(first, second, t=self.w(self.name))

    def table(self) -> str:
        parts = [self.column(i, name) for i, name in enumerate(self.columns)]
        parts += self.constraints()
        separator = st.sampled_from([", ", ",\n  ", "\n , ", ", -- it's\n  "])
        body = parts[0]
        for part in parts[1:]:
            body += self.one(separator) + part
        options = []
        if self.is_strict:
            options.append("strict")
        if self.key in ("column", "table") and self.draw(st.booleans()):
            options.append(f"WITHOUT{self.gap()}ROWID")

        return (
            f"CREATE TABLE {self.w(self.name)}{self.maybe(self.gap())}({self.gap()}"
            f"{body}{self.maybe(self.gap())}){', '.join(options)}"
        )

    def column(self, place: int, name: str) -> str:
        is_key = place == 0 and self.key in ("column", "autoincrement", "desc")
        type_text = self.one(strict_types if self.is_strict else types)
        if is_key and self.key == "autoincrement":
            type_text = "integer"
        pieces = []
        if is_key:
            after = {"column": "", "desc": " DESC", "autoincrement": " autoincrement"}
            pieces.append(f"primary{self.gap()}KEY{after[self.key]}")
        if place == self.generated:
            expression = self.any_of(self.plain)
            start = self.one(st.sampled_from(["AS", "generated always as"]))
            end = self.one(st.sampled_from(["", " STORED", " virtual"]))
            pieces.append(f"{start} (coalesce({expression}, 1)){end}")
        else:
            pieces += [self.maybe(f"DEFAULT{self.gap()}{self.one(defaults)}")]
        pieces += [
            self.maybe(f"NOT{self.gap()}NULL{self.one(conflicts)}"),
            self.maybe(f"unique{self.one(conflicts)}"),
            self.maybe(f"CHECK{self.maybe(' ')}({self.condition()})"),
            self.maybe("collate NOCASE"),
            self.maybe(self.references(1)),
        ]
        ordered = self.draw(st.permutations([p for p in pieces if p]))
        assert isinstance(ordered, list)
        text = self.w(name)
        if type_text:
            text += self.gap() + type_text
        for piece in ordered:
            text += self.gap() + self.named() + piece

        return text

    def references(self, count: int) -> str:
        if self.draw(st.booleans()):
            target, columns = self.w(self.name), self.columns[:count]
        else:
            target, columns = "p", ["x", "y"][:count]
        listed = ", ".join(self.w(c) for c in columns)

        return f"REFERENCES {target}{self.gap()}({listed}){self.one(actions)}"

    def constraints(self) -> list[str]:
        found = []
        if self.key == "table":
            key = self.draw(st.permutations(self.plain))
            assert isinstance(key, list)
            listed = ", ".join(self.w(c) + self.maybe(" DESC") for c in key[:2])
            found.append(f"{self.named()}PRIMARY KEY{self.gap()}({listed})")
        if self.draw(st.booleans()):
            pair = ", ".join(self.w(c) for c in self.columns[:2])
            found.append(f"{self.named()}UNIQUE ({pair}){self.one(conflicts)}")
        if self.draw(st.booleans()):
            found.append(f"{self.named()}CHECK{self.gap()}({self.condition()})")
        if self.draw(st.booleans()):
            pair = ", ".join(self.w(c) for c in self.columns[:2])
            found.append(f"{self.named()}FOREIGN KEY ({pair}) {self.references(2)}")

        return found


def quoted(name: str) -> str:
    """Return a name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def stored(connection: sqlite3.Connection, name: str | None = None) -> str:
    """Return the text that SQLite keeps of a table, or of the first one."""
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
    ).fetchall()
    texts = {folded(row[0]): row[1] for row in rows if row[1]}

    return str(next(iter(texts.values())) if name is None else texts[folded(name)])


def facts(connection: sqlite3.Connection, name: str) -> Facts:
    """Return everything that SQLite's pragmas say about a table."""
    table = quoted(name)
    indexes = connection.execute(f"PRAGMA index_list({table})").fetchall()
    options = [
        row[4:]
        for row in connection.execute("PRAGMA table_list").fetchall()
        if folded(row[1]) == folded(name)
    ]

    return {
        "columns": connection.execute(f"PRAGMA table_xinfo({table})").fetchall(),
        "foreign keys": connection.execute(
            f"PRAGMA foreign_key_list({table})"
        ).fetchall(),
        "indexes": [
            (
                *index[2:],
                connection.execute(
                    f"PRAGMA index_xinfo({quoted(index[1])})"
                ).fetchall(),
            )
            for index in indexes
        ],
        "options": options,
    }


def facts_of(sql: str, name: str) -> Facts:
    """Return what SQLite says about the table that a statement makes."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(sql)
        return facts(connection, name)
    finally:
        connection.close()
