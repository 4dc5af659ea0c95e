"""``alembic.config``: what ``alembic.ini`` and ``pyproject.toml`` say, and ``-x``."""

from __future__ import annotations

import configparser
import locale
import logging
import os
import re
import sys
import tomllib
from argparse import Namespace
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from typing import TextIO

from ...errors import ConfigurationError
from ...files import is_file
from ...masking import shown_error_of_file
from ...masking import shown_text

log = logging.getLogger("flask_migrations_ext")


class Config:
    """The settings of a migrations folder made with Alembic or Flask-Migrate.

    :param file_: an ``alembic.ini``; it may be missing.
    :param toml_file: a ``pyproject.toml``, asked for what the other does not say.
    :param ini_section: the section of the ini file that counts.
    :param cmd_opts: what was typed.
    :param config_args: more names for ``%(name)s``.
    :param attributes: anything that callers and ``env.py`` share.
    """

    # Not set by the constructor unless it is given: subclasses may have done so before.
    template_directory: str | None = None

    def __init__(
        self,
        file_: str | os.PathLike[str] | None = None,
        toml_file: str | os.PathLike[str] | None = None,
        ini_section: str = "alembic",
        output_buffer: TextIO | None = None,
        stdout: TextIO | None = None,
        cmd_opts: Namespace | None = None,
        config_args: Mapping[str, Any] | None = None,
        attributes: Mapping[str, Any] | None = None,
        *,
        template_directory: str | None = None,
    ) -> None:
        self.config_file_name = None if file_ is None else str(file_)
        self.toml_file_name = None if toml_file is None else str(toml_file)
        self.config_ini_section = ini_section
        self.output_buffer = output_buffer
        self.cmd_opts = cmd_opts
        self.config_args = dict(config_args or {})
        self.attributes: dict[str, Any] = dict(attributes or {})
        if template_directory is not None:
            self.template_directory = template_directory
        self._stdout = stdout

    @property
    def stdout(self) -> TextIO:
        """Where results are printed."""
        return self._stdout or sys.stdout

    @stdout.setter
    def stdout(self, stream: TextIO) -> None:
        self._stdout = stream

    @property
    def messaging_opts(self) -> dict[str, bool]:
        """Whether results are to be kept quiet about."""
        return {"quiet": bool(getattr(self.cmd_opts, "quiet", False))}

    def print_stdout(self, text: str, *arguments: Any) -> None:
        """Print a result, unless ``cmd_opts.quiet`` is set."""
        if self.messaging_opts["quiet"]:
            return

        line = str(text) % arguments if arguments else str(text)
        (self.output_buffer or self.stdout).write(f"{line}\n")

    def get_template_directory(self) -> str:
        """Return the folder that templates of migrations folders are in."""
        templates = Path(__file__).parents[2] / "scripts" / "templates"
        return self.template_directory or str(templates)

    # -- the ini file ------------------------------------------------------

    @cached_property
    def file_config(self) -> configparser.ConfigParser:
        """The ini file, with ``%(here)s`` for its folder."""
        path = self.config_file_name
        here = Path(path).absolute().parent if path else Path()
        self.config_args["here"] = here.as_posix()
        parser = configparser.ConfigParser(
            {name: str(value) for name, value in self.config_args.items()}
        )
        if path is None:
            parser.add_section(self.config_ini_section)
        else:
            _read(parser, path)
        return parser

    def get_section(
        self, name: str, default: Mapping[str, str] | None = None
    ) -> dict[str, str] | None:
        """Return all of a section of the ini file."""
        if not self.file_config.has_section(name):
            return None if default is None else dict(default)

        return dict(self.file_config.items(name))

    def get_section_option(
        self, section: str, name: str, default: str | None = None
    ) -> str | None:
        """Return what a section says of a name.

        :raises ConfigurationError: if there is no such section.
        """
        if not self.file_config.has_section(section):
            raise ConfigurationError(
                f"there is no section [{section}] in {self.config_file_name};"
                " is it the right file, and is it there?"
            )

        return self._said(section, name) if self._has(section, name) else default

    def _has(self, section: str, name: str) -> bool:
        return self.file_config.has_option(section, name)

    def _said(self, section: str, name: str) -> str:
        try:
            return self.file_config.get(section, name)
        except configparser.InterpolationError as error:
            raise ConfigurationError(
                f"cannot read '{name}' in {self.config_file_name}:"
                f" {shown_error_of_file(error)};"
                " a '%' of its own is doubled"
            ) from error

    def set_section_option(self, section: str, name: str, value: str) -> None:
        """Say something in a section; a ``%`` is doubled.

        :raises ConfigurationError: if it is not.
        """
        if not self.file_config.has_section(section):
            self.file_config.add_section(section)

        try:
            self.file_config.set(section, name, value)
        except ValueError as error:
            # Not the value itself: it may hold a password.
            raise ConfigurationError(
                f"'{name}' cannot be set: a '%' in it is doubled,"
                " as in url.replace('%', '%%')"
            ) from error

    def get_main_option(self, name: str, default: str | None = None) -> str | None:
        """Return what the main section says of a name."""
        return self.get_section_option(self.config_ini_section, name, default)

    def set_main_option(self, name: str, value: str) -> None:
        """Say something in the main section; a ``%`` is doubled."""
        self.set_section_option(self.config_ini_section, name, value)

    def remove_main_option(self, name: str) -> None:
        """Remove a name from the main section."""
        self.file_config.remove_option(self.config_ini_section, name)

    # -- pyproject.toml ----------------------------------------------------

    @cached_property
    def toml_alembic_config(self) -> dict[str, Any]:
        """The table ``tool.alembic``; empty if there is none."""
        if self.toml_file_name is None:
            return {}

        path = Path(self.toml_file_name)
        if not is_file(path):
            return {}

        try:
            said = tomllib.loads(path.read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"cannot read {path}: {shown_error_of_file(error)}"
            ) from error

        found = said.get("tool", {}).get("alembic", {})
        if not isinstance(found, dict):
            raise ConfigurationError(f"in {path}, [tool.alembic] is no table")

        return found

    @property
    def toml_args(self) -> dict[str, Any]:
        """What ``%(name)s`` may name in the toml file."""
        path = self.toml_file_name
        here = Path(path).absolute().parent.as_posix() if path else ""
        return {**self.config_args, "here": here}

    def get_alembic_option(self, name: str, default: Any = None) -> Any:
        """Return what the ini file says of a name, or else the toml file.

        In the latter it may be a list, a table or a number as well.
        """
        if self._has(self.config_ini_section, name):
            return self.get_main_option(name)

        return self._in_toml(name, default)

    def get_alembic_boolean_option(self, name: str) -> bool:
        """Return whether either file says ``true``, in this very spelling.

        :raises ConfigurationError: if the toml file says something else than yes or no.
        """
        if self._has(self.config_ini_section, name):
            said = self.get_main_option(name) or ""
            if said != "true" and said.lower() in ("true", "yes", "on", "1"):
                log.warning(
                    "%s says '%s = %s', which is no: only 'true' is yes",
                    *(self.config_file_name, name, said),
                )
            return said == "true"

        value = self.toml_alembic_config.get(name, False)
        if not isinstance(value, bool):
            raise ConfigurationError(
                f"'{name}' in {self.toml_file_name} is true or false, without quotes,"
                f" not {value!r}"
            )
        return value

    def _in_toml(self, name: str, default: Any = None) -> Any:
        value = self.toml_alembic_config.get(name)
        return default if value is None else self._filled_in(name, value)

    def _filled_in(self, name: str, value: Any) -> Any:
        match value:
            case str():
                return self._text(value)
            case list():
                return [self._filled_in(name, each) for each in value]
            case dict():
                return {key: self._filled_in(name, each) for key, each in value.items()}
            case int():
                return value
            case _:
                raise ConfigurationError(
                    f"'{name}' in {self.toml_file_name} cannot be {value!r}"
                )

    def _text(self, value: str) -> str:
        try:
            return value % self.toml_args
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"cannot read {shown_text(repr(value))} in {self.toml_file_name}:"
                " what follows a '%' in it is no name of a setting, as in %(here)s;"
                " a '%' of its own is doubled"
            ) from error

    # -- lists -------------------------------------------------------------

    def get_version_locations_list(self) -> list[str] | None:
        """Return the folders of scripts, if either file names some."""
        return self._several(
            "version_locations", r"[,\s]+", "path_separator", "version_path_separator"
        )

    def get_prepend_sys_paths_list(self) -> list[str] | None:
        """Return what is to be found first by imports, if either file says."""
        return self._several("prepend_sys_path", r"[,:\s]+", "path_separator")

    def get_hooks_list(self) -> list[dict[str, str]]:
        """Return what is run on new files; ``_hook_name`` is the name of each."""
        section = self.get_section("post_write_hooks")
        if section is None:
            return [_named(each) for each in self._in_toml("post_write_hooks", [])]

        hooks = []
        for name in _split(section.get("hooks", ""), r"[,\s]+"):
            own = {
                key.removeprefix(f"{name}."): value
                for key, value in section.items()
                if key.startswith(f"{name}.")
            }
            hooks.append({**own, "_hook_name": name})
        return hooks

    def _get_file_separator_char(self, *names: str) -> str | None:
        # Flask-Alembic joins its folders with what this returns.
        for name in names:
            said = self.get_main_option(name)
            if said:
                _pattern(name, said)
                return _SEPARATORS[said]

        return None

    def _several(
        self, name: str, older: str, *separator_names: str
    ) -> list[str] | None:
        section = self.config_ini_section
        value = self.get_main_option(name) if self._has(section, name) else None
        if not value:
            found: list[str] | None = self._in_toml(name)
            return found

        separator = next(
            (
                (each, self.get_main_option(each))
                for each in separator_names
                if self._has(section, each)
            ),
            None,
        )
        # Without a separator, files have several of old.
        return _split(value, older if separator is None else _pattern(*separator))


def _named(hook: Any) -> dict[str, str]:
    if not isinstance(hook, dict):
        raise ConfigurationError(
            f"each of post_write_hooks in pyproject.toml is a table, not {hook!r}"
        )

    own = {name: str(value) for name, value in hook.items()}
    name = own.pop("name", "?")
    return {**own, "_hook_name": name}


_SEPARATORS = {
    "os": os.pathsep,
    "space": " ",
    "newline": "\n",
    ":": ":",
    ";": ";",
}


def _pattern(name: str, separator: str | None) -> str:
    if separator not in _SEPARATORS:
        known = ", ".join(_SEPARATORS)
        raise ConfigurationError(
            f"{name} = {separator} in alembic.ini separates nothing; it can be {known}"
        )

    return re.escape(_SEPARATORS[separator])


def _split(value: str, separator: str) -> list[str]:
    return [part.strip() for part in re.split(separator, value) if part.strip()]


def _read(parser: configparser.ConfigParser, path: str) -> None:
    if not is_file(Path(path)):
        return

    try:
        parser.read_string(_text_of(Path(path)), path)
    except (OSError, configparser.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot read {path}: {shown_error_of_file(error)}"
        ) from error


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return path.read_text(locale.getpreferredencoding(False))
