"""Where settings files are, and what they say in our words."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from itertools import chain
from pathlib import Path
from typing import Any

from ...config import named_settings_files
from ...errors import ConfigurationError
from ...errors import UnknownOption
from ...files import is_file
from ...files import working_directory
from .config import Config

_TEXTS = ("file_template", "timezone", "output_encoding")
_BOOLEANS = ("sourceless", "recursive_version_locations")

_WORDS = {
    **dict.fromkeys(("true", "yes", "on", "y", "t", "1"), True),
    **dict.fromkeys(("false", "no", "off", "n", "f", "0"), False),
}


def config_of(directory: Path) -> Config:
    """Return the settings of a migrations folder; empty ones if nothing is there.

    They are in the folder, or, as Alembic has them, in a folder above.
    """
    for config in _named_configs():
        location = script_location(config)
        if named_settings_files().files or location == directory.resolve():
            return config

    section = named_settings_files().section
    own = directory / "alembic.ini"
    if is_file(own):
        return Config(own, ini_section=section)

    for place in (*directory.parents[:2], *working_directory()):
        for config in _configs_in(place):
            if script_location(config) == directory.resolve():
                return config

    # Every env.py of Flask-Migrate expects a name.
    return Config(own, ini_section=section)


def folder_named_in(places: Sequence[Path]) -> Path | None:
    """Return the folder that a settings file in a place names, if it is there."""
    configs = chain(_named_configs(), *map(_configs_in, places))
    locations = (script_location(config) for config in configs)
    return next((each for each in locations if each and os.path.isdir(each)), None)


def _configs_in(place: Path) -> Iterator[Config]:
    yield from _config(place / "alembic.ini", place / "pyproject.toml")


def _named_configs() -> Iterator[Config]:
    """Yield the settings that a person named: now, or with ``ALEMBIC_CONFIG``.

    :raises ConfigurationError: if one of the files is not there.
    """
    named = named_settings_files().files
    files = settings_files(named)
    from_environment = os.environ.get("ALEMBIC_CONFIG")
    for each in (*named, *([from_environment] if from_environment else ())):
        if not is_file(Path(each)):
            raise ConfigurationError(
                f"there is no settings file {each}, which --config or ALEMBIC_CONFIG"
                " names"
            )
    if named or from_environment:
        yield from _config(*map(Path, files))


def _config(ini: Path, toml: Path) -> Iterator[Config]:
    section = named_settings_files().section
    if is_file(ini) or is_file(toml):
        yield Config(
            ini if is_file(ini) else None,
            toml if is_file(toml) else None,
            section,
        )


def settings_files(named: Sequence[str]) -> tuple[str, str]:
    """Return the ini file and the toml file to read, which may be missing.

    :param named: those that were typed; else ``ALEMBIC_CONFIG`` names one, or both
        are in the working directory.
    :raises ConfigurationError: if two are of one kind.
    """
    chosen = {"ini": "alembic.ini", "toml": "pyproject.toml"}
    from_environment = os.environ.get("ALEMBIC_CONFIG")
    if from_environment:
        chosen[_kind(from_environment)] = from_environment

    kinds = [_kind(each) for each in named]
    if len(set(kinds)) < len(kinds):
        raise ConfigurationError("--config takes one ini file and one pyproject.toml")

    chosen.update(zip(kinds, named, strict=True))
    return chosen["ini"], chosen["toml"]


def _kind(name: str) -> str:
    return "toml" if Path(name).name == "pyproject.toml" else "ini"


def script_location(config: Config) -> Path | None:
    """Return the migrations folder that settings name."""
    location = config.get_alembic_option("script_location")
    return _path(location, config).resolve() if location else None


def options_of(config: Config) -> dict[str, Any]:
    """Return what settings say, by the names of ours."""
    found: dict[str, Any] = {
        "template_args": {"config": config},
        # Of the templates for several databases.
        "name_argument": "engine_name",
    }
    for name in _TEXTS:
        if value := config.get_alembic_option(name):
            found[name] = value
    for name in _BOOLEANS:
        if config.get_alembic_option(name) is not None:
            found[name] = config.get_alembic_boolean_option(name)

    said = config.get_alembic_option("revision_environment")
    if said is not None:
        found["revision_environment"] = _yes_or_no("revision_environment", said)
    length = config.get_alembic_option("truncate_slug_length")
    if length:
        found["truncate_slug_length"] = _number("truncate_slug_length", length)
    if locations := config.get_version_locations_list():
        found["version_locations"] = [str(_path(each, config)) for each in locations]
    if hooks := config.get_hooks_list():
        found["post_write_hooks"] = tuple(
            {"name" if key == "_hook_name" else key: said for key, said in each.items()}
            for each in hooks
        )

    return found


def _yes_or_no(name: str, said: Any) -> bool:
    word = str(said).strip().lower()
    if word not in _WORDS:
        raise UnknownOption(name, f"takes true or false, not {said!r}")

    return _WORDS[word]


def _number(name: str, said: Any) -> int:
    try:
        return int(said)
    except (TypeError, ValueError):
        raise UnknownOption(name, f"takes a number, not {said!r}") from None


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
        spec = _spec(package)
        for root in (spec.submodule_search_locations or ()) if spec else ():
            return Path(root, *inside.split(":"))

    if path.exists():
        return path.absolute()

    file = config.config_file_name or config.toml_file_name
    return Path(file).absolute().parent / path if file else path.absolute()


def _spec(package: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(package)
    except (ImportError, ValueError) as error:
        raise ConfigurationError(
            f"'{package}' in the settings names a package that cannot be imported:"
            f" {error}"
        ) from error
