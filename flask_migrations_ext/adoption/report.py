"""What ``adopt`` returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .env_file import CustomLine
from .settings_file import FoundSetting
from .swap import FileChange
from .usage import Difference
from .usage import Imported


@dataclass(frozen=True)
class FoundDatabase:
    """Where one database is.

    :param title: its bind keys; empty for the default database.
    :param at: ids in its version table.
    :param unknown: those of them that no file has.
    """

    title: str
    url: str
    at: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class AdoptReport:
    """What a migrations folder is, and what was done to it.

    :param tool: who wrote it: Flask-Migrate, Alembic, Flask-Alembic, this package.
    :param version: which version of it, or which template.
    :param branches: the revisions that more than one descends from.
    :param locations: the folders of the revisions.
    :param carried: settings of ``env.py`` that ours has as well.
    :param without_effect: settings of ``env.py`` that do nothing here.
    :param custom: lines of ``env.py`` that cannot be carried over.
    :param missing: what scripts import and is not there.
    :param differences: calls that do another thing here than with Alembic.
    :param databases: where they are; none if they cannot be reached.
    :param obstacles: why ``env.py`` cannot be replaced.
    :param changes: what ``write`` changes, or has changed.
    :param written: whether it has.
    :param undone: the files that have been put back.
    :param notes: what a person should know besides.
    """

    directory: Path
    tool: str = ""
    version: str = ""
    revisions: int = 0
    heads: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    locations: tuple[Path, ...] = ()
    settings: tuple[FoundSetting, ...] = ()
    carried: tuple[str, ...] = ()
    without_effect: tuple[str, ...] = ()
    custom: tuple[CustomLine, ...] = ()
    missing: tuple[Imported, ...] = ()
    differences: tuple[Difference, ...] = ()
    databases: tuple[FoundDatabase, ...] = ()
    obstacles: tuple[str, ...] = ()
    changes: tuple[FileChange, ...] = ()
    written: bool = False
    undone: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
