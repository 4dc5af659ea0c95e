"""Where settings files are, and what they say in our words."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .config import Config

_TEXTS = ("file_template", "timezone")
_BOOLEANS = ("recursive_version_locations", "revision_environment")


def config_of(directory: Path) -> Config:
    """Return the settings of a migrations folder; empty ones if nothing is there.

    They are in the folder, or, as Alembic has them, in a folder above.
    """
    own = directory / "alembic.ini"
    if own.is_file():
        return Config(own)

    for place in (*directory.parents[:2], Path.cwd()):
        for config in _configs_in(place):
            if script_location(config) == directory.resolve():
                return config

    # Every env.py of Flask-Migrate expects a name.
    return Config(own)


def folder_named_in(places: Sequence[Path]) -> Path | None:
    """Return the folder that a settings file in a place names, if it is there."""
    for place in places:
        for config in _configs_in(place):
            found = script_location(config)
            if found is not None and found.is_dir():
                return found

    return None


def _configs_in(place: Path) -> Iterator[Config]:
    ini, toml = place / "alembic.ini", place / "pyproject.toml"
    if ini.is_file() or toml.is_file():
        yield Config(ini if ini.is_file() else None, toml if toml.is_file() else None)


def script_location(config: Config) -> Path | None:
    """Return the migrations folder that settings name."""
    location = config.get_alembic_option("script_location")
    return _path(location, config).resolve() if location else None


def options_of(config: Config) -> dict[str, Any]:
    """Return what settings say, by the names of ours."""
    found: dict[str, Any] = {"template_args": {"config": config}}
    for name in _TEXTS:
        if value := config.get_alembic_option(name):
            found[name] = value
    for name in _BOOLEANS:
        if config.get_alembic_option(name) is not None:
            found[name] = config.get_alembic_boolean_option(name)

    length = config.get_alembic_option("truncate_slug_length")
    if length:
        found["truncate_slug_length"] = int(length)
    if locations := config.get_version_locations_list():
        found["version_locations"] = [str(_path(each, config)) for each in locations]
    if hooks := config.get_hooks_list():
        found["post_write_hooks"] = tuple(hooks)

    return found


def import_paths(config: Config) -> list[str]:
    """Return what is to be found first by imports."""
    return [
        str(_path(each, config)) for each in config.get_prepend_sys_paths_list() or ()
    ]


def _path(location: str, config: Config) -> Path:
    """Return a path as it is meant: from the working directory, or from the file."""
    path = Path(location)
    if path.is_absolute():
        return path

    package, colon, inside = location.partition(":")
    if colon:
        spec = importlib.util.find_spec(package)
        for root in (spec.submodule_search_locations or ()) if spec else ():
            return Path(root, *inside.split(":"))

    if path.exists():
        return path.absolute()

    file = config.config_file_name or config.toml_file_name
    return Path(file).absolute().parent / path if file else path.absolute()
