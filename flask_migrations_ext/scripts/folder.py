"""A migrations folder: what is in it, and how a new one comes to be."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from ..errors import CannotWrite
from ..errors import ComputedHeader
from ..errors import FileExists
from ..errors import FolderMissing
from ..errors import NotAMigrationsFolder
from ..errors import TemplateFailed
from ..files import entries_of
from ..files import is_file
from ..files import is_folder
from ..revisions.revision import Revision
from .compiled import SUFFIXES
from .computed import run_header
from .header import read_header
from .template import rendered

TEMPLATES = Path(__file__).parent / "templates"

_SCRIPT_TEMPLATE = "script.py.mako"

_CACHE = "__pycache__"

_EXTENDS = "extends"


@dataclass(frozen=True)
class MigrationsFolder:
    """A folder of revision files, with what is used to run and write them.

    :param version_locations: where the files are, if not in ``versions``.
    :param recursive: whether folders inside those are searched as well.
    :param sourceless: whether compiled files count where there is no source.
    """

    directory: Path
    version_locations: tuple[Path, ...] = ()
    recursive: bool = False
    sourceless: bool = False

    @property
    def locations(self) -> tuple[Path, ...]:
        """The folders that hold revision files. They need not exist yet."""
        return self.version_locations or (self.directory / "versions",)

    @property
    def env_path(self) -> Path | None:
        """The user's ``env.py``, if there is one; or what it was compiled to.

        A cache may be older than the file that somebody has deleted: it counts where
        revisions count without their source.
        """
        names = ["env.py", *(f"env{suffix}" for suffix in SUFFIXES)]
        if self.sourceless:
            names.append(f"{_CACHE}/env.{sys.implementation.cache_tag}.pyc")
        paths = (self.directory / name for name in names)
        return next((path for path in paths if is_file(path)), None)

    @property
    def template_path(self) -> Path:
        """The template of new files: the user's, or the one that ships."""
        path = self.directory / _SCRIPT_TEMPLATE
        return path if is_file(path) else TEMPLATES / "flask" / _SCRIPT_TEMPLATE

    def check(self) -> None:
        """Raise if this cannot be a migrations folder.

        Without a folder for its files it still counts, as an empty history: git
        does not keep empty folders.

        :raises FolderMissing: if it does not exist.
        :raises NotAMigrationsFolder: if nothing in it speaks of migrations.
        :raises CannotRead: if a part of it is there, and cannot be used.
        """
        is_a_file = os.path.isfile(self.directory)
        if not is_a_file and not is_folder(self.directory):
            raise FolderMissing(self.directory)

        signs = (
            any([is_folder(location) for location in self.locations]),
            is_file(self.directory / _SCRIPT_TEMPLATE),
            self.env_path is not None,
        )
        if not any(signs):
            raise NotAMigrationsFolder(
                self.directory, f"versions folder, {_SCRIPT_TEMPLATE} or env.py"
            )

    def script_files(self) -> tuple[Path, ...]:
        """Return the revision files in all locations, by name, each file once.

        :raises FolderMissing: and the like, as :meth:`check` does.
        """
        self.check()
        found: dict[str, tuple[str, str]] = {}

        for location in self.locations:
            # Where a folder leads to is asked once, and of a file only if it is a link.
            real: dict[str, str] = {}
            for path, is_link in self._scripts_in(location):
                folder, _, name = path.rpartition(os.sep)
                if folder not in real:
                    real[folder] = os.path.realpath(folder)
                whole = os.path.realpath(path) if is_link else f"{real[folder]}/{name}"
                found.setdefault(whole, (name, path))

        return tuple(Path(path) for _, path in sorted(found.values()))

    def _scripts_in(self, location: Path) -> Iterator[tuple[str, bool]]:
        """Yield the path of each file, and whether it is a link."""
        entries = list(_entries(location, self.recursive, self.sourceless))
        scripts = [each for each in entries if _is_script(each)]
        yield from ((each.path, each.is_symlink()) for each in scripts)
        if self.sourceless:
            paths = [Path(each.path) for each in scripts]
            yield from ((str(path), True) for path in _without_source(entries, paths))

    def read_revisions(
        self, around: Callable[[], AbstractContextManager[object]] = nullcontext
    ) -> tuple[Revision, ...]:
        """Return the revisions in the files, by file name.

        Two may have the same id: both are there, with their paths.

        :param around: makes the block in which files run whose headers are computed.
        :raises UnreadableScript: if the header of a file cannot be read.
        :raises UnusableScript: if it is computed, and the file fails.
        """
        headers = (_read_or_run(path, around) for path in self.script_files())
        return tuple(revision for revision in headers if revision is not None)


def _read_or_run(
    path: Path, around: Callable[[], AbstractContextManager[object]]
) -> Revision | None:
    try:
        return read_header(path)
    except ComputedHeader:
        with around():
            return run_header(path)


def templates() -> tuple[tuple[str, str], ...]:
    """Return the name and synopsis of each template that ships."""
    return tuple(
        (path.name, (path / "README").read_text("utf-8").splitlines()[0])
        for path in sorted(TEMPLATES.iterdir())
        if (path / "README").is_file()
    )


def create_folder(
    directory: Path, template: str | Path = "flask", *, package: bool = False
) -> tuple[Path, ...]:
    """Write a new migrations folder, or nothing; return the files written.

    :param template: the name of one that ships, or the path of a folder.
    :param package: whether to add an ``__init__.py`` to it and to ``versions``.
    :raises FileExists: if the folder exists and is not empty.
    :raises TemplateFailed: if there is no such template, or it does not render.
    :raises CannotWrite: if the system refuses.
    """
    contents = _contents(_template_folder(template), directory)

    if package:
        contents |= {Path("__init__.py"): b"", Path("versions", "__init__.py"): b""}

    if directory.is_dir():
        _fill_empty(directory, contents)
    elif directory.exists():
        raise FileExists(directory, "is a file")
    else:
        _fill_new(directory, contents)

    return tuple(directory / name for name in contents)


def _entries(
    location: Path, recursive: bool, caches: bool
) -> Iterator[os.DirEntry[str]]:
    if not is_folder(location):
        return

    for entry in entries_of(location):
        if not entry.is_dir(follow_symlinks=False):
            yield entry
        elif caches if entry.name == _CACHE else recursive:
            yield from _entries(Path(entry.path), recursive, caches)


def _is_script(entry: os.DirEntry[str]) -> bool:
    # Most are plain files, which is known without looking at them.
    return is_script_name(entry.name) and (
        entry.is_file(follow_symlinks=False) or is_file(Path(entry.path))
    )


def is_script_name(name: str) -> bool:
    """Return whether a file of this name is read as a revision."""
    # Emacs marks a file being edited with a link that starts with ".#".
    return name.endswith(".py") and not name.startswith((".#", "__init__"))


def _without_source(
    entries: Sequence[os.DirEntry[str]], scripts: Sequence[Path]
) -> list[Path]:
    """Return the compiled files that stand for a script, one for each."""
    known = {path.with_suffix("") for path in scripts}
    found: dict[Path, Path] = {}
    for path in sorted(Path(entry.path) for entry in entries if entry.is_file()):
        if path.suffix not in SUFFIXES or path.name.startswith((".#", "__init__")):
            continue

        inside = path.parent.name == _CACHE
        folder = path.parent.parent if inside else path.parent
        name = folder / path.name.partition(".")[0]
        # In a cache there may be one for each version of Python.
        foreign = inside and f".{sys.implementation.cache_tag}." not in path.name
        if name not in known and not foreign:
            found.setdefault(name, path)

    return list(found.values())


_OF_FLASK_MIGRATE = frozenset({"flask-multidb", "aioflask", "aioflask-multidb"})
"""Templates of Flask-Migrate that ours is, which serves all binds and event loops."""


def _template_folder(template: str | Path) -> Path:
    if isinstance(template, Path) or "/" in template or "\\" in template:
        path = Path(template)
        if not path.is_dir():
            raise TemplateFailed(path, "there is no such folder")
        return path

    if template in _OF_FLASK_MIGRATE:
        template = "flask"
    names = [name for name, _ in templates()]
    if template not in names:
        known = ", ".join(names)
        raise TemplateFailed(
            TEMPLATES / template,
            f"there is no template of this name, there are {known};"
            f" for a folder of your own, write its path: ./{template}",
        )
    return TEMPLATES / template


def _contents(template: Path, directory: Path) -> dict[Path, bytes]:
    """Return what goes into which file, all of it, before any is written."""
    extended = template / _EXTENDS
    names = extended.read_text("utf-8").split() if extended.is_file() else []
    contents: dict[Path, bytes] = {}
    for each in (*(template.parent / name for name in names), template):
        contents |= _files(each, directory)

    if Path(_SCRIPT_TEMPLATE) not in contents:
        raise TemplateFailed(template, f"it has no {_SCRIPT_TEMPLATE}")

    return contents


def _files(template: Path, directory: Path) -> dict[Path, bytes]:
    """Return the files of a template, without those beside it that it extends."""
    contents: dict[Path, bytes] = {}

    for path in sorted(template.rglob("*")):
        name = path.relative_to(template)
        # Installing this package may compile the env.py of its template.
        if not path.is_file() or {"__pycache__", ".git"} & set(name.parts):
            continue
        if path.suffix == ".mako" and path.name != _SCRIPT_TEMPLATE:
            name = name.with_suffix("")
            values = {"script_location": _as_setting(directory, name.suffix)}
            contents[name] = rendered(path, values).encode()
        else:
            contents[name] = path.read_bytes()

    contents.pop(Path(_EXTENDS), None)
    return contents


def _as_setting(directory: Path, suffix: str) -> str:
    """Return a path as a settings file says it, in the quotes of its template."""
    if not str(directory).isprintable():
        raise CannotWrite(directory, "a settings file cannot hold its name")

    text = str(directory).replace("%", "%%")
    if suffix == ".toml":
        return text.replace("\\", "\\\\").replace('"', '\\"')

    return text


def _fill_new(directory: Path, contents: Mapping[Path, bytes]) -> None:
    # Filled under another name first, so that nobody meets it half done.
    unfinished = directory.with_name(f".{directory.name}-{uuid4().hex}")

    try:
        unfinished.mkdir(parents=True)
        _fill(unfinished, contents)
        unfinished.rename(directory)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise CannotWrite(directory, error.strerror or str(error)) from error


def _fill_empty(directory: Path, contents: Mapping[Path, bytes]) -> None:
    # In place: it may be a mount or a link, which cannot be replaced.
    if any(directory.iterdir()):
        raise FileExists(directory, "already exists and is not empty")

    try:
        _fill(directory, contents)
    except OSError as error:
        _empty(directory)
        raise CannotWrite(directory, error.strerror or str(error)) from error


def _fill(directory: Path, contents: Mapping[Path, bytes]) -> None:
    (directory / "versions").mkdir()

    for name, content in contents.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _empty(directory: Path) -> None:
    for path in directory.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
