"""``Migrate(app, db)``: gives an app its command group. Wiring only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from typing import TYPE_CHECKING

from flask import Flask

from .alembic_compat.projects.migrate_mixin import FlaskMigrateNames
from .cli.group import app_is_made
from .cli.group import is_served
from .cli.group import migration_group
from .config import CONFIG_PREFIX
from .config import ConfigureArguments
from .config import MigrateConfig
from .guard.door import guarded
from .guard.first_request import StartFirst

if TYPE_CHECKING:
    # What asks a database is loaded when one is to be asked.
    from .commands.reports import StatusReport

_START = "migrate_start"
"""The name under which an app has what it does before its first request."""


class Migrate(FlaskMigrateNames):
    """Database migrations for Flask apps.

    What is given here holds for every app that it is initialised on; nothing of an
    app is kept on it.

    :param app: the app, if it exists already.
    :param db: the app's SQLAlchemy extension; left out, it is found at command time.
    :param directory: the migrations folder, beside the app unless it is absolute.
    :param command: the name of the command group.
    :param compare_type: whether changes of column types are found, or a function
        that tells.
    :param render_as_batch: whether alterations are written as batch blocks.
    :param options: further settings; docs/settings.md has them all. ``engines`` and
        ``metadatas`` are for apps without Flask-SQLAlchemy.
    """

    def __init__(
        self,
        app: Flask | None = None,
        db: Any = None,
        directory: str | Path = "migrations",
        command: str = "db",
        compare_type: Any = True,
        render_as_batch: bool = True,
        **options: Any,
    ) -> None:
        self.db = db
        self.directory = str(directory)
        self.command = command
        self._options: dict[str, Any] = {
            **options,
            "compare_type": compare_type,
            "render_as_batch": render_as_batch,
        }
        if app is not None:
            self.init_app(app)

    def init_app(
        self,
        app: Flask,
        db: Any = None,
        directory: str | Path | None = None,
        command: str | None = None,
        compare_type: Any = None,
        render_as_batch: bool | None = None,
        **options: Any,
    ) -> None:
        """Give the app its command group; None means as in the constructor."""
        given = {"compare_type": compare_type, "render_as_batch": render_as_batch}
        app.extensions["migrate"] = MigrateConfig(
            migrate=self,
            db=db if db is not None else self.db,
            directory=str(directory) if directory is not None else self.directory,
            configure_args=ConfigureArguments(
                {
                    **self._options,
                    **options,
                    **{name: said for name, said in given.items() if said is not None},
                }
            ),
        )
        name = command or self.command
        app.cli.add_command(migration_group(name), name)
        if _START not in app.extensions:
            inner = guarded(app, app.wsgi_app)
            first = StartFirst(inner, partial(_start, app))
            app.extensions[_START] = first
            # What stands before an app belongs there.
            app.wsgi_app = first  # type: ignore[method-assign, assignment]
            _give_notice(app, name)

    def on_start(self, app: Flask, how: str | None = None) -> None:
        """Bring the databases to all heads now, or see that they are there.

        For the end of an app factory. Does nothing for the commands of ``flask`` that
        serve nothing, and nothing twice.

        :param how: ``upgrade``, ``wait`` for another process to do it, or ``check``;
            left out, it is what ``MIGRATE_ON_START`` says.
        :raises MigrationError: if they cannot be brought there, or are elsewhere.
        """
        if is_served():
            app.extensions[_START].now(how)

    def status(self, *, bind: str | Sequence[str] | None = None) -> StatusReport:
        """Return what each database of the active app has of the revisions.

        :param bind: the name of one database, or of several; none: all.
        :raises MigrationError: if one cannot be asked.
        """
        from .commands.state import status

        return status(bind=bind)


def _set_start(app: Flask) -> str | None:
    state: MigrateConfig = app.extensions["migrate"]
    set_up = state.configure_args.get("on_start")
    found: str | None = app.config.get(f"{CONFIG_PREFIX}ON_START", set_up)
    return found


def _start(app: Flask, how: str | None) -> None:
    wanted = how or _set_start(app)
    if wanted is None:
        return

    from .guard.start import start

    with app.app_context():
        start(wanted)


def _give_notice(app: Flask, group: str) -> None:
    is_made = app_is_made(app)
    # What an app does about it by itself, nobody has to be told of.
    if is_made is not None and _set_start(app) is None:
        # It asks databases, as all that is no server need not.
        from .cli.refusal import as_called
        from .cli.terminal import tell
        from .guard.notice import give_notice

        give_notice(app, is_made, lambda line: tell(as_called(line, group)))
