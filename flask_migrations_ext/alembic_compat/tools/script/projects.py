"""The project that settings speak of, for the commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ....config import Settings
from ....errors import ConfigurationError
from ....project import current_project
from ....project import given_project
from ....project import Project
from ...projects.compatibility import using
from ...projects.config import Config
from ...projects.migrate_mixin import FlaskMigrateNames
from ...projects.options import options_of
from ...projects.options import script_location


@contextmanager
def project_of(config: Config) -> Iterator[None]:
    """Let commands speak of the folder that settings name, in an app or without."""
    directory = script_location(config)
    if directory is None:
        raise ConfigurationError(
            "no script_location in the settings: it names the migrations folder"
        )

    with using(config):
        try:
            project = current_project(directory)
        except ConfigurationError:
            # No app, or none with migrations: env.py knows its databases.
            project = Project(
                None,
                Settings().with_options(options_of(config)),
                directory,
                FlaskMigrateNames().compatibility,
            )
        with given_project(project):
            yield
