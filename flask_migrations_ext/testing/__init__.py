"""A plug-in of pytest for the tests of an app that has migrations.

One line in ``conftest.py`` gives the tests fixtures, and adds those that are ready::

    pytest_plugins = ["flask_migrations_ext.testing"]

Nothing else imports this package: pytest is no dependency at run time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from . import ready

pytest_plugins = ["flask_migrations_ext.testing.fixtures"]


class ReadyTests(pytest.Module):
    """The tests that are ready, as though they stood in ``conftest.py``."""

    def funcnamefilter(self, name: str) -> bool:
        """Return whether a function is a test, whatever the project calls its own."""
        return name.startswith("test_")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ReadyTests | None:
    """Collect the tests that are ready where a ``conftest.py`` names this plug-in."""
    module = parent.config.pluginmanager.get_plugin(str(file_path))
    named = getattr(module, "pytest_plugins", ())
    if __name__ not in ([named] if isinstance(named, str) else list(named)):
        return None

    collected: ReadyTests = ReadyTests.from_parent(parent, path=file_path)
    collected.obj = ready
    return collected


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in which tables there were no rows to test with, and why."""
    lines = dict.fromkeys(_unfilled(terminalreporter))
    if lines:
        terminalreporter.section("migrations: not tested with rows")
    for line in lines:
        terminalreporter.write_line(line)


def _unfilled(terminalreporter: pytest.TerminalReporter) -> Iterator[str]:
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, text in getattr(report, "user_properties", ()):
                if name == ready.UNFILLED:
                    yield str(text)
