"""What import-linter cannot see: names, promises, and where databases are named."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.imports import circles_in
from tests.imports import imports_within

PACKAGE = Path(__file__).parents[1] / "flask_migrations_ext"
MODULES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}
DATABASES = {"sqlite", "postgresql", "mysql", "mariadb", "mssql", "oracle"}
# Alone, they say nothing about the job of what they name.
EMPTY_NAMES = {
    *("utils", "helpers", "common", "misc", "impl"),
    *("manager", "handler", "data", "info"),
}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_opens_with_its_promise(module: str) -> None:
    assert ast.get_docstring(MODULES[module])


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_named_after_its_job(module: str) -> None:
    names = module.removesuffix(".py").split("/")

    assert not EMPTY_NAMES.intersection(names)


@pytest.mark.parametrize("module", MODULES)
def test_only_dialects_name_databases(module: str) -> None:
    """Elsewhere, ask a trait of the dialect."""
    if module.startswith("dialects/"):
        return
    named = [
        (node.value, node.lineno)
        for node in ast.walk(MODULES[module])
        if isinstance(node, ast.Constant) and node.value in DATABASES
    ]

    assert named == []


def test_no_module_needs_one_that_needs_it() -> None:
    """Not even late, or for a type checker alone."""
    assert circles_in(imports_within(PACKAGE)) == []


def test_every_way_to_import_makes_a_circle(tmp_path: Path) -> None:
    package = tmp_path / "house"
    for name, text in {
        "__init__": "",
        "rooms/__init__": "",
        "rooms/above": "from ..lazy import f",
        "lazy": "def f() -> None:\n    from . import typed",
        "typed": "if TYPE_CHECKING:\n    import house.named",
        "named": 'importlib.import_module(".rooms.above", __package__)',
        "aside": "from . import named",
        "itself": "from .itself import name",
    }.items():
        module = package / f"{name}.py"
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(text)

    assert circles_in(imports_within(package)) == [
        ["house.itself"],
        ["house.lazy", "house.named", "house.rooms.above", "house.typed"],
    ]
