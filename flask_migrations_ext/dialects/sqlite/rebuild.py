"""Replaces a SQLite table by one of another definition, with all that it holds.

SQLite alters little by itself; everything else is a new table under the old name.
What must not change is counted before and compared after: the rows of the table
and of all that point to it, foreign keys, views and triggers.
https://www.sqlite.org/lang_altertable.html#otheralter
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ...errors import DataAtRisk
from ...errors import UnsupportedOperation
from ...portion import Portion
from ...portion import Tell
from ...wording import counted
from ..dialect import Statement
from ..dialect import Statements
from .catalog import Dependent
from .catalog import literal
from .catalog import Rows
from .catalog import SqliteCatalog
from .catalog import StoredText
from .constraints import foreign_keys_change
from .data_checks import converted
from .data_checks import refuse_losses
from .data_checks import rowid_name
from .data_checks import sampled
from .definition import TableText
from .outline import parse_index
from .tokens import quote
from .transaction import foreign_keys_are_on
from .transaction import is_in_transaction
from .transaction import without_foreign_keys

_SAVEPOINT = "_fme_rebuild"

Raw = Callable[..., Statement]


def rebuilt(
    raw: Raw, connection: sa.Connection, old: TableText, new: TableText
) -> Statements:
    """Yield what replaces table ``old`` of the database by ``new``.

    Columns of the same name keep their values.

    :param raw: makes a statement of a text.
    :raises DataAtRisk: if rows would be lost or changed.
    :raises UnsupportedOperation: if a view or trigger would not work any more.
    :raises RestartStep: if foreign keys have to be switched off first.
    """
    refuse_losses(connection, old, new)
    catalog = SqliteCatalog(connection)
    if foreign_keys_are_on(connection) and (
        catalog.is_referred_to(old.name) or catalog.violations([old.name])
    ):
        without_foreign_keys(connection, f"rebuild table '{old.name}'")

    check = _RebuildCheck(catalog, old, new)
    rebuild = _Rebuild(raw, connection, old, new)
    if is_in_transaction(connection):
        yield from rebuild.statements()
        check.compare()
        return

    yield raw(f"SAVEPOINT {_SAVEPOINT}")
    try:
        yield from rebuild.statements()
        check.compare()
    except BaseException:
        connection.exec_driver_sql(f"ROLLBACK TO {_SAVEPOINT}")
        connection.exec_driver_sql(f"RELEASE {_SAVEPOINT}")
        raise
    yield raw(f"RELEASE {_SAVEPOINT}")


class _Rebuild:
    def __init__(
        self, raw: Raw, connection: sa.Connection, old: TableText, new: TableText
    ) -> None:
        self.raw = raw
        self.connection = connection
        self.catalog = SqliteCatalog(connection)
        self.old = old
        self.new = new
        self.interim = f"_fme_new_{old.name}"

    def statements(self) -> Statements:
        # Read now: the texts go away with the table.
        indexes = self.catalog.indexes_of(self.old.name)
        triggers = self.catalog.triggers_of(self.old.name)
        temporary = self.catalog.temporary_triggers_of(self.old.name)
        kept = [each for each in indexes if self._fits(each)]
        comment = self._comment([each for each in indexes if each not in kept])

        yield from self._make_room()
        yield self.raw(self.new.render(self.interim), comment=comment)
        yield replace(self.raw(self._copy()), copies=self.old.name)
        yield from self._sequence()
        statistics = self.catalog.statistics_of(self.old.name)
        keys = self.catalog.index_keys(self.old.name) if statistics else {}
        yield from self._move(statistics, self.old.name, self.interim)
        yield self.raw(f"DROP TABLE {quote(self.old.name)}")
        yield from self._rename()
        for each in (*kept, *triggers):
            yield self.raw(each.sql or "")
        left = self.catalog.temporary_triggers_of(self.old.name)
        for each in temporary:
            if each not in left:
                yield self.raw(each.sql or "")
        yield from self._keep(statistics, keys)

    def _make_room(self) -> Statements:
        # Alembic makes its copy in no transaction, and may leave it. While the table
        # itself is there, nothing is in the copy that is not in the table.
        leftover = f"_alembic_tmp_{self.old.name}"
        if self.catalog.find(leftover):
            yield self.raw(
                f"DROP TABLE {quote(leftover)}",
                comment="left over from a rebuild that did not finish",
            )
        if self.catalog.find(self.interim):
            # It cannot be ours: those are gone with their transactions.
            raise UnsupportedOperation(
                "SQLite",
                f"rebuild table '{self.old.name}': there is a table '{self.interim}',"
                " the name that is needed for it",
                "rename that table, or drop it if nobody needs it",
            )

    def _comment(self, dropped: list[StoredText]) -> str:
        names = ", ".join(f"'{each.name}'" for each in dropped)
        lost = f"; its index {names} goes with its column" if dropped else ""

        return f"rebuild of table '{self.old.name}'{lost}"

    def _fits(self, index: StoredText) -> bool:
        """Return whether no column that an index is on has been dropped."""
        used = parse_index(index.sql or "").columns

        return not any(
            self.old.find_column(name) and not self.new.find_column(name)
            for name in used
        )

    def _copy(self) -> str:
        pairs = [
            (quote(column.name), converted(self.old, self.new, column.name))
            for column in self.new.columns
            if not column.is_generated and self.old.find_column(column.name)
        ]
        rowid = self._kept_rowid()
        if rowid is not None:
            pairs.insert(0, (rowid, rowid))

        # OR ABORT: an ON CONFLICT clause of the table must not throw rows away.
        return (
            f"INSERT OR ABORT INTO {quote(self.interim)}"
            f" ({', '.join(target for target, _ in pairs)})"
            f" SELECT {', '.join(source for _, source in pairs)}"
            f" FROM {quote(self.old.name)}"
        )

    def _kept_rowid(self) -> str | None:
        """Return the name of the rowid, where no column carries it over."""
        if self.old.without_rowid or self.new.without_rowid:
            return None
        alias = self.new.rowid_alias
        if alias is not None and self.old.find_column(alias.name):
            return None

        return rowid_name(self.old, self.new)

    def _sequence(self) -> Statements:
        # The highest number ever given counts, not the highest there is.
        if not (self.old.has_autoincrement and self.new.has_autoincrement):
            return
        interim, name = literal(self.interim), literal(self.old.name)
        yield self.raw(f"DELETE FROM sqlite_sequence WHERE name = {interim}")
        yield self.raw(
            f"INSERT INTO sqlite_sequence (name, seq) SELECT {interim}, seq"
            f" FROM sqlite_sequence WHERE name = {name}"
        )

    def _move(self, statistics: Sequence[str], table: str, to: str) -> Statements:
        for each in statistics:
            yield self.raw(
                f"UPDATE {each} SET tbl = {literal(to)}"
                f" WHERE tbl = {literal(table)} COLLATE NOCASE"
            )

    def _keep(
        self, statistics: Sequence[str], keys: Mapping[str, Sequence[str | None]]
    ) -> Statements:
        """Yield what keeps the results of ANALYZE, of indexes that are as before."""
        if not statistics:
            return
        now = self.catalog.index_keys(self.old.name)
        gone = [literal(name) for name in keys if now.get(name) != keys[name]]
        for each in statistics:
            if gone:
                yield self.raw(
                    f"DELETE FROM {each} WHERE tbl = {literal(self.interim)}"
                    f" AND idx IN ({', '.join(gone)})"
                )
        yield from self._move(statistics, self.interim, self.old.name)

    def _rename(self) -> Statements:
        rename = self.raw(
            f"ALTER TABLE {quote(self.interim)} RENAME TO {quote(self.old.name)}"
        )
        pragma = "PRAGMA legacy_alter_table"
        if self.connection.exec_driver_sql(pragma).scalar():
            yield rename
            return

        # Otherwise SQLite reads all views and triggers here, and those that name
        # the table stop it. Left on, it would let later changes break them.
        yield self.raw(f"{pragma}=ON")
        try:
            yield rename
        except BaseException:
            self.connection.exec_driver_sql(f"{pragma}=OFF")
            raise
        yield self.raw(f"{pragma}=OFF")


class _RebuildCheck:
    """Remembers what a rebuild must not change."""

    def __init__(self, catalog: SqliteCatalog, old: TableText, new: TableText) -> None:
        self.catalog = catalog
        self.table = old.name
        self.tables = (old.name, *catalog.dependants(old.name))
        self.counts = catalog.counts(self.tables)
        # To look each row up in another table takes longer than the rebuild.
        checks = foreign_keys_change(old, new, catalog.referred_columns(old.name))
        self.checked = self.tables if checks else ()
        self.violations = catalog.violations(self.checked)
        self.broken = catalog.broken()

    def compare(self) -> None:
        """Raise an error if something has changed.

        :raises DataAtRisk: if rows are missing, or point nowhere.
        :raises UnsupportedOperation: if a view or trigger does not compile.
        """
        for table, number in self.catalog.counts(self.tables).items():
            if number != self.counts[table]:
                raise DataAtRisk(
                    f"after the rebuild of table '{self.table}', table '{table}' has"
                    f" {counted(number, 'row')} and not {self.counts[table]}",
                    "nothing has been changed; please report this",
                )

        self._compare_foreign_keys(self.catalog.violations(self.checked))
        for dependent, reason in self.catalog.broken().items():
            if dependent not in self.broken:
                self._refuse_broken(dependent, reason)

    def _compare_foreign_keys(self, now: Mapping[str, Rows]) -> None:
        for table, rows in now.items():
            new = rows - self.violations.get(table, Rows())
            mismatch = next((each for each in new if isinstance(each, str)), None)
            # A script may drop a key and make it anew: no row, and nothing at risk.
            if new and not (mismatch and not self.counts[table]):
                reason = f" ({mismatch})" if mismatch else sampled(new)
                raise DataAtRisk(
                    f"the change of table '{self.table}' would leave"
                    f" {counted(new.total(), 'foreign key')} of table '{table}'"
                    f" pointing nowhere{reason}",
                    "correct or delete those rows, or drop the foreign key, first",
                )

    def _refuse_broken(self, dependent: Dependent, reason: str) -> None:
        raise UnsupportedOperation(
            "SQLite",
            f"change table '{self.table}' like this: {dependent.title} would not work"
            f" any more ({reason})",
            "drop it first and create it again afterwards, with op.execute()",
        )


# -- how far it is ---------------------------------------------------------

# SQLite tells nothing of a statement that runs, but calls back after so many steps of
# its virtual machine. The copy is one loop, whose length its program shows.
# https://www.sqlite.org/c3ref/progress_handler.html

_STEPS = 1_000_000
"""After how many steps SQLite calls back: some fifty times in a second."""

_PAUSE = 0.1
"""Seconds between two tellings."""


@contextmanager
def copying(
    connection: sa.Connection, table: str, sql: str, total: int, tell: Tell
) -> Iterator[None]:
    """Tell how many rows are copied by a statement that runs in the block."""
    driver: Any = connection.connection.dbapi_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return

    length = _steps_of_loop(driver, sql)
    if not length or not total:
        yield
        return

    steps, told = 0, time.monotonic()

    def called_back() -> int:
        nonlocal steps, told
        steps += _STEPS
        if (now := time.monotonic()) - told >= _PAUSE:
            told = now
            done = min(steps // length, total)
            tell(Portion(f"rebuild of table {table}", done, total, "rows"))
        # Anything else would interrupt the statement.
        return 0

    driver.set_progress_handler(called_back, _STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def _steps_of_loop(driver: sqlite3.Connection, sql: str) -> int:
    """Return how long the longest loop of a statement is; 0 if that is not known."""
    with suppress(sqlite3.Error):
        program = driver.execute(f"EXPLAIN {sql}").fetchall()
        return max(
            (row[0] - row[3] + 1 for row in program if row[1] == "Next"), default=0
        )
    return 0
