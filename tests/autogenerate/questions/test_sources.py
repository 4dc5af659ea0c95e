"""Where a model is, or was, whose table would be dropped: files, read and not run."""

from __future__ import annotations

import py_compile
from pathlib import Path

from flask_migrations_ext.autogenerate.questions.sources import definitions

SOURCES = {
    "said.py": 'class Order(db.Model):\n    __tablename__ = "orders"\n',
    "inner/named.py": "class OrderItem(db.Model):\n    pass\n",
    "table.py": "pairs = db.Table(\n    'pairs', metadata)\n",
    "loaded.py": '    __tablename__ = "loaded"\n',
    "migrations/versions/a.py": '    __tablename__ = "migrated"\n',
    "site-packages/lib.py": '    __tablename__ = "library"\n',
    "talk.py": 'print("mentioned")\n',
}


def app(folder: Path) -> Path:
    for name, text in SOURCES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_modules_that_nobody_imported(tmp_path: Path) -> None:
    folder = app(tmp_path)
    names = ["orders", "order_item", "pairs", "loaded", "migrated", "library"]
    found = definitions(
        folder,
        [*names, "mentioned"],
        {folder / "loaded.py"},
        folder / "migrations",
    )

    assert {
        name: str(each.path.relative_to(folder)) for name, each in found.items()
    } == {
        "orders": "said.py",
        "order_item": "inner/named.py",
        "pairs": "table.py",
    }
    assert all(each.is_there for each in found.values())


def test_a_module_that_is_gone(tmp_path: Path) -> None:
    """What it was called is known as long as what Python compiled of it is there."""
    source = tmp_path / "shop" / "orders.py"
    source.parent.mkdir()
    source.write_text("class Order:\n    __tablename__ = 'orders'\n")
    py_compile.compile(str(source), doraise=True)
    assert definitions(tmp_path, ["orders"], {source}, tmp_path / "m") == {}

    source.unlink()
    [found] = definitions(
        tmp_path, ["orders"], {source.with_name("x")}, tmp_path / "m"
    ).values()
    assert (found.path, found.is_there) == (source, False)
