"""Models in the code of an app that nothing imports, so that no comparison sees them.

Files are read, never run.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Set
from pathlib import Path

from ..project import Project

_PASSED_OVER = {"tests", "test", "node_modules", "__pycache__", "site-packages"}


def unimported_models(project: Project) -> tuple[str, ...]:
    """Return the models in files of an app that are not loaded, with file and line."""
    assert project.app is not None
    root = Path(project.app.root_path)
    loaded = {
        os.path.realpath(file)
        for module in list(sys.modules.values())
        if (file := getattr(module, "__file__", None))
    }
    bases = _base_names(loaded, root)
    return tuple(
        f"model '{name}' in {path}, line {line}"
        for path in sorted(_files_in(root, project.directory))
        if os.path.realpath(path) not in loaded
        for name, line in _models_in(path, bases)
    )


def _files_in(root: Path, migrations: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = [
            name
            for name in names
            if name not in _PASSED_OVER
            and not name.startswith(".")
            and here / name != migrations
            and not (here / name / "pyvenv.cfg").exists()
        ]
        for file in files:
            if file.endswith(".py") and not file.startswith(("test_", "conftest")):
                yield here / file


def _base_names(loaded: Collection[str], root: Path) -> set[str]:
    """Return the words by which loaded models of the app name their base classes."""
    found = {"Model", "Base"}
    for file in loaded:
        if Path(file).is_relative_to(os.path.realpath(root)) and file.endswith(".py"):
            for node in _classes_in(Path(file)):
                if _has_table_name(node):
                    found |= {_last_word(base) for base in node.bases}
    return found - {"object", ""}


def _models_in(path: Path, bases: Set[str]) -> Iterator[tuple[str, int]]:
    for node in _classes_in(path):
        is_model = bases & {_last_word(base) for base in node.bases}
        has_columns = any(
            isinstance(each, ast.Assign | ast.AnnAssign)
            and each.value is not None
            and isinstance(each.value, ast.Call)
            and _last_word(each.value.func) in {"Column", "mapped_column"}
            for each in node.body
        )
        if _has_table_name(node) or (is_model and has_columns):
            yield node.name, node.lineno


def _classes_in(path: Path) -> list[ast.ClassDef]:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def _has_table_name(node: ast.ClassDef) -> bool:
    return any(
        isinstance(target, ast.Name) and target.id == "__tablename__"
        for each in node.body
        if isinstance(each, ast.Assign | ast.AnnAssign)
        for target in (each.targets if isinstance(each, ast.Assign) else [each.target])
    )


def _last_word(node: ast.expr) -> str:
    return ast.unparse(node).partition("(")[0].partition("[")[0].rpartition(".")[2]
