"""Revisions on real databases: what a failure leaves, whose transaction it is."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

import flask_migrations_ext
from flask_migrations_ext.errors import ConcurrentChange
from flask_migrations_ext.errors import StepFailed
from tests.apps import CREATE_USER
from tests.apps import DROP_USER
from tests.apps import new_project
from tests.apps import Project

CREATE_POST = 'op.create_table("post", sa.Column("id", sa.Integer, primary_key=True))'
FAIL = 'op.execute("INSERT INTO nowhere VALUES (1)")'


@pytest.fixture
def project(tmp_path: Path, database_url: sa.URL) -> Project:
    return new_project(tmp_path / "app", url=database_url).with_folder()


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Project:
    return new_project(tmp_path / "app").with_folder()


@pytest.fixture
def on_postgresql(tmp_path: Path, postgresql_url: sa.URL) -> Project:
    return new_project(tmp_path / "app", url=postgresql_url).with_folder()


@pytest.fixture
def on_mariadb(tmp_path: Path, mariadb_url: sa.URL) -> Project:
    return new_project(tmp_path / "app", url=mariadb_url).with_folder()


@pytest.fixture(params=["sqlite", "postgresql"])
def that_rolls_back(request: pytest.FixtureRequest) -> Project:
    """Return a project on a database that can roll back changes of tables."""
    found: Project = request.getfixturevalue(f"on_{request.param}")
    return found


# -- there and back --------------------------------------------------------


def test_up_and_down_again(project: Project) -> None:
    project.script("a1", upgrade=CREATE_USER, downgrade=DROP_USER)
    project.script("a2", "a1", upgrade=CREATE_POST, downgrade='op.drop_table("post")')

    assert "2 revisions applied: the database is at a2 (head)" in project.done(
        "upgrade"
    )
    assert (project.tables(), project.version()) == ({"user", "post"}, ["a2"])
    assert project.done("upgrade") == (
        "Nothing to upgrade: the database is at a2 (head).\n"
    )
    assert project.done("downgrade") == "1 revision undone: the database is at a1.\n"
    assert (project.tables(), project.version()) == ({"user"}, ["a1"])
    project.done("downgrade", "base")
    assert (project.tables(), project.version()) == (set(), [])


def test_migrate_upgrade_check_and_back(project: Project) -> None:
    project.done("migrate", "-m", "first")
    project.done("upgrade")

    assert project.done("check") == "No new upgrade operations detected.\n"
    project.done("downgrade")
    assert project.tables() == set()


# -- a failure -------------------------------------------------------------


def test_a_failure_leaves_no_trace_and_keeps_what_came_before(
    that_rolls_back: Project,
) -> None:
    project = that_rolls_back
    project.script("a1", upgrade=CREATE_USER)
    path = project.script("a2", "a1", upgrade=f"{CREATE_POST}\n{FAIL}")
    project.script("a3", "a2")
    message = project.refused("upgrade", changes=True)

    assert f"upgrade of revision 'a2' failed ({path}, line 15): " in message
    assert "SQL: INSERT INTO nowhere VALUES (1)" in message
    assert "rolled back and left no trace: the database is at a1" in message
    assert "1 revision of this run stayed" in message
    assert (project.tables(), project.version()) == ({"user"}, ["a1"])

    project.script("a2", "a1", upgrade=CREATE_POST)
    project.done("upgrade")
    assert (project.tables(), project.version()) == ({"user", "post"}, ["a3"])


def test_a_failing_downgrade_leaves_no_trace(that_rolls_back: Project) -> None:
    project = that_rolls_back
    project.script("a1", upgrade=CREATE_USER, downgrade=f"{DROP_USER}\n{FAIL}")
    project.done("upgrade")
    message = project.refused("downgrade")

    assert "downgrade of revision 'a1' failed" in message
    assert (project.tables(), project.version()) == ({"user"}, ["a1"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing_of_this_name", "NameError: name 'nothing_of_this_name'"),
        ("raise ValueError('of mine')", "ValueError: of mine"),
        ("op.create_table()", "TypeError: create_table() missing 1 required"),
        ("op.no_such_thing()", "has no attribute 'no_such_thing'"),
        ("import json; json.loads('{')", "JSONDecodeError"),
        ("op.create_table('post', 3)", "'SchemaItem' object"),
    ],
)
def test_a_script_that_raises_is_told_with_its_line(
    that_rolls_back: Project, text: str, message: str
) -> None:
    path = that_rolls_back.script("a1", upgrade=f"{CREATE_USER}\n{text}")
    refusal = that_rolls_back.refused("upgrade")

    assert f"upgrade of revision 'a1' failed ({path}, line 15): " in refusal
    assert message in refusal
    assert "left no trace: the database is at base" in refusal


def test_values_of_a_failing_statement_are_not_shown(that_rolls_back: Project) -> None:
    """They may be a person's own, and this goes into logs."""
    table = 'sa.table("nowhere", sa.column("card"))'
    upgrade = f'op.bulk_insert({table}, [{{"card": "4000 1234"}}])'
    that_rolls_back.script("a1", upgrade=upgrade)
    message = that_rolls_back.refused("upgrade")

    assert "SQL: INSERT INTO nowhere" in message
    assert "4000" not in message


def test_ctrl_c_rolls_back(that_rolls_back: Project) -> None:
    that_rolls_back.script("a1", upgrade=f"{CREATE_USER}\nraise KeyboardInterrupt")
    that_rolls_back.run("upgrade")

    assert (that_rolls_back.tables(), that_rolls_back.version()) == (set(), [])


# -- on MariaDB each change of a table commits ------------------------------


def test_where_nothing_rolls_back_the_message_says_what_stayed(
    on_mariadb: Project,
) -> None:
    project = on_mariadb
    project.script("a1", upgrade=CREATE_USER)
    project.script("a2", "a1", upgrade=f"{CREATE_POST}\n{FAIL}")
    message = project.refused("upgrade", changes=True)

    assert "MariaDB cannot roll back changes of tables" in message
    assert "1 statement of this revision stayed, the last one 'CREATE TABLE" in message
    assert "the version table still says a1" in message
    assert "to go on where it stopped" in message
    assert "flask db stamp" not in message
    assert (project.tables(), project.version()) == ({"user", "post"}, ["a1"])


def test_the_version_table_is_not_counted_among_what_stayed(
    on_mariadb: Project,
) -> None:
    on_mariadb.script("a1", upgrade=FAIL)
    message = on_mariadb.refused("upgrade", changes=True)

    assert "nothing of it was done: the database is at base" in message
    assert on_mariadb.tables() == set()


def test_rows_that_were_rolled_back_are_not_said_to_have_stayed(
    on_mariadb: Project,
) -> None:
    row = 'op.execute("INSERT INTO user VALUES (1)")'
    on_mariadb.script("a1", upgrade=f"{CREATE_USER}\n{row}\n{FAIL}")
    message = on_mariadb.refused("upgrade", changes=True)

    assert "1 statement of this revision stayed, the last one 'CREATE" in message
    assert on_mariadb.rows("SELECT id FROM user") == []


def test_rows_that_a_failing_change_of_a_table_commits_are_told_of(
    on_mariadb: Project,
) -> None:
    row = 'op.execute("INSERT INTO user VALUES (1)")'
    on_mariadb.script("a1", upgrade=f"{CREATE_USER}\n{row}\n{CREATE_USER}")
    message = on_mariadb.refused("upgrade", changes=True)

    assert "2 statements of this revision stayed, the last one 'INSERT" in message
    assert on_mariadb.rows("SELECT id FROM user") == [(1,)]


def test_what_a_script_sends_by_itself_is_counted(on_mariadb: Project) -> None:
    by_itself = 'op.get_bind().execute(sa.text("CREATE TABLE t (id INTEGER)"))'
    on_mariadb.script("a1", upgrade=f"{by_itself}\nraise ValueError")
    message = on_mariadb.refused("upgrade", changes=True)

    assert "1 statement of this revision stayed, the last one 'CREATE TABLE t" in (
        message
    )


# -- before anything runs --------------------------------------------------


def test_all_scripts_are_loaded_before_the_first_one_runs(project: Project) -> None:
    project.script("a1", upgrade=CREATE_USER)
    project.script("a2", "a1", upgrade="if True")
    before = project.state()
    message = project.refused("upgrade")

    assert "a2.py, line 14" in message
    assert project.state() == before


# -- outside of a transaction ----------------------------------------------


CONCURRENTLY = """
{before}
with op.get_context().autocommit_block():
    op.create_index("ix_user_id", "user", ["id"], postgresql_concurrently=True)
{after}
"""


def concurrently(before: str = "pass", after: str = "pass") -> str:
    return CONCURRENTLY.format(before=before, after=after)


def indexes(project: Project) -> list[str]:
    found = project.rows("SELECT indexname FROM pg_indexes WHERE tablename = 'user'")
    return sorted(name for (name,) in found)


def test_an_index_is_built_concurrently(on_postgresql: Project) -> None:
    on_postgresql.script("a1", upgrade=concurrently(CREATE_USER, CREATE_POST))
    on_postgresql.done("upgrade")

    assert indexes(on_postgresql) == ["ix_user_id", "user_pkey"]
    assert on_postgresql.tables() == {"user", "post"}


def test_without_the_block_the_message_says_what_to_do(on_postgresql: Project) -> None:
    on_postgresql.script(
        "a1",
        upgrade=f"{CREATE_USER}\n"
        'op.create_index("i", "user", ["id"], postgresql_concurrently=True)',
    )
    message = on_postgresql.refused("upgrade")

    assert "CREATE INDEX CONCURRENTLY" in message
    assert "'with op.get_context().autocommit_block():'" in message


def test_what_the_block_committed_is_said_to_have_stayed(
    on_postgresql: Project,
) -> None:
    on_postgresql.script("a1", upgrade=concurrently(CREATE_USER, CREATE_POST + "\nx"))
    message = on_postgresql.refused("upgrade", changes=True)

    assert "autocommit_block() had committed a part of it" in message
    assert "2 statements of this revision stayed, the last one 'CREATE INDEX" in message
    assert "to go on where it stopped" in message
    assert on_postgresql.tables() == {"user"}


def test_what_came_before_a_failing_block_is_said_to_have_stayed(
    on_postgresql: Project,
) -> None:
    on_postgresql.script(
        "a1",
        upgrade=f"{CREATE_USER}\nwith op.get_context().autocommit_block():\n    {FAIL}",
    )
    message = on_postgresql.refused("upgrade", changes=True)

    assert "1 statement of this revision stayed, the last one 'CREATE TABLE" in message
    assert on_postgresql.tables() == {"user"}


def test_the_next_revision_has_a_transaction_again(on_postgresql: Project) -> None:
    on_postgresql.script("a1", upgrade=concurrently(CREATE_USER))
    on_postgresql.script("a2", "a1", upgrade=f"{CREATE_POST}\n{FAIL}")
    message = on_postgresql.refused("upgrade", changes=True)

    assert "left no trace: the database is at a1" in message
    assert on_postgresql.tables() == {"user"}


REBUILD_OF_USER = """
with op.batch_alter_table("user", recreate="always") as batch:
    batch.add_column(sa.Column("name", sa.String(80)))
"""


WITH_FOREIGN_KEYS = """
import sqlalchemy as sa

db.init_app(app)
migrate.init_app(app, db)

def switch_on(driver, _):
    driver.execute("PRAGMA foreign_keys=ON")

with app.app_context():
    sa.event.listen(db.engine, "connect", switch_on)
"""


def test_a_revision_that_has_to_start_again_runs_its_database_work_once(
    tmp_path: Path,
) -> None:
    """On SQLite, as foreign keys have to be off before the transaction."""
    project = new_project(tmp_path / "app", set_up=WITH_FOREIGN_KEYS).with_folder()
    post = (
        'op.create_table("post", sa.Column("user_id", sa.Integer,'
        ' sa.ForeignKey("user.id", ondelete="CASCADE")))\n'
        'op.execute("INSERT INTO user VALUES (1)")\n'
        'op.execute("INSERT INTO post VALUES (1)")'
    )
    project.script("a1", upgrade=f"{CREATE_USER}\n{post}\n{REBUILD_OF_USER}")
    project.done("upgrade")

    assert project.rows("SELECT id, name FROM user") == [(1, None)]
    assert project.rows("SELECT user_id FROM post") == [(1,)]


@pytest.mark.parametrize("block_at", [0, 1, 2])
def test_what_pointed_nowhere_before_does_not_stop_a_rebuild(
    tmp_path: Path, block_at: int
) -> None:
    """Whatever is committed first: ``autocommit_block`` ends a transaction, too."""
    project = new_project(tmp_path / "app", set_up=WITH_FOREIGN_KEYS).with_folder()
    post = (
        'op.create_table("post", sa.Column("user_id", sa.Integer,'
        ' sa.ForeignKey("user.id", ondelete="CASCADE")))'
    )
    project.script("a1", upgrade=f"{CREATE_USER}\n{post}")
    project.done("upgrade")
    with closing(sqlite3.connect(tmp_path / "app" / "shop.sqlite")) as connection:
        connection.executescript("INSERT INTO user VALUES (1);")
        connection.executescript("INSERT INTO post VALUES (1), (7)")
    block = 'with op.get_context().autocommit_block():\n    op.execute("ANALYZE")'
    parts = [REBUILD_OF_USER, 'op.rename_table("user", "member")']
    parts[block_at:block_at] = [block] if block_at else []
    project.script("a2", "a1", upgrade="\n".join(parts))
    project.done("upgrade")

    assert project.rows("SELECT id, name FROM member") == [(1, None)]
    assert project.rows("SELECT user_id FROM post") == [(1,), (7,)]


def test_a_revision_that_cannot_start_again_says_so(tmp_path: Path) -> None:
    """Its first part was committed, so a second run would do that twice."""
    project = new_project(tmp_path / "app", set_up=WITH_FOREIGN_KEYS).with_folder()
    project.script("a1", upgrade=CREATE_USER)
    block = 'with op.get_context().autocommit_block():\n    op.execute("ANALYZE")'
    post = (
        'op.create_table("post", sa.Column("u", sa.Integer, sa.ForeignKey("user.id")))'
    )
    project.script("a2", "a1", upgrade=f"{post}\n{block}\n{REBUILD_OF_USER}")
    message = project.refused("upgrade", changes=True)

    assert "move the one or the other into a revision of its own" in message
    assert "stayed, the last one 'ANALYZE'" in message
    assert "the version table still says a1" in message


# -- a transaction of the caller's -----------------------------------------


ENV_WITH_A_TRANSACTION = """
    from flask import current_app
    from flask_migrations_ext import context

    engine = current_app.extensions["sqlalchemy"].engine
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        finally:
            {end}
"""


@pytest.mark.parametrize(
    ("end", "left"),
    [("transaction.commit()", ["a1"]), ("transaction.rollback()", [])],
)
def test_a_transaction_of_env_py_stays_its_own(
    on_postgresql: Project, end: str, left: list[str]
) -> None:
    on_postgresql.script("a1", upgrade=CREATE_USER)
    on_postgresql.env(ENV_WITH_A_TRANSACTION.format(end=end))
    told = on_postgresql.done("upgrade")

    assert "in a transaction that env.py commits or rolls back" in told
    assert on_postgresql.version() == left
    assert on_postgresql.tables() == ({"user"} if left else set())


def test_a_failure_in_it_says_that_it_is_the_callers(on_postgresql: Project) -> None:
    on_postgresql.script("a1", upgrade=f"{CREATE_USER}\n{FAIL}")
    on_postgresql.env(ENV_WITH_A_TRANSACTION.format(end="transaction.rollback()"))
    message = on_postgresql.refused("upgrade")

    assert "the transaction is the caller's, to commit or to roll back" in message


def test_a_block_outside_of_transactions_cannot_leave_it(
    on_postgresql: Project,
) -> None:
    on_postgresql.script("a1", upgrade=concurrently(CREATE_USER))
    on_postgresql.env(ENV_WITH_A_TRANSACTION.format(end="transaction.rollback()"))
    message = on_postgresql.refused("upgrade")

    assert "leave a transaction that was begun before the migration" in message


def test_a_connection_in_no_transaction_gets_one_for_each_revision(
    on_postgresql: Project,
) -> None:
    on_postgresql.script("a1", upgrade=CREATE_USER)
    on_postgresql.script("a2", "a1", upgrade=FAIL)
    on_postgresql.env(
        """
        from flask import current_app
        from flask_migrations_ext import context

        engine = current_app.extensions["sqlalchemy"].engine
        with engine.connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """
    )
    on_postgresql.refused("upgrade", changes=True)

    assert on_postgresql.version() == ["a1"]


# -- side by side ----------------------------------------------------------


def test_two_threads_migrate_two_databases_at_once(tmp_path: Path) -> None:
    """Each waits in its first revision until the other one is there, too."""
    barrier = threading.Barrier(2, timeout=60)
    projects = [new_project(tmp_path / name).with_folder() for name in "ab"]
    failures: list[BaseException] = []

    def meet() -> None:
        barrier.wait()

    def work(project: Project) -> None:
        try:
            with project.app.app_context():
                flask_migrations_ext.upgrade(on_step=lambda step: meet())
        except BaseException as error:
            failures.append(error)
            barrier.abort()

    for project in projects:
        name = project.folder.name
        project.script("a1", upgrade=CREATE_USER)
        project.script("a2", "a1", upgrade=f'op.execute("CREATE TABLE {name} (id)")')
    threads = [threading.Thread(target=work, args=[each]) for each in projects]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert [each.tables() for each in projects] == [{"user", "a"}, {"user", "b"}]


def test_another_process_that_moved_the_database_meanwhile_is_noticed(
    on_postgresql: Project,
) -> None:
    project = on_postgresql
    project.chain("a1", "a2", "a3")
    project.done("upgrade", "a1")
    project.script("a2", "a1", upgrade="raise AssertionError('it must not run')")
    with project.app.app_context(), pytest.raises(ConcurrentChange) as caught:
        flask_migrations_ext.upgrade(
            on_step=lambda step: (
                project.sql("UPDATE alembic_version SET version_num = 'a3'")
                if step.id == "a2"
                else None
            )
        )

    assert "the version table should hold 'a1' and holds 'a3'" in str(caught.value)
    assert project.version() == ["a3"]


def test_a_database_in_memory_is_migrated_within_the_process(tmp_path: Path) -> None:
    from sqlalchemy.pool import StaticPool

    options: dict[str, object] = {"SQLALCHEMY_ENGINE_OPTIONS": {}}
    project = new_project(tmp_path / "app", url="sqlite://", config=options)
    project.with_folder().script("a1", upgrade=CREATE_USER)
    project.done("upgrade")

    with project.app.app_context():
        engine = project.app.extensions["sqlalchemy"].engine
        assert isinstance(engine.pool, StaticPool)
        assert (project.tables(), project.version()) == ({"user"}, ["a1"])
        engine.dispose()


def test_op_says_so_when_no_migration_runs() -> None:
    from flask_migrations_ext import op
    from flask_migrations_ext.errors import NoRunningMigration

    with pytest.raises(NoRunningMigration, match=r"op\.drop_table"):
        op.drop_table("user")


def test_after_a_failure_op_speaks_to_nobody(on_sqlite: Project) -> None:
    from flask_migrations_ext import op
    from flask_migrations_ext.errors import NoRunningMigration

    on_sqlite.script("a1", upgrade=FAIL)
    with on_sqlite.app.app_context(), pytest.raises(StepFailed):
        flask_migrations_ext.upgrade()

    with pytest.raises(NoRunningMigration):
        op.get_bind()
