"""What ``alembic.ini`` and ``pyproject.toml`` say, as text, and how much of it counts.

The values are as they are written: nothing is filled in.
"""

from __future__ import annotations

import configparser
import io
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigurationError
from ..masking import shown_error_of_file
from ..masking import shown_setting


@dataclass(frozen=True)
class FoundSetting:
    """A setting in a file.

    :param section: of an ini file; empty for the main one.
    :param name: empty if all of the section is meant.
    :param treated: how it is treated here; empty if as ever.
    """

    path: Path
    section: str
    name: str
    value: str
    treated: str = ""


_MAIN = "alembic"
_HOOKS = "post_write_hooks"
_LOGGING = ("loggers", "handlers", "formatters", "logger_", "handler_", "formatter_")

# What only an env.py asks for, or what says where the folder is.
_NOT_KEPT = frozenset({"script_location", "databases"})
_SEPARATORS = frozenset({"path_separator", "version_path_separator"})

_OWN_DATABASES = "is not read: the databases are those of the app"


def read_settings(path: Path) -> tuple[FoundSetting, ...]:
    """Return the settings in a file, but for those about logging.

    :raises ConfigurationError: if it cannot be read.
    """
    if path.suffix == ".toml":
        return _in_toml(path)

    parser = _parsed(path)
    found = [
        _setting(path, "" if section == _MAIN else section, name, value)
        for section in parser.sections()
        if not section.startswith(_LOGGING)
        for name, value in parser.items(section)
    ]
    if any(section.startswith(_LOGGING) for section in parser.sections()):
        found.append(
            FoundSetting(
                path, "loggers", "", "", "are passed over: logging is the app's"
            )
        )

    return tuple(found)


def _in_toml(path: Path) -> tuple[FoundSetting, ...]:
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot read {path}: {shown_error_of_file(error)}"
        ) from error

    return tuple(
        _setting(path, "", name, str(value))
        for name, value in said.get("tool", {}).get("alembic", {}).items()
    )


def _setting(path: Path, section: str, name: str, value: str) -> FoundSetting:
    is_url = name.startswith("sqlalchemy.")
    treated = _OWN_DATABASES if is_url or name == "databases" else ""

    return FoundSetting(path, section, name, shown_setting(name, value), treated)


def reduced_ini(path: Path) -> str:
    """Return the text of an ini file with what counts without its ``env.py``.

    Empty if nothing does.

    :raises ConfigurationError: if it cannot be read.
    """
    parser = _parsed(path)
    databases = parser.get(_MAIN, "databases", fallback="").replace(",", " ").split()

    for section in parser.sections():
        if section.startswith(_LOGGING) or section in databases:
            parser.remove_section(section)

    for section in parser.sections():
        for name in parser.options(section):
            if section == _MAIN and _is_not_kept(name):
                parser.remove_option(section, name)
        only_separators = set(parser.options(section)) <= _SEPARATORS
        if not parser.options(section) or (section == _MAIN and only_separators):
            parser.remove_section(section)

    if not parser.sections():
        return ""
    if not parser.has_section(_MAIN):
        parser.add_section(_MAIN)

    text = io.StringIO()
    parser.write(text)
    return (
        "# Settings that 'flask db' reads. Each can be said in app.config as well.\n\n"
        f"{text.getvalue().rstrip()}\n"
    )


def _is_not_kept(name: str) -> bool:
    return name in _NOT_KEPT or name.startswith("sqlalchemy.")


def _parsed(path: Path) -> configparser.RawConfigParser:
    # Nothing is called DEFAULT here: it would be mixed into all sections.
    parser = configparser.RawConfigParser(default_section="")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep upper case
    try:
        parser.read_string(path.read_text("utf-8"), str(path))
    except (OSError, configparser.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot read {path}: {shown_error_of_file(error)}"
        ) from error

    return parser
