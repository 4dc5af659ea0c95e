"""Every error of the package, as one tree; each class keeps its data.

::

    MigrationError
    ├── RevisionError
    │   ├── RevisionNotFound
    │   ├── AmbiguousRevision
    │   ├── DuplicateRevision
    │   ├── DuplicateLabel
    │   ├── CyclicRevisions
    │   ├── IllegalRevisionId
    │   ├── InvalidTarget
    │   ├── MultipleHeads
    │   └── NotAnAncestor
    ├── ScriptError
    │   ├── FolderMissing
    │   ├── NotAMigrationsFolder
    │   ├── FileExists
    │   ├── CannotWrite
    │   ├── UnreadableScript
    │   │   └── ComputedHeader
    │   ├── UnusableScript
    │   ├── TemplateFailed
    │   └── HookFailed
    ├── ConfigurationError
    │   ├── NoSQLAlchemy
    │   ├── NoMetadata
    │   ├── NoModels
    │   ├── UnknownBind
    │   ├── UnknownOption
    │   └── UnsupportedDatabase
    ├── DatabaseError
    │   ├── CannotConnect
    │   ├── DatabaseLocked
    │   ├── StatementFailed
    │   ├── UnknownDatabaseRevision
    │   ├── BehindHead
    │   ├── NotAtHead
    │   ├── DifferencesFound
    │   ├── ConcurrentChange
    │   └── StepFailed
    └── OperationError
        ├── NoRunningMigration
        ├── UnknownFunction
        ├── InvalidArgument
        ├── Irreversible
        ├── UnsupportedOperation
        │   ├── TableMissing
        │   └── NameTaken
        ├── NeedsDatabase
        ├── DataAtRisk
        ├── NotInTable
        └── UnreadableDefinition

A message says what happened, where, and what to do next. It never holds a
password: URLs are rendered with theirs hidden before they get here.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa


def _listed(names: Iterable[str], last: str = "and") -> str:
    """Return ``'a', 'b' and 'c'``."""
    quoted = [f"'{name}'" for name in names]

    if len(quoted) < 2:
        return "".join(quoted)

    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


class MigrationError(Exception):
    """Base of every error that this package raises on purpose."""

    elsewhere: tuple[str, ...] = ()
    """What became of the other databases of the run, a line for each."""

    def __str__(self) -> str:
        # Not super(): some are errors of SQLAlchemy as well, which say more.
        return "\n".join(
            [Exception.__str__(self), *(f"  {line}" for line in self.elsewhere)]
        )


# -- revisions -------------------------------------------------------------


class RevisionError(MigrationError):
    """The revisions, or what was asked of them, do not make sense."""


class UnresolvedTarget(RevisionError):
    """What was asked for is not one revision, or one place, that there is."""


class RevisionNotFound(UnresolvedTarget):
    """No revision has this id, prefix or label.

    :param needed_by: the id of the revision that names it, if one does.
    :param similar: ids that look alike, to suggest.
    """

    def __init__(
        self,
        identifier: str,
        needed_by: str | None = None,
        similar: Sequence[str] = (),
    ) -> None:
        self.identifier = identifier
        self.needed_by = needed_by
        self.similar = tuple(similar)
        if needed_by is not None:
            message = (
                f"no revision '{identifier}', needed by '{needed_by}';"
                " is its file missing? Restore it from version control, or correct"
                f" down_revision or depends_on of '{needed_by}'"
            )
        elif self.similar:
            message = (
                f"no revision or branch '{identifier}';"
                f" did you mean {_listed(self.similar, 'or')}?"
            )
        else:
            message = (
                f"no revision or branch '{identifier}';"
                " 'flask db history' lists what there is"
            )
        super().__init__(message)


class AmbiguousRevision(UnresolvedTarget):
    """A partial id matches more than one revision."""

    def __init__(self, identifier: str, matches: Sequence[str]) -> None:
        self.identifier = identifier
        self.matches = tuple(matches)
        shown = _listed(self.matches[:3])
        more = f" and {len(self.matches) - 3} more" if len(self.matches) > 3 else ""
        super().__init__(
            f"'{identifier}' is short for more than one revision: {shown}{more};"
            " give more of the id"
        )


class DuplicateRevision(RevisionError):
    """Two files have the same revision id, or a new one would have that of another."""

    def __init__(self, identifier: str, paths: Sequence[Path | None] = ()) -> None:
        self.identifier = identifier
        self.paths = tuple(paths)
        where = _listed(str(path) for path in self.paths if path is not None)
        place = f": in {where}" if where else ""
        if len(self.paths) == 1:
            message = (
                f"revision '{identifier}' exists already{place}; choose another id"
            )
        else:
            message = (
                f"revision '{identifier}' exists twice{place};"
                " give one of them another id, or delete the copy"
            )
        super().__init__(message)


class DuplicateLabel(RevisionError):
    """Two revisions claim the same branch label, or a label equals an id."""

    def __init__(self, label: str, revisions: Sequence[str]) -> None:
        self.label = label
        self.revisions = tuple(revisions)
        super().__init__(
            f"branch label '{label}' is claimed by revisions"
            f" {_listed(self.revisions)}; a label belongs to one branch"
        )


class CyclicRevisions(RevisionError):
    """Revisions descend from, or depend on, themselves."""

    def __init__(self, identifiers: Sequence[str]) -> None:
        self.identifiers = tuple(identifiers)
        circle = " -> ".join([*self.identifiers, self.identifiers[0]])
        super().__init__(
            f"revisions form a circle: {circle};"
            " correct down_revision or depends_on in one of their files"
        )


class IllegalRevisionId(RevisionError):
    """A revision id or branch label has a form that cannot be stored or typed."""

    def __init__(self, identifier: str, reason: str) -> None:
        self.identifier = identifier
        self.reason = reason
        super().__init__(f"'{identifier}' cannot name a revision: {reason}")


class InvalidTarget(UnresolvedTarget):
    """A target such as ``+2`` or ``branch@head`` cannot be followed."""

    def __init__(self, target: str, reason: str) -> None:
        self.target = target
        self.reason = reason
        super().__init__(f"cannot follow '{target}': {reason}")


class MultipleHeads(RevisionError):
    """One head was asked for, and there are several."""

    def __init__(self, heads: Sequence[str], target: str = "head") -> None:
        self.heads = tuple(heads)
        self.target = target
        super().__init__(
            f"'{target}' is not one revision: there are {len(self.heads)} heads,"
            f" {_listed(self.heads)}; join them with 'flask db merge heads',"
            " go to all of them with 'heads', or name one"
        )


class NotAnAncestor(RevisionError):
    """A range was asked for whose ends are not on one line of descent."""

    def __init__(self, lower: str, upper: str) -> None:
        self.lower = lower
        self.upper = upper
        super().__init__(
            f"revision '{lower}' is not an ancestor of '{upper}';"
            " 'flask db history' shows how they descend"
        )


# -- scripts ---------------------------------------------------------------


class ScriptError(MigrationError):
    """A file or folder of migrations cannot be used."""


class FolderMissing(ScriptError):
    """There is no migrations folder."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        super().__init__(
            f"no migrations folder at {directory}; create it with 'flask db init'"
        )


class NotAMigrationsFolder(ScriptError):
    """A folder exists but holds no migrations."""

    def __init__(self, directory: Path, missing: str) -> None:
        self.directory = directory
        self.missing = missing
        super().__init__(
            f"{directory} is not a migrations folder: it has no {missing};"
            " name the right one with --directory, or create one in an empty place"
            " with 'flask db init'"
        )


class FileExists(ScriptError):
    """A file or folder would have been overwritten."""

    def __init__(self, path: Path, reason: str = "already exists") -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path} {reason}; nothing was written")


class CannotWrite(ScriptError):
    """The system refuses to let a file or folder be written."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot write {path}: {reason}; nothing was written")


class UnreadableScript(ScriptError):
    """A revision file is not valid Python, or its header cannot be read."""

    def __init__(self, path: Path, line: int | None, reason: str) -> None:
        self.path = path
        self.line = line
        self.reason = reason
        where = f"{path}, line {line}" if line else f"{path}"
        super().__init__(f"cannot read {where}: {reason}")


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


class UnusableScript(ScriptError):
    """A revision file lacks what is needed to run it."""

    def __init__(self, path: Path | None, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot run {path}: {reason}")


class TemplateFailed(ScriptError):
    """A script template is missing or does not render."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"the template {path} cannot be used: {reason}")


class HookFailed(ScriptError):
    """A program that runs on new files failed. The file is there."""

    def __init__(self, name: str, path: Path, reason: str) -> None:
        self.name = name
        self.path = path
        self.reason = reason
        super().__init__(
            f"the hook '{name}' failed on {path}, which was written: {reason}"
        )


class CannotAdopt(ScriptError):
    """An ``env.py`` does more than can be carried over. Nothing was written."""

    def __init__(self, path: Path, obstacles: Sequence[str]) -> None:
        self.path = path
        self.obstacles = tuple(obstacles)
        lines = "\n".join(f"  {obstacle}" for obstacle in self.obstacles)
        super().__init__(
            f"{path} cannot be replaced without losing something:\n{lines}\n"
            "nothing was written. It runs as it is, so that it can stay; to replace it"
            " all the same, say 'flask db adopt --write --replace-env'"
        )


class ChangedSince(ScriptError):
    """Files are not what was noted of them, so that they are left as they are."""

    def __init__(self, directory: Path, paths: Sequence[Path]) -> None:
        self.directory = directory
        self.paths = tuple(paths)
        changed = ", ".join(str(path) for path in self.paths)
        super().__init__(
            f"changed since 'flask db adopt' replaced files in {directory}: {changed};"
            " nothing was written. The originals are in its folder 'before_adopt':"
            " compare, and put back by hand what you want"
        )


class NothingToUndo(ScriptError):
    """``adopt`` has not replaced anything in a folder."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        super().__init__(
            f"'flask db adopt' has replaced nothing in {directory}: it has no folder"
            " 'before_adopt' with the originals"
        )


# -- configuration ---------------------------------------------------------


class ConfigurationError(MigrationError):
    """The app, or how it is set up, does not allow what was asked."""


class NoSQLAlchemy(ConfigurationError):
    """The app has no SQLAlchemy extension to take databases from."""

    def __init__(self, app_name: str) -> None:
        self.app_name = app_name
        super().__init__(
            f"the app '{app_name}' has no SQLAlchemy extension;"
            " call db.init_app(app) where the app is made, with the SQLAlchemy()"
            " that your models derive from; or, without an extension, say"
            " Migrate(app, engines=…, metadatas=…)"
        )


class NoMetadata(ConfigurationError):
    """The app's SQLAlchemy extension has databases, and knows of no models."""

    def __init__(self, app_name: str) -> None:
        self.app_name = app_name
        super().__init__(
            f"the SQLAlchemy extension of the app '{app_name}' has no metadata of its"
            " own; say where the models are: Migrate(app, db, metadatas=Base.metadata)"
        )


class UnknownBind(ConfigurationError):
    """The app has no database of this name.

    :param known: the names that there are.
    """

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.known = tuple(known)
        there = f"there is {_listed(self.known)}" if known else "there is none"
        super().__init__(f"the app has no database '{name}' to choose; {there}")


class NoModels(ConfigurationError):
    """The database has tables, and the models know of none."""

    def __init__(self, url: str, tables: int) -> None:
        self.url = url
        self.tables = tables
        count = "1 table" if tables == 1 else f"{tables} tables"
        super().__init__(
            f"the app's metadata holds no table, while the database {url} has"
            f" {count}; are the models imported? Import them where the app is made,"
            " or name their modules: Migrate(app, db, models=['myapp.models'])"
        )


class UnknownOption(ConfigurationError):
    """A setting has a name or a value that nothing here understands."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"setting '{name}': {reason}")


class UnsupportedDatabase(ConfigurationError):
    """No dialect here speaks to this kind of database."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(
            f"no migrations for databases of the kind '{name}';"
            f" known are {_listed(self.known)}"
        )


# -- databases -------------------------------------------------------------


class DatabaseError(MigrationError):
    """A database is not there, or not in the state that was needed."""


class CannotConnect(DatabaseError):
    """A connection could not be opened.

    :param url: the URL with its password hidden.
    """

    def __init__(self, url: str, reason: str, advice: str) -> None:
        self.url = url
        self.reason = reason
        self.advice = advice
        super().__init__(f"cannot connect to {url}: {reason}; {advice}")


class DatabaseLocked(DatabaseError):
    """Others use a database, and did not stop while we waited."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"{reason}: another process or connection reads or writes it, and did not"
            " finish in time. Let it finish, or stop it, then run the command again"
        )


class StatementFailed(DatabaseError):
    """A database refused what was asked of it outside of any revision."""

    def __init__(self, url: str, reason: str, sql: str | None = None) -> None:
        self.url = url
        self.reason = reason
        self.sql = sql
        statement = f"\n  SQL: {sql}" if sql else ""
        super().__init__(
            f"the database {url} refused: {reason}{statement}\n"
            "  no revision was running; what was done before stays"
        )


class UnknownDatabaseRevision(DatabaseError):
    """The database is at a revision that no file has."""

    def __init__(self, identifiers: Sequence[str], url: str, heads: Sequence[str]):
        self.identifiers = tuple(identifiers)
        self.url = url
        self.heads = tuple(heads)
        head = _listed(self.heads) if self.heads else "none"
        super().__init__(
            f"the database {url} is at revision {_listed(self.identifiers)},"
            f" which no file has (heads here: {head}); fetch the missing file from"
            " version control, or, if the schema is known to match a revision,"
            " say so with 'flask db stamp --purge REVISION'"
        )


class BehindHead(DatabaseError):
    """The database lacks revisions, so that it cannot be compared with the models."""

    def __init__(self, url: str, missing: Sequence[str]) -> None:
        self.url = url
        self.missing = tuple(missing)
        shown = _listed(self.missing[:5])
        more = f" and {len(self.missing) - 5} more" if len(self.missing) > 5 else ""
        super().__init__(
            f"the database {url} is behind: it lacks {shown}{more};"
            " run 'flask db upgrade' first"
        )


class NotAtHead(DatabaseError):
    """``current --check-heads`` found the database somewhere else."""

    def __init__(self, url: str, current: Sequence[str], heads: Sequence[str]) -> None:
        self.url = url
        self.current = tuple(current)
        self.heads = tuple(heads)
        at = _listed(self.current) if self.current else "no revision"
        super().__init__(
            f"the database {url} is at {at}, not at {_listed(self.heads)};"
            " run 'flask db upgrade heads'"
        )


class DifferencesFound(DatabaseError):
    """``check`` found that the database and the models differ.

    :param differences: a line for each, as a person would say it.
    """

    def __init__(self, differences: Sequence[str]) -> None:
        self.differences = tuple(differences)
        lines = "\n".join(f"  {line}" for line in self.differences)
        super().__init__(
            f"the models and the database differ:\n{lines}\n"
            "write a revision with 'flask db migrate'"
        )


class ConcurrentChange(DatabaseError):
    """The version table changed under a running migration."""

    def __init__(self, expected: str, found: Sequence[str]) -> None:
        self.expected = expected
        self.found = tuple(found)
        there = _listed(self.found) if self.found else "nothing"
        wanted = f"'{expected}'" if expected else "nothing"
        super().__init__(
            f"the version table should hold {wanted} and holds {there};"
            " another process migrates this database: let it finish, then run again"
        )


class StepFailed(DatabaseError):
    """A revision failed while it ran.

    :param state: what the database looks like now, in words.
    :param sql: the statement that failed, if one did.
    :param database: its bind keys; empty for the default one.
    """

    def __init__(
        self,
        revision: str,
        direction: str,
        path: Path | None,
        line: int | None,
        reason: str,
        state: str,
        sql: str | None = None,
        applied: Sequence[str] = (),
        database: str = "",
    ) -> None:
        self.revision = revision
        self.database = database
        self.direction = direction
        self.path = path
        self.line = line
        self.reason = reason
        self.state = state
        self.sql = sql
        self.applied = tuple(applied)
        where = f" ({path}, line {line})" if line else f" ({path})" if path else ""
        statement = f"\n  SQL: {sql}" if sql else ""
        place = f" in database '{database}'" if database else ""
        super().__init__(
            f"{direction} of revision '{revision}' failed{place}{where}:"
            f" {reason}{statement}\n  {state}"
        )


# -- operations ------------------------------------------------------------


class OperationError(MigrationError):
    """An operation cannot be done, or not here."""


class NoRunningMigration(OperationError):
    """``op`` or ``context`` was used while no migration runs."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"'{name}' works only while a migration runs; run this file with"
            " 'flask db', not by importing it"
        )


class UnknownFunction(OperationError, AttributeError):
    """A script calls a function of ``op`` that there is not."""

    def __init__(self, name: str, near: Sequence[str] = ()) -> None:
        hint = f"; did you mean '{near[0]}'?" if near else ""
        super().__init__(f"module 'op' has no attribute '{name}'{hint}")
        self.name = name
        self.near = tuple(near)


class InvalidArgument(OperationError):
    """A script passes something that an ``op`` function does not take."""

    def __init__(self, argument: str, wanted: str, given: object) -> None:
        self.argument = argument
        self.given = given
        super().__init__(f"'{argument}' takes {wanted}, not {given!r}")


class Irreversible(OperationError):
    """What is needed to undo an operation is not known."""

    def __init__(self, operation: object) -> None:
        self.operation = operation
        super().__init__(f"cannot reverse {operation}; write downgrade() by hand")


class _CaughtAsDatabaseError(Exception):
    """What scripts catch as an error of SQLAlchemy, having tried what may fail.

    They were written when the database said it. Now it is found out before.
    """

    def __init__(self, message: str) -> None:
        Exception.__init__(self, message)
        # No driver had a part in it, and scripts ask what it said.
        self.orig: Any = self
        self.detail: list[str] = []
        self.statement: str | None = None
        self.params: Any = None
        self.hide_parameters = False
        self.connection_invalidated = False
        self.ismulti: bool | None = None


class UnsupportedOperation(OperationError):
    """This kind of database cannot do what was asked."""

    def __init__(self, database: str, what: str, advice: str) -> None:
        self.database = database
        self.what = what
        self.advice = advice
        super().__init__(f"{database} cannot {what}; {advice}")


class TableMissing(
    UnsupportedOperation,
    _CaughtAsDatabaseError,
    sa.exc.OperationalError,
    sa.exc.NoSuchTableError,
):
    """A table is to be altered that is not there."""


class NameTaken(UnsupportedOperation, _CaughtAsDatabaseError, sa.exc.OperationalError):
    """A table has a column of that name already."""


class NeedsDatabase(OperationError, AttributeError):
    """SQL text was asked for, and a script needs a live database.

    What stands for it lacks an attribute then, for those who ask what it has.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"{what} needs a live database and cannot be written as SQL text;"
            " run without --sql, or leave it out when context.is_offline_mode()"
        )


class DataAtRisk(OperationError, _CaughtAsDatabaseError, sa.exc.IntegrityError):
    """An operation was stopped because it would have lost or changed rows."""

    def __init__(self, what: str, advice: str) -> None:
        self.what = what
        self.advice = advice
        super().__init__(f"{what}; {advice}")


class NotInTable(
    OperationError,
    _CaughtAsDatabaseError,
    sa.exc.OperationalError,
    ValueError,
    KeyError,
):
    """A table has no such column or constraint, or more than one.

    Scripts that try and go on catch one of the built-in errors around a batch block.
    """

    def __init__(
        self, table: str, what: str, known: Sequence[str] = (), found: int = 0
    ) -> None:
        self.table = table
        self.what = what
        self.known = tuple(known)
        self.found = found
        has = _listed(self.known) if self.known else "none"
        if found > 1:
            message = f"table '{table}' has {found} of {what}; say which one is meant"
        else:
            message = f"table '{table}' has no {what}; it has {has}"
        super().__init__(message)


class UnreadableDefinition(OperationError):
    """SQL text that defines a part of a database cannot be understood."""

    def __init__(self, sql: str, reason: str) -> None:
        self.sql = sql
        self.reason = reason
        shown = " ".join(sql.split())
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        super().__init__(
            f"cannot read '{shown}': {reason}; change it by hand with op.execute()"
        )
