"""The page in debug mode, as a browser asks for it; all others get the app itself."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import Client
from werkzeug.test import TestResponse

from tests.apps import new_project
from tests.apps import Project

CREATE = (
    'op.create_table("user", sa.Column("id", sa.Integer, primary_key=True),'
    ' sa.Column("name", sa.String(80)))'
)
SET_UP = """
from flask import abort
from flask import Blueprint

db.init_app(app)
migrate.init_app(app, db)
catch_all = Blueprint("all", __name__, url_prefix="/")

@app.before_request
def login_wall():
    if app.config.get("WALL"):
        abort(401)

@catch_all.route("/", defaults={"path": ""})
@catch_all.route("/<path:path>", methods=["GET", "POST"])
def view(path):
    if path == "static":
        return "as ever"
    return f"{db.session.query(User).count()} users at {path}"

app.register_blueprint(catch_all)
"""
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9"}
LOCAL = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:5000"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An app in debug mode that lacks its one table, and the revision that has it."""
    project = new_project(tmp_path / "app", set_up=SET_UP).with_folder()
    project.script("a1", upgrade=CREATE, message="users")
    return project


def client(project: Project) -> Client:
    """Return a browser; a command before has said that the app is not debugged."""
    project.app.debug = True
    return Client(project.app)


def get(
    to: Client, path: str = "/list?page=2", *, headers: Any = BROWSER, **environ: str
) -> TestResponse:
    return to.get(path, headers=headers, environ_overrides={**LOCAL, **environ})


def token_in(response: TestResponse) -> str:
    found = re.search(r'name="token" value="([^"]+)"', response.text)
    assert found
    return found[1]


def press(to: Client, action: str, form: Mapping[str, str], **how: Any) -> TestResponse:
    environ = {**LOCAL, **how.pop("environ", {})}
    return to.post(
        f"/_migrations/{action}", data=dict(form), environ_overrides=environ, **how
    )


def test_pending_revisions_are_shown_run_and_left_behind(project: Project) -> None:
    browser = client(project)
    page = get(browser)

    assert page.status_code == 503
    assert "1 revision is pending" in page.text
    assert "create table user (2 columns)" in page.text
    assert "CREATE TABLE user" in page.text
    assert project.tables() == set()

    form = {"token": token_in(page), "place": "/list?page=2"}
    ran = press(browser, "run", form)
    assert "Running upgrade &lt;base&gt; -&gt; a1, users" in ran.text
    assert "1 revision applied." in ran.text
    assert 'href="/list?page=2"' in ran.text
    assert get(browser).text == "0 users at list"


def test_what_is_no_page_view_goes_to_the_app(project: Project) -> None:
    browser = client(project)
    for headers in (
        {"Accept": "application/json"},
        {"Accept": "*/*"},
        {},
        {**BROWSER, "Sec-Fetch-Dest": "image"},
    ):
        assert get(browser, "/static", headers=headers).text == "as ever"
    posted = browser.post("/static", headers=BROWSER, environ_overrides=LOCAL)
    assert posted.text == "as ever"
    with pytest.raises(sa.exc.OperationalError):
        get(browser, headers={})


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "192.168.0.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_HOST": "shop.example"},
        {"HTTP_HOST": "localhost.example:5000"},
        {"HTTP_X_FORWARDED_FOR": "192.168.0.7"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_who_is_elsewhere_learns_nothing(
    project: Project, environ: dict[str, str]
) -> None:
    browser = client(project)
    form = {"token": token_in(get(browser)), "place": "/"}

    assert get(browser, "/static", **environ).text == "as ever"
    # To the app it is a path like any other.
    with pytest.raises(sa.exc.OperationalError):
        press(browser, "run", form, environ=environ)
    assert project.tables() == set()


@pytest.fixture
def closed(tmp_path: Path) -> Project:
    """An app without a view that takes everything: others are 404."""
    project = new_project(tmp_path / "app").with_folder()
    project.script("a1", upgrade=CREATE, message="users")
    project.app.debug = True
    return project


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]
)
@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:5000", "[::1]:5000", "shop.localhost"]
)
def test_loopback_has_many_names(closed: Project, address: str, host: str) -> None:
    page = get(client(closed), REMOTE_ADDR=address, HTTP_HOST=host)

    assert page.status_code == 503


@pytest.mark.parametrize(
    ("form", "how"),
    [
        ({}, {}),
        ({"token": ""}, {}),
        ({"token": "guessed"}, {}),
        ({"token": "right"}, {"headers": {"Origin": "http://evil.example"}}),
        ({"token": "right"}, {"headers": {"Origin": "null"}}),
        ({"token": "right"}, {"headers": {"Sec-Fetch-Site": "cross-site"}}),
        ({"token": "right"}, {"headers": {"Sec-Fetch-Site": "same-site"}}),
        ({"token": "right"}, {"cookies": False}),
    ],
)
@pytest.mark.parametrize("action", ["run", "write", "skip"])
def test_a_form_from_elsewhere_is_not_found(
    closed: Project, action: str, form: dict[str, str], how: dict[str, Any]
) -> None:
    browser = client(closed)
    right = token_in(get(browser))
    sent = {name: right if text == "right" else text for name, text in form.items()}
    how = dict(how)
    if not how.pop("cookies", True):
        browser = client(closed)
    before = closed.state()

    assert press(browser, action, sent, **how).status_code == 404
    assert closed.state() == before
    assert (
        browser.get(f"/_migrations/{action}", environ_overrides=LOCAL).status_code
        == 404
    )


@pytest.mark.parametrize("how", ["production", "setting", "argument"])
def test_switched_off_nothing_of_it_is_there(tmp_path: Path, how: str) -> None:
    arguments = "debug_page=False" if how == "argument" else ""
    project = new_project(tmp_path / "app", arguments=arguments).with_folder()
    project.script("a1", upgrade=CREATE)
    project.app.debug = how != "production"
    if how == "setting":
        project.app.config["MIGRATE_DEBUG_PAGE"] = False

    browser = Client(project.app)

    assert get(browser).status_code == 404
    assert press(browser, "run", {"token": "x"}).status_code == 404


def test_a_login_wall_does_not_hide_the_page(project: Project) -> None:
    project.app.config["WALL"] = True

    assert get(client(project)).status_code == 503


def test_under_a_prefix_all_links_have_it(project: Project) -> None:
    """As a middleware does that mounts the app somewhere."""
    browser = client(project)
    page = get(browser, SCRIPT_NAME="/shop")

    assert 'action="/shop/_migrations/run"' in page.text
    assert 'name="place" value="/shop/list?page=2"' in page.text


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example", "/\\evil.example", "", "/\n/x"]
)
def test_it_goes_on_to_this_site_only(project: Project, place: str) -> None:
    browser = client(project)
    form = {"token": token_in(get(browser)), "place": place}

    assert press(browser, "skip", form).headers["Location"] == "/"


def test_continue_without_holds_until_more_is_pending(project: Project) -> None:
    browser = client(project)
    page = get(browser)
    signature = re.search(r'name="signature" value="(\w+)"', page.text)
    assert signature
    form = {"token": token_in(page), "place": "/static", "signature": signature[1]}

    assert press(browser, "skip", form).headers["Location"] == "/static"
    assert get(browser, "/static").text == "as ever"
    project.script("a2", "a1")
    assert get(browser, "/static").status_code == 503


def test_a_failing_revision_says_what_the_terminal_says(project: Project) -> None:
    path = project.script("a1", upgrade=f"{CREATE}\nop.execute('SELEKT 1')")
    browser = client(project)
    form = {"token": token_in(get(browser)), "place": "/list"}

    failed = unescape(press(browser, "run", form).text)

    assert "upgrade of revision 'a1' failed" in failed
    assert f"({path}, line " in failed
    assert "it was rolled back and left no trace: the database is at base" in failed
    assert "Try again" in failed
    project.script("a1", upgrade=CREATE)
    assert "1 revision applied." in press(browser, "run", form).text


def test_models_that_no_revision_has_are_explained(project: Project) -> None:
    """Where the database has said that something is not there."""
    project.script("a1")
    project.done("upgrade")
    browser = client(project)
    page = get(browser)

    assert page.status_code == 503
    assert "no such table: user" in page.text
    assert "<li>create table user (2 columns)</li>" in page.text
    form = {"token": token_in(page), "place": "/list", "message": "our users"}
    assert press(browser, "write", form).headers["Location"] == "/list"
    [path] = project.versions.glob("*_our_users.py")
    page = get(browser)
    assert f"{path.name} · default database" in page.text
    assert "1 revision applied." in press(browser, "run", form).text
    assert get(browser).text == "0 users at list"


def test_other_errors_stay_what_they_are(project: Project) -> None:
    project.done("upgrade")
    project.sql("DROP TABLE user")
    project.sql("CREATE VIEW user AS SELECT 1 AS id, missing.name FROM missing")
    browser = client(project)
    page = get(browser, "/static")
    assert page.text == "as ever"

    project.app.view_functions["all.view"] = lambda path: str(1 // 0)
    with pytest.raises(ZeroDivisionError):
        get(browser)


def test_a_database_that_is_gone_is_said_in_our_words(
    tmp_path: Path, sqlite_url: sa.URL
) -> None:
    project = new_project(tmp_path / "app", set_up=SET_UP, url=sqlite_url)
    project.with_folder().chain("a1")
    project.done("upgrade")
    browser = client(project)
    project.app.debug = True
    assert get(browser, "/static").text == "as ever"
    Path(str(sqlite_url.database)).unlink()
    Path(str(sqlite_url.database)).mkdir()

    page = unescape(get(browser).text)

    assert "The database cannot be used" in page
    assert "cannot connect to sqlite:///" in page
    assert "is this the right place" in page


def test_what_we_cannot_find_out_stops_no_request(tmp_path: Path) -> None:
    """No folder, a folder that cannot be read, a page of ours that fails."""
    project = new_project(tmp_path / "app", set_up=SET_UP)
    project.app.debug = True
    browser = client(project)
    assert get(browser, "/static").text == "as ever"

    project.with_folder()
    browser = client(project)
    (project.versions / "a1.py").write_text("revision = (")
    assert get(browser, "/static").text == "as ever"
    with pytest.raises(sa.exc.OperationalError):
        get(browser)


def test_nothing_pending_costs_one_look_at_a_folder(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.done("upgrade")
    browser = client(project)
    get(browser, "/static")
    looked: list[object] = []
    statements: list[str] = []
    stat = os.stat

    def counted(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        looked.append(path)
        return stat(path, *arguments, **options)

    with project.app.app_context():
        engine = project.app.extensions["sqlalchemy"].engine
    sa.event.listen(
        engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    monkeypatch.setattr(os, "stat", counted)
    get(browser, "/static")
    assert (looked, statements) == ([project.versions], [])

    looked.clear()
    project.app.debug = False
    get(browser, "/static")
    assert (looked, statements) == ([], [])


def test_a_new_file_is_noticed(project: Project) -> None:
    project.done("upgrade")
    browser = client(project)
    assert get(browser, "/static").text == "as ever"

    project.script("a2", "a1", message="more", upgrade='op.drop_table("user")')

    page = get(browser, "/static").text
    assert "destroys table user and its rows (0 rows)" in page
    assert "Run, and destroy data" in page


def test_questions_are_asked_on_the_page(project: Project) -> None:
    """Whether a column has another name, and what its empty rows get."""
    project.script(
        "a1", upgrade=CREATE.replace('"name"', '"label"'), message="with a label"
    )
    project.done("upgrade")
    project.sql("INSERT INTO user (label) VALUES ('Ann')")
    browser = client(project)
    page = get(browser)
    assert "drop column user.label" in page.text
    form = {"token": token_in(page), "place": "/list", "message": "label"}

    asked = unescape(press(browser, "write", form).text)

    assert "A question that only you can answer" in asked
    assert [*project.versions.glob("*_label.py")] == []
    choices = re.findall(r'name="(choice-\d+)" value="([^"]+)"', asked)
    rename = next(each for each in choices if each[1].startswith("rename "))
    assert rename == ("choice-1", "rename user.label=name")
    assert 'name="message"' in asked and 'value="label"' in asked

    answered = press(browser, "write", {**form, rename[0]: rename[1]})
    assert answered.headers["Location"] == "/list"
    assert "alter column user.label: rename to name" in get(browser).text
    assert "1 revision applied." in press(browser, "run", form).text
    assert project.rows("SELECT name FROM user") == [("Ann",)]
