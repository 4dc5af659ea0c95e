"""Errors about the files of migrations: read, run, written, replaced."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..wording import listed
from .base import declared
from .base import MigrationError


class ScriptError(MigrationError):
    """A file or folder of migrations cannot be used."""


@declared
class FolderMissing(ScriptError):
    """There is no migrations folder."""

    directory: Path
    others: Sequence[Path] = ()
    """Where else it was looked for."""

    def _message(self) -> str:
        missing = f"no migrations folder at {self.directory}"
        if not self.others:
            return f"{missing}; create it with 'flask db init'"

        # To create one would make a second, if the first is only somewhere else.
        return (
            f"{missing}, and none at {listed(self.others)}; if there is one, name it"
            " with --directory, else create it with 'flask db init'"
        )


@declared
class NotAMigrationsFolder(ScriptError):
    """A folder exists but holds no migrations."""

    directory: Path
    missing: str

    def _message(self) -> str:
        return (
            f"{self.directory} is not a migrations folder: it has no {self.missing};"
            " name the right one with --directory, or create one in an empty place"
            " with 'flask db init'"
        )


@declared
class FileExists(ScriptError):
    """A file or folder would have been overwritten."""

    path: Path
    reason: str = "already exists"

    def _message(self) -> str:
        return f"{self.path} {self.reason}; nothing was written"


@declared
class CannotRead(ScriptError):
    """A file or folder is there, and the system does not let it be used."""

    path: Path
    reason: str

    def _message(self) -> str:
        return f"cannot use {self.path}: {self.reason}; correct it, or move it away"


@declared
class CannotWrite(ScriptError):
    """The system refuses to let a file or folder be written."""

    path: Path
    reason: str

    def _message(self) -> str:
        return f"cannot write {self.path}: {self.reason}; nothing was written"


@declared
class UnreadableScript(ScriptError):
    """A revision file is not valid Python, or its header cannot be read."""

    path: Path
    line: int | None
    reason: str

    def _message(self) -> str:
        where = f"{self.path}, line {self.line}" if self.line else f"{self.path}"
        return f"cannot read {where}: {self.reason}"


class ComputedHeader(UnreadableScript):
    """The header of a revision file is computed: only running the file tells it."""

    def __init__(self, path: Path, line: int | None, variable: str) -> None:
        self.variable = variable
        super().__init__(
            path,
            line,
            f"{variable} must be written out, as None, text in quotes or a tuple of"
            " such texts: the header is read without running the file",
        )


@declared
class UnusableScript(ScriptError):
    """A revision file lacks what is needed to run it."""

    path: Path | None
    reason: str

    def _message(self) -> str:
        return f"cannot run {self.path}: {self.reason}"


@declared
class TemplateFailed(ScriptError):
    """A script template is missing or does not render."""

    path: Path
    reason: str

    def _message(self) -> str:
        return f"the template {self.path} cannot be used: {self.reason}"


@declared
class HookFailed(ScriptError):
    """A program that runs on new files failed. The file is there."""

    name: str
    path: Path
    reason: str

    def _message(self) -> str:
        return (
            f"the hook '{self.name}' failed on {self.path}, which was written:"
            f" {self.reason}"
        )


@declared
class CannotAdopt(ScriptError):
    """An ``env.py`` does more than can be carried over. Nothing was written."""

    path: Path
    obstacles: Sequence[str]

    def _message(self) -> str:
        lines = "\n".join(f"  {obstacle}" for obstacle in self.obstacles)
        return (
            f"{self.path} cannot be replaced without losing something:\n{lines}\n"
            "nothing was written. It runs as it is, so that it can stay; to replace it"
            " all the same, say 'flask db adopt --write --replace-env'"
        )


@declared
class ChangedSince(ScriptError):
    """Files are not what was noted of them, so that they are left as they are."""

    directory: Path
    paths: Sequence[Path]

    def _message(self) -> str:
        changed = ", ".join(str(path) for path in self.paths)
        return (
            f"changed since 'flask db adopt' replaced files in {self.directory}:"
            f" {changed}; nothing was written. The originals are in its folder"
            " 'before_adopt': compare, and put back by hand what you want"
        )


@declared
class NothingToUndo(ScriptError):
    """``adopt`` has not replaced anything in a folder."""

    directory: Path

    def _message(self) -> str:
        return (
            f"'flask db adopt' has replaced nothing in {self.directory}: it has no"
            " folder 'before_adopt' with the originals"
        )


@declared
class CannotAmend(ScriptError):
    """The newest revision cannot be written again."""

    revision: str
    reason: str

    def _message(self) -> str:
        named = (
            f"revision '{self.revision}'" if self.revision else "the newest revision"
        )
        return (
            f"{named} cannot be amended: {self.reason}; write another one, without"
            " --amend"
        )
