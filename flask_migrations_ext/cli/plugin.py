"""The ``db`` that the ``flask`` command finds before it has an app.

It hands over to the ``db`` of the app, whoever made that, and only where there is
none, or the app cannot be made because of its database's URL, says why in one line.
Registered under the entry point ``flask.commands``.
"""

from __future__ import annotations

import traceback
from typing import Any

import click
from flask.cli import NoAppException
from flask.cli import ScriptInfo

from ..masking import shown_text
from .refusal import Refusal

_EXTENSIONS = ("flask_sqlalchemy.extension", "flask_sqlalchemy_lite._extension")


class HandOver(click.Group):
    """Stands for the app's own command of the same name."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        assert parent is not None
        command = self._command_of_app(info_name or "db", parent)
        return command.make_context(info_name, args, parent, **extra)

    def _command_of_app(self, name: str, parent: click.Context) -> click.Command:
        info = parent.ensure_object(ScriptInfo)
        try:
            app = info.load_app()
        except NoAppException as error:
            raise Refusal(error.format_message()) from error
        except Exception as error:
            reason = _reason(error)
            if reason is None:
                raise
            raise Refusal(reason) from error

        command = app.cli.commands.get(name)
        if command is None:
            raise Refusal(
                f"the app '{app.name}' has no command '{name}':"
                " set up Migrate(app, db) where the app is made"
            )

        # As Flask does for the commands of an app.
        parent.with_resource(app.app_context())
        return command


def _reason(error: Exception) -> str | None:
    """Return why a database URL or driver kept the app from being made."""
    import sqlalchemy as sa

    if isinstance(error, sa.exc.NoSuchModuleError):
        return (
            f"the app's database URL names a kind of database that SQLAlchemy does not"
            f" know: {error}; correct SQLALCHEMY_DATABASE_URI or SQLALCHEMY_BINDS"
        )

    if isinstance(error, sa.exc.ArgumentError) or _raised_in("_parse_url", error):
        return (
            "the app's database URL cannot be read: it should look like"
            " 'dialect+driver://user:password@host/name';"
            " correct SQLALCHEMY_DATABASE_URI or SQLALCHEMY_BINDS"
        )

    if isinstance(error, ImportError) and _raised_in("import_dbapi", error):
        # SQLAlchemy's dialects have this class method for the import alone.
        return (
            f"the driver '{error.name}' that the app's database URL asks for is not"
            f" installed; install it, or name another one in the URL:"
            f" 'dialect+driver://…' ({error})"
        )

    if isinstance(error, RuntimeError) and _frames(error)[-1][0] in _EXTENSIONS:
        return shown_text(f"the app cannot be made: {error}")

    return None


def _raised_in(function: str, error: Exception) -> bool:
    return any(
        name == function and module.startswith("sqlalchemy.")
        for module, name in _frames(error)
    )


def _frames(error: Exception) -> list[tuple[str, str]]:
    return [
        (str(frame.f_globals.get("__name__")), frame.f_code.co_name)
        for frame, _ in traceback.walk_tb(error.__traceback__)
    ]


db = HandOver("db", help="Perform database migrations.")
