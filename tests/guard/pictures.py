"""Remakes the pictures of docs/, for ``make pictures``.

Each is what a command shows at a real terminal, or the page in a real browser.
"""

from __future__ import annotations

import html
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from tests.apps import new_project
from tests.apps import Project
from tests.cli.pty_terminal import shown_at_terminal
from tests.guard.browser import Browser

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"

MODELS = """
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"), index=True)
    currency = db.Column(db.String(3), server_default="EUR")
"""
SET_UP = """
db.init_app(app)
migrate.init_app(app, db)

@app.route("/users")
def users():
    return f"{db.session.query(User).count()} users"
"""
FIRST = """
op.create_table(
    "user",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(80)),
    sa.Column("token", sa.String(80)),
)
op.create_table(
    "order",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id")),
)
"""
SECOND = """
op.add_column("order", sa.Column("currency", sa.String(3), server_default="EUR"))
op.create_index("ix_order_user_id", "order", ["user_id"])
"""
THIRD = """
op.drop_column("user", "token")
op.alter_column("user", "name", nullable=False)
"""


def project_in(folder: Path) -> Project:
    """Return an app of a shop with two revisions to go."""
    project = new_project(folder, MODELS, set_up=SET_UP).with_folder()
    project.script("3f2a9c41d07e", upgrade=FIRST, message="users and their orders")
    project.done("upgrade")
    project.sql("INSERT INTO user (name) VALUES ('Ann'), ('Bob')")
    project.script(
        "8c1d52e07b9a", "3f2a9c41d07e", upgrade=SECOND, message="orders have a currency"
    )
    project.script("b7e4410cc2f5", "8c1d52e07b9a", upgrade=THIRD, message="tokens go")
    return project


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an app in debug mode within the block."""
    app.debug = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# -- terminals ------------------------------------------------------------------------

_COLOURS = {"31": "#ff8f87", "32": "#3ddc97", "33": "#f2c572", "36": "#6cb6ff"}
_LETTER, _LINE = 7.8, 19


def terminal(title: str, shown: str) -> str:
    """Return what a terminal shows as an SVG document."""
    lines = [f"$ {title}", *re.sub(r".*\r(?!\n)", "", shown).rstrip("\n").split("\n")]
    plain = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line) for line in lines]
    width = max(len(line) for line in plain) * _LETTER + 40
    height = len(lines) * _LINE + 36
    rows = "\n".join(
        f'<text x="20" y="{28 + n * _LINE}" xml:space="preserve">'
        f"{_coloured(line)}</text>"
        for n, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}"'
        f' viewBox="0 0 {width:.0f} {height}" role="img">\n'
        f"<title>{html.escape(title)}</title>\n"
        '<rect width="100%" height="100%" rx="10" fill="#11181f"/>\n'
        '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"'
        f' font-size="13" fill="#e6edf3">\n{rows}\n</g>\n</svg>\n'
    )


def _coloured(line: str) -> str:
    parts: list[str] = []
    is_open = False
    for text, code in re.findall(r"([^\x1b]*)(?:\x1b\[([0-9;?]*)[a-zA-Z])?", line):
        parts.append(html.escape(text))
        if code in _COLOURS:
            parts.append("</tspan>" * is_open + f'<tspan fill="{_COLOURS[code]}">')
            is_open = True
        elif code == "0" and is_open:
            parts.append("</tspan>")
            is_open = False
    return "".join(parts) + "</tspan>" * is_open


# -- all ------------------------------------------------------------------------------


def make(folder: Path, browser: Browser) -> None:
    """Write all pictures to a folder."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        project = project_in(Path(place) / "shop")
        for name, command in (
            ("status", "flask db status"),
            ("plan", "flask db upgrade --plan"),
        ):
            shown = shown_at_terminal(command.split()[1:], project.folder)
            (folder / f"{name}.svg").write_text(terminal(command, shown), "utf-8")
        drawn = project.done("graph", "--format", "svg")
        (folder / "graph.svg").write_text(drawn, "utf-8")

        _page(browser, project, folder)

        project = project_in(Path(place) / "again" / "shop")
        command = "flask db upgrade"
        shown = shown_at_terminal(command.split()[1:], project.folder)
        (folder / "upgrade.svg").write_text(terminal(command, shown), "utf-8")


def _page(browser: Browser, project: Project, folder: Path) -> None:
    tab = browser.tab()
    with served(project.app) as url:
        for name, dark, size in (
            ("pending", False, (900, 960)),
            ("pending-dark", True, (900, 960)),
            ("pending-narrow", False, (390, 844)),
        ):
            tab.looks(dark=dark, size=size)
            tab.go(f"{url}/users?{name}")
            tab.until("2 revisions are pending")
            tab.evaluate("document.activeElement.blur()")
            tab.picture(folder / f"{name}.png")

        tab.looks(size=(900, 440))
        tab.go(f"{url}/users")
        tab.until("2 revisions are pending")
        tab.press("Run, and destroy data")
        tab.until("2 revisions applied.")
        tab.picture(folder / "running.png")
        tab.until("2 users")

        tab.looks(size=(900, 600))
        project.sql("ALTER TABLE user RENAME COLUMN name TO full_name")
        project.app.debug = True
        tab.go(f"{url}/users")
        tab.until("The models have changed")
        tab.picture(folder / "changed.png")
        tab.press("Write the revision")
        tab.until("that only you can answer")
        tab.picture(folder / "question.png")
        project.sql("ALTER TABLE user RENAME COLUMN full_name TO name")


if __name__ == "__main__":
    with closing(Browser()) as opened:
        make(PICTURES, opened)
