"""The page in a real browser: what a person sees, presses and gets to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tests.apps import new_project
from tests.apps import Project
from tests.guard.browser import Browser
from tests.guard.test_page import CREATE
from tests.guard.test_page import SET_UP

Serve = Callable[[Any], str]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = new_project(tmp_path / "app", set_up=SET_UP).with_folder()
    project.script("a1", upgrade=CREATE, message="users")
    return project


def test_from_what_is_pending_to_the_page(
    project: Project, chromium: Browser, served: Serve
) -> None:
    """By keyboard alone; a screen reader finds all that is needed."""
    tab = chromium.tab()
    tab.go(f"{served(project.app)}/list?page=2")
    tab.until("1 revision is pending")

    spoken = tab.spoken()
    assert ("heading", "1 revision is pending") in spoken
    assert ("button", "Run 1 revision") in spoken
    assert not [each for each in spoken if each[0] == "button" and not each[1]]
    assert tab.evaluate("document.documentElement.lang") == "en"
    assert tab.evaluate("document.activeElement.innerText") == "Run 1 revision"

    tab.key("Enter", 13)
    tab.until("0 users at list")
    assert tab.evaluate("location.search") == "?page=2"
    assert project.version() == ["a1"]


def test_a_failing_revision_is_mended_and_tried_again(
    project: Project, chromium: Browser, served: Serve
) -> None:
    project.script("a1", upgrade=f"{CREATE}\nop.execute('SELEKT 1')")
    tab = chromium.tab()
    tab.go(f"{served(project.app)}/list")
    tab.until("1 revision is pending")
    tab.press("Run 1 revision")

    shown = tab.until("Try again")
    assert "left no trace: the database is at base" in shown
    assert project.tables() == set()

    project.script("a1", upgrade=CREATE)
    tab.press("Try again")
    tab.until("0 users at list")


def test_models_become_a_revision_and_that_runs(
    project: Project, chromium: Browser, served: Serve
) -> None:
    project.script("a1")
    project.done("upgrade")
    tab = chromium.tab()
    tab.go(f"{served(project.app)}/list")
    tab.until("The models have changed")
    tab.evaluate("document.querySelector('input[name=message]').focus()")
    tab.write("users")
    tab.press("Write the revision")

    tab.until("1 revision is pending")
    [path] = project.versions.glob("*_*.py")
    assert path.name.endswith("_users.py")
    tab.press("Run 1 revision")
    tab.until("0 users at list")


def test_a_question_is_answered_on_the_page(
    project: Project, chromium: Browser, served: Serve
) -> None:
    """The column has a value, which is to keep its place."""
    project.script("a1", upgrade=CREATE.replace('"name"', '"label"'))
    project.done("upgrade")
    project.sql("INSERT INTO user (label) VALUES ('Ann')")
    tab = chromium.tab()
    tab.go(f"{served(project.app)}/list")
    tab.until("The models have changed")
    tab.press("Write the revision")
    tab.until("A question that only you can answer")
    assert ("radio", "rename user.label to name") in tab.spoken()
    tab.evaluate("document.querySelector('input[type=radio]').click()")
    tab.press("Write the revision")

    tab.until("alter column user.label: rename to name")
    tab.press("Run 1 revision")
    tab.until("1 users at list")
    assert project.rows("SELECT name FROM user") == [("Ann",)]


def test_two_tabs_at_once_run_it_once(
    project: Project, chromium: Browser, served: Serve
) -> None:
    project.script(
        "a1", upgrade=f"{CREATE}\nop.execute('INSERT INTO user VALUES (1, 1)')"
    )
    url = served(project.app)
    tabs = chromium.tab(), chromium.tab()
    for tab in tabs:
        tab.go(f"{url}/list")
        tab.until("1 revision is pending")
    for tab in tabs:
        tab.press("Run 1 revision")
    for tab in tabs:
        tab.until("1 users at list")

    assert project.rows("SELECT count(*) FROM user") == [(1,)]


def test_mounted_under_a_prefix(
    project: Project, chromium: Browser, served: Serve
) -> None:
    """By a middleware around the whole app."""

    def nothing(environ: Any, start_response: Any) -> list[bytes]:
        start_response("404 NOT FOUND", [])
        return [b"nothing"]

    project.app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]  # the documented way
        nothing, {"/shop": project.app.wsgi_app}
    )
    tab = chromium.tab()
    tab.go(f"{served(project.app)}/shop/list")
    tab.until("1 revision is pending")
    tab.press("Run 1 revision")
    tab.until("0 users at list")
    assert tab.evaluate("location.pathname") == "/shop/list"


def test_continue_without_shows_the_app(
    project: Project, chromium: Browser, served: Serve
) -> None:
    tab = chromium.tab()
    tab.looks(dark=True, size=(390, 700))
    tab.go(f"{served(project.app)}/static")
    tab.until("1 revision is pending")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.press("Continue without")
    tab.until("as ever")


def test_a_server_that_reloads(project: Project, chromium: Browser) -> None:
    """A page from before the reload still works, as does what comes after."""
    command = [sys.executable, "-m", "flask", "--app", "shop", "--debug", "run"]
    server = subprocess.Popen(
        [*command, "--port", "0"],
        cwd=project.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = _line_with("Running on ", server).split("Running on ")[1].strip()
        _line_with("Debugger PIN", server)
        tab = chromium.tab()
        tab.go(f"{url}/list")
        tab.until("1 revision is pending")

        source = project.folder / "shop.py"
        source.write_text(source.read_text("utf-8") + "\n# changed\n", "utf-8")
        _line_with("Detected change", server)
        _line_with("Debugger PIN", server)
        tab.press("Run 1 revision")
        tab.until("0 users at list")
    finally:
        server.terminate()
        server.communicate()


def _line_with(text: str, server: subprocess.Popen[str]) -> str:
    assert server.stderr is not None
    for line in server.stderr:
        if text in line:
            return line
    raise AssertionError(f"no line with {text!r}")
