"""What became of the statements of a revision: which are for good, which are gone.

Nothing is assumed. A script may commit or roll back by itself, in SQL or through its
connection: after each statement the driver is asked whether a transaction is open.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from ..dialects.dialect import Dialect
from ..errors.failure import Failure

# What only looks, and is not worth telling of.
_LOOKS = frozenset(
    {"SELECT", "SHOW", "DESCRIBE", "EXPLAIN", "PRAGMA", "SET", "VALUES", "USE", "RESET"}
)
_OF_ROWS = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE"})
_ENDS = {
    **dict.fromkeys(("COMMIT", "END"), "commit"),
    **dict.fromkeys(("ROLLBACK", "ABORT"), "rollback"),
}
_ROLL_BACK = (Failure.DEADLOCK, Failure.DISCONNECTED)
_BEGINS = frozenset({"BEGIN", "START"})
_BEFORE = re.compile(r"(?:[\s;(]|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.S)
_WORD = re.compile(r"\w+")


# Each statement is asked for them several times in a row. It may be long: few are kept.
@lru_cache(maxsize=2)
def words_of(sql: str) -> tuple[str, ...]:
    """Return the first words of a statement, in capitals; comments are passed over."""
    begin = _BEFORE.match(sql)
    start = begin.end() if begin else 0
    return tuple(_WORD.findall(sql[start : start + 120].upper())[:4])


def changes_rows(sql: str) -> bool:
    """Return whether a statement changes rows, and nothing else."""
    return bool(words_of(sql)[:1]) and words_of(sql)[0] in _OF_ROWS


def changes_something(sql: str) -> bool:
    """Return whether a statement changes more than the transaction it is in."""
    words = words_of(sql)
    if not words or words[0] in _LOOKS or _controls(words):
        return False

    return words[0] != "WITH" or any(
        re.search(rf"\b{verb}\b", sql, re.I) for verb in _OF_ROWS
    )


def gives_back(sql: str, context: Any, executemany: bool) -> bool:
    """Return whether a script may go on with what a statement gives back."""
    if "RETURNING" in sql.upper():
        return True

    compiled = getattr(context, "compiled", None)
    if compiled is None or executemany or not getattr(context, "isinsert", False):
        return False

    return not compiled.inline


def _controls(words: tuple[str, ...]) -> bool:
    first = words[0]
    return first in _ENDS or first in _BEGINS or first in ("SAVEPOINT", "RELEASE")


def _parts(sql: str) -> list[str]:
    """Return the statements of a text that may hold several."""
    # The body of a function has semicolons, too.
    if ";" not in sql or re.search(r"\$\w*\$|\bBEGIN\b.*\bEND\b", sql, re.I | re.S):
        return [sql]

    return [part for part in sql.split(";") if part.strip()]


class StatementLog:
    """The statements of one revision, those included that a script sent by itself.

    ``executed`` holds what was executed and was not rolled back by the script; the
    first ``committed`` of them stay, whatever becomes of the others.
    """

    def __init__(self, connection: sa.Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self._by_us = False
        self.is_deaf = False
        """Whether what is executed now is of no revision."""
        self._passes_over = False
        self.forget()

    def forget(self) -> None:
        """Forget what was executed so far."""
        self.executed: list[str] = []
        self.committed = 0
        self.discarded = 0
        """How many the script has rolled back by itself."""
        self.ends: list[str] = []
        """How transactions were ended before: ``commit`` or ``rollback`` by the
        script, ``block`` by us, for a block outside of transactions."""
        self.uncertain = False
        """Whether one was ended in a way that tells not how."""
        self._savepoints: dict[str, int] = {}
        self._running: str | None = None
        self._ending: str | None = None
        self._broken = False

    @property
    def ended(self) -> bool:
        """Whether the script, or what it called, has ended a transaction."""
        return any(how != "block" for how in self.ends)

    @property
    def kept_before(self) -> bool:
        """Whether what was in the transaction before this revision is committed."""
        return bool(self.ends) and self.ends[0] != "rollback"

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Note what happens on the connection within the block, where it listens."""
        is_deaf, self.is_deaf = self.is_deaf, False
        try:
            yield
        finally:
            self.is_deaf, self._passes_over = is_deaf, False

    @contextmanager
    def listening(
        self,
        before: Callable[[str, Any, bool], str | None],
        after: Callable[[], None],
        commit: Callable[[sa.Connection], None],
    ) -> Iterator[None]:
        """Listen to the connection within the block, deaf but for :meth:`hearing`.

        :param before: is called with each statement, noted, before it is executed,
            its context, and whether it is executed for many rows; returns what is to
            be executed in its place, and not noted; None if nothing is.
        :param after: is called after each.
        :param commit: is called, deaf or not, before SQLAlchemy commits.
        """

        def note_before(*arguments: Any) -> tuple[str, Any]:
            sql, parameters, context, executemany = arguments[2:6]
            if self.is_deaf:
                return sql, parameters

            self._before(sql)
            instead = before(sql, context, executemany)
            if instead is None:
                return sql, parameters

            self._pass_over()
            none = [type(parameters[0])()] if executemany else type(parameters)()
            return instead, none

        def note_after(*arguments: Any) -> None:
            if self._passes_over:
                self.is_deaf = self._passes_over = False
            elif not self.is_deaf:
                self._after(arguments[2])
                after()

        listeners: list[tuple[str, Callable[..., Any]]] = [
            ("before_cursor_execute", note_before),
            ("after_cursor_execute", note_after),
            ("commit", self._commit),
            ("commit", commit),
            ("rollback", self._rollback),
        ]
        for name, listener in listeners:
            returns = name.startswith("before")
            sa.event.listen(self._connection, name, listener, retval=returns)
        try:
            with self.deaf():
                yield
        finally:
            for name, listener in listeners:
                sa.event.remove(self._connection, name, listener)

    def settle(self, error: BaseException | None = None) -> None:
        """See what has ended without a word, as the driver or the database do it.

        :param error: what has just been raised, before anything was rolled back.
        """
        failed, self._running = self._running, None
        ending, self._ending = self._ending, None
        if ending is not None:
            refused = isinstance(error, sa.exc.DBAPIError)
            self._end("rollback" if refused else ending)

        if len(self.executed) == self.committed:
            return

        if failed is not None and not self._dialect.transactional_ddl:
            self._settle_failed(failed, error)
        elif not self._is_inside():
            self.uncertain = failed is None
            self._end("rollback" if failed is not None else "commit")

    def _settle_failed(self, failed: str, error: BaseException | None) -> None:
        # A change of a table commits what came before it, even if it fails.
        if self._connection.invalidated or (
            error is not None and self._dialect.failure(error) in _ROLL_BACK
        ):
            self._end("rollback")
        elif not self._dialect.asked_for_transaction(self._connection):
            self._end("commit")

    @contextmanager
    def by_us(self) -> Iterator[None]:
        """Note that what was executed before is committed within the block, by us."""
        self.settle()
        self._by_us = True
        try:
            yield
        except BaseException:
            # What was not committed then is rolled back, by us as well.
            del self.executed[self.committed :]
            raise
        else:
            self.committed = len(self.executed)
            self.ends.append("block")
        finally:
            self._by_us = False
            self._savepoints.clear()

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Note nothing within the block: what is executed there is for us to know."""
        before, self.is_deaf = self.is_deaf, True
        try:
            yield
        finally:
            self.is_deaf = before

    @property
    def hears(self) -> bool:
        """Whether what happens now is the script's own."""
        return not (self._by_us or self.is_deaf)

    def keep(self) -> None:
        """Note that what was executed so far is committed, by us."""
        self.committed = len(self.executed)

    def _pass_over(self) -> None:
        # What runs now is no statement of the script.
        self._running = None
        self.is_deaf = self._passes_over = True

    def _look_whether_broken(self) -> None:
        self._broken = self._is_inside() and self._dialect.is_broken(self._connection)

    def _is_inside(self) -> bool:
        # Asking a lost connection would open another one.
        gone = self._connection.closed or self._connection.invalidated
        return not gone and self._dialect.is_in_transaction(self._connection)

    # -- what SQLAlchemy tells ---------------------------------------------

    def _before(self, sql: str) -> None:
        if not self.hears:
            return

        self.settle()
        self._look_whether_broken()
        self._running = sql

    def _after(self, sql: str) -> None:
        self._running = None
        how = None
        for part in _parts(sql):
            how = self._note(part)

        if how == "rollback" or len(self.executed) == self.committed:
            return

        stays = not self._dialect.transactional_ddl and not changes_rows(sql)
        if (stays and changes_something(sql)) or not self._is_inside():
            self.committed = len(self.executed)

    def _note(self, sql: str) -> str | None:
        words = words_of(sql)
        if not words or "PREPARED" in words[:2]:
            return None

        if changes_something(sql):
            self.executed.append(sql.strip())
        elif words[0] == "SAVEPOINT":
            self._savepoints[words[1]] = len(self.executed)
        elif words[0] in _ENDS and "TO" in words[1:3]:
            self._back_to(words[-1])
        elif words[0] in _ENDS:
            self._end(_ENDS[words[0]])
            return _ENDS[words[0]]
        elif words[0] in _BEGINS and not self._dialect.transactional_ddl:
            self._end("commit")

        return None

    def _commit(self, connection: sa.Connection) -> None:
        if not self.hears:
            return

        # It is told of before it is done, and may be refused.
        self.settle()
        self._look_whether_broken()
        self._ending = "commit"

    def _rollback(self, connection: sa.Connection) -> None:
        if not self.hears:
            return

        self.settle()
        self._ending = "rollback"

    def _back_to(self, name: str) -> None:
        position = max(self._savepoints.get(name, 0), self.committed)
        del self.executed[position:]

    def _end(self, how: str) -> None:
        if self._broken:
            # Then COMMIT is taken, too, and rolls back without a word.
            how = "rollback"
        self.ends.append(how)
        self._savepoints.clear()
        if how == "commit":
            self.committed = len(self.executed)
        else:
            self.discarded += len(self.executed) - self.committed
            del self.executed[self.committed :]
