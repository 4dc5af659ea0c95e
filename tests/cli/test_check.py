"""What ``check`` tells a CI: a status, lines to read, and the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from tests.apps import new_project
from tests.apps import USER


def test_check_tells_programs_what_it_tells_people(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", USER).with_folder()
    differs = project.run("check", "--format", "json")

    assert differs.status == 1
    (difference,) = json.loads(differs.out)["differences"]
    assert difference.startswith("create table user (")
    assert difference in differs.err
    assert "flask db migrate" in differs.err

    project.done("migrate")
    project.done("upgrade")
    same = project.done("check", "--format", "json")

    assert json.loads(same) == {"differences": [], "by_hand": [], "notes": []}
