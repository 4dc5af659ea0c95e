"""``alembic.autogenerate`` as a library, and what a project adds to it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.alembic_compat.plugged import Plugged
from tests.alembic_compat.plugged import plugged
from tests.alembic_compat.same_code import results

BEFORE = """
from alembic.autogenerate import compare_metadata
from alembic.autogenerate import produce_migrations
from alembic.autogenerate import render_python_code
from alembic.migration import MigrationContext
from alembic.operations import Operations

def old():
    metadata = sa.MetaData()
    sa.Table("gone", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("box", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "hat", metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("size", sa.String(3)),
        sa.Column("old", sa.Integer),
        sa.Column("box", sa.Integer, sa.ForeignKey("box.id", name="fk_old")),
        sa.Index("ix_size", "size"),
    )
    return metadata

def new():
    metadata = sa.MetaData()
    sa.Table(
        "new", metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(3), index=True),
    )
    sa.Table("box", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "hat", metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("size", sa.String(30), nullable=False, server_default="x"),
        sa.Column("box", sa.Integer),
        sa.Column("pin", sa.Integer, sa.ForeignKey("box.id", name="fk_new")),
        sa.UniqueConstraint("size", name="uq_size"),
    )
    return metadata

engine = sa.create_engine("sqlite://")
connection = engine.connect()
old().create_all(connection)
context = MigrationContext.configure(
    connection, opts={"compare_server_default": True, "target_metadata": new()}
)

def kind(difference):
    if isinstance(difference, list):
        return [kind(each) for each in difference]
    return [plain(each) for each in difference]

def plain(value):
    if isinstance(value, dict):
        return sorted((key, plain(each)) for key, each in value.items())
    if isinstance(value, sa.types.TypeEngine):
        # One reads VARCHAR, the other a String.
        return value._type_affinity.__name__, value.length
    if isinstance(value, (str, bool, type(None))):
        return value
    return getattr(value, "name", None) or repr(value)
"""

PIECES = {
    "differences": "result = sorted(map(str, map(kind, compare_metadata(context,"
    " new()))))",
    "no differences": "result = compare_metadata(context, old())",
    "script": """
script = produce_migrations(context, new())
result = [script.rev_id, sorted({
    type(each).__name__ for several in script.upgrade_ops.ops
    for each in getattr(several, "ops", [several])
})]
""",
    "back": """
script = produce_migrations(context, new())
result = sorted(str(kind(each)) for each in script.downgrade_ops.as_diffs()
                if not isinstance(each, list))
""",
    "tables left out": """
context = MigrationContext.configure(connection, opts={
    "include_object": lambda o, name, kind, reflected, to: name != "gone",
    "include_name": lambda name, kind, parents: name != "hat",
    "target_metadata": new(),
})
result = sorted(str(kind(each)) for each in compare_metadata(context, new()))
""",
    "carried out": """
metadata = new()
metadata.remove(metadata.tables["hat"])
own = sa.create_engine("sqlite://").connect()
context = MigrationContext.configure(own, opts={"target_metadata": metadata})
operations = Operations(context)
for each in produce_migrations(context, metadata).upgrade_ops.ops:
    for op in getattr(each, "ops", [each]):
        operations.invoke(op)
result = [sorted(sa.inspect(own).get_table_names()),
          compare_metadata(context, metadata)]
""",
    "code": """
script = produce_migrations(context, new())
code = render_python_code(script.upgrade_ops, migration_context=context)
result = [code.count(each) for each in ("op.add_column(", "op.create_table(",
          "op.drop_table(", "op.alter_column(", "op.create_foreign_key(", "with op.")]
""",
}

Results = dict[str, object]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, Results]:
    folder = tmp_path_factory.mktemp("autogenerate")
    return (
        results(folder, BEFORE, PIECES, ours=False),
        results(folder, BEFORE, PIECES, ours=True),
    )


@pytest.mark.parametrize("name", PIECES)
def test_it_answers_as_alembic(name: str, said: tuple[Results, Results]) -> None:
    theirs, ours = said

    assert ours[name] == theirs[name]
    assert "Traceback" not in str(theirs[name])


PLUG_IN = """
import sqlalchemy as sa
from alembic.autogenerate import comparators
from alembic.autogenerate import renderers
from alembic.operations import BatchOperations
from alembic.operations import MigrateOperation
from alembic.operations import Operations
from alembic.operations import ops

metadata = sa.MetaData()
sa.Table("hat", metadata, sa.Column("id", sa.Integer, primary_key=True),
         sa.Column("size", sa.String(20)), info={"note": "worn"})


@BatchOperations.register_operation("note_here", "in_batch")
@Operations.register_operation("note")
class NoteOp(MigrateOperation):
    def __init__(self, table, text):
        self.table, self.text = table, text

    @classmethod
    def note(cls, operations, table, text):
        return operations.invoke(cls(table, text))

    @classmethod
    def in_batch(cls, operations, text):
        return operations.invoke(cls(operations.impl.table_name, text))

    def reverse(self):
        return NoteOp(self.table, "")

    def to_diff_tuple(self):
        return "note", self.table, self.text


@Operations.implementation_for(NoteOp)
def write_note(operations, operation):
    operations.execute("CREATE TABLE IF NOT EXISTS notes (told TEXT)")
    table = sa.table("notes", sa.column("told"))
    operations.execute(table.insert().values(told=operation.text))


@renderers.dispatch_for(NoteOp)
def render(autogen_context, op):
    autogen_context.imports.add("import decimal")
    return [f"op.note(\\n    {op.table!r},\\n    {op.text!r},\\n)"]


@comparators.dispatch_for("table")
def compare(autogen_context, modify_ops, schema, name, found, wanted):
    assert wanted is None or wanted.name == name
    if wanted is None or not wanted.info:
        return

    assert autogen_context.sorted_tables == [wanted]
    assert autogen_context.run_filters(wanted, name, "table", False, found)
    inspector = autogen_context.inspector
    if not inspector.has_table("notes"):
        modify_ops.ops.append(NoteOp(name, wanted.info["note"]))


@comparators.dispatch_for("column", qualifier="sqlite")
def longer(autogen_context, alter_op, schema, table, name, found, wanted):
    if name == "size" and found.type.length != 20:
        alter_op.modify_comment = None


@comparators.dispatch_for("column", qualifier="another")
def never(*arguments):
    raise AssertionError(arguments)


@comparators.dispatch_for("schema")
def seen(autogen_context, upgrade_ops, schemas):
    assert set(schemas) == {None}, schemas
    assert autogen_context.metadata is metadata
    assert autogen_context.opts["include_schemas"] is False
    # The table of notes is nobody's model.
    upgrade_ops.ops[:] = [
        each for each in upgrade_ops.ops
        if not (isinstance(each, ops.DropTableOp) and each.table_name == "notes")
    ]
"""


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    url = sa.make_url(f"sqlite:///{tmp_path / 'shop.db'}")
    return plugged(tmp_path / "app", url)


def test_operations_of_a_project_are_found_written_and_carried_out(
    project: Plugged,
) -> None:
    project.models(PLUG_IN)
    project.env(options="render_as_batch=True")
    text = project.migrate("a1")

    assert "    op.note(\n        'hat',\n        'worn',\n    )" in text
    assert "    op.note(\n        'hat',\n        '',\n    )" in text
    assert "import decimal" in text
    assert project.ask("SELECT told FROM notes") == ["worn"]

    project.done(["revision", {"message": "b2", "rev_id": "b2"}])
    path = next(project.versions.glob("b2_*.py"))
    body = "with op.batch_alter_table('hat') as batch:\n        batch.note_here('x')"
    path.write_text(path.read_text().replace("pass", body, 1))
    project.done(["upgrade", "head"])

    assert project.ask("SELECT told FROM notes") == ["worn", "x"]


REPLACED = """
@Operations.implementation_for(ops.CreateTableOp, replace=True)
def create(operations, operation):
    table = operation.to_table(operations.migration_context)
    operations.execute(f"CREATE TABLE IF NOT EXISTS {table.name} (id INTEGER)")
    return table


try:
    Operations.implementation_for(ops.DropTableOp)
except ValueError:
    pass
else:
    raise AssertionError("it was replaced without a word")


@renderers.dispatch_for(ops.CreateTableOp, replace=True)
def own(autogen_context, op):
    return f"op.create_table({op.table_name!r}, sa.Column('id', sa.Integer))"
"""


def test_what_alembic_does_can_be_done_another_way(project: Plugged) -> None:
    project.models(
        "import sqlalchemy as sa\nfrom alembic.autogenerate import renderers\n"
        "from alembic.operations import Operations\n"
        "from alembic.operations import ops\n"
        "metadata = sa.MetaData()\n"
        "sa.Table('hat', metadata, sa.Column('id', sa.Integer))\n" + REPLACED
    )
    text = project.migrate("a1")

    assert "op.create_table('hat', sa.Column('id', sa.Integer))" in text
    (made,) = project.ask("SELECT sql FROM sqlite_master WHERE name = 'hat'")
    assert made == "CREATE TABLE hat (id INTEGER)"
