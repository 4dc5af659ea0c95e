"""What an app says of its databases and models, in any of many forms, by bind key.

Pure: connects to nothing, and knows no extension.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from .errors import ConfigurationError
from .errors import UnknownOption

DEFAULT = "default"
"""What the default database is called where a name is needed."""

BindKey = str | None
Metadata = tuple[sa.MetaData, ...]


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
    try:
        url = sa.make_url(text)
        database = url.database or ""
        if not database or ":memory:" in database:
            return sa.create_engine(url)
        # No connection outlives its command.
        return sa.create_engine(url, poolclass=sa.pool.NullPool)
    except ImportError as error:
        reason = f"its driver '{error.name}' is not installed"
    except sa.exc.NoSuchModuleError:
        reason = "SQLAlchemy does not know this kind of database"
    except (sa.exc.ArgumentError, ValueError, TypeError):
        reason = "it should look like 'dialect+driver://user:password@host/name'"

    raise ConfigurationError(
        f"cannot use a database URL that setting 'engines' has: {reason}"
    )


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
