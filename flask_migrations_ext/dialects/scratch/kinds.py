"""Which kinds of databases have scratch databases, and what makes them."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import sqlalchemy as sa

from ..registry import dialect_for
from .databases import ScratchDatabases
from .files import FileDatabases
from .mysql import MysqlDatabases
from .postgresql import PostgresqlDatabases

_KINDS = MappingProxyType(
    {
        "sqlite": FileDatabases,
        "postgresql": PostgresqlDatabases,
        "mysql": MysqlDatabases,
    }
)


def scratch_databases(engine: sa.Engine, folder: Path) -> ScratchDatabases:
    """Return what makes databases beside the one of an engine.

    :param folder: where they are, if they are files.
    """
    names = dialect_for(engine.dialect).names()
    kinds = (_KINDS[name] for name in names if name in _KINDS)
    return next(kinds, ScratchDatabases)(engine.url, folder)
