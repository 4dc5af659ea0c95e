"""What a revision file says about itself where only running it tells.

Headers are read without running files; see :mod:`.header`. This is for those that say
``branch_labels = (BRANCH,)`` with a name from elsewhere, or build an id.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..errors import IllegalRevisionId
from ..errors import UnreadableScript
from ..revisions.revision import Revision
from .header import first_paragraph
from .loader import values_in


def run_header(path: Path) -> Revision:
    """Return the revision in a file, which is run from top to bottom.

    :raises UnreadableScript: if the file is not valid Python, or what it says of itself
        is not text.
    :raises UnusableScript: if it fails.
    """
    values = values_in(path)
    identifier = values.get("revision")
    if not isinstance(identifier, str) or not identifier:
        raise UnreadableScript(path, None, f"revision is {identifier!r}, not an id")

    doc = str(values.get("__doc__") or "").strip()
    try:
        return Revision(
            id=str(identifier),
            parents=_names("down_revision", values, path),
            depends_on=_names("depends_on", values, path),
            labels=_names("branch_labels", values, path),
            message=first_paragraph(doc),
            doc=doc,
            path=path,
        )
    except IllegalRevisionId as error:
        raise UnreadableScript(path, None, str(error)) from error


def _names(variable: str, values: dict[str, object], path: Path) -> tuple[str, ...]:
    value = values.get(variable)
    if isinstance(value, str) or not value:
        return (str(value),) if value else ()

    names = tuple(value) if isinstance(value, Iterable) else (value,)
    if not all(isinstance(name, str) for name in names):
        raise UnreadableScript(path, None, f"{variable} is {value!r}, not names")

    return tuple(map(str, names))
