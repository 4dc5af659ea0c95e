"""Migrated databases that are kept, to copy in place of migrating again.

They are found by a hash of all that they were made from: the scripts, ``env.py``, what
the scripts import of the project, the settings, and the kinds of databases. What names
them is a file that appears when they are complete. Where a kind of database cannot be
copied, nothing is kept.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ..errors import NoScratchDatabase
from ..rehearsal.migrator import Migrator

_OURS = __name__.partition(".")[0]


class Templates:
    """The databases that are kept for one app, in a folder of files that name them."""

    def __init__(self, migrator: Migrator, folder: Path) -> None:
        self._migrator = migrator
        self._scratch = migrator.scratch
        self._folder = folder
        # Not with those of one run: what is a file outlives it here.
        makers = (type(each)(each.url, folder) for each in migrator.scratch.makers)
        self._keeper = replace(migrator.scratch, makers=tuple(makers))

    def databases_at(self, revision: str) -> tuple[sa.URL, ...]:
        """Return new databases at a target: copies, or migrated where none are kept.

        :raises MigrationError: if the target cannot be reached.
        """
        name = self._name_of(revision)
        kept = self._kept(name)
        if kept is not None:
            with suppress(NoScratchDatabase, FileNotFoundError):
                copies = self._scratch.copies(kept)
                if copies is not None:
                    return copies
            # It has gone since.
            self._forget(name)

        made = self._migrated(revision)
        try:
            copies = self._scratch.copies(made)
        except FileNotFoundError:
            # There is no revision, so that nobody has opened it.
            return made
        if copies is None:
            return made

        self._keep(name, revision, made)
        return copies

    def _migrated(self, revision: str) -> tuple[sa.URL, ...]:
        made = self._keeper.create()
        try:
            with self._scratch.moved_to(made):
                self._migrator.upgrade(revision)
        except BaseException:
            self._scratch.drop(made)
            raise

        return made

    # -- the files ---------------------------------------------------------

    def _name_of(self, revision: str) -> str:
        digest = hashlib.sha256()
        for part in (revision, *self._made_from()):
            digest.update(part if isinstance(part, bytes) else part.encode())
            digest.update(b"\0")
        return digest.hexdigest()[:32]

    def _made_from(self) -> Iterator[str | bytes]:
        yield sa.__version__
        settings = self._scratch.project.settings
        yield f"{settings.version_table} {settings.version_table_schema}"
        for database in self._scratch.databases:
            yield f"{database.bind_keys} {database.engine.dialect.name} {database.url}"
        for path in self._files():
            yield str(path)
            yield path.read_bytes()

    def _files(self) -> list[Path]:
        session = self._migrator.session
        scripts = {each.path for each in session.graph.oldest_first() if each.path}
        if session.folder.env_path is not None:
            scripts.add(session.folder.env_path)
        return sorted(scripts | set(_imported_by(scripts)))

    def _kept(self, name: str) -> tuple[sa.URL, ...] | None:
        try:
            kept = json.loads((self._folder / f"{name}.json").read_text("utf-8"))
        except FileNotFoundError:
            return None

        return self._urls(kept["databases"])

    def _urls(self, names: Sequence[str]) -> tuple[sa.URL, ...] | None:
        makers = self._scratch.makers
        if len(names) != len(makers):
            return None

        return tuple(m.at(name) for m, name in zip(makers, names, strict=True))

    def _keep(self, name: str, revision: str, made: Sequence[sa.URL]) -> None:
        """Let others find databases by a name, and drop those that they replace."""
        project = str(self._scratch.project.directory)
        self._folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {
                "project": project,
                "revision": revision,
                "databases": [each.database for each in made],
            }
        )
        with tempfile.NamedTemporaryFile("w", dir=self._folder, delete=False) as file:
            file.write(text)
        try:
            os.link(file.name, self._folder / f"{name}.json")
        except FileExistsError:
            # Another process was faster.
            self._scratch.drop(made)
            return
        finally:
            os.unlink(file.name)

        for path in self._folder.glob("*.json"):
            said = _read(path)
            if path.stem != name and (project, revision) == (
                said.get("project"),
                said.get("revision"),
            ):
                self._forget(path.stem)

    def _forget(self, name: str) -> None:
        path = self._folder / f"{name}.json"
        urls = self._urls(_read(path).get("databases", ()))
        path.unlink(missing_ok=True)
        with suppress(NoScratchDatabase):
            self._scratch.drop(urls or ())


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _imported_by(scripts: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of the project that scripts import."""
    for name in {name for path in scripts for name in _imports_in(path)}:
        file = _file_of(name)
        if file and not {"site-packages", _OURS} & {*Path(file).parts}:
            yield Path(file)


def _file_of(name: str) -> str | None:
    # To look for a module loads those above it: not for what nobody has loaded.
    if name.partition(".")[0] not in sys.modules:
        return None

    try:
        spec = find_spec(name)
    except (ImportError, AttributeError, ValueError):
        return None
    return spec.origin if spec and spec.has_location else None


def _imports_in(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)
