"""The side table: when revisions were applied, by whom, how long it took, and as what.

It stands beside the version table, which stays as it is: a tool that knows nothing of
the one goes on with the other. What it holds decides nothing about what runs.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ..schema.model import TableName
from ..schema.own_tables import record_table
from .applied import Applied

_REVISION = "revision"
_PROTECTED = "protected"


class RecordTable:
    """Reads and writes the side table of one version table.

    :param connection: the database. Nothing is committed here.
    """

    def __init__(self, version_table: TableName, connection: sa.Connection) -> None:
        self._name = record_table(version_table)
        self._connection = connection

    @cached_property
    def _table(self) -> sa.Table:
        return sa.Table(
            self._name.name,
            sa.MetaData(),
            sa.Column("kind", sa.String(16), primary_key=True),
            sa.Column("name", sa.String(255), primary_key=True),
            sa.Column("applied_at", sa.String(32)),
            sa.Column("applied_by", sa.String(255)),
            sa.Column("seconds", sa.Float),
            sa.Column("message", sa.Text),
            sa.Column("file", sa.Text),
            sa.Column("parents", sa.Text),
            sa.Column("digest", sa.String(64)),
            sa.Column("fingerprint", sa.String(64)),
            schema=self._name.schema,
        )

    def exists(self) -> bool:
        """Return whether the table is there."""
        inspector = sa.inspect(self._connection)
        return bool(inspector.has_table(self._name.name, schema=self._name.schema))

    def create(self) -> None:
        """Create the table, unless it is there."""
        create = sa.schema.CreateTable(self._table, if_not_exists=True)
        self._connection.execute(create)

    def read(self) -> tuple[Mapping[str, Applied], bool]:
        """Return what the table knows of revisions, by their ids; and whether the
        database is marked as one not to be lost."""
        rows = self._connection.execute(sa.select(self._table)).all()
        known = {row.name: _applied(row) for row in rows if row.kind == _REVISION}
        return known, any(row.kind == _PROTECTED for row in rows)

    def write(self, applied: Applied) -> None:
        """Remember a revision, in place of what was known of it."""
        self.forget([applied.id])
        values = {name: _plain(value) for name, value in asdict(applied).items()}
        self._insert(
            _REVISION,
            applied.id,
            applied_at=values["at"],
            applied_by=values["by"],
            seconds=applied.seconds,
            message=values["message"],
            file=values["file"],
            parents=" ".join(applied.parents),
            digest=applied.digest,
            fingerprint=applied.fingerprint,
        )

    def forget(self, ids: Collection[str]) -> None:
        """Forget revisions."""
        for id in ids:
            self._delete(_REVISION, id)

    def protect(self, protected: bool) -> None:
        """Mark the database as one not to be lost, or take the mark away."""
        self._delete(_PROTECTED, _PROTECTED)
        if protected:
            self._insert(_PROTECTED, _PROTECTED)

    def _insert(self, kind: str, name: str, **values: Any) -> None:
        insert = self._table.insert().inline()
        self._connection.execute(insert.values(kind=kind, name=name, **values))

    def _delete(self, kind: str, name: str) -> None:
        columns = self._table.c
        self._connection.execute(
            self._table.delete().where(columns.kind == kind, columns.name == name)
        )


def _plain(value: Any) -> Any:
    # The database may have an alphabet of its own, and no message is to stop a run.
    if isinstance(value, str):
        return value.encode("ascii", "backslashreplace").decode()

    return value


def _applied(row: sa.Row[Any]) -> Applied:
    return Applied(
        id=row.name,
        at=_shown(row.applied_at),
        by=_shown(row.applied_by),
        seconds=float(row.seconds or 0),
        message=_shown(row.message),
        file=_shown(row.file),
        parents=tuple(_shown(row.parents).split()),
        digest=row.digest or "",
        fingerprint=row.fingerprint or "",
    )


def _shown(text: str | None) -> str:
    # Whoever can write there is not to write to terminals.
    return "".join(each if each.isprintable() else "?" for each in text or "")
