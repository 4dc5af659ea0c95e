"""What an app registers to be found and written by ``migrate``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import ClassVar

import pytest
import sqlalchemy as sa

from flask_migrations_ext import register_comparison
from flask_migrations_ext import register_operation
from flask_migrations_ext import register_renderer
from flask_migrations_ext.autogenerate import hooks as outside
from flask_migrations_ext.autogenerate.hooks import Comparing
from flask_migrations_ext.dialects import operation_registry
from flask_migrations_ext.operations.base import Operation
from tests.apps import new_project
from tests.apps import USER


@dataclass(frozen=True)
class CreateView(Operation):
    verb: ClassVar[str] = "create_view"
    name: str
    select: str


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, names in (
        (outside, ("_COMPARISONS", "_RENDERERS", "_DESCRIPTIONS")),
        (operation_registry, ("_OPERATIONS", "_COMPILERS")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, dict(getattr(module, name)))

    @register_operation(CreateView)
    def say(operation: CreateView, dialect: Any, connection: Any) -> Iterator[Any]:
        yield dialect.raw(f"CREATE VIEW {operation.name} AS {operation.select}")

    @register_comparison
    def missing(
        comparing: Comparing, operations: tuple[Operation, ...]
    ) -> Iterator[Operation]:
        assert comparing.models.tables and comparing.schemas == (None,)
        yield from operations
        if "named" not in sa.inspect(comparing.connection).get_view_names():
            comparing.imports.add("import decimal")
            yield CreateView("named", 'SELECT name FROM "user"')


def test_it_is_found_written_and_applied(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", USER).with_folder()

    @register_renderer(CreateView, described=lambda view: f"create view {view.name}")
    def write(operation: CreateView, context: Any) -> str:
        context.imports.add("import fractions")
        return f"op.create_view(\n    {operation.name!r},\n    {operation.select!r},\n)"

    ran = project.run("migrate")
    (path,) = project.versions.glob("*.py")
    text = path.read_text()

    assert ran.status == 0, ran.err
    assert "create view named" in ran.err + ran.out
    assert "import decimal\nimport fractions" in text
    assert "    op.create_view(\n        'named',\n" in text
    assert "# cannot be undone automatically: create view named" in text
    project.done("upgrade")
    project.done("check")


def test_without_a_renderer_its_fields_are_written(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", USER).with_folder()
    project.done("migrate")
    (path,) = project.versions.glob("*.py")

    assert 'op.create_view(name="named", select=' in path.read_text()


def test_a_part_of_ours_can_be_taken_over() -> None:
    assert not outside.is_taken_over("enums")
    register_comparison(lambda _, operations: operations, takes_over=lambda: ["enums"])
    assert outside.is_taken_over("enums")
