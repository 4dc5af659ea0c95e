"""The changes of one table, said together where that can be: one ``ALTER TABLE``.

Each statement is for good at once, and what stands between two of them may be refused:
a key without its counting column, a foreign key without an index. Said in one, they
are done together or not at all, and the rows are copied once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from ...operations.base import Operation
from ...operations.columns import AddColumn
from ...operations.columns import AlterColumn
from ...operations.columns import DropColumn
from ...operations.constraints import AddConstraint
from ...operations.constraints import DropConstraint
from ...operations.indexes import CreateIndex
from ...operations.indexes import DropIndex
from ...operations.tables import CommentTable
from ...schema.model import PrimaryKey
from ...schema.model import TableName
from ...schema.model import Unique
from ..dialect import Dialect
from ..dialect import Statement
from ..dialect import Statements
from .catalog import foreign_key_columns
from .catalog import index_columns
from .catalog import serves

Say = Callable[[Operation], Statements]
"""What makes the statements of one operation by itself."""


class Together:
    """Says operations on one table in as few statements as they allow.

    :param say: what says one of them by itself.
    """

    def __init__(
        self,
        dialect: Dialect,
        table: TableName,
        connection: sa.Connection | None,
        say: Say,
    ) -> None:
        self.dialect = dialect
        self.table = table
        self.connection = connection
        self.say = say
        self._waiting: list[Statement] = []
        self._done: list[Operation] = []
        self._clauses: list[str] = []

    def statements(self, operations: Sequence[Operation]) -> Statements:
        """Yield what has to be said for the operations, in order."""
        for operation in _with_numbers(operations):
            alone = not _can_wait(operation)
            # What is waiting is not there yet to be looked at.
            if alone or _columns_of([operation]) & _columns_of(self._done):
                yield from self._flush()

            yield from self._collect(operation)
            if alone:
                yield from self._flush()

        yield from self._flush()

    def _collect(self, operation: Operation) -> Statements:
        for statement in self.say(operation):
            clause = self._clause(statement)
            if clause is None or _renames(operation):
                yield from self._flush()
                yield statement
                continue

            if self._excludes(clause):
                yield from self._flush()
            self._waiting.append(statement)
            self._done.append(operation)
            # A column that is dropped drops its foreign keys, too.
            parts = [each for each in _parts(clause) if each not in self._clauses]
            self._clauses += parts

    def _flush(self) -> Iterator[Statement]:
        waiting, clauses = self._waiting, self._clauses
        more = list(self._indexes_for_keys()) if waiting else []
        self._waiting, self._done, self._clauses = [], [], []
        if len(waiting) == 1 and not more:
            yield waiting[0]
        elif waiting:
            comments = [each.comment for each in waiting if each.comment]
            raw = f"ALTER TABLE {self.dialect.table_text(self.table)} "
            said = self.dialect.raw(raw + ", ".join([*clauses, *more]))
            yield replace(said, comment="\n".join(comments) or None)

    def _clause(self, statement: Statement) -> str | None:
        """Return what stands after ``ALTER TABLE t``; None if it cannot stand there."""
        table, text = self.dialect.table_text(self.table), self.dialect.text(statement)
        if text.startswith(f"ALTER TABLE {table} "):
            return text.removeprefix(f"ALTER TABLE {table} ")
        if text.startswith("DROP INDEX ") and text.endswith(f" ON {table}"):
            return text.removesuffix(f" ON {table}")

        created, on, parts = text.partition(f" ON {table} (")
        # Of indexes of full text, InnoDB makes one at a time.
        if on and created.startswith(("CREATE INDEX ", "CREATE UNIQUE INDEX ")):
            return f"ADD {created.removeprefix('CREATE ')} ({parts}"

        return None

    def _excludes(self, clause: str) -> bool:
        """Return whether a clause has to wait until what is waiting is done.

        To drop and to add foreign keys in one statement needs an algorithm without a
        copy: https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html
        """
        adds, drops = _ADDS_KEY.match, _DROPS_KEY.match
        if adds(clause):
            return any(map(drops, self._clauses))

        return bool(drops(clause)) and any(map(adds, self._clauses))

    def _indexes_for_keys(self) -> Iterator[str]:
        """Yield what adds an index for each foreign key that would lose its last one.

        The servers refuse to drop the index that a foreign key needs.
        """
        dropped = [
            (found["kind"], self._unquoted(found["name"] or "PRIMARY"))
            for clause in self._clauses
            if (found := _DROPS.match(clause)) is not None
        ]
        if self.connection is None or all(kind == "FOREIGN KEY" for kind, _ in dropped):
            return

        gone = {name for kind, name in dropped if kind != "FOREIGN KEY"}
        gone_keys = {name for kind, name in dropped if kind == "FOREIGN KEY"}
        indexes = index_columns(self.connection, self.table)
        if not gone & set(indexes):
            return

        kept: list[Sequence[object]]
        kept = [parts for name, parts in indexes.items() if name not in gone]
        kept += [parts for operation in self._done for parts in _indexed_by(operation)]
        for name, columns in foreign_key_columns(self.connection, self.table).items():
            if name in gone_keys or any(serves(each, columns) for each in kept):
                continue

            free = name if name not in set(indexes) - gone else columns[0]
            listed = ", ".join(map(self.dialect.quote, columns))
            yield f"ADD INDEX {self.dialect.quote(free)} ({listed})"

    def _unquoted(self, name: str) -> str:
        return name[1:-1].replace("``", "`") if name.startswith("`") else name


_NAME = r"(?P<name>`(?:[^`]|``)*`|[^\s,]+)"
_DROPS = re.compile(
    rf"DROP (?P<kind>INDEX|FOREIGN KEY|PRIMARY KEY)(?: IF EXISTS)?(?: {_NAME})?"
)
_DROPS_KEY = re.compile("DROP FOREIGN KEY ")
_ADDS_KEY = re.compile(rf"ADD (?:CONSTRAINT {_NAME} )?FOREIGN KEY")


def _parts(clause: str) -> Iterator[str]:
    while _DROPS_KEY.match(clause) and ", " in clause:
        dropped, _, clause = clause.partition(", ")
        yield dropped

    yield clause


def _can_wait(operation: Operation) -> bool:
    """Return whether an operation may be done later, with those after it."""
    # Whether a thing exists is looked up, and so is a column that has a new name.
    hedged = any(getattr(operation, each, False) for each in _HEDGES)
    if hedged or _renames(operation):
        return False

    return isinstance(operation, _ALTERATIONS)


_HEDGES = ("if_exists", "if_not_exists")
_ALTERATIONS = (
    *(AddColumn, AlterColumn, DropColumn),
    *(AddConstraint, DropConstraint),
    *(CreateIndex, DropIndex),
    CommentTable,
)


def _renames(operation: Operation) -> bool:
    return isinstance(operation, AlterColumn) and operation.new_name is not None


def _columns_of(operations: Iterable[Operation]) -> set[str]:
    """Return the columns that operations make, change or drop."""
    return {
        each.column.name.lower() if isinstance(each, AddColumn) else each.name.lower()
        for each in operations
        if isinstance(each, AddColumn | AlterColumn | DropColumn)
    }


def _indexed_by(operation: Operation) -> Iterator[Sequence[object]]:
    """Yield the columns of each index that an operation makes."""
    match operation:
        case CreateIndex():
            yield operation.index.parts
        case AddConstraint(constraint=PrimaryKey() | Unique() as key):
            yield key.columns
        case AddColumn():
            if operation.inline_primary_key:
                yield (operation.column.name,)


def _with_numbers(operations: Sequence[Operation]) -> list[Operation]:
    """Return the operations, new columns that are to be the key with their key.

    A column that numbers the rows has to be a key when it comes.
    """
    new = {
        (each.column.name,)
        for each in operations
        if isinstance(each, AddColumn) and each.column.primary_key
    }
    keyed = [each for each in new if any(_is_key_of(one, each) for one in operations)]
    said: list[Operation] = []
    for each in operations:
        if isinstance(each, AddColumn) and (each.column.name,) in keyed:
            said.append(replace(each, inline_primary_key=True))
        elif not any(_is_key_of(each, columns) for columns in keyed):
            said.append(each)

    return said


def _is_key_of(operation: Operation, columns: tuple[str, ...]) -> bool:
    return (
        isinstance(operation, AddConstraint)
        and isinstance(operation.constraint, PrimaryKey)
        and operation.constraint.columns == columns
    )
