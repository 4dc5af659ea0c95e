"""Whether a file or a folder is there. What is there and cannot be used is refused.

To pass it over would be to go on without it: without the ``env.py`` that a link no
longer leads to, for example, on another database.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from .errors import CannotRead


def is_file(path: Path) -> bool:
    """Return whether there is a file.

    :raises CannotRead: if there is something else, or it cannot be told.
    """
    mode = _mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        raise CannotRead(path, f"it is {_kind(mode)}, and a file is needed")

    return mode is not None


def is_folder(path: Path) -> bool:
    """Return whether there is a folder.

    :raises CannotRead: if there is something else, or it cannot be told.
    """
    mode = _mode(path)
    if mode is not None and not stat.S_ISDIR(mode):
        raise CannotRead(path, f"it is {_kind(mode)}, and a folder is needed")

    return mode is not None


def entries_of(path: Path) -> Iterator[os.DirEntry[str]]:
    """Yield what is in a folder.

    :raises CannotRead: if it may not be looked into.
    """
    try:
        with os.scandir(path) as entries:
            yield from entries
    except OSError as error:
        raise CannotRead(path, error.strerror or str(error)) from error


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        if not path.is_symlink():
            return None
        reason = f"it is a link to {os.readlink(path)}, where nothing is"
        raise CannotRead(path, reason) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotRead(path, reason) from error


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "a file"

    return "a folder" if stat.S_ISDIR(mode) else "a device, a pipe or a socket"


def working_directory() -> tuple[Path, ...]:
    """Return where who types it is; nothing, if that has been removed meanwhile."""
    try:
        return (Path.cwd(),)
    except FileNotFoundError:
        return ()
