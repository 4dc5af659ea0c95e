"""A database is one package and one line, and is imported when it is asked for."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from flask_migrations_ext.autogenerate.compare.schema import compare
from flask_migrations_ext.dialects import registry
from flask_migrations_ext.dialects.dialect import Dialect
from flask_migrations_ext.dialects.registry import BUILT_IN
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.dialects.registry import rules_for
from flask_migrations_ext.errors import UnsupportedDatabase
from flask_migrations_ext.operations.columns import AddColumn
from flask_migrations_ext.schema.from_sqlalchemy import read_metadata

YUGABYTE = {
    "__init__.py": "from .dialect import YugabyteDB",
    "dialect.py": """
from flask_migrations_ext.dialects.postgresql import PostgreSQL

class YugabyteDB(PostgreSQL):
    name = "yugabytedb"
    title = "YugabyteDB"
    comparison = f"{__package__}.comparison:YugabyteDBComparison"
    excludes = False
    restricts_by_default = True
""",
    "comparison.py": """
from flask_migrations_ext.dialects.postgresql.comparison import PostgreSQLComparison

class YugabyteDBComparison(PostgreSQLComparison):
    def form(self, text):
        form = super().form(text)
        return form.renamed("BIGINT") if form.name == "INTEGER" else form
""",
}


# Of this one, no dialect of SQLAlchemy is here: tests/dialects/test_cockroachdb.py.
LOADABLE = [name for name in BUILT_IN if name != "cockroachdb"]

# SQLAlchemy has no driver of its own for it.
URLS = {"mariadb": "mariadb+pymysql://"}


class YugabyteDialect(PGDialect_psycopg):
    name = "yugabytedb"
    supports_statement_cache = True


def yugabyte() -> sa.Dialect:
    kind: Any = YugabyteDialect
    return kind()  # type: ignore[no-any-return]  # its class is not typed


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The stub of a database, as a package that can be imported."""
    folder = tmp_path / "yugabyte_stub"
    folder.mkdir()
    for name, text in YUGABYTE.items():
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    for name in ("", ".dialect", ".comparison"):
        monkeypatch.delitem(sys.modules, f"yugabyte_stub{name}", raising=False)
    return "yugabyte_stub"


def test_a_database_is_one_package_and_one_line(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnsupportedDatabase, match="'yugabytedb'"):
        rules_for(yugabyte())

    line = {"yugabytedb": f"{package}:YugabyteDB"}
    monkeypatch.setattr(registry, "BUILT_IN", MappingProxyType({**BUILT_IN, **line}))
    dialect, rules = dialect_for(yugabyte()), rules_for(yugabyte())

    assert (dialect.title, type(rules).__name__) == (
        "YugabyteDB",
        "YugabyteDBComparison",
    )
    # The traits are the dialect's: nothing says them a second time.
    assert rules.dialect.excludes is False
    assert type(rules.dialect) is type(dialect)


def sa_dialect_of(name: str) -> sa.Dialect:
    return sa.make_url(URLS.get(name, f"{name}://")).get_dialect()()


def test_its_rules_compare(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    line = {"yugabytedb": f"{package}:YugabyteDB"}
    monkeypatch.setattr(registry, "BUILT_IN", MappingProxyType({**BUILT_IN, **line}))
    found, wanted = sa.MetaData(), sa.MetaData()
    where: dict[str, Any] = {"postgresql_where": sa.text("a > 0")}
    sa.Table(
        *("t", found, sa.Column("a", sa.BigInteger), sa.Index("ix", "a", **where)),
        sa.ForeignKeyConstraint(["a"], ["t.a"], name="fk", ondelete="RESTRICT"),
    )
    sa.Table(
        *("t", wanted, sa.Column("a", sa.Integer), sa.Column("b", sa.Integer)),
        sa.ForeignKeyConstraint(["a"], ["t.a"], name="fk"),
        sa.Index("ix", "a", **where),
    )

    found_operations = compare(
        read_metadata(found), read_metadata(wanted), rules_for(yugabyte())
    )

    assert [type(each) for each in found_operations] == [AddColumn]


@pytest.mark.parametrize("name", LOADABLE)
def test_each_line_names_the_package_of_its_database(name: str) -> None:
    sa_dialect = sa_dialect_of(name)
    dialect = dialect_for(sa_dialect)

    assert dialect.name == name
    assert name in type(dialect).names()
    assert type(rules_for(sa_dialect).dialect) is type(dialect)


@pytest.mark.parametrize("is_mariadb", [False, True])
def test_the_server_says_whether_it_is_mysql_or_mariadb(is_mariadb: bool) -> None:
    """A URL of mysql:// may lead to either: dialect and rules agree on which."""
    kind: Any = MySQLDialect_pymysql
    sa_dialect = kind(is_mariadb=is_mariadb)
    dialect, rules = dialect_for(sa_dialect), rules_for(sa_dialect)
    title = "MariaDB" if is_mariadb else "MySQL"

    assert dialect.title == title
    assert type(dialect).__name__ == title
    assert type(rules).__name__ == f"{title}Comparison"
    assert "mysql" in dialect.names()


_LOADED = """
import sys, json
import sqlalchemy as sa
from flask_migrations_ext.dialects.registry import dialect_for
dialect_for(sa.make_url(sys.argv[1]).get_dialect()())
prefix = "flask_migrations_ext.dialects."
print(json.dumps(sorted(each for each in sys.modules if each.startswith(prefix))))
"""


@pytest.mark.parametrize("name", LOADABLE)
def test_only_the_database_that_is_asked_for_is_imported(name: str) -> None:
    """And no rules of comparison, before something is compared."""
    said = subprocess.run(
        [sys.executable, "-c", _LOADED, URLS.get(name, f"{name}://")],
        capture_output=True,
        text=True,
        check=True,
    )
    packages = {
        each.split(".")[2] for each in json.loads(said.stdout) if each.count(".") > 2
    }
    own = BUILT_IN[name].partition(":")[0].split(".")[2]

    assert packages == {own}
    assert f"flask_migrations_ext.dialects.{own}.comparison" not in said.stdout


def test_what_comes_with_the_package_cannot_be_changed_at_run_time() -> None:
    lines: Any = BUILT_IN
    with pytest.raises(TypeError):
        lines["sqlite"] = Dialect
