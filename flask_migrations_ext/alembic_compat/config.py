"""``alembic.config``: what ``alembic.ini`` and ``pyproject.toml`` say, and ``-x``."""

from __future__ import annotations

import configparser
import os
import sys
import tomllib
from argparse import Namespace
from collections.abc import Iterable
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from typing import TextIO

from ..errors import ConfigurationError


class Config:
    """The settings of a migrations folder made with Alembic or Flask-Migrate.

    :param file_: an ``alembic.ini``; it may be missing.
    :param toml_file: a ``pyproject.toml``, asked for what the other does not say.
    :param ini_section: the section of the ini file that counts.
    :param cmd_opts: what was typed.
    :param config_args: more names for ``%(name)s``.
    :param attributes: anything that callers and ``env.py`` share.
    """

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
        self.template_directory = template_directory
        self._stdout = stdout

    @property
    def stdout(self) -> TextIO:
        """Where results are printed."""
        return self._stdout or sys.stdout

    def print_stdout(self, text: str, *arguments: Any) -> None:
        """Print a result."""
        line = str(text) % arguments if arguments else str(text)
        (self.output_buffer or self.stdout).write(f"{line}\n")

    def get_template_directory(self) -> str:
        """Return the folder that templates of migrations folders are in."""
        templates = Path(__file__).parents[1] / "scripts" / "templates"
        return self.template_directory or str(templates)

    # -- the ini file ------------------------------------------------------

    @cached_property
    def file_config(self) -> configparser.ConfigParser:
        """The ini file, with ``%(here)s`` for its folder."""
        path = self.config_file_name
        here = str(Path(path).absolute().parent) if path else ""
        defaults = {"here": here, **self.config_args}
        parser = configparser.ConfigParser(
            {name: str(value) for name, value in defaults.items()}
        )
        if path is not None:
            _read(parser, path)

        if not parser.has_section(self.config_ini_section):
            parser.add_section(self.config_ini_section)
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
                f"there is no section [{section}] in {self.config_file_name}"
            )

        return self.file_config.get(section, name, fallback=default)

    def set_section_option(self, section: str, name: str, value: str) -> None:
        """Say something in a section; a ``%`` is doubled."""
        if not self.file_config.has_section(section):
            self.file_config.add_section(section)

        self.file_config.set(section, name, value)

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
        if not path.is_file():
            return {}

        try:
            said = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"cannot read {path}: {error}") from error

        found: dict[str, Any] = said.get("tool", {}).get("alembic", {})
        return found

    @property
    def toml_args(self) -> dict[str, Any]:
        """What ``%(name)s`` may name in the toml file."""
        here = self.toml_file_name and str(Path(self.toml_file_name).absolute().parent)
        return {"here": here or "", **self.config_args}

    def get_alembic_option(self, name: str, default: Any = None) -> Any:
        """Return what either file says of a name, as text or a list of texts."""
        if self.file_config.has_option(self.config_ini_section, name):
            return self.get_main_option(name)

        value = self.toml_alembic_config.get(name)
        return default if value is None else self._filled_in(value)

    def get_alembic_boolean_option(self, name: str) -> bool:
        """Return whether either file says yes."""
        return str(self.get_alembic_option(name, "")).lower() in _YES

    def _filled_in(self, value: Any) -> Any:
        if isinstance(value, str):
            try:
                return value % self.toml_args
            except (KeyError, TypeError, ValueError) as error:
                raise ConfigurationError(
                    f"cannot read {value!r} in {self.toml_file_name}: {error};"
                    " a '%' of its own is doubled"
                ) from error

        if isinstance(value, list):
            return [self._filled_in(each) for each in value]

        return value

    # -- lists -------------------------------------------------------------

    def get_version_locations_list(self) -> list[str] | None:
        """Return the folders of scripts, if either file names some."""
        return self._several("version_locations", "version_path_separator")

    def get_prepend_sys_paths_list(self) -> list[str] | None:
        """Return what is to be found first by imports, if either file says."""
        return self._several("prepend_sys_path", None)

    def get_hooks_list(self) -> list[dict[str, str]]:
        """Return what is run on new files."""
        section = self.get_section("post_write_hooks")
        if section is None:
            told = self.toml_alembic_config.get("post_write_hooks", [])
            return [
                {name: str(self._filled_in(value)) for name, value in each.items()}
                for each in told
            ]

        hooks = []
        for name in _split(section.get("hooks", ""), None):
            own = {
                key.removeprefix(f"{name}."): value
                for key, value in section.items()
                if key.startswith(f"{name}.")
            }
            hooks.append({"name": name, **own})
        return hooks

    def _several(self, name: str, older_separator: str | None) -> list[str] | None:
        value = self.get_alembic_option(name)
        if value is None or isinstance(value, list):
            return value

        separator = self.get_main_option("path_separator")
        if separator is None and older_separator is not None:
            separator = self.get_main_option(older_separator)

        return _split(value, separator) or None


_YES = frozenset({"true", "yes", "on", "1"})

_SEPARATORS = {"os": os.pathsep, "newline": "\n", ":": ":", ";": ";"}


def _split(value: str, separator: str | None) -> list[str]:
    if separator in _SEPARATORS:
        parts: Iterable[str] = value.split(_SEPARATORS[separator])
    elif separator in (None, "space"):
        parts = value.split() if separator else value.replace(",", " ").split()
    else:
        known = ", ".join([*_SEPARATORS, "space"])
        raise ConfigurationError(
            f"'{separator}' cannot separate paths in alembic.ini; known are {known}"
        )

    return [part.strip() for part in parts if part.strip()]


def _read(parser: configparser.ConfigParser, path: str) -> None:
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {error}") from error
