"""Settings of the wrong kind are told in one line, before anything is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flask_migrations_ext.config import Settings
from flask_migrations_ext.errors import UnknownOption
from tests.apps import new_project

WRONG = [
    ("file_template", 3, "takes text"),
    ("file_template", None, "takes text"),
    ("output_encoding", 8, "takes text"),
    ("version_table", ["t"], "takes text"),
    ("timezone", 3, "takes text"),
    ("version_table_schema", 3, "takes text"),
    ("version_locations", 3, "takes a list of names"),
    ("models", 3, "takes a list of names"),
    ("truncate_slug_length", "long", "takes a number"),
    ("post_write_hooks", 3, "takes a list of dictionaries"),
    ("post_write_hooks", "black", "takes a list of dictionaries"),
    ("post_write_hooks", ["black"], "takes a list of dictionaries"),
    ("template_args", 3, "takes a dictionary"),
    ("include_object", 3, "takes a function"),
    ("on_version_apply", [3], "takes functions"),
    ("on_version_apply", 3, "takes functions"),
    ("sourceless", "no", "takes True or False"),
    ("render_as_batch", "false", "takes True or False"),
    ("include_schemas", [], "takes True or False"),
]


@pytest.mark.parametrize(("name", "value", "reason"), WRONG)
def test_of_the_wrong_kind(name: str, value: Any, reason: str) -> None:
    with pytest.raises(UnknownOption, match=f"setting '{name}': {reason}"):
        Settings().with_options({name: value})


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("directory", Path("a/b"), str(Path("a/b"))),
        ("timezone", None, None),
        ("truncate_slug_length", "20", 20),
        ("sourceless", 1, 1),
        ("render_as_batch", None, None),
        ("post_write_hooks", [{"name": "x"}], ({"name": "x"},)),
        ("models", "shop.models", ("shop.models",)),
    ],
)
def test_of_the_right_kind(name: str, value: Any, kept: Any) -> None:
    assert getattr(Settings().with_options({name: value}), name) == kept


@pytest.mark.parametrize(("name", "value", "reason"), WRONG)
def test_in_the_configuration_of_an_app(
    tmp_path: Path, name: str, value: Any, reason: str
) -> None:
    config = {f"MIGRATE_{name.upper()}": value}
    project = new_project(tmp_path / "app", config=config)

    ran = project.run("heads")

    assert ran.status == 1
    assert f"setting '{name}': {reason}" in ran.err
