"""Projects with tests of their own, which a real pytest runs in another process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]

CONFTEST = """\
import pytest
from shop import create_app

pytest_plugins = ["flask_migrations_ext.testing"]


@pytest.fixture
def app():
    return create_app()
"""


@dataclass(frozen=True)
class Outcome:
    """What pytest says of each test, and what it prints."""

    tests: Mapping[str, str]
    text: str

    def of(self, outcome: str) -> set[str]:
        """Return the names of the tests that have an outcome."""
        return {name for name, found in self.tests.items() if found == outcome}


def run_tests(folder: Path, *arguments: str, **environment: str) -> Outcome:
    """Run the tests in a folder, and return what became of them."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FLASK_", "PYTEST_", "SQLALCHEMY_"))
    }
    paths = os.pathsep.join([str(PROJECT), str(folder)])
    options = ["-rA", "-p", "no:hypothesispytest", "--tb=short"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": paths, "PYTHONWARNINGS": "error", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    text = f"{ran.stdout}{ran.stderr}"
    found = re.findall(r"^(PASSED|FAILED|ERROR) \S*?::(\w+)", text, re.MULTILINE)
    return Outcome({name: outcome for outcome, name in found}, text)
