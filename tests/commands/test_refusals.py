"""Bad input: one message with what happened, where, and what to do; nothing changes.

``Project.refused`` holds that the exit status is 1, that there is one message and no
traceback, and that files and databases are the same before and after.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.apps import CREATE_USER
from tests.apps import new_project
from tests.apps import Project

WITH_FOLDER = [
    "revision",
    "migrate",
    "edit",
    "merge",
    "upgrade",
    "downgrade",
    "show",
    "history",
    "heads",
    "branches",
    "current",
    "status",
    "stamp",
    "check",
    "ensure-version",
]
WITH_DATABASE = [
    "migrate",
    "upgrade",
    "downgrade",
    "current",
    "status",
    "wait --timeout 0",
    "stamp",
    "check",
    "ensure-version",
    "history -i",
    "show current",
]

# On an empty database, these have nothing to look up.
WITHOUT_SCRIPTS = ["current", "status", "ensure-version"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder()


# -- the folder ------------------------------------------------------------


@pytest.mark.parametrize("command", WITH_FOLDER)
def test_without_a_folder(tmp_path: Path, command: str) -> None:
    project = new_project(tmp_path / "app")
    message = project.refused(command)

    assert f"no migrations folder at {project.migrations}" in message
    assert "create it with 'flask db init'" in message


def test_a_missing_folder_was_looked_for_in_several_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = new_project(tmp_path / "app")
    monkeypatch.chdir(tmp_path)
    message = project.refused("upgrade")

    assert (
        f"at {project.migrations}, and none at '{tmp_path / 'migrations'}'" in message
    )
    assert "if there is one, name it with --directory, else create it" in message


@pytest.mark.parametrize("command", WITH_FOLDER)
def test_in_a_folder_of_something_else(tmp_path: Path, command: str) -> None:
    project = new_project(tmp_path / "app")
    project.migrations.mkdir()
    (project.migrations / "notes.txt").write_text("not about databases")
    message = project.refused(command)

    assert f"{project.migrations} is not a migrations folder" in message
    assert "it has no versions folder, script.py.mako or env.py" in message
    assert "--directory" in message


def test_init_over_a_folder_that_is_there(project: Project) -> None:
    message = project.refused("init")

    assert f"{project.migrations} already exists" in message
    assert "nothing was written" in message


def test_init_over_a_file(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app")

    assert "is a file" in project.refused("init", "-d", str(project.folder / "shop.py"))


@pytest.mark.parametrize("command", ["init", "init -t flask --package"])
def test_init_where_nothing_can_be_written(tmp_path: Path, command: str) -> None:
    project = new_project(tmp_path / "app")
    folder = project.folder / "shop.py" / "migrations"
    message = project.refused(*command.split(), "-d", str(folder))

    assert f"cannot write {folder}" in message
    assert "nothing was written" in message


@pytest.mark.parametrize("template", ["nope", "./nope"])
def test_init_with_a_template_that_is_not_there(tmp_path: Path, template: str) -> None:
    project = new_project(tmp_path / "app")

    assert "nope cannot be used" in project.refused("init", "-t", template)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_revision_in_a_folder_that_must_not_be_written(project: Project) -> None:
    project.versions.chmod(0o500)
    try:
        message = project.refused("revision", "-m", "x")
    finally:
        project.versions.chmod(0o700)

    assert "cannot write" in message


def test_a_revision_where_its_folder_cannot_be(project: Project) -> None:
    project.versions.rmdir()
    project.versions.write_text("a file in its place")
    message = project.refused("revision", "-m", "x")

    assert f"cannot use {project.versions}: it is a file" in message


def test_a_revision_over_a_file_that_is_there(project: Project) -> None:
    (project.versions / "a1_x.py").write_text("notes = 'of mine'\n")
    message = project.refused("revision", "-m", "x", "--rev-id", "a1")

    assert "a1_x.py already exists" in message
    assert "nothing was written" in message


def test_a_template_that_fails(project: Project) -> None:
    (project.migrations / "script.py.mako").write_text("one\n${nope}\n")
    message = project.refused("revision", "-m", "x")

    assert "script.py.mako" in message
    assert "line 2" in message


# -- the app and its databases ---------------------------------------------


@pytest.mark.parametrize("command", WITH_DATABASE)
def test_without_sqlalchemy(tmp_path: Path, command: str) -> None:
    project = new_project(tmp_path / "app", set_up="migrate.init_app(app, db)")
    project.with_folder()
    before = sorted(project.folder.rglob("*"))
    ran = project.run(*command.split())

    assert ran.status == 1
    assert "the app 'shop' has no SQLAlchemy extension" in ran.err
    assert "call db.init_app(app)" in ran.err
    assert sorted(project.folder.rglob("*")) == before


@pytest.mark.parametrize("command", WITH_DATABASE)
@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:s3cret@127.0.0.1:1/shop",
        "mysql+pymysql://me:s3cret@127.0.0.1:1/shop",
    ],
)
def test_while_the_server_is_down(tmp_path: Path, url: str, command: str) -> None:
    project = new_project(tmp_path / "app", url=url).with_folder().chain("a1")
    message = project.refused(*command.split())

    assert "cannot connect to" in message
    assert "me:***@127.0.0.1:1/shop" in message
    assert "is the server running" in message
    assert "s3cret" not in message


def test_a_server_that_is_down_stops_no_command_that_does_not_need_it(
    tmp_path: Path,
) -> None:
    url = "postgresql+psycopg://me:s3cret@127.0.0.1:1/shop"
    project = new_project(tmp_path / "app", url=url).with_folder().chain("a1")

    for command in (
        "heads",
        "history",
        "branches",
        "show",
        "revision -m x",
        "upgrade --sql",
        "downgrade a1:base --sql",
        "stamp --sql",
        "ensure-version --sql",
    ):
        project.done(*command.split())


def test_the_wrong_password(postgresql_url: sa.URL, tmp_path: Path) -> None:
    wrong = postgresql_url.set(password="s3cret", username="nobody_of_this_name")
    project = new_project(tmp_path / "app", url=wrong).with_folder()
    message = project.refused("current")

    assert "nobody_of_this_name" in message
    assert "s3cret" not in message
    assert "host, name, user and password" in message


def test_a_database_file_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    place = tmp_path / "nowhere" / "shop.sqlite"
    project = new_project(tmp_path / "app", url=f"sqlite:///{place}").with_folder()
    message = project.refused("upgrade")

    assert f"cannot connect to sqlite:///{place}" in message
    assert "is this the right place" in message


def test_a_database_file_that_is_none(project: Project) -> None:
    (project.folder / "shop.sqlite").write_text("only some words, and no database")
    message = project.refused("upgrade")

    assert "shop.sqlite" in message
    assert "not a database" in message


@pytest.mark.parametrize("command", ["upgrade", "stamp", "ensure-version"])
def test_a_database_that_somebody_else_writes_to(tmp_path: Path, command: str) -> None:
    options = {"SQLALCHEMY_ENGINE_OPTIONS": {"connect_args": {"timeout": 0}}}
    project = new_project(tmp_path / "app", config=options).with_folder().chain("a1")
    engine = sa.create_engine(project.url)
    with engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        message = project.refused(command, "--no-wait", status=75)
        other.rollback()
    engine.dispose()
    dispose(project)

    assert "database is locked" in message


def dispose(project: Project) -> None:
    with project.app.app_context():
        for engine in project.app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


def test_an_app_with_nothing_to_migrate(tmp_path: Path) -> None:
    """It has binds, and no model belongs to one."""
    project = new_project(
        tmp_path / "app",
        binds={"logs": "sqlite://"},
        config={"SQLALCHEMY_DATABASE_URI": None},
    ).with_folder()
    message = project.refused("upgrade")

    assert "the app has no database to migrate" in message


def test_a_module_of_models_that_is_not_there(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", arguments="models=['nowhere.models']")
    message = project.with_folder().refused("migrate")

    assert "setting 'models': there is no module 'nowhere.models'" in message


def test_no_models_while_the_database_has_tables(tmp_path: Path) -> None:
    """Otherwise all of them would be dropped."""
    project = new_project(tmp_path / "app", models="").with_folder()
    project.sql("CREATE TABLE precious (id INTEGER)")
    message = project.refused("migrate")

    assert "the app's metadata holds no table" in message
    assert "has 1 table" in message
    assert "are the models imported?" in message


def test_no_models_and_no_tables(tmp_path: Path) -> None:
    """Nothing is wrong, and yet nobody starts with an app without models."""
    project = new_project(tmp_path / "app", models="").with_folder()
    ran = project.run("migrate")

    assert (ran.status, ran.out) == (0, "")
    assert "No changes in schema detected." in ran.err
    assert "are the models imported?" in ran.err
    assert list(project.versions.iterdir()) == []


# -- the history -----------------------------------------------------------


@pytest.mark.parametrize(
    "command", ["upgrade", "downgrade", "show", "stamp", "edit", "revision --head"]
)
def test_an_unknown_revision(project: Project, command: str) -> None:
    project.chain("a1", "a2").done("upgrade")
    message = project.refused(*command.split(), "zz")

    assert "no revision or branch 'zz'" in message
    assert "'flask db history' lists what there is" in message


def test_an_unknown_revision_that_looks_like_one(project: Project) -> None:
    project.script("ab12cd34")

    assert "did you mean 'ab12cd34'?" in project.refused("upgrade", "ab12dc34")


@pytest.mark.parametrize("command", ["upgrade", "show", "stamp"])
def test_a_short_id_that_is_too_short(project: Project, command: str) -> None:
    project.chain("ab12", "ab34")
    message = project.refused(command, "ab")

    assert "'ab' is short for more than one revision: 'ab12' and 'ab34'" in message
    assert "give more of the id" in message


@pytest.mark.parametrize(
    "command", [each for each in WITH_FOLDER if each not in WITHOUT_SCRIPTS]
)
def test_a_missing_parent(project: Project, command: str) -> None:
    project.script("a2", "a1")
    message = project.refused(command)

    assert "no revision 'a1', needed by 'a2'" in message
    assert "is its file missing?" in message


@pytest.mark.parametrize("command", ["upgrade", "heads", "migrate"])
def test_two_files_with_one_id(project: Project, command: str) -> None:
    path = project.script("a1")
    copy = project.versions / "copy.py"
    copy.write_text(path.read_text())
    message = project.refused(command)

    assert f"revision 'a1' exists twice: in '{path}' and '{copy}'" in message


@pytest.mark.parametrize("command", ["upgrade", "heads", "migrate"])
def test_revisions_in_a_circle(project: Project, command: str) -> None:
    project.script("a1", "a2")
    project.script("a2", "a1")
    message = project.refused(command)

    assert "revisions form a circle: a1 -> a2 -> a1" in message


@pytest.mark.parametrize("command", ["upgrade", "upgrade head", "stamp", "migrate"])
def test_two_heads(project: Project, command: str) -> None:
    project.chain("a1", "a2").script("b2", "a1")
    message = project.refused(*command.split())

    assert "there are 2 heads, 'a2' and 'b2'" in message
    assert "'flask db merge heads'" in message


def test_downgrade_with_two_heads_applied(project: Project) -> None:
    project.chain("a1", "a2").script("b2", "a1")
    project.done("upgrade", "heads")
    message = project.refused("downgrade")

    assert "the database is at 'a2' and 'b2'" in message
    assert "'a2@-1' or 'b2@-1'" in message


@pytest.mark.parametrize(
    "command",
    ["upgrade", "downgrade", "migrate", "check", "stamp", "show current", "current -c"],
)
def test_a_database_at_a_revision_that_no_file_has(
    project: Project, command: str
) -> None:
    project.chain("a1", "a2").done("upgrade")
    project.sql("UPDATE alembic_version SET version_num = 'gone'")
    message = project.refused(*command.split())

    assert f"the database {project.url} is at revision 'gone'" in message
    assert "which no file has (heads here: 'a2')" in message
    assert "'flask db stamp --purge REVISION'" in message


def test_a_database_at_an_unknown_revision_can_be_looked_at_and_mended(
    project: Project,
) -> None:
    project.chain("a1", "a2").done("upgrade")
    project.sql("UPDATE alembic_version SET version_num = 'gone'")

    assert project.done("current") == "gone (no file has it)\n"
    assert project.done("stamp", "--purge", "a1") == "Stamped: gone -> a1.\n"
    assert project.version() == ["a1"]


@pytest.mark.parametrize("command", ["migrate", "check", "revision --autogenerate"])
def test_comparing_while_behind(project: Project, command: str) -> None:
    project.chain("a1", "a2", "a3").done("upgrade", "a1")
    message = project.refused(*command.split())

    assert "is behind: it lacks 'a2' and 'a3'" in message
    assert "run 'flask db upgrade' first" in message


def test_check_of_two_heads_says_what_will_work(project: Project) -> None:
    """Each piece of advice, followed, leads on."""
    project.chain("a1", "a2")
    project.script("b2", "a1")
    assert "run 'flask db upgrade heads' first" in project.refused("check")

    project.done("upgrade", "heads")
    message = project.refused("check")
    assert "join the heads with 'flask db merge', then write a revision" in message

    project.done("merge")
    project.done("upgrade")
    project.done("migrate")
    project.done("upgrade")
    assert "No new upgrade operations" in project.done("check")


def test_check_of_an_app_without_models(tmp_path: Path) -> None:
    """An empty database and models that nobody imported are as alike as can be."""
    project = new_project(tmp_path / "app", models="").with_folder()
    message = project.refused("check")

    assert "there is nothing to check: the app's metadata holds no table" in message
    assert "Migrate(app, db, models=['myapp.models'])" in message


def test_check_when_models_and_database_differ(project: Project) -> None:
    message = project.refused("check")

    assert "the models and the database differ" in message
    assert "  create table user" in message
    assert "'flask db migrate'" in message


def test_check_heads_of_a_database_that_is_behind(project: Project) -> None:
    project.chain("a1", "a2").done("upgrade", "a1")
    message = project.refused("current", "--check-heads")

    assert "is at 'a1', not at 'a2'" in message
    assert "'flask db upgrade heads'" in message


def test_a_new_revision_with_an_id_that_is_taken(project: Project) -> None:
    path = project.script("a1")
    message = project.refused("revision", "--rev-id", "a1")

    assert f"revision 'a1' exists already: in '{path}'" in message
    assert "choose another id" in message


@pytest.mark.parametrize("id", ["a-b", "a@b", "a:b", "a+b", "head"])
def test_a_new_revision_with_an_id_that_cannot_be_typed(
    project: Project, id: str
) -> None:
    assert f"'{id}' cannot name a revision" in project.refused(
        "revision", "--rev-id", id
    )


CODE = 'x""";open("pwned","w");"""'


@pytest.mark.parametrize("option", ["--rev-id", "--branch-label"])
def test_a_shell_argument_does_not_become_code(project: Project, option: str) -> None:
    message = project.refused("revision", option, CODE)

    assert "use letters, digits, underscores" in message
    assert list(project.versions.glob("*.py")) == []


def test_a_new_file_that_no_command_would_find_is_not_left(project: Project) -> None:
    message = project.refused("revision", "--rev-id", "__init__")

    assert "is not read as a revision" in message
    assert list(project.versions.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--head a1", "'a2' follows it; add --splice"),
        ("--head zz", "no revision or branch 'zz'"),
        ("--depends-on zz", "no revision or branch 'zz'"),
        ("--branch-label a1 --rev-id n1", "claimed by revisions 'a1' and 'n1'"),
        ("--version-path elsewhere", "'elsewhere' is not one of"),
        ("--sql", "leave out --sql here"),
    ],
)
def test_a_new_revision_that_fits_nowhere(
    project: Project, options: str, message: str
) -> None:
    project.chain("a1", "a2")

    assert message in project.refused("revision", *options.split())


@pytest.mark.parametrize("revisions", ["", "heads", "a2", "head"])
def test_a_merge_with_nothing_to_merge_writes_nothing(
    project: Project, revisions: str
) -> None:
    project.chain("a1", "a2")
    before = project.state()
    ran = project.run("merge", *revisions.split())

    assert (ran.status, ran.out) == (0, "")
    assert ran.err == "Nothing to merge: there is only 'a2'.\n"
    assert project.state() == before


def test_a_merge_of_a_revision_with_its_ancestor(project: Project) -> None:
    project.chain("a1", "a2")

    assert "'a1' is an ancestor of 'a2'" in project.refused("merge", "a1", "a2")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("upgrade -1", "run 'flask db downgrade -1'"),
        ("downgrade +1", "run 'flask db upgrade +1'"),
        ("upgrade +9", "only 1 revision is left to apply"),
        ("downgrade -9", "only 1 revision is left to undo"),
        ("downgrade a2", "revision 'a2' is not applied"),
        ("upgrade a1:a2", "a range has a meaning in 'flask db history' and with --sql"),
        ("history -r a1", "a range is written"),
        ("history -r a2:a1", "'a2' is not an ancestor of 'a1'"),
        ("downgrade --sql base", "START:END"),
        ("stamp --purge --sql a1", "leave out --purge or --sql"),
        ("upgrade nope@head", "no revision or branch 'nope'"),
    ],
)
def test_a_target_that_leads_nowhere(
    project: Project, command: str, message: str
) -> None:
    project.chain("a1", "a2").done("upgrade", "a1")

    assert message in project.refused(*command.split())


# -- the scripts -----------------------------------------------------------


def test_a_script_with_a_syntax_error(project: Project) -> None:
    project.script("a1", upgrade=CREATE_USER)
    path = project.script("a2", "a1", upgrade="if True")
    message = project.refused("upgrade")

    assert f"cannot read {path}, line 14" in message
    assert project.tables() == set()


def test_a_syntax_error_stops_no_command_that_does_not_run_the_script(
    project: Project,
) -> None:
    project.script("a1", upgrade=CREATE_USER)
    project.script("a2", "a1", upgrade="if True")

    for command in ("heads", "history", "show", "upgrade a1", "current", "stamp a2"):
        project.done(*command.split())
    assert project.tables() == {"user"}


@pytest.mark.parametrize("command", ["upgrade", "heads"])
def test_a_header_that_cannot_be_computed(project: Project, command: str) -> None:
    path = project.versions / "a1.py"
    path.write_text("import os\nrevision = os.nothing\ndef upgrade(): pass\n")
    message = project.refused(command)

    assert f"cannot run {path}: line 2: AttributeError" in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nowhere_at_all", "line 3: ModuleNotFoundError"),
        ("", "it has no function upgrade()"),
        ("def upgrade(a, b): pass", "its upgrade() cannot be called"),
    ],
)
def test_a_script_that_cannot_be_run(project: Project, text: str, message: str) -> None:
    project.script("a1", upgrade=CREATE_USER)
    path = project.versions / "a2.py"
    path.write_text(f"revision = 'a2'\ndown_revision = 'a1'\n{text}\n")
    refusal = project.refused("upgrade")

    assert f"cannot run {path}" in refusal
    assert message in refusal
    assert project.tables() == set()


def test_an_id_that_the_version_table_of_another_tool_is_too_narrow_for(
    postgresql_url: sa.URL, tmp_path: Path
) -> None:
    project = new_project(tmp_path / "app", url=postgresql_url).with_folder()
    project.sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
    project.script("a1", upgrade=CREATE_USER)
    project.script("a" * 33, "a1")
    message = project.refused("upgrade")

    assert "holds 32 characters; widen it to VARCHAR(255)" in message
    assert project.tables() == set()
