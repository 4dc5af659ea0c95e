"""What the migrations folder remembers: answers for good, and the names it mentions."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import CannotRead
from ..errors import CannotWrite
from ..revisions.revision import Revision

ANSWERS = "answers.json"
"""The file of the answers that hold from now on; it belongs into version control."""


def remembered(directory: Path) -> dict[str, Any]:
    """Return the answers that a folder keeps; none, if there is no such file.

    :raises CannotRead: if it holds something else.
    """
    path = directory / ANSWERS
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CannotRead(path, str(error)) from error

    return found if isinstance(found, dict) else {}


def remember(
    directory: Path, name: str, texts: Iterable[str], *, not_: Iterable[str] = ()
) -> None:
    """Add answers to those that a folder keeps.

    :param not_: those that hold no longer.
    :raises CannotWrite: if the file cannot be written; then it is as it was.
    """
    known = remembered(directory)
    before = {*known.get(name, ())}
    after = (before | {*texts}) - {*not_}
    if after == before:
        return

    path = directory / ANSWERS
    unfinished = path.with_name(f".{secrets.token_hex(8)}.unfinished")
    text = json.dumps({**known, name: sorted(after)}, indent=2)
    try:
        unfinished.write_text(f"{text}\n", encoding="utf-8")
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CannotWrite(path, error.strerror or str(error)) from error


def mentions(revisions: Callable[[], Iterable[Revision]]) -> Callable[[str], bool]:
    """Return a function that says whether a revision mentions a name.

    :param revisions: returns them; asked, and their files read, at the first call.
    """
    texts: list[str] = []

    def is_mentioned(name: str) -> bool:
        if not texts:
            paths = [each.path for each in revisions() if each.path is not None]
            # Compiled ones have their texts in them as well.
            texts.extend(path.read_bytes().decode("latin-1") for path in paths)
        written = name.encode().decode("latin-1")
        word = re.compile(rf"(?<!\w){re.escape(written)}(?!\w)", re.IGNORECASE)
        return any(word.search(text) for text in texts)

    return is_mentioned
