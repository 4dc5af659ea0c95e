"""What import-linter cannot see: names, promises, and where databases are named."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

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
