"""The file of a new revision, written where the commands find it again."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import UnknownOption
from ..revisions.graph import RevisionGraph
from ..revisions.revision import Revision
from ..scripts.head_file import read_head_file
from ..scripts.head_file import write_head_file
from ..scripts.hooks import run_hooks
from ..scripts.writer import location_for
from ..scripts.writer import write_script
from .script_body import ScriptBody
from .session import ProjectSession


def write_file(
    session: ProjectSession,
    new: Revision,
    parents: Sequence[Revision],
    body: ScriptBody,
    version_path: str | None,
) -> Revision:
    """Write the file of a new revision; return it with its path.

    :param parents: the revisions that it descends from, with their paths.
    :raises MigrationError: if it cannot be written; then nothing is left of it.
    """
    settings = session.settings
    location = location_for(
        session.folder,
        parents,
        Path(version_path) if version_path else None,
        file_template=settings.file_template,
    )
    # A template may run code of the user's, and so may a hook.
    with session.project.around():
        path = write_script(
            session.folder,
            new,
            upgrades=body.upgrades,
            downgrades=body.downgrades,
            imports=body.imports,
            create_date=_now(settings.timezone),
            file_template=settings.file_template,
            truncate_slug_length=settings.truncate_slug_length,
            output_encoding=settings.output_encoding,
            version_path=location,
            template_values={
                **(settings.template_args or {}),
                **body.names,
                "parameters": body.parameters,
            },
        )
        run_hooks(settings.post_write_hooks, path)
    _tell_head_file(session)

    return replace(new, path=path)


def _tell_head_file(session: ProjectSession) -> None:
    directory = session.folder.directory
    if read_head_file(directory) is not None:
        read = session.folder.read_revisions(session.project.around)
        write_head_file(directory, RevisionGraph(read).heads)


def _now(timezone: str | None) -> datetime.datetime:
    if not timezone:
        return datetime.datetime.now()

    for name in (timezone, timezone.upper()):
        try:
            return datetime.datetime.now(zoneinfo.ZoneInfo(name))
        except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError):
            continue

    raise UnknownOption(
        "timezone", f"there is no time zone '{timezone}'; 'UTC' always works"
    )
