"""How migrations of an app are set up, as frozen values.

What is said later wins: the defaults here, ``Migrate(…)``, ``init_app(…)``,
``app.config["MIGRATE_…"]``, ``env.py``, the command line.
"""

from __future__ import annotations

import dataclasses
import difflib
import logging
import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import KeysView
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import get_args
from typing import Literal
from typing import Protocol

from .errors import UnknownOption

log = logging.getLogger("flask_migrations_ext")

CONFIG_PREFIX = "MIGRATE_"
"""What the names of settings in ``app.config`` start with."""

OnStart = Literal["upgrade", "wait", "check"]


@dataclass(frozen=True)
class Settings:
    """All that can be set, but for the app, its extension and the command's name."""

    directory: str = "migrations"
    """The folder, beside the app unless it is absolute."""

    version_locations: tuple[str, ...] = ()
    """Folders of scripts, relative to the folder; ``versions`` in it by default."""

    recursive_version_locations: bool = False
    """Whether folders inside those are searched as well."""

    sourceless: bool = False
    """Whether compiled revisions, ``.pyc``, count where there is no source."""

    file_template: str = "%(rev)s_%(slug)s"
    truncate_slug_length: int = 40
    timezone: str | None = None
    """The zone of "Create Date", such as ``UTC``; local time by default."""

    output_encoding: str = "utf-8"
    """How new files are written."""

    revision_environment: bool = False
    """Whether ``revision`` and ``merge`` run ``env.py``, too."""

    process_revision_directives: Callable[..., None] | None = None
    """Is shown what a new revision holds, and may change or empty it."""

    post_write_hooks: tuple[Mapping[str, str], ...] = ()
    """Programs to run on each new file, such as a formatter."""

    template_args: Mapping[str, Any] | None = None
    """More names for ``script.py.mako``."""

    upgrade_token: str = "upgrades"
    downgrade_token: str = "downgrades"
    """The names by which the template gets what is to be done, and undone."""

    name_argument: str | None = None
    """The argument of ``run_migrations`` that names the database to its scripts."""

    on_version_apply: tuple[Callable[..., None], ...] = ()
    """Are called after each revision, in its transaction."""

    engines: Any = None
    """The databases, where no extension has them; :mod:`.databases` has the forms."""

    database_uri: str | Mapping[str, str] | None = None
    """How migrations connect, where not as the app does: another user, or no pooler
    between. Of the default database, or by the names of several."""

    metadatas: Any = None
    """What their tables should be, in the forms that :mod:`.databases` has."""

    models: tuple[str, ...] = ()
    """Modules that are imported before models and database are compared."""

    compare_type: bool | Callable[..., bool | None] = True
    compare_server_default: bool | Callable[..., bool | None] = True
    compare_checks: bool = True
    """Whether checks are compared."""

    compare_options: bool = True
    """Whether options of tables are, and schemas and domains that they need."""

    include_object: Callable[..., bool] | None = None
    include_name: Callable[..., bool] | None = None
    include_schemas: bool = False

    questions: bool = True
    """Whether a new revision waits for answers to what only a person can know; if not,
    what may be renamed is dropped and added."""

    render_as_batch: bool = True
    render_item: Callable[..., Any] | None = None
    alembic_module_prefix: str = "op."
    sqlalchemy_module_prefix: str = "sa."
    user_module_prefix: str | None = None

    version_table: str = "alembic_version"
    version_table_schema: str | None = None
    version_table_pk: bool = True

    lock: bool | Literal["row"] = True
    """Whether one process at a time migrates a database, and the others wait; "row":
    by a row of a table beside the version table, whatever stands between."""

    lock_wait: float = 60.0
    """For how many seconds they do, unless ``--wait`` says it."""

    lock_timeout: float | None = None
    """For how many seconds a statement waits for tables and rows that others use, as
    yet others wait behind it; none: 10, unless the connection has less. 0: as set
    there."""

    statement_timeout: float | None = None
    """How many seconds a statement may take; none: as the connection has it."""

    retry: float = 60.0
    """For how many seconds a revision is tried again that others held up."""

    record: bool | None = None
    """Whether it is recorded what was applied, when, by whom and as what; None: where
    there is a record already."""

    on_start: OnStart | None = None
    """What an app does before it serves, with the databases that lack revisions."""

    debug_page: bool = True
    """Whether an app in debug mode shows a page where revisions are pending."""

    transaction_per_migration: bool = False
    """Whether each revision has its own transaction also where a database is built from
    nothing, which is one transaction otherwise, if the database can do that."""

    transactional_ddl: bool | None = None
    """Whether SQL text has transactions in it; by default as the database can."""

    mssql_batch_separator: str | None = None
    oracle_batch_separator: str | None = None
    """What stands after each statement of SQL text; ``GO`` and ``/`` by default."""

    def with_options(self, options: Mapping[str, Any]) -> Settings:
        """Return the settings with these options in place of what was set.

        An unknown option is passed over with a warning: env.py files and apps in
        the world say many things.

        :raises UnknownOption: if a value is not of the right kind.
        """
        known = {
            name: _checked(name, value)
            for name, value in options.items()
            if name in _NAMES
        }
        for name in options.keys() - _NAMES - _WITHOUT_EFFECT:
            near = difflib.get_close_matches(name, _NAMES, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            log.warning("there is no setting '%s'%s", name, hint)

        return dataclasses.replace(self, **known)


_NAMES = frozenset(field.name for field in dataclasses.fields(Settings))

# What is always so here: values are written into SQL text.
_WITHOUT_EFFECT = frozenset({"literal_binds", "autogenerate_plugins"})

_SEQUENCES = frozenset({"version_locations", "models"})
_CALLABLES = frozenset(
    {"include_object", "include_name", "render_item", "process_revision_directives"}
)
_SECONDS = frozenset({"lock_wait", "retry"})
_SECONDS_OR_NONE = frozenset({"lock_timeout", "statement_timeout"})
_TEXTS = frozenset(
    {
        *("directory", "file_template", "output_encoding", "version_table"),
        *("upgrade_token", "downgrade_token"),
        *("alembic_module_prefix", "sqlalchemy_module_prefix"),
    }
)
_TEXTS_OR_NONE = frozenset({"timezone", "user_module_prefix", "version_table_schema"})
_SWITCHES = frozenset(
    {
        *("compare_checks", "compare_options"),
        *("include_schemas", "questions", "record", "render_as_batch"),
        *("recursive_version_locations",),
        *("revision_environment", "sourceless", "version_table_pk"),
    }
)


def _checked(name: str, value: Any) -> Any:
    if name in _SEQUENCES:
        several = [value] if isinstance(value, str) else value
        if not isinstance(several, Sequence):
            raise UnknownOption(name, f"takes a list of names, not {value!r}")

        return tuple(str(each) for each in several)

    if name in _CALLABLES and value is not None and not callable(value):
        raise UnknownOption(name, f"takes a function, not {value!r}")

    if name == "on_version_apply":
        return _functions(name, value)

    if name in _TEXTS:
        return _text(name, value)

    if name in _SECONDS or (name in _SECONDS_OR_NONE and value is not None):
        return _seconds(name, value)

    if name in _TEXTS_OR_NONE:
        return None if value is None else _text(name, value)

    # Something that is true, such as "no", is not to switch anything on.
    if name in _SWITCHES and value not in (True, False, None):
        raise UnknownOption(name, f"takes True or False, not {value!r}")

    if name == "lock" and value not in (True, False, "row"):
        raise UnknownOption(name, f"takes True, False or 'row', not {value!r}")

    if name == "on_start" and value not in (None, *get_args(OnStart)):
        known = ", ".join(map(repr, get_args(OnStart)))
        raise UnknownOption(name, f"takes {known} or None, not {value!r}")

    if name == "truncate_slug_length":
        return _number(name, value)

    if name == "database_uri":
        return _urls(name, value)

    if name == "post_write_hooks":
        return _hooks(name, value)

    if name == "template_args" and not isinstance(value, Mapping | None):
        raise UnknownOption(name, f"takes a dictionary, not {value!r}")

    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str | os.PathLike):
        raise UnknownOption(name, f"takes text, not {value!r}")

    return os.fspath(value)


def _urls(name: str, value: Any) -> Any:
    several = value.values() if isinstance(value, Mapping) else (value or "",)
    if not all(isinstance(each, str) for each in several):
        # The value itself may hold a password.
        raise UnknownOption(name, "takes a database URL, or some by names of databases")

    return value or None


def _number(name: str, value: Any) -> int:
    try:
        return int(value or 0)
    except (TypeError, ValueError) as error:
        raise UnknownOption(name, f"takes a number, not {value!r}") from error


def _seconds(name: str, value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise UnknownOption(name, f"takes a number of seconds, not {value!r}")

    return seconds


def _hooks(name: str, value: Any) -> tuple[Mapping[str, str], ...]:
    several = tuple(value or ()) if isinstance(value, Iterable | None) else (value,)
    for each in several:
        if not isinstance(each, Mapping):
            raise UnknownOption(name, f"takes a list of dictionaries, not {value!r}")

    return several


def _functions(name: str, value: Any) -> tuple[Callable[..., None], ...]:
    one = callable(value) or not isinstance(value, Iterable | None)
    several = (value,) if one else tuple(value or ())
    for each in several:
        if not callable(each):
            raise UnknownOption(name, f"takes functions, not {each!r}")

    return several


def options_from_app_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``MIGRATE_…`` settings of an app, by their names in lower case."""
    return {
        name.removeprefix(CONFIG_PREFIX).lower(): value
        for name, value in config.items()
        if name.startswith(CONFIG_PREFIX)
    }


@dataclass(frozen=True)
class SettingsFiles:
    """The settings files that a person named, and the section of the ini file."""

    files: tuple[str, ...] = ()
    section: str = "alembic"


_named: ContextVar[SettingsFiles] = ContextVar("flask_migrations_ext.settings_files")


def named_settings_files() -> SettingsFiles:
    """Return the files that count in the block that runs."""
    return _named.get(SettingsFiles())


@contextmanager
def with_settings_files(named: SettingsFiles) -> Iterator[None]:
    """Let these files count within the block, wherever the folder is."""
    token = _named.set(named)
    try:
        yield
    finally:
        _named.reset(token)


class Compatibility(Protocol):
    """What lets a project that was made with another tool run here."""

    def folder(self, places: Sequence[Path]) -> Path | None:
        """Return the migrations folder that a settings file in a place names."""

    def options(self, directory: Path) -> Mapping[str, Any]:
        """Return what the settings file of a migrations folder says."""

    def options_of_app(
        self, config: Mapping[str, Any], root: Path
    ) -> Mapping[str, Any]:
        """Return what ``app.config`` says for another tool.

        :param root: the folder of the app.
        """

    def settings_files(self, directory: Path) -> Sequence[Path]:
        """Return the files that say so."""

    def around(
        self, directory: Path, extensions: dict[str, Any]
    ) -> AbstractContextManager[None]:
        """Return the block in which the files of a migrations folder run.

        :param extensions: those of the app.
        """


class ConfigureArguments(dict[str, Any]):
    """The options of an app, for an ``env.py`` to pass on with ``**``.

    What says no more than the default can be looked up but is not passed on: an older
    ``env.py`` says ``compare_type=True`` beside it, and would do so twice.
    """

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> KeysView[str]:  # type: ignore[override]  # some are left out
        said = {
            name: value
            for name, value in self.items()
            if not (name in _SAID_BY_ENV_FILES and value is True)
        }
        return said.keys()


_SAID_BY_ENV_FILES = frozenset({"compare_type", "render_as_batch"})


@dataclass(frozen=True)
class MigrateConfig:
    """What ``app.extensions["migrate"]`` holds: how one app was set up.

    :param db: the SQLAlchemy extension, if one was passed.
    :param configure_args: the options of ``Migrate`` and ``init_app``.
    """

    migrate: Any
    db: Any
    directory: str
    configure_args: dict[str, Any]

    @property
    def metadata(self) -> Any:
        """The metadata of the SQLAlchemy extension that was passed."""
        return self.db.metadata

    @property
    def compatibility(self) -> Compatibility | None:
        """What ``Migrate`` brings along for projects of another tool, if it does."""
        found: Compatibility | None = getattr(self.migrate, "compatibility", None)
        return found
