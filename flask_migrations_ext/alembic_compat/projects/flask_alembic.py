"""What Flask-Alembic has in ``app.config``, in our words, and its folder.

Its revisions are in the folder itself, beside the template. There is no ``env.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...config import Settings
from ...errors import UnreadableScript
from ...scripts.header import read_header
from .config import Config
from .options import options_of

_PLACES = frozenset({"script_location", "version_locations", "path_separator"})

_KNOWN = frozenset(Settings.__dataclass_fields__)


def options_of_app(config: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Return what ``ALEMBIC`` and ``ALEMBIC_CONTEXT`` say, by the names of ours.

    :param root: the folder of the app, from which paths start.
    """
    said: Mapping[str, Any] = config.get("ALEMBIC") or {}
    context: Mapping[str, Any] = config.get("ALEMBIC_CONTEXT") or {}
    found = {name: value for name, value in context.items() if name in _KNOWN}
    if not said:
        return found

    folder = _path(str(said.get("script_location", "migrations")), root)
    # Each of the others may come with the name of a branch.
    others = [
        each if isinstance(each, str | Path) else each[1]
        for each in said.get("version_locations", ())
    ]
    return {
        **_said_as_in_a_file(said),
        **found,
        "directory": folder,
        "version_locations": [folder, *(_path(str(each), root) for each in others)],
    }


def _path(location: str, root: Path) -> str:
    package = ":" in location and not Path(location).is_absolute()
    return location if package else str(root / location)


def _said_as_in_a_file(said: Mapping[str, Any]) -> dict[str, Any]:
    config = Config()
    for name, value in said.items():
        if isinstance(value, Mapping):
            for inner, one in value.items():
                config.set_section_option(name, inner, str(one))
        elif name not in _PLACES:
            config.set_main_option(name, str(value))

    return options_of(config)


def is_flat(directory: Path) -> bool:
    """Return whether the revisions of a folder are in the folder itself."""
    return not (directory / "versions").is_dir() and any(
        _is_revision(path)
        for path in sorted(directory.glob("*.py"))
        if path.name != "env.py"
    )


def _is_revision(path: Path) -> bool:
    try:
        return read_header(path) is not None
    except UnreadableScript:
        return False
