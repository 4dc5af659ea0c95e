"""The side table: what was applied, when, by whom, and what became of its script."""

from __future__ import annotations

import json
import re
from pathlib import Path

import alembic.autogenerate
import alembic.migration
import pytest
import sqlalchemy as sa

from tests.apps import CREATE_USER
from tests.apps import DROP_USER
from tests.apps import new_project
from tests.apps import Project

RECORD = "alembic_version_record"


def recorded(folder: Path, url: sa.URL | None = None, record: object = True) -> Project:
    """Return a project at ``b2`` of two revisions, whose models have no difference."""
    project = new_project(
        folder, url=url, config={"MIGRATE_RECORD": record}
    ).with_folder()
    columns = 'sa.Column("name", sa.String(80))'
    project.script(
        "a1",
        message="Users — 用户 🙂",
        upgrade=f"{CREATE_USER}\nop.add_column('user', {columns})",
        downgrade=DROP_USER,
    )
    project.script("b2", "a1", upgrade="op.execute('SELECT 1')")
    project.done("upgrade")
    return project


def records(project: Project) -> list[tuple[str, ...]]:
    return project.rows(f"SELECT name, message, file FROM {RECORD} ORDER BY name")


def edit(project: Project, id: str, old: str, new: str) -> None:
    path = project.versions / f"{id}.py"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


# -- keeping it ------------------------------------------------------------


def test_what_is_applied_is_recorded_and_what_is_undone_forgotten(
    database_url: sa.URL, tmp_path: Path
) -> None:
    project = recorded(tmp_path / "app", database_url)

    assert [row[0] for row in records(project)] == ["a1", "b2"]
    assert records(project)[1][1:] == ("Revision b2", "versions/b2.py")
    [found] = json.loads(project.done("status", "--format", "json"))["databases"]
    first = found["revisions"][0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", first["applied_at"])
    assert re.fullmatch(r".+@.+", first["applied_by"])
    assert 0 <= first["seconds"] < 600
    assert re.search(
        r"^\[X\] a1 Users .* · \d{4}-\d\d-\d\d \d\d:\d\d UTC, \d+\.\d s$",
        project.done("status"),
        re.MULTILINE,
    )

    project.done("downgrade")
    assert [row[0] for row in records(project)] == ["a1"]
    project.done("upgrade")
    project.done("stamp", "a1")
    assert [row[0] for row in records(project)] == ["a1"]


def test_a_revision_that_fails_is_not_recorded(
    database_url: sa.URL, tmp_path: Path
) -> None:
    project = recorded(tmp_path / "app", database_url)
    project.script("c3", "b2", upgrade="op.execute('nonsense')")

    assert project.run("upgrade").status == 1
    assert [row[0] for row in records(project)] == ["a1", "b2"]


def test_by_default_there_is_none_unless_there_is_one(tmp_path: Path) -> None:
    project = recorded(tmp_path / "app", record=None)
    assert RECORD not in project.tables()

    project.app.config["MIGRATE_RECORD"] = True
    project.script("c3", "b2")
    project.done("upgrade")
    project.app.config["MIGRATE_RECORD"] = None
    project.script("d4", "c3")
    project.done("upgrade")
    assert [row[0] for row in records(project)] == ["c3", "d4"]

    project.app.config["MIGRATE_RECORD"] = False
    project.script("e5", "d4")
    project.done("upgrade")
    assert [row[0] for row in records(project)] == ["c3", "d4"]


def test_a_database_from_nothing_is_still_built_at_once(tmp_path: Path) -> None:
    project = recorded(tmp_path / "app")
    project.done("downgrade", "base")
    project.sql("DROP TABLE alembic_version")
    tried = "op.get_bind().exec_driver_sql('SAVEPOINT inside')"
    project.script("c3", "b2", upgrade=tried)

    project.done("upgrade")
    assert [row[0] for row in records(project)] == ["a1", "b2", "c3"]


# -- beside other tools ----------------------------------------------------


def test_it_is_no_difference(database_url: sa.URL, tmp_path: Path) -> None:
    project = recorded(tmp_path / "app", database_url)

    project.done("check")
    assert RECORD not in project.run("migrate", "-m", "x").err


def test_alembic_goes_on_beside_it(tmp_path: Path) -> None:
    """It reads and moves its own table; only its autogenerate sees one table more."""
    project = recorded(tmp_path / "app")
    engine = sa.create_engine(project.url)
    with engine.connect() as connection:
        context = alembic.migration.MigrationContext.configure(connection)
        assert context.get_current_heads() == ("b2",)
        context.stamp(_script_directory(project), "a1")
        connection.commit()
        with project.app.app_context():
            metadata = project.app.extensions["sqlalchemy"].metadata
        seen = alembic.autogenerate.compare_metadata(context, metadata)
    engine.dispose()

    assert [(each[0], each[1].name) for each in seen] == [("remove_table", RECORD)]
    assert project.version() == ["a1"]
    assert (
        project.done("status").splitlines()[-1] == "1 pending; run 'flask db upgrade'"
    )


def _script_directory(project: Project) -> alembic.script.ScriptDirectory:
    return alembic.script.ScriptDirectory(str(project.migrations))


# -- what became of the scripts --------------------------------------------


def test_a_script_that_was_edited_is_told_of(
    database_url: sa.URL, tmp_path: Path
) -> None:
    project = recorded(tmp_path / "app", database_url)
    edit(project, "b2", "SELECT 1", "SELECT 2")
    note = "'b2' was edited since it was applied"

    assert "[X] b2 (head) (current) (edited) Revision b2" in project.done("status")
    assert "b2 (head) (current) (edited)" in project.done("history", "-i")
    assert "(edited)" not in project.done("history")
    assert note in project.run("check").err
    assert note in project.run("upgrade").err
    project.script("c3", "b2")
    assert note in project.run("upgrade").err


def test_comments_and_layout_may_change(tmp_path: Path) -> None:
    project = recorded(tmp_path / "app")
    edit(
        project, "b2", "op.execute('SELECT 1')", 'op.execute(\n        "SELECT 1")  # !'
    )

    assert "edited" not in project.done("status")
    assert project.run("upgrade").err == ""


def test_a_script_that_is_gone_is_told_of(tmp_path: Path) -> None:
    project = recorded(tmp_path / "app")
    project.script("c3", "b2", message="Cups")
    project.done("upgrade")
    (project.versions / "c3.py").unlink()
    project.sql("UPDATE alembic_version SET version_num = 'b2'")

    line = "o file has the revision c3 'Cups', versions/c3.py, after b2: applied "
    assert line in project.done("status")
    assert line in project.run("check").err
    assert line in project.run("upgrade").err


def test_a_database_at_an_unknown_revision_gets_an_answer(tmp_path: Path) -> None:
    """Which database, which revision, what it was called, and what to do."""
    project = recorded(tmp_path / "app")
    project.script("c3", "b2", message="Cups")
    project.done("upgrade")
    (project.versions / "c3.py").unlink()

    for command in (["upgrade"], ["downgrade"], ["check"], ["status", "--check"]):
        if command[0] == "status":
            # The record tells that nothing is pending.
            assert project.run(*command).status == 0
            continue
        message = project.refused(*command)
        assert f"the database {project.url}" in message
        assert "is at revision 'c3', which no file has (heads here: 'b2')" in message
        assert "c3 'Cups', versions/c3.py, after b2: applied " in message
        assert "say so with 'flask db stamp --purge b2'" in message

    status = project.done("status")
    assert status.count("[X]") == 2
    assert "No file has the revision c3 'Cups'" in status


def test_an_app_of_an_earlier_release_serves_on(tmp_path: Path) -> None:
    """Where the record tells that the database has all that the app knows of."""
    project = recorded(tmp_path / "app")
    project.script("c3", "b2")
    project.done("upgrade")
    (project.versions / "c3.py").unlink()
    migrate = project.app.extensions["migrate"].migrate

    with project.app.app_context():
        assert migrate.status().is_current
    migrate.on_start(project.app, "check")
    project.script("x9")
    with project.app.app_context():
        assert not migrate.status().is_current


def test_a_record_that_was_begun_late_is_not_taken_for_all(tmp_path: Path) -> None:
    project = recorded(tmp_path / "app", record=None)
    project.app.config["MIGRATE_RECORD"] = True
    project.script("c3", "b2")
    project.done("upgrade")
    (project.versions / "c3.py").unlink()

    assert project.done("status").count("[X]") == 2


def test_what_stands_in_the_database_does_not_write_to_terminals(
    tmp_path: Path,
) -> None:
    project = recorded(tmp_path / "app")
    project.sql(
        f"INSERT INTO {RECORD} (kind, name, message, applied_at, applied_by, file,"
        " parents, seconds) VALUES ('revision', 'zz', 'x' || char(27) || '[31m' ||"
        " char(10) || 'y', '2026', 'z', 'f', '', 1)"
    )

    assert "'x?[31m?y'" in project.done("status")


@pytest.mark.parametrize("value", ["no", 7])
def test_what_is_no_answer_is_refused(tmp_path: Path, value: object) -> None:
    project = recorded(tmp_path / "app")
    project.app.config["MIGRATE_RECORD"] = value

    assert "setting 'record': takes True or False" in project.refused("upgrade")
