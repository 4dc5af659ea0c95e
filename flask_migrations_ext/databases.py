"""From an app: its databases, with what their tables should be."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask import Flask
from flask import has_app_context

from .config import Settings
from .errors import ConfigurationError
from .errors import NoMetadata
from .errors import NoSQLAlchemy
from .errors import UnknownOption
from .execution.bind_keys import DEFAULT
from .execution.bind_keys import names_of
from .execution.database import Database
from .execution.database import place_of
from .execution.database import reached
from .execution.database import usable_url
from .project import Project

BindKey = str | None
Metadata = tuple[sa.MetaData, ...]
Engines = Mapping[BindKey, sa.Engine]
Metadatas = Mapping[BindKey, Metadata]


def databases_of(project: Project, binds: Collection[str] = ()) -> tuple[Database, ...]:
    """Return the app's databases, the default one first.

    Those that no model belongs to are left out, but for the default one and those
    that ``binds`` names.

    :raises NoSQLAlchemy: if the app has no SQLAlchemy extension, and the settings
        do not say what it would.
    :raises NoMetadata: if they do not say which models an extension lacks.
    :raises ConfigurationError: if a module of ``models`` cannot be imported, or
        models are for a database that there is not.
    """
    _import_models(project.settings.models)
    if project.app is None:
        return ()

    # An env.py may ask from a thread of its own, which has no context.
    with nullcontext() if has_app_context() else project.app.app_context():
        engines, metadatas = _described(project.app, project.settings)
        found = _merged(engines, metadatas, binds)
        said = project.settings.database_uri
        wanted = {DEFAULT: said} if isinstance(said, str) else dict(said or {})
        if strangers := wanted.keys() - set(names_of(engines)):
            raise UnknownOption(
                "database_uri",
                f"names '{min(strangers)}', which is none of the app's databases",
            )
        return tuple(reached(found, wanted))


def _import_models(names: Sequence[str]) -> None:
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise ConfigurationError(
                f"setting 'models': {name!r} is not the name of a module, such as"
                " 'myapp.models'"
            )
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is not None and name.startswith(error.name):
                raise ConfigurationError(
                    f"setting 'models': there is no module '{name}'"
                ) from None
            raise


def configure_models(known: Collection[sa.MetaData]) -> tuple[str, ...]:
    """Have classes made what they make of themselves when they are first used.

    Some add tables or columns by then: histories, versions.

    :param known: the metadata that a database is compared with.
    :return: why that failed, for each base class where it did.
    """
    failures: list[str] = []
    for registry in _registries():
        tables = (mapper.local_table for mapper in registry.mappers)
        if any(getattr(table, "metadata", None) in known for table in tables):
            try:
                registry.configure(cascade=True)
            except sa.exc.SQLAlchemyError as error:
                failures.append(
                    "what classes make when they are first used, for that fails"
                    f" ({error})"
                )

    return tuple(failures)


def models_without_database(
    project: Project, known: Collection[sa.MetaData]
) -> tuple[str, ...]:
    """Return the app's models whose bind is none of its databases, each with that.

    :param known: the metadata that databases are compared with.
    """
    extension = _asked_extension(project)
    engines = getattr(extension, "engines", {})
    return tuple(
        f"{name}: the app has no {'default database' if key is None else _bind(key)}"
        for key, metadata in getattr(extension, "metadatas", {}).items()
        if key not in engines and metadata not in known
        for name in _models_of(metadata)
    )


def models_of_other_bases(
    project: Project, known: Collection[sa.MetaData]
) -> tuple[str, ...]:
    """Return the models in the app's own code that its extension knows nothing of.

    :param known: the metadata that databases are compared with.
    """
    extension = _asked_extension(project)
    ours = (*known, *getattr(extension, "metadatas", {}).values())
    return tuple(
        f"model '{mapper.class_.__qualname__}': its base class is none of those whose"
        " tables are compared"
        for mapper in _mappers()
        if extension is not None
        and project.app is not None
        and isinstance(mapper.local_table, sa.Table)
        and mapper.local_table.metadata not in ours
        # Such a base is an extension's: of another app, or of one made anew.
        and "bind_key" not in mapper.local_table.metadata.info
        and _is_of_app(mapper.class_, project.app)
    )


def names_in_models(
    known: Collection[sa.MetaData],
) -> Iterator[tuple[sa.Table, str, Mapping[str, str]]]:
    """Yield the tables in these metadata that have a class, with its name.

    And with what it calls its columns, by their own names.
    """
    for mapper in _mappers():
        table = mapper.local_table
        is_whole = mapper.inherits is None or mapper.inherits.local_table is not table
        if isinstance(table, sa.Table) and table.metadata in known and is_whole:
            yield (
                table,
                mapper.class_.__name__,
                {
                    str(column.name): key
                    for key, column in mapper.columns.items()
                    if getattr(column, "table", None) is table
                },
            )


def _asked_extension(project: Project) -> Any:
    """Return what says where models belong, unless the settings do."""
    settings = project.settings
    if project.app is None or (settings.metadatas, settings.engines) != (None, None):
        return None

    return project.app.extensions.get("sqlalchemy")


def _bind(key: str) -> str:
    return f"database '{key}', its __bind_key__"


def _mappers() -> Iterator[sa.orm.Mapper[Any]]:
    for registry in _registries():
        yield from registry.mappers


def _registries() -> tuple[sa.orm.registry, ...]:
    # There is no public way from all base classes to their models.
    # Where nobody has loaded it, there are no models.
    module = sys.modules.get("sqlalchemy.orm.mapper")
    return tuple(getattr(module, "_all_registries", tuple)())


def _is_of_app(model: type, app: Flask) -> bool:
    """Return whether a class is the app's own code: libraries have models, too."""
    path = getattr(sys.modules.get(model.__module__), "__file__", None)
    if path is None:
        return False

    file = Path(path).resolve()
    return file.is_relative_to(Path(app.root_path).resolve()) and not (
        {"site-packages", "dist-packages"} & {*file.parts}
    )


def _models_of(metadata: sa.MetaData) -> list[str]:
    """Return the models with tables in a metadata, and the tables without models."""
    named = {
        mapper.local_table: f"model '{mapper.class_.__qualname__}'"
        for mapper in _mappers()
        if isinstance(mapper.local_table, sa.Table)
    }
    return [named.get(table, f"table '{table}'") for table in metadata.sorted_tables]


def _described(app: Flask, settings: Settings) -> tuple[Engines, Metadatas]:
    """Return what the settings say, and where they are silent, the extension."""
    engines = (
        _engines_of(_extension(app))
        if settings.engines is None
        else engines_from(settings.engines)
    )
    if settings.metadatas is None:
        return engines, _metadatas_of(app)

    metadatas = metadatas_from(settings.metadatas)
    strangers = metadatas.keys() - engines.keys()
    if strangers:
        known = ", ".join(_title(key) for key in sorted(engines, key=_order))
        raise ConfigurationError(
            f"setting 'metadatas' has models for {_title(min(strangers, key=_order))},"
            f" which is none of the databases of the app: {known or 'it has none'}"
        )

    return engines, metadatas


def _extension(app: Flask) -> Any:
    registered = app.extensions.get("sqlalchemy")
    if not hasattr(registered, "engines"):
        raise NoSQLAlchemy(app.name)

    # It is the one that was set up for this app, whatever was passed to Migrate.
    return registered


def _engines_of(extension: Any) -> Engines:
    if hasattr(extension, "metadatas"):
        # That is Flask-SQLAlchemy, where "default" is a name like any other.
        return dict(extension.engines)

    asynchronous = getattr(extension, "async_engines", {})
    return engines_from({**asynchronous, **extension.engines})


def _metadatas_of(app: Flask) -> Metadatas:
    extension = app.extensions.get("sqlalchemy")
    if extension is None:
        raise NoMetadata(app.name)

    if hasattr(extension, "metadatas"):
        return {key: (each,) for key, each in extension.metadatas.items()}

    own = getattr(extension, "metadata", None)
    if not isinstance(own, sa.MetaData):
        raise NoMetadata(app.name)

    return {None: (own,)}


def _title(key: str | None) -> str:
    return "the default database" if key is None else f"'{key}'"


def _order(key: str | None) -> tuple[bool, str]:
    return key is not None, key or ""


def _merged(
    engines: Engines, metadatas: Metadatas, binds: Collection[str]
) -> list[Database]:
    found: dict[object, Database] = {}
    for key in sorted(engines, key=_order):
        engine, own = engines[key], metadatas.get(key, ())
        has_tables = any(metadata.tables for metadata in own)
        if key is not None and key not in binds and not has_tables:
            continue

        # Two names for one database: one place to migrate, one version table.
        place = place_of(engine)
        earlier = found.get(place)
        if earlier is None:
            found[place] = Database((key,), engine, own)
        else:
            found[place] = Database(
                (*earlier.bind_keys, key), earlier.engine, (*earlier.metadata, *own)
            )

    return list(found.values())


# -- what an app says, in any of many forms, by bind key -------------------


def engines_from(given: Any) -> dict[BindKey, sa.Engine]:
    """Return the engines that somebody means, None for the default one.

    :param given: an engine, an asynchronous one, a URL, a mapping from names to
        these, or a function or import path (``package.module:name``) of such.
    :raises UnknownOption: if it is something else.
    :raises ConfigurationError: if an engine cannot be made, or nothing imported.
    """
    return {
        key: _engine(each) for key, each in _by_name("engines", _meant(given)).items()
    }


def metadatas_from(given: Any) -> dict[BindKey, Metadata]:
    """Return the metadata that somebody means, None for the default database's.

    :param given: a ``MetaData``, the base class of models, a list of these, a mapping
        from names to any of them, or a function or import path of such.
    :raises UnknownOption: if it is something else.
    :raises ConfigurationError: if nothing can be imported from a path.
    """
    return {
        key: _several_metadata(each)
        for key, each in _by_name("metadatas", _meant(given)).items()
    }


def _by_name(setting: str, meant: Any) -> dict[BindKey, Any]:
    if not isinstance(meant, Mapping):
        return {None: meant}

    found: dict[BindKey, Any] = {}
    for name, each in meant.items():
        if name is not None and not isinstance(name, str):
            raise UnknownOption(setting, f"takes names of databases, not {name!r}")
        key = None if name == DEFAULT else name
        if key in found:
            raise UnknownOption(setting, "names the default database twice")
        found[key] = each

    return found


def _meant(given: Any) -> Any:
    """Return what a function or an import path stands for; else what was given."""
    if isinstance(given, str) and "://" not in given:
        return _meant(_imported(given))

    # A base class of models can be called, too.
    if callable(given) and not isinstance(_metadata_of(given), sa.MetaData):
        return _meant(given())

    return given


def _imported(path: str) -> Any:
    try:
        return pkgutil.resolve_name(path)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"cannot import '{path}', named in the settings of Migrate: {error}; a path"
            " is 'package.module:name', a database URL has '://'"
        ) from error


# -- engines ---------------------------------------------------------------


def _engine(given: Any) -> sa.Engine:
    meant = _meant(given)
    # Of an asynchronous engine, the one beneath; where there are none, neither is
    # the module to import them from.
    found = getattr(meant, "sync_engine", meant)
    if isinstance(found, sa.Engine):
        return found

    if isinstance(meant, (str, sa.URL)):
        return _engine_of(meant)

    raise UnknownOption(
        "engines",
        "takes an engine, a database URL, a mapping from names to these, or a function"
        f" that returns one of them, not {meant!r}",
    )


def _engine_of(text: str | sa.URL) -> sa.Engine:
    with usable_url("engines"):
        url = sa.make_url(text)
        database = url.database or ""
        if not database or ":memory:" in database:
            return sa.create_engine(url)
        # No connection outlives its command.
        return sa.create_engine(url, poolclass=sa.pool.NullPool)


# -- metadata --------------------------------------------------------------


def _several_metadata(given: Any) -> Metadata:
    meant = _meant(given)
    several = meant if isinstance(meant, Sequence) else (meant,)
    return tuple(_metadata(each) for each in several)


def _metadata(given: Any) -> sa.MetaData:
    meant = _meant(given)
    found = _metadata_of(meant)
    if isinstance(found, sa.MetaData):
        return found

    raise UnknownOption(
        "metadatas",
        "takes a MetaData, a base class of models, a list of these, a mapping from"
        " names of databases to them, or a function that returns one of them,"
        f" not {meant!r}",
    )


def _metadata_of(given: Any) -> Any:
    return given if isinstance(given, sa.MetaData) else getattr(given, "metadata", None)


def session_of_app() -> Any:
    """Return the ``db.session`` of the running app, if it has one."""
    extension = current_app.extensions.get("sqlalchemy") if has_app_context() else None
    return vars(extension).get("session") if hasattr(extension, "__dict__") else None
