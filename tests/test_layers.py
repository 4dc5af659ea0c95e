"""What import-linter cannot see: names, promises, and where databases are named."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

from tests.imports import circles_in
from tests.imports import imports_within

PACKAGE = Path(__file__).parents[1] / "flask_migrations_ext"
MODULES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}
DATABASE = re.compile("sqlite|postgres|mysql|mariadb|mssql|oracle", re.IGNORECASE)
# The headings of what differs, which are links.
ANCHORS = set(
    re.findall(
        r"^### (\S+)$",
        (PACKAGE.parent / "docs" / "differences.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)
# Filled by what an app registers while its modules are imported; see docs/extending.md.
REGISTRIES = {
    "dialects/registry.py _REGISTERED",
    "dialects/operation_registry.py _COMPILERS",
    "dialects/operation_registry.py _OPERATIONS",
    "autogenerate/hooks.py _COMPARISONS",
    "autogenerate/hooks.py _DESCRIPTIONS",
    "autogenerate/hooks.py _RENDERERS",
    "scripts/hooks.py _registered",
}
LINES_OF_A_MODULE = 450
FILES_OF_A_FOLDER = 15
# Those that are still too long, or too full.
LONGER: set[str] = set()
FULLER: set[str] = set()

# Alone, they say nothing about the job of what they name.
EMPTY_NAMES = {
    *("utils", "helpers", "common", "misc", "impl"),
    *("manager", "handler", "data", "info"),
}


def test_a_module_opens_with_its_promise() -> None:
    assert [name for name, tree in MODULES.items() if not ast.get_docstring(tree)] == []


def test_a_module_is_named_after_its_job() -> None:
    empty = [
        name
        for name in MODULES
        if EMPTY_NAMES.intersection(name.removesuffix(".py").split("/"))
    ]

    assert empty == []


def test_a_module_keeps_to_one_promise() -> None:
    """A longer one has two; split it along the seams of docs/architecture.md."""
    lengths = {
        name: len((PACKAGE / name).read_text("utf-8").splitlines()) for name in MODULES
    }

    assert {name for name, n in lengths.items() if n > LINES_OF_A_MODULE} <= LONGER


def test_a_folder_can_be_taken_in_at_a_glance() -> None:
    files = Counter(Path(name).parent.as_posix() for name in MODULES)

    assert {name for name, n in files.items() if n > FILES_OF_A_FOLDER} <= FULLER


def test_only_dialects_name_databases() -> None:
    """Elsewhere, ask a trait of the dialect. Documentation may name them."""
    documentation = {
        id(node.value)
        for tree in MODULES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
    }
    named = [
        f"{name}:{node.lineno} {node.value}"
        for name, tree in MODULES.items()
        if not name.startswith("dialects/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in documentation and DATABASE.search(node.value)
        # Modules and classes of Alembic, and of its plug-ins, under their own names.
        if not re.search(r"^alembic[._]|Impl$", node.value)
        if node.value not in ANCHORS
    ]

    assert named == []


def test_frameworks_stay_at_the_edges() -> None:
    """Each has a contract that import-linter keeps, without exceptions that grow."""
    settings = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))
    forbidden = {
        tuple(contract["forbidden_modules"]): contract.get("ignore_imports", [])
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "forbidden"
    }
    edges = {
        modules: {each.partition(" -> ")[0].split(".")[1] for each in ignored}
        for modules, ignored in forbidden.items()
    }

    assert edges["flask", "flask_sqlalchemy"] == {
        *("extension", "cli", "databases", "project")
    }
    assert edges[("click",)] == {"cli"}
    assert edges[("mako",)] == {"scripts"}
    assert edges[("pytest",)] == {"testing"}
    assert edges["alembic", "flask_migrate"] == set()


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


def test_only_registrations_are_process_wide() -> None:
    """Nothing else is empty at first and filled later, or set anew by ``global``."""
    # What plug-ins of Alembic register is there, in classes and by decorators.
    ours = {
        name: tree
        for name, tree in MODULES.items()
        if not name.startswith("alembic_compat/")
    }
    filled = {
        f"{name} {ast.unparse(target)}"
        for name, tree in ours.items()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        if ast.unparse(node.value) in ("{}", "[]", "set()", "dict()", "list()")
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }

    assert filled == REGISTRIES
    assert not any(
        isinstance(node, ast.Global)
        for tree in ours.values()
        for node in ast.walk(tree)
    )
