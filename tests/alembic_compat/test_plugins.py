"""Well-known plug-ins for Alembic, unmodified, on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.alembic_compat.plugged import Plugged
from tests.alembic_compat.plugged import plugged

CHECK = ["check"]

ENTITIES = """
import sqlalchemy as sa
from alembic_utils.pg_extension import PGExtension
from alembic_utils.pg_function import PGFunction
from alembic_utils.pg_trigger import PGTrigger
from alembic_utils.pg_view import PGView
from alembic_utils.replaceable_entity import register_entities

metadata = sa.MetaData()
sa.Table(
    "account",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.Text),
)

lower = PGFunction(
    schema="public",
    signature="lowered()",
    definition='''
        RETURNS trigger AS $$
        BEGIN NEW.email = {expression}; RETURN NEW; END;
        $$ LANGUAGE plpgsql
    ''',
)
view = PGView(
    schema="public",
    signature="known",
    definition="SELECT id FROM account WHERE {condition}",
)
trigger = PGTrigger(
    schema="public",
    signature="lower_email",
    on_entity="public.account",
    definition='''
        BEFORE INSERT ON public.account
        FOR EACH ROW EXECUTE FUNCTION public.lowered()
    ''',
)
extension = PGExtension(schema="public", signature="vector")
register_entities([{registered}])
"""

ALL = "lower, view, trigger, extension"


def entities(registered: str = ALL, **parts: str) -> str:
    return ENTITIES.format(
        registered=registered,
        **{"expression": "lower(NEW.email)", "condition": "id > 0", **parts},
    )


@pytest.fixture
def project(tmp_path: Path, postgresql_url: sa.URL) -> Plugged:
    # The plug-ins' own affair.
    ignored = "warnings.filterwarnings('ignore', module='alembic_|flupy|parse')"
    return plugged(tmp_path / "app", postgresql_url, ignored)


def test_alembic_utils_keeps_functions_views_triggers_and_extensions(
    project: Plugged,
) -> None:
    project.models(entities(""))
    project.migrate("a1")

    project.models(entities())
    written = project.migrate("b2")
    assert "op.create_entity(public_lowered)" in written
    assert "from alembic_utils.pg_function import PGFunction" in written
    assert project.ask("SELECT extname FROM pg_extension WHERE extname = 'vector'")
    assert project.ask("INSERT INTO account VALUES (1, 'A') RETURNING email") == ["a"]

    project.models(entities(expression="upper(NEW.email)", condition="id > 1"))
    (said,) = project.run(CHECK)
    assert "public.known" in said

    written = project.migrate("c3")
    assert written.count("op.replace_entity(") == 4
    assert "id > 1" in project.ask("SELECT pg_get_viewdef('known')")[0]

    project.models(entities("lower, trigger, extension", expression="upper(NEW.email)"))
    assert "op.drop_entity(public_known)" in project.migrate("d4")
    project.done(["downgrade", "b2"])
    assert "id > 0" in project.ask("SELECT pg_get_viewdef('known')")[0]

    project.done(["downgrade", "base"])
    assert not project.ask("SELECT proname FROM pg_proc WHERE proname = 'lowered'")
    assert not project.ask("SELECT viewname FROM pg_views WHERE viewname = 'known'")


ENUMS = """
import alembic_postgresql_enum
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("box", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""

HAT = """
sa.Table(
    "hat",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("size", sa.Enum({values}, name="size"), server_default="small"),
)
"""


def labels(project: Plugged) -> list[str]:
    return project.ask(
        "SELECT enumlabel FROM pg_enum JOIN pg_type t ON t.oid = enumtypid"
        " WHERE typname = 'size' ORDER BY enumsortorder"
    )


def test_alembic_postgresql_enum_creates_changes_and_drops_types(
    project: Plugged,
) -> None:
    project.models(ENUMS + HAT.format(values="'small', 'large'"))
    written = project.migrate("a1")
    assert written.count("create(op.get_bind())") == 1
    assert "create_type=False" in written
    assert "op.create_enum" not in written
    assert labels(project) == ["small", "large"]

    # Values that are added.
    project.models(ENUMS + HAT.format(values="'small', 'large', 'huge'"))
    (said,) = project.run(CHECK)
    assert "add_enum_value" in said
    written = project.migrate("b2")
    assert "op.add_enum_value(" in written
    assert labels(project) == ["small", "large", "huge"]

    # One that goes, and one that has another name.
    project.ask("INSERT INTO hat (id) VALUES (1), (2) RETURNING id")
    project.models(ENUMS + HAT.format(values="'small', 'big'"))
    project.done(["revision", {"message": "c3", "autogenerate": True, "rev_id": "c3"}])
    path = next(project.versions.glob("c3_*.py"))
    upgrade, downgrade = path.read_text().split("def downgrade")
    path.write_text(
        upgrade.replace("rename=[]", "rename=[('large', 'big')]")
        + "def downgrade"
        + downgrade.replace("rename=[]", "rename=[('big', 'large')]")
    )
    project.ask("UPDATE hat SET size = 'large' WHERE id = 2 RETURNING id")
    project.done(["upgrade", "head"], CHECK)
    assert labels(project) == ["small", "big"]
    assert project.ask("SELECT size::text FROM hat ORDER BY id") == ["small", "big"]

    # A type that nothing uses any more.
    project.models(ENUMS)
    written = project.migrate("d4")
    assert "drop(op.get_bind())" in written
    assert labels(project) == []

    project.done(["downgrade", "b2"])
    assert labels(project) == ["small", "large", "huge"]
    project.done(["downgrade", "base"])
    assert labels(project) == []


def test_alembic_postgresql_enum_changes_a_column_from_text_to_an_enum(
    project: Plugged,
) -> None:
    project.models(
        ENUMS + 'sa.Table("hat", metadata, sa.Column("size", sa.String(20)))\n'
    )
    project.migrate("a1")
    project.models(
        ENUMS
        + 'sa.Table("hat", metadata, sa.Column("size", sa.Enum("a", name="size")))\n'
    )
    written = project.migrate("b2")
    assert "postgresql_using='size::size'" in written
    assert labels(project) == ["a"]
    project.done(["downgrade", "base"])
    assert labels(project) == []


@pytest.mark.parametrize("declares", [False, True])
def test_a_plug_in_looks_after_enums_if_it_declares_it(
    project: Plugged, declares: bool
) -> None:
    """Not if there is "enum" in its name: ``renumber_tables`` has it, too."""
    models = ENUMS.replace("import alembic_postgresql_enum\n", "")
    project.models(models + HAT.format(values="'small', 'large'"))
    project.migrate("a1")

    project.env(
        f"""
        from alembic.autogenerate import comparators

        @comparators.dispatch_for("schema")
        def renumber_tables(autogen_context, upgrade_ops, schemas):
            pass

        renumber_tables.takes_over = {("enums",) if declares else ()}
        """
    )
    project.models(models + HAT.format(values="'small', 'large', 'huge'"))
    (said,) = project.run(CHECK)

    assert ("huge" in said) is not declares
