"""Errors about the app and its settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..wording import counted
from ..wording import listed
from .base import declared
from .base import MigrationError


class ConfigurationError(MigrationError):
    """The app, or how it is set up, does not allow what was asked."""


@declared
class NoSQLAlchemy(ConfigurationError):
    """The app has no SQLAlchemy extension to take databases from."""

    app_name: str

    def _message(self) -> str:
        return (
            f"the app '{self.app_name}' has no SQLAlchemy extension;"
            " call db.init_app(app) where the app is made, with the SQLAlchemy()"
            " that your models derive from; or, without an extension, say"
            " Migrate(app, engines=…, metadatas=…)"
        )


@declared
class NoMetadata(ConfigurationError):
    """The app's SQLAlchemy extension has databases, and knows of no models."""

    app_name: str

    def _message(self) -> str:
        return (
            f"the SQLAlchemy extension of the app '{self.app_name}' has no metadata"
            " of its own; say where the models are:"
            " Migrate(app, db, metadatas=Base.metadata)"
        )


@declared
class UnknownBind(ConfigurationError):
    """The app has no database of this name.

    :param known: the names that there are.
    """

    name: str
    known: Sequence[str]

    def _message(self) -> str:
        there = f"is {listed(self.known)}" if self.known else "is none"
        return f"the app has no database '{self.name}' to choose; there {there}"


@declared
class NoModels(ConfigurationError):
    """The database has tables, and the models know of none."""

    url: str
    tables: int

    def _message(self) -> str:
        return (
            f"the app's metadata holds no table, while the database {self.url} has"
            f" {counted(self.tables, 'table')}; are the models imported? Import them"
            " where the app is made, or name their modules:"
            " Migrate(app, db, models=['myapp.models'])"
        )


@declared
class ModelsLeftOut(ConfigurationError):
    """The app has models that belong to none of the databases that are compared.

    :param models: a line for each, with the reason.
    """

    models: Sequence[str]

    def _message(self) -> str:
        lines = "\n".join(f"  {line}" for line in self.models)
        return (
            f"models that belong to no database would be left out:\n{lines}\ncorrect"
            " them or SQLALCHEMY_BINDS, or say with the setting 'metadatas' which"
            " models count: Migrate(app, db, metadatas=[db.metadata, Base.metadata])"
        )


@declared
class UnknownOption(ConfigurationError):
    """A setting has a name or a value that nothing here understands."""

    name: str
    reason: str

    def _message(self) -> str:
        return f"setting '{self.name}': {self.reason}"


@declared
class UnsupportedDatabase(ConfigurationError):
    """No dialect here speaks to this kind of database."""

    name: str
    known: Sequence[str]

    def _message(self) -> str:
        return (
            f"no migrations for databases of the kind '{self.name}';"
            f" known are {listed(self.known)}"
        )


UNDECIDED = 4
"""What a command ends with that needs an answer and has nobody to ask."""


@declared
class Undecided(ConfigurationError):
    """A new revision depends on what only a person can know. Nothing was written.

    :param questions: each with its choices, and the option that makes each choice.
    """

    questions: Sequence[Any]

    exit_status = UNDECIDED

    def _message(self) -> str:
        number = counted(len(self.questions), "question")
        lines = "\n".join(str(each) for each in self.questions)
        return (
            f"{number} to answer before this can be written; nothing was written. Add"
            f" one of the options of each, or run it at a terminal:\n{lines}"
        )


@declared
class UnusableAnswer(ConfigurationError):
    """An answer names nothing, says two things at once, or cannot be carried out.

    :param given: what was typed.
    """

    given: str
    reason: str

    def _message(self) -> str:
        return f"{self.given}: {self.reason}; nothing was written"
