"""SQL text of a context of one's own, written as it comes."""

from __future__ import annotations

from collections.abc import Callable

from ...dialects.dialect import Dialect
from ...execution.text_executor import TextExecutor


class WritingExecutor(TextExecutor):
    """Writes operations as SQL text, each at once.

    :param sink: takes the text.
    """

    def __init__(self, dialect: Dialect, sink: Callable[[str], None]) -> None:
        super().__init__(dialect, None)
        self._sink = sink

    def write(self, text: str) -> None:
        self._sink(f"{self.dialect.ended(text)}\n")
