"""SQL in the words of the database that a script is written for, and of others.

An app that is developed on one database and runs on another has one script for
both: where they say the same thing differently, the script holds what each is told.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ...dialects.dialect import Dialect
from ...dialects.registry import compared_databases
from ...dialects.registry import dialect_for
from ...errors import UnsupportedExpression
from ...schema.model import Expression
from ...schema.sql_text import SqlText


@dataclass(frozen=True)
class Said:
    """A text, and what the databases of other dialects are told instead."""

    text: str
    others: Mapping[str, str] = field(default_factory=dict)

    def changed(self, change: Callable[[str], str]) -> Said:
        """Return it with each text changed."""
        return Said(
            change(self.text),
            {name: change(text) for name, text in self.others.items()},
        )


@dataclass(frozen=True)
class Words:
    """The words of databases.

    :param own: of the database that the script is written for; none: no certain one.
    """

    own: Dialect | None = None

    def said(self, expression: Expression, only: str | None = None) -> Said:
        """Return a piece of SQL.

        :param only: the name of the one database that is ever told.
        :raises UnsupportedExpression: if the database has no words for it.
        """
        if expression.element is None:
            return Said(expression.text)

        element = expression.element
        if only is not None:
            return Said(self._of_name(only).write(element))

        return self._each(
            lambda dialect: dialect.write(element), lambda: expression.text
        )

    def statement(self, element: Any) -> Said:
        """Return a statement, with its values written into it."""
        return self._each(
            lambda dialect: dialect.compiled(element),
            lambda: str(element.compile(compile_kwargs={"literal_binds": True})),
        )

    def _each(self, say: Callable[[Dialect], str], neutral: Callable[[], str]) -> Said:
        text = neutral() if self.own is None else say(self.own)
        others: dict[str, str] = {}
        for dialect in self._others:
            try:
                told = say(dialect)
            except (UnsupportedExpression, sa.exc.SQLAlchemyError):
                continue  # that database says so itself, should it ever run

            if told != SqlText(text, others).said_to(dialect.sa_dialect):
                others[dialect.name] = told

        return Said(text, others)

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        """The dialect of the database, and those of the others."""
        return self._others if self.own is None else (self.own, *self._others)

    @cached_property
    def _others(self) -> tuple[Dialect, ...]:
        return tuple(self._without_own(compared_databases()))

    def _without_own(self, names: tuple[str, ...]) -> Iterator[Dialect]:
        for name in names:
            if self.own is None or name != self.own.name:
                # No package for it: the app cannot run on that database.
                with suppress(sa.exc.NoSuchModuleError):
                    yield _loaded(name)

    def _of_name(self, name: str) -> Dialect:
        own = self.own
        return own if own is not None and own.name == name else _loaded(name)


def _loaded(name: str) -> Dialect:
    kind: Any = sa.make_url(f"{name}://").get_dialect()
    return dialect_for(kind())
