"""What docs/architecture.md calls an invariant is one: each sentence has its test.

Those that can be seen in the code are tested here; of the others, the place of the
test that runs them is here.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "flask_migrations_ext"
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
    if "templates" not in path.parts
}

HELD_BY = {
    "A revision, its statements and its row": (
        "execution/test_running.py::test_a_failure_leaves_no_trace_and_keeps_what_came_before"
    ),
    "The order of revisions comes from their headers": (
        "scripts/test_header.py::test_nothing_is_run"
    ),
    "`op` functions run at once": (
        "execution/test_executor.py::test_op_runs_at_once_and_a_block_at_its_end"
    ),
    "A statement is executed before": (
        "execution/test_executor.py::test_a_dialect_sees_what_its_last_statement_did"
    ),
    "`commands` return values": (
        "test_invariants.py::test_only_cli_prints_and_nothing_exits"
    ),
    "An error that a person can mend": (
        "cli/test_real_flask.py::test_an_error_is_one_message_on_stderr_and_status_1"
    ),
    "Values are frozen": "test_invariants.py::test_values_are_frozen",
    "**No global state": (
        "test_invariants.py::test_what_is_process_wide_is_what_modules_register"
    ),
    "**No configuration of logging": (
        "test_invariants.py::test_logging_is_configured_by_the_app"
    ),
    "**No change of the app's `MetaData`": (
        "schema/test_there_and_back.py::"
        "test_building_leaves_the_metadata_of_the_app_as_it_was"
    ),
    "**No names of databases outside": (
        "test_layers.py::test_only_dialects_name_databases"
    ),
    "**No Flask** outside": "test_layers.py::test_frameworks_stay_at_the_edges",
    "**No Alembic**": "test_layers.py::test_frameworks_stay_at_the_edges",
    "**No passwords in messages": (
        "test_masking.py::test_no_message_and_no_field_of_an_error_keeps_a_password"
    ),
    "**No files half written": (
        "test_invariants.py::test_files_are_written_where_they_are_put_in_place"
    ),
}

# Registration: what modules of an app, or of a package, add while they are imported.
REGISTRIES = {
    "alembic_compat/tools/autogenerate/renderers.py": {"_OURS"},
    "alembic_compat/tools/ddl/default.py": {"_IMPLS"},
    "autogenerate/hooks.py": {"_COMPARISONS", "_DESCRIPTIONS", "_RENDERERS"},
    "dialects/operation_registry.py": {"_COMPILERS", "_OPERATIONS"},
    "dialects/registry.py": {"_REGISTERED"},
    "scripts/hooks.py": {"_registered"},
}
CHANGES = {
    *("append", "add", "update", "setdefault", "pop", "clear", "extend", "insert"),
    *("remove", "discard", "popitem"),
}

# They make a file beside its place, or in a folder of its own, and put it there whole.
WRITERS = {
    "dialects/sqlite/transaction.py",  # the empty file that is locked, taken away again
    "adoption/swap.py",
    "dialects/scratch/files.py",  # drops what is a file
    "testing/templates.py",
    "alembic_compat/tools/command.py",
    "scripts/folder.py",
    "scripts/head_file.py",
    "scripts/remembered.py",
    "scripts/writer.py",
}


def sentences() -> list[str]:
    """Return what is listed under Invariants, each on one line."""
    text = (PROJECT / "docs/architecture.md").read_text("utf-8")
    section = text.partition("\n## Invariants\n")[2].partition("\n## ")[0]
    return [
        " ".join(item.split())
        for item in re.findall(r"^- (.*?)(?=^- |^\n|\Z)", section, re.M | re.S)
    ]


@pytest.mark.parametrize("sentence", sentences(), ids=lambda text: text[:30])
def test_every_invariant_has_a_test(sentence: str) -> None:
    (held_by,) = [
        place for start, place in HELD_BY.items() if sentence.startswith(start)
    ]
    file, _, name = held_by.partition("::")

    text = (PROJECT / "tests" / file).read_text("utf-8")
    assert f"def {name}(" in text if name else text


def test_no_test_is_listed_for_what_is_not_said() -> None:
    said = sentences()

    assert len(said) > 10
    assert [
        start for start in HELD_BY if not any(s.startswith(start) for s in said)
    ] == []


# -- process-wide state ----------------------------------------------------


def changed_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names of a module that its own functions change."""
    own = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from node.names
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.Delete):
            targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets
            for target in targets:
                if isinstance(target, ast.Subscript | ast.Attribute):
                    yield from _named(target.value, own)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in CHANGES:
                yield from _named(node.func.value, own)


def _named(node: ast.expr, names: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Name) and node.id in names:
        yield node.id


def test_what_is_process_wide_is_what_modules_register() -> None:
    found = {module: set(changed_names(tree)) for module, tree in TREES.items()}

    assert {module: names for module, names in found.items() if names} == REGISTRIES


@pytest.mark.parametrize(
    "text",
    [
        "S = {}\ndef f(): S['a'] = 1",
        "S = []\ndef f(): S.append(1)",
        "S: set = set()\ndef f(): S.add(1)",
        "S = 1\ndef f():\n    global S\n    S = 2",
        "S = {}\ndef f(): del S['a']",
        "S = C()\ndef f(): S.value = 1",
    ],
)
def test_state_is_seen_however_it_is_changed(text: str) -> None:
    assert set(changed_names(ast.parse(text))) == {"S"}


# -- values ----------------------------------------------------------------


def values() -> Iterator[type]:
    for part in ("operations", "revisions", "schema"):
        package = importlib.import_module(f"flask_migrations_ext.{part}")
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for value in vars(module).values():
                if isinstance(value, type) and dataclasses.is_dataclass(value):
                    if value.__module__ == module.__name__:
                        yield value


def test_values_are_frozen() -> None:
    found = list(values())

    assert len(found) > 30
    assert [
        value.__name__
        for value in found
        if not value.__dataclass_params__.frozen  # type: ignore[attr-defined]  # of dataclasses
    ] == []
    assert [
        f"{value.__name__}.{field.name}: {field.type}"
        for value in found
        for field in dataclasses.fields(value)
        if re.search(r"\b(dict|list|set|defaultdict)\b", str(field.type))
    ] == []


# -- what only some parts do -----------------------------------------------


def calls_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def modules_that_call(pattern: str) -> set[str]:
    return {
        module
        for module, tree in TREES.items()
        if any(re.fullmatch(pattern, name) for name in calls_in(tree))
    }


def test_only_cli_prints_and_nothing_exits() -> None:
    printing = modules_that_call(
        r"print|click\.(echo|secho)|sys\.(stdout|stderr)\.write"
    )
    exiting = modules_that_call(r"sys\.exit|exit|quit|os\._exit|ctx\.exit")
    command_lines = {
        "alembic_compat/__main__.py",
        "alembic_compat/tools/command_line.py",
        "alembic_compat/tools/config.py",
    }

    assert {m for m in printing if not m.startswith("cli/")} <= {
        *command_lines,
        # Their names promise to print.
        "alembic_compat/projects/config.py",
        "alembic_compat/tools/util.py",
        "alembic_compat/tools/command.py",
    }
    assert {m for m in exiting if not m.startswith("cli/")} <= command_lines


def test_logging_is_configured_by_the_app() -> None:
    configuring = modules_that_call(
        r"(logging\.)?(config\.)?(basicConfig|fileConfig|dictConfig)"
        r"|.*\.(addHandler|setLevel|removeHandler)"
    )

    assert configuring <= {"alembic_compat/projects/names.py"}  # calls the app's own


def test_files_are_written_where_they_are_put_in_place() -> None:
    writing = modules_that_call(
        r".*\.(write_text|write_bytes|unlink|rmdir)|os\.(replace|link)"
    )

    assert writing <= WRITERS
