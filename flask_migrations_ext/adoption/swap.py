"""Files of a folder replaced by others, so that it can be undone to the byte.

The order of writes makes a crash harmless. First all originals and all new files are
put in a folder of their own, which gets its name in one step; then the files change
one by one. Whoever finds it half done has both, and goes on or goes back.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from ..errors import CannotWrite
from ..errors import ChangedSince
from ..errors import FileExists
from ..errors import NothingToUndo

KEPT = "before_adopt"
"""The folder of the originals. No name in it ends as one of a revision does."""

_LIST = "files.json"
_FORMAT = 1


@dataclass(frozen=True)
class FileChange:
    """What becomes of a file.

    :param new: its new content; None if it goes away.
    :param is_new: whether there is none yet.
    """

    path: Path
    new: bytes | None
    is_new: bool = False

    @property
    def verb(self) -> str:
        """What happens to it, as people say it."""
        if self.is_new:
            return "written"

        return "removed" if self.new is None else "replaced by ours"


@dataclass(frozen=True)
class _Swapped:
    """A file in the list: digests of what it was and of what it became."""

    name: str
    before: str | None
    after: str | None


def is_swapped(directory: Path) -> bool:
    """Return whether files of the folder have been replaced."""
    return (directory / KEPT / _LIST).is_file()


def is_half_done(directory: Path) -> bool:
    """Return whether somebody began to replace files, and did not finish."""
    return is_swapped(directory) and any(
        _digest_of(directory / each.name) != each.after
        for each in _swapped_files(directory)
    )


def swapped_files(directory: Path) -> tuple[Path, ...]:
    """Return the files that have been replaced."""
    return tuple(directory / each.name for each in _swapped_files(directory))


def swap(directory: Path, changes: Sequence[FileChange]) -> None:
    """Replace files of a folder and keep the originals.

    :raises FileExists: if something has the name of the folder for the originals.
    :raises CannotWrite: if the system refuses, or a file is a link.
    """
    kept = directory / KEPT
    if kept.exists() or kept.is_symlink():
        raise FileExists(kept)

    for change in changes:
        if change.is_new and change.path.exists():
            raise FileExists(change.path)
        if change.path.is_symlink():
            raise CannotWrite(change.path, "it is a link, which would be lost")

    unfinished = directory / f".{KEPT}-{uuid4().hex}"
    with _refused_by_the_system(directory):
        _remove_leftovers(directory)
        try:
            _prepare(unfinished, changes)
            unfinished.rename(kept)
        except OSError:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    finish(directory)


def finish(directory: Path) -> None:
    """Do what is left to do of a :func:`swap`.

    :raises ChangedSince: if a file is neither what it was nor what it becomes.
    :raises CannotWrite: if the system refuses; then it can be called again.
    """
    listed = _swapped_files(directory)
    _refuse_changed(directory, listed)
    kept = directory / KEPT

    for each in listed:
        new = kept / f"{each.name}.new" if each.after else None
        _put(directory / each.name, new, each.after)


def undo(directory: Path) -> tuple[Path, ...]:
    """Put the originals back, and return them.

    Files that there were not before are removed.

    :raises NothingToUndo: if nothing has been replaced.
    :raises ChangedSince: if one of the files is another one by now.
    :raises CannotWrite: if the system refuses; then it can be called again.
    """
    if not is_swapped(directory):
        raise NothingToUndo(directory)

    listed = _swapped_files(directory)
    _refuse_changed(directory, listed)
    kept = directory / KEPT
    for each in listed:
        old = kept / f"{each.name}.kept" if each.before else None
        if old is not None and _digest_of(old) != each.before:
            raise ChangedSince(directory, [old])

    for each in listed:
        old = kept / f"{each.name}.kept" if each.before else None
        _put(directory / each.name, old, each.before)

    with _refused_by_the_system(kept):
        _remove_leftovers(directory)
        # In one step: half of it would be worth nothing.
        gone = directory / f".{KEPT}-{uuid4().hex}"
        kept.rename(gone)
        shutil.rmtree(gone)

    return tuple(directory / each.name for each in listed)


def _prepare(folder: Path, changes: Sequence[FileChange]) -> None:
    folder.mkdir()
    listed = []
    for change in changes:
        name = change.path.name
        if change.path.exists():
            shutil.copy2(change.path, folder / f"{name}.kept")
        if change.new is not None:
            _write(folder / f"{name}.new", change.new)
        listed.append(
            {
                "name": name,
                "before": _digest_of(folder / f"{name}.kept"),
                "after": _digest_of(folder / f"{name}.new"),
            }
        )

    text = json.dumps({"format": _FORMAT, "files": listed}, indent=2)
    _write(folder / _LIST, f"{text}\n".encode())


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put(path: Path, content: Path | None, digest: str | None) -> None:
    """Let a file be what another one is; or go away."""
    if _digest_of(path) == digest:
        return

    with _refused_by_the_system(path):
        if content is None:
            path.unlink()
            return

        beside = path.with_name(f".{path.name}-{uuid4().hex}")
        try:
            shutil.copy2(content, beside)
            if content.suffix == ".new" and path.exists():
                beside.chmod(stat.S_IMODE(path.stat().st_mode))
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise


def _refuse_changed(directory: Path, listed: Sequence[_Swapped]) -> None:
    changed = [
        directory / each.name
        for each in listed
        if _digest_of(directory / each.name) not in (each.before, each.after)
    ]
    if changed:
        raise ChangedSince(directory, changed)


def _swapped_files(directory: Path) -> tuple[_Swapped, ...]:
    path = directory / KEPT / _LIST
    try:
        said: Mapping[str, object] = json.loads(path.read_text("utf-8"))
        files = said["files"]
        assert isinstance(files, list)
        return tuple(
            _Swapped(str(each["name"]), each["before"], each["after"]) for each in files
        )
    except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise ChangedSince(directory, [path]) from error


def _digest_of(path: Path) -> str | None:
    if not path.is_file():
        return None

    return hashlib.sha256(path.read_bytes()).hexdigest()


def _remove_leftovers(directory: Path) -> None:
    for path in directory.glob(f".{KEPT}-*"):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _refused_by_the_system(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(path, error.strerror or str(error)) from error
