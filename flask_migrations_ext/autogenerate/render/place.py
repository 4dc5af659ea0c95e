"""Where calls of ``op`` are written: at the level of the function, or in a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...schema.model import TableName
from .elements import name_node
from .layout import Call
from .layout import call
from .layout import literal
from .layout import Node
from .types import RenderContext


@dataclass(frozen=True)
class Place:
    """Where calls are written: at the level of the function, or in a batch block."""

    context: RenderContext
    batch: str | None

    def call(
        self,
        function: str,
        *arguments: Node | None,
        schema: str | None = None,
        options: Mapping[str, Node] | None = None,
        **plain: Node,
    ) -> Call:
        """Return a call of a function of ``op``; None is no argument."""
        said = [each for each in arguments if each is not None]
        keywords = {**plain, **(options or {})}
        if self.batch is not None:
            return call(f"{self.batch}{function}", *said, **keywords)
        if schema is not None:
            keywords["schema"] = literal(schema)

        return call(self.context.op(function), *said, **keywords)

    def table(self, name: TableName) -> Node | None:
        """Return the argument that names the table, if there has to be one."""
        return literal(name.name) if self.batch is None else None

    def name(self, name: str | None) -> Node:
        """Return the argument that names an index or constraint."""
        return name_node(name, self.context, self.batch)
