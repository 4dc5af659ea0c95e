"""What stands for the connection while SQL text is written: it writes, and has no rows.

So that a script may ask ``op.get_bind()`` for its dialect, give it to ``create()`` of a
type or a table, and execute on it what it wants no answer from.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.mock import MockConnection

from ..errors import NeedsDatabase
from ..operations import from_arguments
from ..operations.base import Operation


class OfflineConnection(MockConnection):
    """A connection to no database, as SQLAlchemy's own for printing DDL.

    :param write: what carries out an operation by writing it.
    """

    def __init__(self, dialect: sa.Dialect, write: Callable[[Operation], None]) -> None:
        super().__init__(dialect, self._written)
        self._write = write

    def exec_driver_sql(self, statement: str, parameters: Any = None) -> Any:
        """Write text as it is."""
        if parameters:
            raise NeedsDatabase("exec_driver_sql() with parameters")

        return self._written(sa.text(statement.replace(":", r"\:")), None)

    def _written(self, statement: Any, parameters: Any) -> Any:
        for each in _with_values(statement, parameters):
            self._write(from_arguments.execute(each))

        return _NoRows()

    def __getattr__(self, name: str) -> Any:
        # SQLAlchemy asks for names of its own, and is not to be told of --sql.
        if name.startswith("_"):
            raise AttributeError(name)

        raise NeedsDatabase(f"op.get_bind().{name}")


def _with_values(statement: Any, parameters: Any) -> Iterator[Any]:
    if not parameters:
        yield statement
        return

    for values in [parameters] if isinstance(parameters, Mapping) else parameters:
        if isinstance(statement, sa.Insert):
            yield statement.values(values)
        elif isinstance(statement, sa.TextClause):
            yield statement.bindparams(**values)
        else:
            raise NeedsDatabase("execute() of this statement with parameters")


class _NoRows:
    """What a statement returns whose rows nobody has seen. False, as nothing is."""

    def __bool__(self) -> bool:
        return False

    def __iter__(self) -> Iterator[Any]:
        raise NeedsDatabase("reading rows")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        raise NeedsDatabase("reading rows")
