"""A statement that runs, of which a note can be made.

Most run in a transaction that ends with their revision: of those, none is ever made.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...masking import shown_query
from ...operations.base import Operation
from ...schema.model import TableName
from .fingerprint import of_operation
from .fingerprint import of_statement
from .table import DONE
from .table import Entry
from .table import PART
from .traces import is_of_rows
from .traces import table_in
from .traces import table_of


@dataclass(frozen=True)
class Said:
    """A statement by its place in a revision; ``operation`` is what it belongs to.

    :param of: the revision, and its direction.
    """

    of: tuple[str, str]
    ordinal: int
    part: int
    operation: Operation | None
    sql: str

    @property
    def table(self) -> TableName | None:
        """The table whose definition it changes, as far as that is known."""
        if is_of_rows(self.sql):
            return None

        return table_of(self.operation) if self.operation else table_in(self.sql)

    def note(self, *, is_done: bool = False) -> Entry:
        """Return the note of it.

        :param is_done: whether its operation has come to its end as well.
        """
        statement = of_statement(self.sql)
        return Entry(
            *self.of,
            self.ordinal,
            self.part,
            of_operation(self.operation) if self.operation else statement,
            statement,
            DONE if is_done or self.operation is None else PART,
            shown_query(self.sql),
            on=str(self.table or ""),
        )
