"""Forms that scripts of public projects have, and that Alembic takes."""

from __future__ import annotations

import logging
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa

from tests.apps import new_project
from tests.apps import Project

TWO_TABLES = """
op.create_table("hat", sa.Column("id", sa.Integer, primary_key=True))
op.create_table(
    "head",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("hat_id", sa.Integer, sa.ForeignKey("hat.id", name="fk_hat")),
)
"""


@pytest.fixture
def project(tmp_path: Path, database_url: sa.URL) -> Project:
    project = new_project(tmp_path / "app", url=database_url).with_folder()
    project.script("a1", upgrade=TWO_TABLES)
    return project


@pytest.mark.parametrize("form", ["[here / 'versions', here / 'more']", "TEXT"])
def test_env_py_may_say_where_the_revisions_are(tmp_path: Path, form: str) -> None:
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1")
    more = project.migrations / "more"
    more.mkdir()
    project.script("b2", "a1")
    (project.versions / "b2.py").rename(more / "b2.py")
    said = form.replace("TEXT", "f'{here}/versions {here}/more'")
    project.env(
        f"""
        from pathlib import Path

        from alembic import context
        from flask import current_app

        here = Path(__file__).parent
        context.script.version_locations = {said}
        with current_app.extensions["migrate"].db.engine.connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """
    )
    project.done("upgrade")

    assert project.version() == ["b2"]
    assert "b2" in project.done("current")


def columns(project: Project, table: str) -> dict[str, bool]:
    """Return the columns of a table, and whether each may be NULL."""
    engine = sa.create_engine(project.url)
    found = sa.inspect(engine).get_columns(table)
    engine.dispose()
    return {each["name"]: each["nullable"] for each in found}


def test_alter_column_may_get_a_column(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    """It changes nothing: what is to change is said by keywords."""
    project.script(
        "b2",
        "a1",
        upgrade='op.alter_column("head", sa.Column("hat_id", sa.String(9)))\n'
        'with op.batch_alter_table("head") as batch:\n'
        '    batch.alter_column(sa.Column("hat_id"), new_column_name="worn_id",'
        " existing_type=sa.Integer())",
    )
    with caplog.at_level(logging.WARNING, "flask_migrations_ext"):
        project.done("upgrade")

    assert columns(project, "head") == {"id": False, "worn_id": True}
    assert caplog.text.count("of Column('hat_id') it takes the name alone") == 2


COPIES = {
    "of its own metadata": 'sa.ForeignKey("hat.id", name="fk_hat")',
    "by the column of another": 'sa.ForeignKey(hat.c.id, name="fk_hat")',
}


@pytest.mark.parametrize("form", COPIES)
def test_copy_from_may_point_into_other_metadata(project: Project, form: str) -> None:
    project.script(
        "b2",
        "a1",
        upgrade=f"""
hat = sa.Table("hat", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
head = sa.Table(
    "head",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("hat_id", sa.Integer, {COPIES[form]}),
)
with op.batch_alter_table("head", copy_from=head, recreate="auto") as batch:
    batch.alter_column("hat_id", nullable=False, existing_type=sa.Integer())
""",
    )
    project.done("upgrade")

    assert columns(project, "head") == {"id": False, "hat_id": False}
    engine = sa.create_engine(project.url)
    (key,) = sa.inspect(engine).get_foreign_keys("head")
    engine.dispose()
    assert key["referred_table"] == "hat"


MODELS = """
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))
    born = db.Column(db.Integer)
    __table_args__ = (
        db.Index("ix_lower", db.func.lower(name)),
        db.Index("ix_both", name.desc(), born),
        db.Index("ix_sum", born + 1, db.func.lower(name).desc()),
    )
"""


# Flask-SQLAlchemy's, for what that env.py asks of it.
@pytest.mark.filterwarnings("ignore:'get_engine' is deprecated")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_indexes_on_expressions_pass_through_an_env_py_of_flask_migrate(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """It has a process_revision_directives, which sees Alembic's objects."""
    url = request.getfixturevalue(f"{kind}_url")
    project = new_project(tmp_path / "app", MODELS, url=url).with_folder()
    templates = Path(str(flask_migrate.__file__)).parent / "templates" / "flask"
    for name, of in (("env.py", "env.py"), ("alembic.ini", "alembic.ini.mako")):
        (project.migrations / name).write_text((templates / of).read_text())
    project.done("migrate")
    project.done("upgrade")
    project.done("check")

    (script,) = project.versions.glob("*.py")
    assert {"ix_lower", "ix_both", "ix_sum"} <= set(script.read_text().split('"'))
