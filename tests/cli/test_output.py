"""What the commands print, and where: results on stdout, messages on stderr."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps import CREATE_USER
from tests.apps import DROP_USER
from tests.apps import new_project
from tests.apps import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder()


@pytest.fixture
def branched(project: Project) -> Project:
    """Return a project with these revisions, and a database at ``c4``.

    ::

        a1 -- b2 -- d5 (merge)
          \\-- c3 -- c4 --/        x9 (depends on b2)
    """
    project.script("a1", message="Begin")
    project.script("b2", "a1", labels=("blue",), message="To the left")
    project.script("c3", "a1")
    project.script("c4", "c3")
    project.script("d5", ("b2", "c4"), message="Join")
    project.script("x9", depends_on="b2")
    project.done("upgrade", "c4")
    return project


# -- where it is printed ---------------------------------------------------


def test_tests_of_an_app_see_what_is_printed(project: Project) -> None:
    """Through the runner that Flask has for them."""
    project.chain("a1").done("upgrade")
    runner = project.app.test_cli_runner()

    assert runner.invoke(args=["db", "current"]).output == "a1 (head) (current)\n"
    failed = runner.invoke(args=["db", "upgrade", "nope"])
    assert failed.exit_code == 1
    assert "no revision or branch 'nope'" in failed.output


# -- the history -----------------------------------------------------------


def test_history_is_newest_first_with_marks(branched: Project) -> None:
    lines = branched.done("history").splitlines()

    assert sorted(lines) == [
        "<base> -> a1 (branchpoint), Begin",
        "<base> -> x9 (head), Revision x9",
        "a1 -> b2 (blue), To the left",
        "a1 -> c3, Revision c3",
        "b2, c4 -> d5 (blue) (head) (mergepoint), Join",
        "c3 -> c4, Revision c4",
    ]
    of_c = [line for line in lines if line.startswith(("a1 -> c3", "c3 -> c4"))]
    assert of_c == ["c3 -> c4, Revision c4", "a1 -> c3, Revision c3"]
    assert lines.index("<base> -> a1 (branchpoint), Begin") > max(
        map(lines.index, of_c)
    )


def test_history_marks_where_the_database_is(branched: Project) -> None:
    lines = branched.done("history", "--indicate-current").splitlines()

    assert [line for line in lines if "(current)" in line] == [
        "c3 -> c4 (current), Revision c4"
    ]


def test_history_in_full(project: Project) -> None:
    path = project.script("a1", message="Begin\n\nA longer text.")

    assert project.done("history", "-v") == (
        f"Rev: a1 (head)\nParent: <base>\nPath: {path}\n\n"
        "    Begin\n\n    A longer text.\n\n"
    )


def test_show_tells_all_of_one_revision(branched: Project) -> None:
    out = branched.done("show", "d5")
    assert "Merges: b2, c4\n" in out

    out = branched.done("show", "x9")
    assert "Parent: <base>\n" in out
    assert "Also depends on: b2\n" in out

    out = branched.done("show", "a1")
    assert "Branches into: b2, c3\n" in out
    assert f"Path: {branched.versions / 'a1.py'}\n" in out
    assert "\n    Begin\n" in out

    assert "Rev: c4 (current)" in branched.done("show", "current")
    assert "Rev: c3\n" in branched.done("show", "-1")
    assert "Rev: d5 " in branched.done("show", "+1")


def test_show_of_nothing_says_so_on_stderr(project: Project) -> None:
    for command in ("show", "heads", "edit"):
        ran = project.run(command)
        assert (ran.status, ran.out) == (0, "")
        assert "no revisions yet" in ran.err

    project.chain("a1")
    assert project.run("show", "current").err == "There is no revision at 'current'.\n"


def test_heads(branched: Project) -> None:
    heads = branched.done("heads").splitlines()
    assert [line.split()[0] for line in heads] == ["d5", "x9"]

    assert "Path: " in branched.done("heads", "--verbose")


def test_heads_without_those_that_others_depend_on(project: Project) -> None:
    project.script("a1")
    project.script("b1", depends_on="a1")

    assert project.done("heads") == "a1 (head)\nb1 (head)\n"
    assert project.done("heads", "--resolve-dependencies") == "b1 (head)\n"


def test_branches(project: Project) -> None:
    project.chain("a1", "b2").script("c3", "a1")
    assert project.done("branches") == (
        "a1 (branchpoint)\n   -> b2 (head)\n   -> c3 (head)\n"
    )
    assert "Branches into: b2, c3" in project.done("branches", "-v")

    project.script("d4", ("b2", "c3"))
    assert "c3" in project.done("branches")


def test_no_branches_is_said_on_stderr(project: Project) -> None:
    ran = project.chain("a1", "a2").run("branches")

    assert (ran.status, ran.out) == (0, "")
    assert ran.err == "No revision has more than one that descends from it.\n"


# -- the database ----------------------------------------------------------


def test_current_is_a_line_per_revision(branched: Project) -> None:
    assert branched.done("current") == "c4 (current)\n"
    branched.done("stamp", "b2", "c4")
    assert [line.split()[0] for line in branched.done("current").splitlines()] == [
        "b2",
        "c4",
    ]


def test_current_in_full_names_the_database(branched: Project) -> None:
    out = branched.done("current", "-v")

    assert out.startswith(f"Current revision(s) for {branched.url}:\nRev: c4")
    assert "Parent: c3\n" in out


def test_a_database_without_revisions_says_so_on_stderr(project: Project) -> None:
    ran = project.run("current")

    assert (ran.status, ran.out) == (0, "")
    assert ran.err == "No revision has been applied yet.\n"


def test_upgrade_tells_each_step_and_the_end(project: Project) -> None:
    project.chain("a1", "a2", "a3")
    ran = project.run("upgrade", "a2")
    assert ran.out == "2 revisions applied: the database is at a2.\n"
    assert ran.err == (
        "Running upgrade <base> -> a1, Revision a1\n"
        "Running upgrade a1 -> a2, Revision a2\n"
    )

    ran = project.run("upgrade")
    assert ran.out == "1 revision applied: the database is at a3 (head).\n"
    ran = project.run("downgrade", "base")
    assert ran.out == "3 revisions undone: the database is at base.\n"
    assert ran.err.splitlines()[0] == "Running downgrade a3 -> a2, Revision a3"


def test_nothing_to_do_is_said(project: Project) -> None:
    project.chain("a1").done("upgrade")

    assert project.run("upgrade").out == (
        "Nothing to upgrade: the database is at a1 (head).\n"
    )
    assert project.run("stamp").out == (
        "Nothing to stamp: the database is at a1 (head).\n"
    )
    project.done("downgrade")
    assert project.run("downgrade", "base").out == (
        "Nothing to downgrade: the database is at base.\n"
    )


def test_stamp_says_from_where_to_where(project: Project) -> None:
    project.chain("a1", "a2")

    assert project.done("stamp", "a1") == "Stamped: <base> -> a1.\n"
    assert project.done("stamp") == "Stamped: a1 -> a2 (head).\n"
    assert project.done("stamp", "base") == "Stamped: a2 -> base.\n"
    assert project.done("stamp", "--purge", "a1") == "Stamped: <base> -> a1.\n"


def test_ensure_version_creates_the_table_and_nothing_else(project: Project) -> None:
    project.script("a1", upgrade=CREATE_USER)
    assert project.done("ensure-version") == "The version table is there.\n"
    assert project.rows("SELECT * FROM alembic_version") == []
    assert project.tables() == set()

    project.done("upgrade")
    assert project.done("ensure-version") == "The version table is there.\n"
    assert project.version() == ["a1"]


# -- files -----------------------------------------------------------------


def test_init_lists_its_files_and_what_comes_next(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app")
    ran = project.run("init")

    assert ran.out.splitlines() == [
        f"Generating {project.migrations / name} ...  done"
        for name in ("README", "env.py", "script.py.mako")
    ]
    assert ran.err == (
        "Nothing has to be edited. Next: 'flask db migrate -m \"first tables\"'.\n"
    )


def test_templates_are_listed(project: Project) -> None:
    out = project.done("list-templates")

    assert out.startswith("Available templates:\n\nflask - ")
    assert "\nplain - " in out


def test_migrate_prints_the_file_and_what_it_found(project: Project) -> None:
    ran = project.run("migrate", "-m", "First tables!", "--rev-id", "a1")

    assert (
        ran.out == f"Generating {project.versions / 'a1_first_tables.py'} ...  done\n"
    )
    assert ran.err == "Found: create table user (2 columns)\n"


def test_without_changes_migrate_prints_nothing_on_stdout(project: Project) -> None:
    project.done("migrate")
    project.done("upgrade")
    before = project.state()
    ran = project.run("migrate")

    assert (ran.status, ran.out) == (0, "")
    assert ran.err == "No changes in schema detected.\n"
    assert project.state() == before


# -- SQL -------------------------------------------------------------------


@pytest.fixture
def chain(project: Project) -> Project:
    for number, parent in (("1", None), ("2", "a1"), ("3", "a2")):
        project.script(
            f"a{number}",
            parent,
            upgrade=f'op.execute("CREATE TABLE t{number} (id INTEGER)")',
            downgrade=f'op.execute("DROP TABLE t{number}")',
        )
    return project


@pytest.mark.parametrize(
    ("command", "expected", "versions"),
    [
        ("upgrade", ["CREATE 1", "CREATE 2", "CREATE 3"], ["CREATE", "a1", "a2", "a3"]),
        ("upgrade a2", ["CREATE 1", "CREATE 2"], ["CREATE", "a1", "a2"]),
        ("upgrade a1:a3", ["CREATE 2", "CREATE 3"], ["a2", "a3"]),
        ("upgrade a2:", ["CREATE 3"], ["a3"]),
        ("upgrade :a1", ["CREATE 1"], ["CREATE", "a1"]),
        ("upgrade a1:+1", ["CREATE 2"], ["a2"]),
        ("upgrade +1", ["CREATE 1"], ["CREATE", "a1"]),
        ("downgrade", ["DROP 3"], ["a2"]),
        ("downgrade -2", ["DROP 3", "DROP 2"], ["a2", "a1"]),
        ("downgrade a3:a1", ["DROP 3", "DROP 2"], ["a2", "a1"]),
        ("downgrade a2:base", ["DROP 2", "DROP 1"], ["a1", "gone"]),
        ("downgrade head:-1", ["DROP 3"], ["a2"]),
    ],
)
def test_sql_covers_the_range(
    chain: Project, command: str, expected: list[str], versions: list[str]
) -> None:
    ran = chain.run(*command.split(), "--sql")
    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()

    assert [
        f"{line.split()[0]} {line.split()[2][1]}"
        for line in lines
        if line.startswith(("CREATE TABLE t", "DROP TABLE t"))
    ] == expected
    assert moves(lines) == versions
    assert chain.version() == []


def moves(lines: list[str]) -> list[str]:
    """Return what the statements make of the version table, in order."""
    found = []
    for line in lines:
        if line.startswith("CREATE TABLE alembic_version"):
            found.append("CREATE")
        elif line.startswith("INSERT INTO alembic_version"):
            found.append(line.split("'")[1])
        elif line.startswith("UPDATE alembic_version"):
            found.append(line.split("'")[1])
        elif line.startswith("DELETE FROM alembic_version"):
            found.append("gone")
    return found


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("stamp", ["CREATE", "a3"]),
        ("stamp a1", ["CREATE", "a1"]),
        ("stamp a1:a2", ["a2"]),
        ("stamp a1:", ["a3"]),
        ("ensure-version", ["CREATE"]),
    ],
)
def test_sql_of_what_writes_the_version_table_only(
    chain: Project, command: str, expected: list[str]
) -> None:
    ran = chain.run(*command.split(), "--sql")

    assert (ran.status, ran.err) == (0, "")
    assert moves(ran.out.splitlines()) == expected


def test_sql_of_a_script_that_asks_the_database_prints_nothing(
    chain: Project,
) -> None:
    asks = 'op.get_bind().execute(sa.text("SELECT 1")).scalar()'
    path = chain.script("a4", "a3", upgrade=asks)
    before = chain.state()
    ran = chain.run("upgrade", "--sql")

    assert (ran.status, ran.out) == (1, "")
    assert f"upgrade of revision 'a4' failed ({path}, line 14)" in ran.err
    assert "needs a live database" in ran.err
    assert "nothing was written" in ran.err
    assert chain.state() == before


def test_the_sql_makes_the_same_database_as_the_run(
    project: Project, tmp_path: Path
) -> None:
    import sqlite3

    project.script("a1", upgrade=CREATE_USER, downgrade=DROP_USER)
    sql = project.done("upgrade", "--sql")
    other = sqlite3.connect(tmp_path / "other.sqlite", isolation_level=None)
    other.executescript(sql)
    tables = [row[0] for row in other.execute("SELECT sql FROM sqlite_master")]
    versions = other.execute("SELECT version_num FROM alembic_version").fetchall()
    other.close()
    project.done("upgrade")

    assert tables == [sql for (sql,) in project.rows("SELECT sql FROM sqlite_master")]
    assert [each[0] for each in versions] == project.version()
