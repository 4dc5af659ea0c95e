"""All tables of a MariaDB schema by a fixed number of queries.

SQLAlchemy's inspector asks MySQL and MariaDB once for each table. On MariaDB, the
views of ``information_schema`` hold the same texts as ``SHOW CREATE TABLE``, so one
query for each of them does; what is made of them is what the inspector makes.

MySQL writes some of these texts otherwise (``information_schema.columns`` has defaults
without their quotes), and no server of it was at hand to try: there, and on MariaDB
before 10.5, the inspector reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cached_property
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from ...schema.from_database import DatabaseReader
from ...schema.from_database import IncludeName
from .types import MySQLType
from .types import with_meant_values

_Facts = dict[str, Any]
_Key = tuple[str | None, str]
_Rows = Mapping[str, Sequence[Any]]

_TABLES = """
SELECT table_name, table_comment, table_collation, engine, create_options
FROM information_schema.tables
WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_type = 'BASE TABLE'
"""

_COLUMNS = """
SELECT table_name, column_name, column_type, character_set_name, collation_name,
    column_default, is_nullable, extra, column_comment, generation_expression
FROM information_schema.columns
WHERE table_schema = COALESCE(:schema, DATABASE())
ORDER BY table_name, ordinal_position
"""

_INDEXES = """
SELECT table_name, index_name, column_name, sub_part, non_unique, index_type,
    collation AS direction
FROM information_schema.statistics
WHERE table_schema = COALESCE(:schema, DATABASE())
ORDER BY table_name, index_name, seq_in_index
"""

_FOREIGN_KEYS = """
SELECT table_name, constraint_name, column_name, referenced_table_name,
    referenced_column_name, NULLIF(referenced_table_schema, table_schema) AS elsewhere
FROM information_schema.key_column_usage
WHERE table_schema = COALESCE(:schema, DATABASE())
    AND referenced_table_name IS NOT NULL
ORDER BY table_name, constraint_name, ordinal_position
"""

# Joined to the one above by the server, it takes thirty times as long.
_RULES = """
SELECT table_name, constraint_name, update_rule, delete_rule
FROM information_schema.referential_constraints
WHERE constraint_schema = COALESCE(:schema, DATABASE())
"""

_CHECKS = """
SELECT table_name, constraint_name, check_clause, level
FROM information_schema.check_constraints
WHERE constraint_schema = COALESCE(:schema, DATABASE())
ORDER BY table_name, constraint_name
"""

_READ_SINCE = (10, 5)
"""The first MariaDB that tells the checks of columns from those of tables."""


class MySQLReader(DatabaseReader):
    """Reads MySQL through the inspector, MariaDB by a query for each kind of thing."""

    def __init__(
        self, connection: sa.Connection, include_name: IncludeName | None = None
    ) -> None:
        super().__init__(connection, include_name)
        dialect: Any = connection.dialect
        version = dialect.server_version_info or ()
        inspector: Any = Inspected(connection)
        if dialect.is_mariadb and tuple(version[:2]) >= _READ_SINCE:
            inspector = MariaDBCatalog(connection)

        self.inspector = inspector


class Inspected:
    """SQLAlchemy's inspector, with the values of ENUM and SET as they are meant."""

    def __init__(self, connection: sa.Connection) -> None:
        self._inspector: Any = sa.inspect(connection)
        self._escapes: bool = getattr(connection.dialect, "_backslash_escapes", True)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inspector, name)

    def get_multi_columns(self, schema: str | None, names: Sequence[str]) -> Any:
        """Return the columns of tables."""
        found = self._inspector.get_multi_columns(schema, names)
        for column in (each for columns in found.values() for each in columns):
            column["type"] = with_meant_values(column["type"], self._escapes)

        return found


class MariaDBCatalog:
    """Answers what a reader asks of SQLAlchemy's inspector, from a few queries."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._dialect: Any = connection.dialect
        self._escapes: bool = getattr(self._dialect, "_backslash_escapes", True)
        self._type_of = lru_cache(maxsize=None)(self._made_type)
        self._rows = lru_cache(maxsize=None)(self._queried)

    def get_table_names(self, schema: str | None) -> list[str]:
        """Return the names of the tables of a schema."""
        return list(self._rows(_TABLES, schema))

    def get_multi_columns(self, schema: str | None, names: Sequence[str]) -> Any:
        """Return the columns of tables, as the inspector does."""
        tables = self._rows(_TABLES, schema)
        json = {
            (row.table_name, row.constraint_name)
            for rows in self._rows(_CHECKS, schema).values()
            for row in rows
            if row.level == "Column" and row.check_clause.startswith("json_valid(")
        }
        return self._multi(
            schema,
            names,
            _COLUMNS,
            lambda rows: [
                self._column(
                    row,
                    tables[row.table_name][0].table_collation,
                    (row.table_name, row.column_name) in json,
                )
                for row in rows
            ],
        )

    def get_multi_pk_constraint(self, schema: str | None, names: Sequence[str]) -> Any:
        """Return the primary keys of tables, as the inspector does."""

        def made(rows: Sequence[Any]) -> _Facts:
            columns = [row.column_name for row in rows if row.index_name == "PRIMARY"]
            return {"constrained_columns": columns, "name": None}

        return self._multi(schema, names, _INDEXES, made)

    def get_multi_foreign_keys(self, schema: str | None, names: Sequence[str]) -> Any:
        """Return the foreign keys of tables, as the inspector does."""
        rules = {
            (row.table_name, row.constraint_name): row
            for rows in self._rows(_RULES, schema).values()
            for row in rows
        }
        return self._multi(
            schema,
            names,
            _FOREIGN_KEYS,
            lambda rows: [
                _foreign_key(key, rules[key[0].table_name, key[0].constraint_name])
                | {"referred_schema": key[0].elsewhere or schema}
                for key in _by(rows, "constraint_name")
            ],
        )

    def get_multi_indexes(self, schema: str | None, names: Sequence[str]) -> Any:
        """Return the indexes of tables, as the inspector does."""
        return self._multi(
            schema,
            names,
            _INDEXES,
            lambda rows: [
                self._index(index)
                for index in _by(rows, "index_name")
                if index[0].index_name != "PRIMARY"
            ],
        )

    def get_multi_unique_constraints(
        self, schema: str | None, names: Sequence[str]
    ) -> Any:
        """Return the unique indexes of tables, which are their unique constraints."""
        return self._multi(
            schema,
            names,
            _INDEXES,
            lambda rows: [
                {
                    "name": index[0].index_name,
                    "column_names": [row.column_name for row in index],
                    "duplicates_index": index[0].index_name,
                }
                for index in _by(rows, "index_name")
                if not index[0].non_unique and index[0].index_name != "PRIMARY"
            ],
        )

    def get_multi_check_constraints(
        self, schema: str | None, names: Sequence[str]
    ) -> Any:
        """Return the checks of tables; that of a column belongs to the column."""
        return self._multi(
            schema,
            names,
            _CHECKS,
            lambda rows: [
                {"name": row.constraint_name, "sqltext": row.check_clause}
                for row in rows
                if row.level == "Table"
            ],
        )

    def get_multi_table_comment(self, schema: str | None, names: Sequence[str]) -> Any:
        """Return the comments of tables, as the inspector does."""
        return self._multi(
            schema, names, _TABLES, lambda rows: {"text": rows[0].table_comment or None}
        )

    def get_multi_table_options(self, schema: str | None, names: Sequence[str]) -> Any:
        """Return the engines, character sets and other options of tables."""
        return self._multi(
            schema, names, _TABLES, lambda rows: self._table_options(rows[0])
        )

    # -- the parts ---------------------------------------------------------

    def _column(self, row: Any, default_collation: str, is_json: bool) -> _Facts:
        own = is_json or row.collation_name != default_collation
        made = self._type_of(
            row.column_type,
            row.character_set_name if own else None,
            row.collation_name if own else None,
        )
        extra = row.extra.lower()
        facts = {
            "name": row.column_name,
            "type": made,
            "nullable": row.is_nullable == "YES",
            "default": _default(row.column_default, extra),
            "comment": row.column_comment or None,
        }
        if "auto_increment" in extra:
            facts["autoincrement"] = True
        elif isinstance(made, sa.Integer):
            facts["autoincrement"] = False
        if row.generation_expression:
            facts["computed"] = {
                "sqltext": f"({row.generation_expression})",
                "persisted": "stored" in extra,
            }

        return facts

    def _made_type(
        self, text: str, charset: str | None, collation: str | None
    ) -> sa.types.TypeEngine[Any]:
        said = MySQLType.parse(text, escapes=self._escapes)
        return said.collated(charset, collation).element(self._kinds)

    @cached_property
    def _kinds(self) -> Mapping[str, Any]:
        # Some that MariaDB alone has are left out, depending on what the URL says.
        declared = {name.lower(): getattr(mysql, name, None) for name in _OF_MARIADB}
        return {**declared, **self._dialect.ischema_names}

    def _index(self, rows: Sequence[Any]) -> _Facts:
        first, prefix = rows[0], rows[0].index_type
        is_special = prefix in ("FULLTEXT", "SPATIAL")
        name = self._dialect.name
        options: _Facts = {f"{name}_prefix": prefix} if is_special else {}
        lengths = {
            row.column_name: row.sub_part
            for row in rows
            if row.sub_part and row.direction != "D"
        }
        if lengths and not is_special:
            options[f"{name}_length"] = lengths
        facts: _Facts = {
            "name": first.index_name,
            "column_names": [row.column_name for row in rows],
            "unique": not first.non_unique,
        }
        if any(row.direction == "D" for row in rows):
            facts["expressions"] = [self._part(row) for row in rows]
            facts["column_names"] = [
                None if row.direction == "D" else row.column_name for row in rows
            ]
        return {**facts, "dialect_options": options} if options else facts

    def _part(self, row: Any) -> str:
        if row.direction != "D":
            return str(row.column_name)

        quoted = self._dialect.identifier_preparer.quote(row.column_name)
        length = f"({row.sub_part})" if row.sub_part else ""
        return f"{quoted.replace('%%', '%')}{length} DESC"

    def _table_options(self, row: Any) -> _Facts:
        name, collation = self._dialect.name, row.table_collation
        options = {
            "engine": row.engine,
            "default charset": collation.partition("_")[0] if collation else None,
            "collate": collation,
        }
        for each in (row.create_options or "").split():
            option, _, value = each.partition("=")
            if option in _OPTIONS:
                options[option] = value
        return {f"{name}_{option}": value for option, value in options.items() if value}

    # -- asking ------------------------------------------------------------

    def _multi(
        self,
        schema: str | None,
        names: Iterable[str],
        query: str,
        made: Callable[[Sequence[Any]], Any],
    ) -> dict[_Key, Any]:
        rows = self._rows(query, schema)
        return {(schema, name): made(rows[name]) for name in names if name in rows}

    def _queried(self, query: str, schema: str | None) -> _Rows:
        found: dict[str, list[Any]] = defaultdict(list)
        for row in self._connection.execute(sa.text(query), {"schema": schema}):
            found[row.table_name].append(row)

        return found


_OF_MARIADB = ("INET4", "INET6")
_OPTIONS = ("row_format", "key_block_size", "avg_row_length", "max_rows", "min_rows")
"""Those that SQLAlchemy knows of ``create_options``."""


def _default(text: str | None, extra: str) -> str | None:
    _, on_update, moment = extra.partition("on update ")
    if on_update:
        return f"{text or 'NULL'} ON UPDATE {moment}"

    return None if text == "NULL" else text


def _foreign_key(rows: Sequence[Any], rule: Any) -> _Facts:
    first = rows[0]
    rules = {"onupdate": rule.update_rule, "ondelete": rule.delete_rule}
    return {
        "name": first.constraint_name,
        "constrained_columns": [row.column_name for row in rows],
        "referred_table": first.referenced_table_name,
        "referred_columns": [row.referenced_column_name for row in rows],
        # Both of these are what is done without a rule.
        "options": {
            name: action
            for name, action in rules.items()
            if action not in ("RESTRICT", "NO ACTION")
        },
    }


def _by(rows: Iterable[Any], name: str) -> list[list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, name)].append(row)

    return list(groups.values())
