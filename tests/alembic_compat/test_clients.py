"""What libraries on top of Alembic do with its documented classes, without a Flask app.

For type checkers, what is imported from ``alembic`` here is Alembic's own.
"""

# mypy: ignore-errors

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config as TheirConfig
from alembic.script import ScriptDirectory as TheirDirectory

from flask_migrations_ext.alembic_compat.projects.config import Config
from flask_migrations_ext.alembic_compat.projects.names import in_place
from flask_migrations_ext.errors import BehindHead
from flask_migrations_ext.errors import ConfigurationError
from flask_migrations_ext.errors import InvalidTarget
from flask_migrations_ext.errors import MigrationError
from flask_migrations_ext.errors import StepFailed
from tests.alembic_compat.plain_folder import Folder
from tests.alembic_compat.plain_folder import HISTORY


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    with in_place():
        yield Folder(tmp_path)


def test_a_test_runner_walks_through_the_history(folder: Folder) -> None:
    assert folder.heads() == ()
    order = [each.revision for each in folder.script.iterate_revisions("heads", "base")]
    for id in reversed(order):
        folder.to(id)
    assert folder.tables() == set(HISTORY)
    assert folder.heads() == ("m1", "s1")

    folder.back_to("a1")
    assert folder.tables() == {"a1"}
    with pytest.raises(InvalidTarget, match="not a valid downgrade target"):
        folder.back_to("c1")

    folder.back_to("base")
    assert (folder.tables(), folder.heads()) == (set(), ())


def test_steps_say_what_they_are(folder: Folder) -> None:
    from alembic.runtime.migration import MigrationStep

    (step,) = folder.script._upgrade_revs("m1", ("b1", "c1"))
    (back,) = folder.script._downgrade_revs("b1", ("m1", "b1"))
    (stamp,) = folder.script._stamp_revs("m1", ("b1",))

    assert isinstance(step, MigrationStep)
    assert str(step) == "upgrade b1, c1 -> m1, Make m1"
    assert (step.from_revisions, step.to_revisions) == (("b1", "c1"), ("m1",))
    assert step.info.up_revision.revision == "m1"
    assert [each.revision for each in step.info.source_revisions] == ["b1", "c1"]
    assert (back.is_downgrade, back.name) == (True, "downgrade")
    assert back.info.destination_revision_ids == ("b1", "c1")
    assert stamp.info.is_stamp and stamp.info.up_revision_ids == ("m1",)
    assert step == MigrationStep.upgrade_from_script(
        folder.script.revision_map, folder.script.get_revision("m1")
    )
    assert folder.script._stamp_revs("m1", ("m1",)) == []


def test_steps_of_ones_own_run_where_they_can(folder: Folder) -> None:
    from alembic.runtime.migration import RevisionStep

    def step(id: str) -> Any:
        known = folder.script.revision_map
        return RevisionStep(known, known.get_revision(id), True)

    folder.run(lambda heads, _: [step("a1"), step("c1")])
    assert folder.heads() == ("c1",)

    with pytest.raises(InvalidTarget, match="what it needs is not"):
        folder.run(lambda heads, _: [step("m1")])
    with pytest.raises(ConfigurationError, match="returns steps"):
        folder.run(lambda heads, _: ["b1"])


def test_an_extension_runs_without_env_py(folder: Folder) -> None:
    from alembic.operations import Operations
    from alembic.runtime.environment import EnvironmentContext

    environment = EnvironmentContext(folder.config, folder.script)
    with folder.engine.connect() as connection:
        environment.configure(connection=connection, target_metadata=sa.MetaData())
        context = environment.get_context()

        def run(fn: Any) -> None:
            context._migrations_fn = fn
            with context.begin_transaction(), Operations.context(context):
                context.run_migrations()

        run(lambda heads, _: folder.script._upgrade_revs(["m1", "s1"], heads))
        assert context.get_current_heads() == ("m1", "s1")
        run(lambda heads, _: folder.script._downgrade_revs("base", heads))
        run(lambda heads, _: folder.script._stamp_revs(["b1"], heads))
        assert context.get_current_revision() == "b1"
        run(lambda heads, _: folder.script._stamp_revs(["base"], heads))

    assert (folder.tables(), folder.heads()) == (set(), ())


def test_a_failure_in_a_block_of_a_context_undoes_all_of_it(folder: Folder) -> None:
    from alembic.runtime.migration import MigrationContext

    def up(heads: Any, _: Any) -> Any:
        return folder.script._upgrade_revs("b1", heads)

    with folder.engine.begin() as connection:
        connection.execute(sa.text("create table t_b1 (id integer)"))
    with folder.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"fn": up})
        with pytest.raises(StepFailed), context.begin_transaction():
            context.run_migrations()

    assert (folder.tables(), folder.heads()) == ({"b1"}, ())


def test_a_context_without_a_function_says_so(folder: Folder) -> None:
    from alembic.runtime.migration import MigrationContext

    with folder.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert not context._has_version_table()
        context._ensure_version_table()
        assert context._has_version_table()

        with pytest.raises(ConfigurationError, match="no function"):
            context.run_migrations()


def test_a_library_asks_where_a_database_is(folder: Folder) -> None:
    from alembic.environment import EnvironmentContext

    folder.to("b1")
    with folder.engine.connect() as connection:
        with EnvironmentContext(folder.config, folder.script) as environment:
            environment.configure(connection, version_table="alembic_version")
            at = environment.get_context().get_current_revision()
            heads = environment.get_head_revisions()

    assert (at, set(heads)) == ("b1", {"m1", "s1"})
    assert environment.is_offline_mode() is False
    with pytest.raises(AttributeError):
        _ = environment.nothing_like_it


def test_sql_is_printed_for_the_steps_of_a_function(folder: Folder) -> None:
    folder.run(lambda heads, _: folder.script._upgrade_revs("b1", ()), as_sql=True)

    text = folder.config.stdout.getvalue()
    assert text.index("CREATE TABLE t_a1") < text.index("CREATE TABLE t_b1")
    assert folder.tables() == set()


def test_a_comment_alone_ends_on_its_line(folder: Folder) -> None:
    from alembic import command

    path = folder.folder / "own" / "versions" / "a1.py"
    text = path.read_text()
    path.write_text(
        text.replace("    op.create", "    op.execute('-- part')\n    op.create")
    )
    folder.config.output_buffer = io.StringIO()
    command.upgrade(folder.config, "a1", sql=True)

    assert "-- part;\n\nCREATE TABLE t_a1" in folder.config.output_buffer.getvalue()


def test_each_step_is_told_with_the_revisions_around_it(folder: Folder) -> None:
    from alembic import command

    told: list[Any] = []
    folder.config.attributes["told"] = lambda *, step, heads, **_: told.append(
        (step.is_stamp, step.up_revision_id, step.down_revision_ids, sorted(heads))
    )
    command.upgrade(folder.config, "m1")
    command.stamp(folder.config, "a1")

    assert told[-2:] == [
        (False, "m1", ("b1", "c1"), ["m1"]),
        (True, "m1", ("a1",), ["a1"]),
    ]


def in_order(text: str) -> list[str]:
    """Return the lines; Alembic lists what branches off in any order."""
    return [
        ", ".join(sorted(line.replace(": ", ", ").split(", ")))
        if line.startswith("Branches into")
        else line
        for line in text.splitlines()
    ]


@pytest.mark.parametrize("verbose", [False, True])
def test_revisions_print_as_alembic_prints_them(folder: Folder, verbose: bool) -> None:
    theirs = TheirDirectory.from_config(TheirConfig(folder.folder / "alembic.ini"))
    options = {"include_branches": True, "include_doc": True, "include_parents": True}

    for each in theirs.walk_revisions():
        ours = folder.script.get_revision(each.revision)
        for given in ({}, options):
            own = ours.cmd_format(verbose, **given)
            assert in_order(own) == in_order(each.cmd_format(verbose, **given))
        assert (str(ours), ours.doc, ours.longdoc) == (
            *(str(each), each.doc, each.longdoc),
        )
        assert ours.module.revision == each.revision
    assert {each.revision for each in folder.script.get_all_current(("m1",))} == {"m1"}


def test_a_library_writes_revisions(folder: Folder) -> None:
    made = folder.script.generate_revision(
        "n1", "next one", head="m1", branch_labels=["fresh"], upgrades="print(1)"
    )
    joined = folder.script.generate_revision("j1", None, head=["n1", "s1"])

    assert (made.down_revision, made.branch_labels) == ("m1", {"fresh", "left"})
    assert "    print(1)" in Path(made.path).read_text()
    assert joined.is_merge_point and folder.script.get_current_head() == "j1"
    with pytest.raises(MigrationError):
        folder.script.generate_revision("n1", "again", head="j1")


def models() -> sa.MetaData:
    """Return the tables of the history, and a new one."""
    metadata = sa.MetaData()
    for id in HISTORY:
        sa.Table(f"t_{id}", metadata, sa.Column("id", sa.Integer))
    sa.Table("new", metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata


def test_an_extension_writes_what_it_compares(folder: Folder) -> None:
    from alembic import autogenerate
    from alembic.runtime.environment import EnvironmentContext

    metadata = models()
    seen: list[Any] = []
    given = {"message": "compared", "head": ["m1"], "rev_id": "n1"}
    revisions = autogenerate.RevisionContext(
        folder.config,
        folder.script,
        given,
        process_revision_directives=lambda _, __, scripts: seen.extend(scripts),
    )
    environment = EnvironmentContext(folder.config, folder.script)
    with folder.engine.connect() as connection:
        environment.configure(connection=connection, target_metadata=metadata)
        context = environment.get_context()
        with pytest.raises(BehindHead):
            revisions.run_autogenerate((), context)

        folder.to("heads")
        revisions.run_autogenerate(context.get_current_heads(), context)
    (made,) = revisions.generate_scripts()

    text = Path(made.path).read_text()
    assert (made.down_revision, seen[0].message) == ("m1", "compared")
    assert 'op.create_table(\n        "new"' in text and 'op.drop_table("new")' in text


def test_a_comparator_sees_the_revision_that_is_written(folder: Folder) -> None:
    from alembic import command
    from alembic.autogenerate import comparators

    seen: list[Any] = []

    @comparators.dispatch_for("schema")
    def look(context: Any, *_: Any) -> None:
        opts = context.opts
        (new,) = opts["revision_context"].generated_revisions
        heads = sorted(opts["script"].get_heads())
        seen.append((new.rev_id, heads, opts["template_args"]["config"]))

    try:
        folder.config.attributes["metadata"] = models()
        folder.to("heads")
        command.revision(
            folder.config, "new", autogenerate=True, rev_id="n1", head="m1"
        )
    finally:
        comparators.registered[:] = [
            each for each in comparators.registered if each.function is not look
        ]

    assert seen == [("n1", ["m1", "s1"], folder.config)]


def test_an_operation_of_a_batch_calls_what_alters_the_table(folder: Folder) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    folder.to("a1")
    with folder.engine.connect() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("t_a1") as batch:
            batch.impl.add_column("t_a1", sa.Column("name", sa.Text), schema=None)
        table = sa.Table("t_a1", sa.MetaData(), autoload_with=connection)
        index = sa.Index("by_name", table.c.name)
        with operations.batch_alter_table("t_a1") as batch:
            batch.impl.create_index(index)
            batch.impl.drop_column("t_a1", table.c.id)
        connection.commit()

    inspector = sa.inspect(folder.engine)
    assert [each["name"] for each in inspector.get_columns("t_a1")] == ["name"]
    assert [each["name"] for each in inspector.get_indexes("t_a1")] == ["by_name"]


def test_operations_for_indexes_know_the_types_of_columns() -> None:
    from flask_migrations_ext.alembic_compat.tools.operations.ops import CreateIndexOp

    table = sa.Table("t", sa.MetaData(), sa.Column("at", sa.Date))
    made = CreateIndexOp.from_index(sa.Index("by_at", table.c.at))

    for each in (made, made.reverse()):
        (column,) = each.to_index().columns
        assert isinstance(column.type, sa.Date)


class OwnConfig(Config):
    """As libraries have it: what is set before must outlast the constructor."""

    def __init__(self, file: Path, templates: Path) -> None:
        self.template_directory = templates
        super().__init__(file)

    def get_template_directory(self) -> str:
        return str(self.template_directory)


def test_a_folder_is_made_from_templates_of_ones_own(tmp_path: Path) -> None:
    template = tmp_path / "templates" / "sync"
    template.mkdir(parents=True)
    (template / "env.py").write_text("# mine\n")
    (template / "script.py.mako").write_text("")
    (template / "alembic.ini.mako").write_text(
        "[alembic]\nscript_location = ${script_location}\nmine = 1\n"
    )
    with in_place():
        from alembic import command

        config = OwnConfig(tmp_path / "own.ini", tmp_path / "templates")
        command.init(config, str(tmp_path / "made"), template="sync", package=True)

        assert Config(tmp_path / "own.ini").get_main_option("mine") == "1"
    found = {each.name for each in (tmp_path / "made").iterdir()}
    assert found == {"env.py", "script.py.mako", "versions", "__init__.py"}


def test_a_new_folder_runs_without_an_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with in_place():
        from alembic import command

        config = Config("alembic.ini", stdout=io.StringIO())
        command.init(config, "migrations")
        config = Config("alembic.ini", stdout=io.StringIO())
        config.set_main_option("sqlalchemy.url", "sqlite:///app.sqlite")
        command.revision(config, "one", rev_id="a1")
        command.upgrade(config, "head")
        command.current(config)
        command.upgrade(config, "a1", sql=True)

    out = config.stdout.getvalue()
    assert out.startswith("a1 (head)\n") and "INSERT INTO alembic_version" in out


def test_what_plug_ins_take_from_the_utilities(folder: Folder) -> None:
    from alembic import util
    from alembic.util import langhelpers
    from alembic.util import sqla_compat
    from alembic.util.messaging import format_as_comma

    assert langhelpers.asbool("yes") and not util.asbool("no")
    assert util.to_tuple(None, default=()) == () and util.to_tuple("a") == ("a",)
    assert util.to_tuple(3) == (3,) and util.to_list("a") == ["a"]
    assert util.dedupe_tuple(("a", "a")) == ("a",) and util.unique_list("aa") == ["a"]
    assert format_as_comma(["a", "b"]) == "a, b"
    assert "secret" not in util.obfuscate_url_pw("postgresql://me:secret@host/db")
    assert util.load_python_file(folder.script.versions, "a1.py").revision == "a1"
    assert util.coerce_resource_to_filename("sqlalchemy:engine").is_dir()
    assert util.coerce_resource_to_filename("here") == Path("here")
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Text))
    assert sqla_compat.is_expression_index(sa.Index("i", sa.func.lower(table.c.a)))
    assert not sqla_compat.is_expression_index(sa.Index("j", table.c.a.desc()))
    assert sqla_compat.constraint_name_or_none(None) is None
    with pytest.warns(DeprecationWarning, match="gone"):
        util.warn_deprecated("gone soon")
    with pytest.raises(util.CommandError, match="wrong"):
        util.err("wrong")
