"""The file ``HEAD`` of a migrations folder: where its history ends, an id on each line.

It is there if somebody has made it. Two branches that each add a revision both change
it, so that version control sees a conflict when they are joined, not a release later.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ..errors import CannotRead
from ..errors import CannotWrite

NAME = "HEAD"


def read_head_file(directory: Path) -> tuple[str, ...] | None:
    """Return the ids in the file, sorted; None if there is no file.

    What stands behind an id on its line is for people.

    :raises CannotRead: if it is there, and cannot be read.
    """
    path = directory / NAME
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRead(path, str(error)) from error

    return tuple(sorted(line.split()[0] for line in text.splitlines() if line.strip()))


def write_head_file(directory: Path, heads: Iterable[str]) -> None:
    """Write where the history ends, if the file is there.

    :raises CannotWrite: if that fails.
    """
    path = directory / NAME
    if path.exists():
        replace_file(path, "".join(f"{each}\n" for each in sorted(heads)).encode())


def replace_file(path: Path, content: bytes) -> None:
    """Put something else in the place of a file: all of it, or nothing.

    :raises CannotWrite: if that fails.
    """
    try:
        handle, made = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(made, path.stat().st_mode & 0o7777)
            os.replace(made, path)
        except BaseException:
            os.unlink(made)
            raise
    except OSError as error:
        raise CannotWrite(path, error.strerror or str(error)) from error
