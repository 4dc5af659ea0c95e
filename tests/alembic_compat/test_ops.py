"""The classes of ``alembic.operations.ops``, compared with Alembic's own."""

from __future__ import annotations

import pytest

from tests.alembic_compat.same_code import results

BEFORE = """
from alembic.operations import ops

metadata = sa.MetaData()
sa.Table("head", metadata, sa.Column("id", sa.Integer, primary_key=True))
table = sa.Table(
    "hat", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("size", sa.String(20), index=True, info={"a": 1}),
    sa.Column("head", sa.ForeignKey("head.id", name="fk", ondelete="CASCADE")),
    sa.UniqueConstraint("size", name="uq"),
    sa.CheckConstraint("size > 'a'", name="ck"),
    comment="worn", info={"b": 2}, mysql_engine="InnoDB",
)
column = sa.Column("size", sa.String(20))
index = sa.Index("ix", table.c.size, unique=True, postgresql_using="hash")
by_name = {str(each.name): each for each in table.constraints}


def seen(op):
    if op is None:
        return None
    said = {n.lstrip("_"): v for n, v in vars(op).items() if n != "_namespace_metadata"}
    said.pop("constraints_included", None)
    return type(op).__name__, said


def sql(element):
    return " ".join(str(element).split())
"""

CHANGED = (
    'ops.AlterColumnOp("hat", "size", modify_nullable=False, modify_comment="x",'
    " existing_comment='y', existing_type=sa.String(9), modify_server_default='b',"
    " existing_server_default=None, autoincrement=True, schema='s')"
)

PIECES = {
    # What they hold, from the arguments that are documented.
    "create table": "seen(ops.CreateTableOp('t', [column], comment='c', prefixes=['T'],"
    " info={'a': 1}, mysql_engine='I', schema='s', if_not_exists=True))",
    "drop table": "seen(ops.DropTableOp('t', schema='s', if_exists=True))",
    "rename table": "seen(ops.RenameTableOp('a', 'b', schema='s'))",
    "add column": "seen(ops.AddColumnOp('t', column, if_not_exists=True))",
    "drop column": "seen(ops.DropColumnOp('t', 'c', mssql_drop_check=True))",
    "alter column": f"seen({CHANGED})",
    "create index": "seen(ops.CreateIndexOp('i', 't', ['a', sa.text('lower(b)')],"
    " unique=True, postgresql_where='x'))",
    "drop index": "seen(ops.DropIndexOp('i', 't', schema='s'))",
    "unique": "seen(ops.CreateUniqueConstraintOp('u', 't', ['a'], deferrable=True))",
    "primary key": "seen(ops.CreatePrimaryKeyOp('p', 't', ['a'], schema='s'))",
    "foreign key": "seen(ops.CreateForeignKeyOp('f', 'a', 'b', ['x'], ['y'],"
    " ondelete='CASCADE', source_schema='s'))",
    "check": "seen(ops.CreateCheckConstraintOp('c', 't', 'x > 1', schema='s'))",
    "drop constraint": "seen(ops.DropConstraintOp('c', 't', 'check', schema='s'))",
    "execute": "seen(ops.ExecuteSQLOp('SELECT 1', execution_options={'a': 1}))",
    "insert": "seen(ops.BulkInsertOp(table, [{'id': 1}], multiinsert=False))",
    "comment": "seen(ops.CreateTableCommentOp('t', 'c', existing_comment='d'))",
    "no comment": "seen(ops.DropTableCommentOp('t', existing_comment='d'))",
    "script": "sorted(n for n in ('rev_id', 'message', 'head', 'splice', 'imports',"
    " 'branch_label', 'version_path', 'depends_on', 'upgrade_ops', 'downgrade_ops',"
    " 'upgrade_ops_list', 'downgrade_ops_list') if hasattr(ops.MigrationScript('a',"
    " ops.UpgradeOps([]), ops.DowngradeOps([])), n))",
    # From SQLAlchemy's elements, and back.
    "from table": "seen(ops.CreateTableOp.from_table(table))[1]['kw']",
    "to table": "sorted(c.name for c in"
    " ops.CreateTableOp.from_table(table).to_table().columns)",
    "constraints of table": "sorted(str(c.name) for c in"
    " ops.CreateTableOp.from_table(table).to_table().constraints)",
    "indexes of table": "len(ops.CreateTableOp.from_table(table).to_table().indexes)",
    "info of table": "ops.CreateTableOp.from_table(table).to_table().info",
    "from column": "seen(ops.AddColumnOp.from_column(table.c.size))",
    "from column and name": "seen(ops.DropColumnOp.from_column_and_tablename('s', 't',"
    " column))[1]['column_name']",
    "from index": "seen(ops.CreateIndexOp.from_index(index))",
    "to index": "ops.CreateIndexOp('i', 't', ['a', 'b'], unique=True).to_index()",
    **{
        f"from {name}": f"seen(ops.AddConstraintOp.from_constraint(by_name['{name}']))"
        for name in ("fk", "uq")
    },
    "from check": "sql(ops.AddConstraintOp.from_constraint(by_name['ck']).condition)",
    "from dropped": "ops.DropConstraintOp.from_constraint(by_name['fk'])._reverse"
    ".remote_cols",
    # What undoes them.
    **{
        f"undone {name}": f"seen({code}.reverse())"
        for name, code in {
            "added column": "ops.AddColumnOp('t', column, schema='s')",
            "dropped column": "ops.DropColumnOp('t', 'c')",
            "alteration": CHANGED,
            "index": "ops.CreateIndexOp('i', 't', ['a'], unique=True)",
            "constraint": "ops.CreateUniqueConstraintOp('u', 't', ['a'])",
            "foreign key": "ops.CreateForeignKeyOp('f', 'a', 'b', ['x'], ['y'])",
            "dropped constraint": "ops.DropConstraintOp('f', 'a')",
            "comment": "ops.CreateTableCommentOp('t', 'c', existing_comment='d')",
            "new comment": "ops.CreateTableCommentOp('t', 'c')",
            "no comment": "ops.DropTableCommentOp('t', existing_comment='d')",
            "statement": "ops.ExecuteSQLOp('x')",
            "of a project": "ops.MigrateOperation()",
        }.items()
    },
    "undone table": "seen(ops.CreateTableOp.from_table(table).reverse())[1]"
    "['table_kw']",
    "undone twice": "[type(each).__name__ for each in ops.UpgradeOps(["
    "ops.AddColumnOp('t', column), ops.CreateTableOp.from_table(table)]).reverse()"
    ".reverse().ops]",
    "undone into": "seen(ops.UpgradeOps([ops.AddColumnOp('t', column)]).reverse_into("
    "ops.DowngradeOps([ops.ExecuteSQLOp('gone')])))",
    # As differences.
    **{
        f"difference {name}": f"{code}.to_diff_tuple()"
        for name, code in {
            "column": "ops.AddColumnOp('t', column, schema='s')",
            "dropped column": "ops.DropColumnOp('t', 'c')",
            "alteration": CHANGED,
            "index": "ops.CreateIndexOp('i', 't', ['a'])",
            "dropped index": "ops.DropIndexOp('i', 't')",
            "unique": "ops.CreateUniqueConstraintOp('u', 't', ['a'])",
            "comment": "ops.CreateTableCommentOp('t', 'c', existing_comment='d')",
            "statement": "ops.ExecuteSQLOp('x')",
        }.items()
    },
    "all differences": "ops.UpgradeOps([ops.ModifyTableOps('t', ["
    "ops.AddColumnOp('t', column)]), ops.ExecuteSQLOp('x')]).as_diffs()",
    "empty": "[ops.UpgradeOps([]).is_empty(),"
    " ops.UpgradeOps([ops.ModifyTableOps('t', [])]).is_empty()]",
    "no changes": "ops.AlterColumnOp('t', 'c').has_changes()",
    "changes": "ops.AlterColumnOp('t', 'c', modify_type=sa.Integer()).has_changes()",
    "class kept": "type(type('Own', (ops.AlterColumnOp,), {})('t', 'c').reverse())"
    ".__name__",
    "info": "ops.ExecuteSQLOp('x').info",
}

Results = dict[str, object]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, Results]:
    folder = tmp_path_factory.mktemp("ops")
    pieces = {name: f"result = {code}" for name, code in PIECES.items()}
    return (
        results(folder, BEFORE, pieces, ours=False),
        results(folder, BEFORE, pieces, ours=True),
    )


@pytest.mark.parametrize("name", PIECES)
def test_it_is_as_alembics(name: str, said: tuple[Results, Results]) -> None:
    theirs, ours = said

    assert ours[name] == theirs[name]
    assert "Traceback" not in str(theirs[name])
