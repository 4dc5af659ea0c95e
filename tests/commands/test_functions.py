"""The functions behind the commands: arguments, values, errors; nothing is printed."""

from __future__ import annotations

import gc
import inspect
import logging
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import flask_migrations_ext
from flask_migrations_ext import MigrationError
from flask_migrations_ext.errors import BehindHead
from flask_migrations_ext.errors import ConfigurationError
from flask_migrations_ext.errors import DifferencesFound
from flask_migrations_ext.errors import FolderMissing
from flask_migrations_ext.errors import MultipleHeads
from flask_migrations_ext.errors import NotAtHead
from flask_migrations_ext.errors import RevisionNotFound
from flask_migrations_ext.errors import StepFailed
from tests.apps import CREATE_USER
from tests.apps import DROP_USER
from tests.apps import new_project
from tests.apps import Project

# The arguments of Flask-Migrate's functions, in their order, with their defaults.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "list_templates": {},
    "init": {"directory": None, "multidb": False, "template": None, "package": False},
    "revision": {
        "directory": None,
        "message": None,
        "autogenerate": False,
        "sql": False,
        "head": "head",
        "splice": False,
        "branch_label": None,
        "version_path": None,
        "rev_id": None,
    },
    "migrate": {
        "directory": None,
        "message": None,
        "sql": False,
        "head": "head",
        "splice": False,
        "branch_label": None,
        "version_path": None,
        "rev_id": None,
        "x_arg": None,
    },
    "edit": {"directory": None, "revision": "current"},
    # It had '' there, which made a revision without parents.
    "merge": {
        "directory": None,
        "revisions": "heads",
        "message": None,
        "branch_label": None,
        "rev_id": None,
    },
    "upgrade": {
        "directory": None,
        "revision": "head",
        "sql": False,
        "tag": None,
        "x_arg": None,
    },
    "downgrade": {
        "directory": None,
        "revision": "-1",
        "sql": False,
        "tag": None,
        "x_arg": None,
    },
    "show": {"directory": None, "revision": "head"},
    "history": {
        "directory": None,
        "rev_range": None,
        "verbose": False,
        "indicate_current": False,
    },
    "heads": {"directory": None, "verbose": False, "resolve_dependencies": False},
    "branches": {"directory": None, "verbose": False},
    "current": {"directory": None, "verbose": False},
    "stamp": {
        "directory": None,
        "revision": "head",
        "sql": False,
        "tag": None,
        "purge": False,
    },
    "check": {"directory": None},
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", upgrade=CREATE_USER, downgrade=DROP_USER)
    project.script("a2", "a1")
    return project


@pytest.fixture
def app(project: Project) -> Iterator[Flask]:
    with project.app.app_context():
        yield project.app


@pytest.fixture
def quiet(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Hold that nothing is printed, and that logging is as it was."""
    there = logging.getLogger("of.the.app")
    before = logging_state(there)
    yield

    assert logging_state(there) == before
    assert capfd.readouterr() == ("", "")


def logging_state(logger: logging.Logger) -> object:
    root = logging.getLogger()
    return (
        root.level,
        [type(handler) for handler in root.handlers],
        root.disabled,
        logger.disabled,
        logging.root.manager.disable,
        logging.getLogger("sqlalchemy").level,
        logging.getLogger("flask_migrations_ext").level,
        logging.getLogger("flask_migrations_ext").handlers,
    )


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_function_takes_what_flask_migrates_takes(name: str) -> None:
    function = getattr(flask_migrations_ext, name)
    parameters = [
        (parameter.name, parameter.default)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is not parameter.KEYWORD_ONLY
    ]

    assert parameters[: len(ARGUMENTS[name])] == list(ARGUMENTS[name].items())


def test_every_public_name_is_there() -> None:
    for name in flask_migrations_ext.__all__:
        assert getattr(flask_migrations_ext, name)

    assert set(ARGUMENTS) < set(flask_migrations_ext.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'upgrad'"):
        _ = flask_migrations_ext.upgrad


# -- values ----------------------------------------------------------------


@pytest.mark.usefixtures("app", "quiet")
def test_upgrade_and_downgrade_return_what_was_done(project: Project) -> None:
    report = flask_migrations_ext.upgrade()
    [run] = report.databases

    assert (run.title, run.before, run.after) == ("", (), ("a2",))
    assert [step.revision.id for step in run.steps] == ["a1", "a2"]
    assert report.heads == ("a2",)
    assert report.sql is None

    [run] = flask_migrations_ext.downgrade(revision="base").databases
    assert (run.before, run.after) == (("a2",), ())
    assert [step.revision.id for step in run.steps] == ["a2", "a1"]


@pytest.mark.usefixtures("app", "quiet")
def test_sql_is_returned_and_not_printed(project: Project) -> None:
    report = flask_migrations_ext.upgrade(sql=True)

    assert report.sql is not None
    assert "CREATE TABLE user" in report.sql
    assert report.databases == ()
    assert project.tables() == set()


@pytest.mark.usefixtures("app", "quiet")
def test_reading_functions_return_entries() -> None:
    flask_migrations_ext.upgrade(revision="a1")

    assert [each.id for each in flask_migrations_ext.history()] == ["a2", "a1"]
    assert [each.id for each in flask_migrations_ext.heads()] == ["a2"]
    assert [each.id for each in flask_migrations_ext.show(revision="a1")] == ["a1"]
    assert flask_migrations_ext.branches() == ()
    [state] = flask_migrations_ext.current()
    assert [(each.id, each.is_current, each.is_head) for each in state.entries] == [
        ("a1", True, False)
    ]
    assert [path.name for path in flask_migrations_ext.edit()] == ["a1.py"]
    assert [name for name, _ in flask_migrations_ext.list_templates()]


@pytest.mark.usefixtures("app", "quiet")
def test_stamp_takes_one_revision_or_several(project: Project) -> None:
    project.script("b1")
    flask_migrations_ext.stamp(revision=["a1", "b1"])
    assert project.version() == ["a1", "b1"]

    flask_migrations_ext.stamp(revision="base")
    assert project.version() == []


@pytest.mark.usefixtures("app", "quiet")
def test_writing_functions_return_the_file(project: Project) -> None:
    report = flask_migrations_ext.revision(message="by hand", rev_id="a3")
    assert report.path == project.versions / "a3_by_hand.py"

    flask_migrations_ext.upgrade()
    report = flask_migrations_ext.migrate(message="the rest")
    assert report.path is not None and report.path.is_file()
    assert [line for line in report.differences if "user.name" in line]

    flask_migrations_ext.upgrade()
    report = flask_migrations_ext.migrate()
    assert report.path is None
    assert report.notes == ("No changes in schema detected.",)
    assert flask_migrations_ext.check().databases == ("",)
    assert flask_migrations_ext.merge().path is None


@pytest.mark.usefixtures("quiet")
def test_init_returns_the_files(tmp_path: Path) -> None:
    project = new_project(tmp_path / "other")
    with project.app.app_context():
        report = flask_migrations_ext.init()

    assert report.directory == project.migrations
    assert all(path.is_file() for path in report.files)


@pytest.mark.usefixtures("app")
def test_a_step_can_be_watched_before_it_runs(project: Project) -> None:
    flask_migrations_ext.upgrade(revision="a1")
    seen: list[tuple[str, set[str]]] = []
    flask_migrations_ext.upgrade(
        on_step=lambda step: seen.append((step.id, project.tables()))
    )
    flask_migrations_ext.downgrade(
        revision="base", on_step=lambda step: seen.append((step.id, project.tables()))
    )

    # A database that holds nothing would be built at once: nobody sees a part of it.
    assert [id for id, _ in seen] == ["a2", "a2", "a1"]
    assert seen[0] == ("a2", {"user"})
    assert "user" in seen[2][1]


@pytest.mark.usefixtures("app")
def test_the_run_is_in_the_log_for_those_who_want_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="flask_migrations_ext")
    flask_migrations_ext.upgrade()

    assert caplog.messages == [
        "Running upgrade <base> -> a1, Revision a1",
        "Running upgrade a1 -> a2, Revision a2",
    ]


# -- errors ----------------------------------------------------------------


@pytest.mark.usefixtures("app", "quiet")
@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: flask_migrations_ext.upgrade("nowhere"), FolderMissing),
        (lambda: flask_migrations_ext.upgrade(revision="nope"), RevisionNotFound),
        (flask_migrations_ext.migrate, BehindHead),
        (flask_migrations_ext.check, BehindHead),
        (lambda: flask_migrations_ext.current(check_heads=True), NotAtHead),
        (lambda: flask_migrations_ext.migrate(sql=True), ConfigurationError),
    ],
)
def test_a_failure_is_a_migration_error_and_no_exit(
    call: Callable[[], object], error: type[MigrationError]
) -> None:
    with pytest.raises(error) as caught:
        call()

    assert isinstance(caught.value, MigrationError)


@pytest.mark.usefixtures("app", "quiet")
def test_errors_keep_their_values(project: Project) -> None:
    project.script("a3", "a2", upgrade="op.execute('SELECT nope')")
    with pytest.raises(StepFailed) as failed:
        flask_migrations_ext.upgrade()
    assert failed.value.revision == "a3"
    assert failed.value.applied == ("a1", "a2")
    assert failed.value.sql == "SELECT nope"
    assert failed.value.path == project.versions / "a3.py"

    project.script("b3", "a2")
    with pytest.raises(MultipleHeads) as several:
        flask_migrations_ext.upgrade()
    assert several.value.heads == ("a3", "b3")


@pytest.mark.usefixtures("app", "quiet")
def test_check_lists_the_differences(project: Project) -> None:
    flask_migrations_ext.upgrade()
    with pytest.raises(DifferencesFound) as found:
        flask_migrations_ext.check()

    [line] = found.value.differences
    assert "user.name" in line


@pytest.mark.usefixtures("app", "quiet")
@pytest.mark.parametrize("enabled", [True, False])
def test_check_leaves_the_garbage_collector_as_it_was(
    project: Project, enabled: bool
) -> None:
    flask_migrations_ext.upgrade()
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with pytest.raises(DifferencesFound):
            flask_migrations_ext.check()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()


@pytest.mark.usefixtures("quiet")
def test_without_an_app_context_the_error_says_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match=r"with app.app_context\(\):"):
        flask_migrations_ext.upgrade()


@pytest.mark.usefixtures("quiet")
def test_without_migrate_the_error_says_what_to_do() -> None:
    app = Flask("plain")
    with (
        app.app_context(),
        pytest.raises(ConfigurationError, match=r"Migrate\(app, db\)"),
    ):
        flask_migrations_ext.upgrade()


@pytest.mark.usefixtures("app", "quiet")
def test_a_script_that_prints_may_do_so(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    project.script("a3", "a2", upgrade="print('by the script')")
    flask_migrations_ext.upgrade()

    assert capfd.readouterr().out == "by the script\n"
