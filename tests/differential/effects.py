"""What a script leaves behind, run by either engine, on a database or from its text."""

from __future__ import annotations

import datetime
import re
import sqlite3
import warnings
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.laws.looks import rows
from tests.laws.looks import structure
from tests.laws.runs import feed

from .case import Case
from .normal import normal
from .starts import CONNECTED
from .starts import MariaDBTables
from .starts import send
from .starts import tables_of


@dataclass(frozen=True)
class Effect:
    """What is there afterwards; or ``refused``, in the words of who refused."""

    tables: dict[str, Any]
    rows: dict[str, Any]
    refused: str | None = None
    sent: str | None = field(default=None, compare=False)
    """What was sent to get there, where it has no parameters; as ``normal`` has it."""


class Ground:
    """A database that is emptied and filled for each run."""

    def __init__(self, url: sa.URL) -> None:
        self.url = url
        self._name = url.get_backend_name()
        self._engine = sa.create_engine(url, connect_args=CONNECTED[self._name])
        self._mariadb = MariaDBTables()

    def effect(
        self, case: Case, run: Callable[[sa.Engine], object], *known: Effect
    ) -> Effect:
        """Return the effect of a run, from the start of the case.

        The same statements have the same effect: that of the known ones is returned.
        """
        with self._begun(case, case.begins_with, with_rows=True) as engine:
            with statements_of(engine) as sent:
                try:
                    run(engine)
                except Exception as error:  # whatever an engine refuses with
                    return refusal(error)

            said = None if None in sent else normal(";".join(map(str, sent)))
            same = (each for each in known if said is not None and each.sent == said)

            return next(same, None) or replace(look(engine), sent=said)

    def effect_of_text(self, case: Case, text: str, *known: Effect) -> Effect:
        """Return the effect of SQL text, as its driver alone understands it."""
        said = normal(text)
        for each in known:
            if each.sent == said and each.refused is None:
                return each

        found = self.effect(case, lambda _: self._feed(case, text))

        return replace(found, sent=said)

    def _feed(self, case: Case, text: str) -> None:
        if self._name != "sqlite":
            if normal(text):  # MariaDB takes no text of comments alone
                feed(self.url, text)
            return

        with closing(sqlite3.connect(str(self.url.database))) as connection:
            connection.execute(f"PRAGMA foreign_keys={int(case.foreign_keys)}")
            connection.executescript(text)

    def as_created(self, case: Case) -> Effect:
        """Return what the case says is there afterwards; its rows are not said."""
        assert case.after is not None, f"{case.name}: say what is there afterwards"

        with self._begun(case, case.after, with_rows=False) as engine:
            return look(engine)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _begun(
        self, case: Case, metadata: sa.MetaData, *, with_rows: bool
    ) -> Iterator[sa.Engine]:
        engine = self._engine
        if self._name == "sqlite":
            Path(str(self.url.database)).unlink(missing_ok=True)
            engine = sa.create_engine(self.url)
            if case.foreign_keys:
                sa.event.listen(engine, "connect", _switch_foreign_keys_on)
        with engine.connect() as connection:
            self._reset(connection, metadata, with_rows)
        yield engine
        if engine is not self._engine:
            engine.dispose()

    def _reset(
        self, connection: sa.Connection, metadata: sa.MetaData, with_rows: bool
    ) -> None:
        tables = tables_of(metadata, self._name, with_rows)
        if self._name == "mariadb":
            self._mariadb.reset(connection, tables)
            return

        first = {
            "sqlite": ["PRAGMA synchronous = OFF", "BEGIN"],
            "postgresql": ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"],
        }[self._name]
        send(
            connection, [*first, *(each for table in tables.values() for each in table)]
        )


@contextmanager
def statements_of(engine: sa.Engine) -> Iterator[list[str | None]]:
    """Yield a list that gets the statements that change something.

    One with parameters is None: it says only half of what is done.
    """
    sent: list[str | None] = []

    def note(*arguments: Any) -> None:
        _, _, statement, parameters, *_ = arguments
        if not statement.lstrip().upper().startswith(_LOOKS):
            doubled = engine.dialect.identifier_preparer._double_percents
            plain = statement.replace("%%", "%") if doubled else statement
            sent.append(None if parameters else plain)

    sa.event.listen(engine, "after_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "after_cursor_execute", note)


_LOOKS = ("SELECT", "SHOW", "DESCRIBE", "EXPLAIN", "PRAGMA", "SET", "WITH")


def refusal(error: Exception) -> Effect:
    """Return the effect of a run that was refused."""
    return Effect({}, {}, f"{type(error).__name__}: {error}")


def _switch_foreign_keys_on(driver: Any, _record: object) -> None:
    driver.execute("PRAGMA foreign_keys=ON")


def look(engine: sa.Engine) -> Effect:
    """Return what is there."""
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of types that SQLAlchemy does not know

        tables = dict(structure(connection))
        if engine.dialect.name == "sqlite":
            tables = _with_own_references(connection, tables)

        return Effect(_timeless(tables), _timeless(rows(connection)))


def _with_own_references(
    connection: sa.Connection, tables: dict[str, Any]
) -> dict[str, Any]:
    # SQLAlchemy knows only half of a reference that is said with its column.
    found = dict(tables)
    for key in found:
        if key.startswith("foreign keys of "):
            table = key.removeprefix("foreign keys of ")
            listed = connection.execute(
                sa.text("SELECT * FROM pragma_foreign_key_list(:name)"), {"name": table}
            )
            found[key] = sorted(tuple(row)[1:] for row in listed)

    return found


def _timeless(found: Any) -> Any:
    # No two runs take place at the same time.
    if isinstance(found, Mapping):
        return {key: _timeless(value) for key, value in found.items()}
    if isinstance(found, list):
        return [_timeless(each) for each in found]

    if isinstance(found, str):
        # A sequence keeps the name of the column that it was made for.
        found = re.sub(r"nextval\('.*?'", "nextval(", found)
    recent = isinstance(found, datetime.datetime) and found.year > 2024
    return "now" if recent or _NOW.fullmatch(str(found)) else found


_NOW = re.compile(r"20[2-9][0-9]-\d\d-\d\d \d\d:\d\d:\d\d")
