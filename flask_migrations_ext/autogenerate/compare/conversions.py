"""A change of type that the database needs help with, in either direction."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from ...operations.base import Operation
from ...operations.columns import AlterColumn
from ...schema.model import Options


@dataclass(frozen=True)
class ConvertColumn(AlterColumn):
    """An alteration whose options say how to convert values, there and back."""

    options_back: Options = field(default=(), compare=False, repr=False)

    def reversed(self) -> Operation:
        undone = super().reversed()
        assert isinstance(undone, ConvertColumn)
        return replace(undone, options=self.options_back, options_back=self.options)
