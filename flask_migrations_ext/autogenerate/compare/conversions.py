"""Changes of which the two directions differ, and what values need beside them."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from ...operations.base import Operation
from ...operations.columns import AlterColumn
from ...operations.sql import ExecuteSql
from ...operations.tables import AlterTable
from ...schema.model import Options


@dataclass(frozen=True)
class ConvertColumn(AlterColumn):
    """An alteration whose options say how to convert values, there and back."""

    options_back: Options = field(default=(), compare=False, repr=False)

    def reversed(self) -> Operation:
        undone = super().reversed()
        assert isinstance(undone, ConvertColumn)
        return replace(undone, options=self.options_back, options_back=self.options)


@dataclass(frozen=True)
class FillRows(ExecuteSql):
    """A statement that readies rows for what comes next. Undoing that needs none.

    :param remark: what a person is to know of it, for the script.
    """

    remark: str = ""


@dataclass(frozen=True)
class FreeColumn(AlterColumn):
    """An alteration to a column that is not computed: the values stay.

    Where the database has no way back, ``again`` drops the column and adds it anew.
    """

    again: tuple[Operation, ...] = field(default=(), compare=False, repr=False)

    def reversed(self) -> Operation:
        return AlterTable(self.table, self.again)


@dataclass(frozen=True)
class ReversibleSql(ExecuteSql):
    """A statement, and the one that undoes it."""

    back: str = ""

    def reversed(self) -> Operation:
        return replace(self, text=self.back, back=self.text)
