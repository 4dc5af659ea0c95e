"""Commands that write files: what is in them, where they go, what they follow."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from tests.apps import files_in
from tests.apps import ids_in
from tests.apps import new_project
from tests.apps import Project
from tests.apps import USER

EMAIL = '    email = db.Column(db.String(120), server_default="")\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder()


def written(out: str) -> Path:
    """Return the file that a command says it wrote."""
    [line] = out.splitlines()
    return Path(line.removeprefix("Generating ").removesuffix(" ...  done"))


def header(path: Path) -> dict[str, object]:
    """Return the variables of a revision file."""
    names: dict[str, object] = {}
    exec(path.read_text(), names)
    variables = ("revision", "down_revision", "branch_labels", "depends_on")
    return {name: names[name] for name in variables}


# -- init ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "files"),
    [
        ("", {"README", "env.py", "script.py.mako"}),
        ("-t flask", {"README", "env.py", "script.py.mako"}),
        ("-t plain", {"README", "script.py.mako"}),
        ("--multidb", {"README", "env.py", "script.py.mako"}),
        *(
            (f"-t {name}", {"README", "env.py", "script.py.mako"})
            for name in ("flask-multidb", "aioflask", "aioflask-multidb")
        ),
        (
            "-t plain --package",
            {"README", "script.py.mako", "__init__.py", "versions/__init__.py"},
        ),
    ],
)
def test_init_writes_a_template(tmp_path: Path, options: str, files: set[str]) -> None:
    project = new_project(tmp_path / "app")
    project.done("init", *options.split())

    assert set(files_in(project.migrations)) == files
    assert project.versions.is_dir()


def test_init_writes_a_template_of_ones_own(tmp_path: Path) -> None:
    (template := tmp_path / "mine").mkdir()
    (template / "script.py.mako").write_text("# mine\n")
    (template / "settings.txt.mako").write_text("in ${script_location}\n")
    project = new_project(tmp_path / "app")
    project.done("init", "-t", str(template))

    assert files_in(project.migrations) == {
        "script.py.mako": b"# mine\n",
        "settings.txt": f"in {project.migrations}\n".encode(),
    }


def test_init_fills_an_empty_folder(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app")
    project.migrations.mkdir()
    project.done("init")

    assert project.versions.is_dir()


def test_a_new_folder_works_as_it_is(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app")
    project.done("init")
    project.done("migrate", "-m", "first")
    project.done("upgrade")
    project.done("check")

    assert project.tables() == {"user"}


# -- revision --------------------------------------------------------------


def test_an_empty_revision_follows_the_head(project: Project) -> None:
    path = written(project.done("revision", "-m", "Begin"))
    [id] = ids_in(path.name)
    assert path == project.versions / f"{id}_begin.py"
    assert header(path) == {
        "revision": id,
        "down_revision": None,
        "branch_labels": None,
        "depends_on": None,
    }

    second = header(written(project.done("revision", "-m", "Go on")))
    assert second["down_revision"] == id
    project.done("upgrade")
    project.done("downgrade", "base")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--rev-id n1", {"revision": "n1", "down_revision": "a3"}),
        ("--head a3", {"down_revision": "a3"}),
        ("--head a2 --splice", {"down_revision": "a2"}),
        ("--head base", {"down_revision": None}),
        ("--head base --branch-label blue", {"branch_labels": ("blue",)}),
        ("--depends-on a1", {"depends_on": "a1"}),
        ("--depends-on a1 --depends-on a2", {"depends_on": ("a1", "a2")}),
        ("--head side@head", {"down_revision": "s1"}),
    ],
)
def test_a_revision_goes_where_it_is_told(
    project: Project, options: str, expected: dict[str, object]
) -> None:
    project.chain("a1", "a2", "a3")
    if "side" in options:
        project.script("s1", labels=("side",))
    found = header(written(project.done("revision", "-m", "x", *options.split())))

    assert {name: found[name] for name in expected} == expected
    project.done("heads")


def test_a_revision_needs_no_database(tmp_path: Path) -> None:
    url = "postgresql+psycopg://me@127.0.0.1:1/shop"
    project = new_project(tmp_path / "app", url=url).with_folder()

    assert project.done("revision", "-m", "x")


def test_the_message_may_hold_anything(project: Project) -> None:
    message = 'Say "hello" \\ \'and\' """ bye'
    path = written(project.done("revision", "-m", message))

    assert header(path)["revision"]
    assert message in project.done("history")


def test_a_revision_without_a_message(project: Project) -> None:
    path = written(project.done("revision"))

    assert path.name.endswith("_empty_message.py")
    assert "empty message" in project.done("history")


def test_names_follow_the_file_template(tmp_path: Path) -> None:
    config = {
        "MIGRATE_FILE_TEMPLATE": "%(year)d_%(rev)s-%(slug)s",
        "MIGRATE_TRUNCATE_SLUG_LENGTH": 8,
        "MIGRATE_TIMEZONE": "utc",
    }
    project = new_project(tmp_path / "app", config=config).with_folder()
    path = written(project.done("revision", "-m", "one two three", "--rev-id", "a1"))

    year = datetime.datetime.now(datetime.UTC).year
    assert path.name == f"{year}_a1-one_two_.py" or path.name == f"{year}_a1-one_.py"
    assert "+00:00" in path.read_text()


def test_revisions_can_be_in_several_places(tmp_path: Path) -> None:
    config = {"MIGRATE_VERSION_LOCATIONS": ["versions", "more"]}
    project = new_project(tmp_path / "app", config=config).with_folder()
    more = project.migrations / "more"
    project.script("a1")
    out = project.done(
        *("revision", "--rev-id", "b1", "--head", "base", "-m", "x"),
        *("--version-path", str(more)),
    )
    assert written(out) == more / "b1_x.py"

    out = project.done("revision", "--rev-id", "b2", "--head", "b1", "-m", "x")
    assert written(out) == more / "b2_x.py"
    assert [line.split()[0] for line in project.done("heads").splitlines()] == [
        "a1",
        "b2",
    ]


# -- migrate ---------------------------------------------------------------


def test_migrate_writes_what_is_new_and_it_goes_up_and_down(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app").with_folder()
    project.done("migrate", "--rev-id", "a1")
    project.done("upgrade")
    project.sql("INSERT INTO user (name) VALUES ('Ada')")

    project = new_project(tmp_path / "app", USER + EMAIL)
    ran = project.run("migrate", "-m", "email", "--rev-id", "a2")
    assert ran.status == 0
    assert "user.email" in ran.err
    project.done("upgrade")
    project.done("check")
    assert project.rows("SELECT name, email FROM user") == [("Ada", "")]
    project.done("downgrade")
    assert project.rows("SELECT * FROM user") == [(1, "Ada")]


def test_revision_with_autogenerate_does_the_same(project: Project) -> None:
    path = written(project.done("revision", "--autogenerate", "-m", "first"))

    assert "op.create_table(" in path.read_text()


def test_migrate_with_two_heads_asks_which(project: Project) -> None:
    project.script("a1")
    project.script("b1", labels=("blue",))
    project.done("upgrade", "heads")
    before = project.state()
    assert "there are 2 heads" in project.refused("migrate")
    assert project.state() == before

    path = written(project.done("migrate", "--head", "blue@head"))
    assert header(path)["down_revision"] == "b1"


def test_a_failed_migrate_leaves_no_file(project: Project) -> None:
    """Also not where it fails at the last moment."""
    (project.migrations / "script.py.mako").write_text("${upgrades}")
    message = project.refused("migrate")

    assert "script.py.mako cannot be used" in message
    assert list(project.versions.iterdir()) == []


# -- merge -----------------------------------------------------------------


@pytest.mark.parametrize(
    "revisions", ["", "heads", "a2 b2", "blue@head a2", "b2 a2", "a2 b"]
)
def test_merge_joins_heads(project: Project, revisions: str) -> None:
    project.chain("a1", "a2").script("b2", "a1", labels=("blue",))
    path = written(project.done("merge", "-m", "join", *revisions.split()))

    assert set(header(path)["down_revision"]) == {"a2", "b2"}  # type: ignore[call-overload]  # a tuple of ids
    assert project.done("heads").endswith("(head) (mergepoint)\n")
    project.done("upgrade")
    assert project.version() == [str(header(path)["revision"])]


def test_merge_names_what_it_joins(project: Project) -> None:
    project.chain("a1", "a2").script("b2", "a1")
    path = written(project.done("merge", "--rev-id", "m1", "--branch-label", "all"))

    assert path.name == "m1_merge_a2_and_b2.py"
    assert header(path)["branch_labels"] == ("all",)


def test_merge_of_revisions_that_are_no_heads_needs_splice(project: Project) -> None:
    project.chain("a1", "a2", "a3").script("b2", "a1")
    assert "add --splice" in project.refused("merge", "a2", "b2")

    path = written(project.done("merge", "--splice", "a2", "b2"))
    assert set(header(path)["down_revision"]) == {"a2", "b2"}  # type: ignore[call-overload]  # a tuple of ids


# -- stamp -----------------------------------------------------------------


def test_stamp_takes_several_revisions(project: Project) -> None:
    project.chain("a1", "a2").script("b2", "a1")
    project.done("stamp", "a2", "b2")
    assert project.version() == ["a2", "b2"]

    project.done("stamp", "base")
    project.done("stamp", "heads")
    assert project.version() == ["a2", "b2"]


def test_stamp_makes_create_all_a_start(project: Project) -> None:
    """For a database whose tables are there already."""
    with project.app.app_context():
        project.app.extensions["sqlalchemy"].create_all()
    project.done("revision", "--rev-id", "a1")
    project.done("stamp")

    project.done("check")
    assert project.version() == ["a1"]
