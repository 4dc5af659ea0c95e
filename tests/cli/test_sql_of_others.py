"""``--sql`` for databases that are tested as text alone: ranges and separators.

Their drivers are not installed. Only SQLAlchemy asks for them, and not for more than
that they are there.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apps import new_project
from tests.apps import Project

DRIVER = """
class driver:
    paramstyle = "named"
    version = __version__ = "2.3.1"
    Error = OperationalError = Exception
    makedsn = staticmethod(lambda *given, **options: "nowhere")
    __getattr__ = staticmethod(lambda name: type(name, (), {}))

app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"module": driver()}
db.init_app(app)
migrate.init_app(app, db)
"""
URLS = {
    "mssql": "mssql+pymssql://u@nowhere/x",
    "oracle": "oracle+oracledb://u@nowhere/x",
}

ALTERED = """
op.alter_column("t", "n", existing_type=sa.String(9), nullable=False)
with op.get_context().autocommit_block():
    op.execute("UPDATE t SET n = 'it''s'")
"""
BACK = 'op.alter_column("t", "n", existing_type=sa.String(9), nullable=True)'


def project_on(name: str, folder: Path) -> Project:
    project = new_project(folder, url=URLS[name], set_up=DRIVER).with_folder()
    project.script("a1", upgrade='op.create_table("t", sa.Column("n", sa.String(9)))')
    project.script("a2", "a1", upgrade=ALTERED, downgrade=BACK)

    return project


def statements(text: str, separator: str) -> list[str]:
    """Return what is between the separators, each on a line."""
    found, rest = [], ""
    for line in text.splitlines():
        if line == separator:
            found.append(" ".join(rest.split()))
            rest = ""
        else:
            rest += f"{line}\n"

    assert not rest.strip()

    return found


MSSQL = [
    "BEGIN TRANSACTION;",
    "-- Running upgrade a1 -> a2, Revision a2 ALTER TABLE t ALTER COLUMN n VARCHAR(9)"
    " NOT NULL;",
    "COMMIT;",
    "UPDATE t SET n = 'it''s';",
    "BEGIN TRANSACTION;",
    "UPDATE alembic_version SET version_num='a2' WHERE alembic_version.version_num"
    " = 'a1';",
    "COMMIT;",
]
ORACLE = [
    "-- Running upgrade a1 -> a2, Revision a2 ALTER TABLE t MODIFY n NOT NULL",
    "COMMIT",
    "UPDATE t SET n = 'it''s'",
    "UPDATE alembic_version SET version_num='a2' WHERE alembic_version.version_num"
    " = 'a1'",
    "COMMIT",
]


@pytest.mark.parametrize(
    ("name", "separator", "second"), [("mssql", "GO", MSSQL), ("oracle", "/", ORACLE)]
)
def test_a_chain_and_a_part_of_it(
    tmp_path: Path, name: str, separator: str, second: list[str]
) -> None:
    project = project_on(name, tmp_path)

    everything = statements(project.done("upgrade", "--sql"), separator)
    part = statements(project.done("upgrade", "--sql", "a1:a2"), separator)

    assert part == second
    assert everything[-len(part) :] == part
    assert "CREATE TABLE alembic_version" in " ".join(everything[:2])
    assert [each for each in everything if "CREATE TABLE t " in each]


@pytest.mark.parametrize(
    ("name", "separator", "said"),
    [
        ("mssql", "GO", "ALTER TABLE t ALTER COLUMN n VARCHAR(9) NULL;"),
        ("oracle", "/", "ALTER TABLE t MODIFY n NULL"),
    ],
)
def test_a_way_back(tmp_path: Path, name: str, separator: str, said: str) -> None:
    project = project_on(name, tmp_path)

    text = statements(project.done("downgrade", "--sql", "a2:a1"), separator)

    assert f"-- Running downgrade a2 -> a1, Revision a2 {said}" in text


@pytest.mark.parametrize("name", URLS)
def test_a_script_that_reads_stops_all_before_any_output(
    tmp_path: Path, name: str
) -> None:
    project = project_on(name, tmp_path)
    path = project.script(
        "a3", "a2", upgrade='op.get_bind().execute(sa.text("SELECT 1")).scalar()'
    )

    ran = project.run("upgrade", "--sql")

    assert (ran.status, ran.out) == (1, "")
    assert f"upgrade of revision 'a3' failed ({path}, line 14)" in ran.err
    assert "needs a live database" in ran.err
