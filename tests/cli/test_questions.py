"""Questions of ``migrate``: answered by options, by a file, at a terminal, or not."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.apps import files_in
from tests.apps import new_project
from tests.apps import Project

BEFORE = """
class User(db.Model):
    __tablename__ = "users"
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(100), nullable=False)
    title = db.Column(db.String(50))
"""
AFTER = BEFORE.replace("email =", "email_address =").replace("title =", "headline =")
EMAIL = "--rename users.email=email_address"
TITLE = "--rename users.title=headline"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return an app whose columns were renamed after they had got a row."""
    folder = tmp_path / "app"
    project = new_project(folder, BEFORE).with_folder()
    project.done("migrate", "-m", "first")
    project.done("upgrade")
    project.sql("INSERT INTO users VALUES (1, 'a@b.c', 'Dr')")
    return new_project(folder, AFTER)


def test_without_a_terminal_nothing_is_guessed(project: Project) -> None:
    error = project.refused("migrate", "-m", "second", status=4)

    assert error.startswith("2 questions to answer")
    assert "column users.email (1 value) is gone" in error
    for flag in (EMAIL, TITLE, "--no-rename users.email", "--no-rename users.title"):
        assert f"    {flag} " in error


def test_the_options_that_it_names_answer_it(project: Project) -> None:
    error = project.refused("migrate", status=4)
    first = re.findall(r"^    (--rename \S+)", error, re.MULTILINE)
    project.done("migrate", *" ".join(first).split(), "-m", "second")
    project.done("upgrade")

    assert project.rows("SELECT id, email_address, headline FROM users") == [
        (1, "a@b.c", "Dr")
    ]
    project.done("check")
    project.done("downgrade")
    assert project.rows("SELECT id, email, title FROM users") == [(1, "a@b.c", "Dr")]


def test_what_is_no_rename_is_dropped_and_added(project: Project) -> None:
    ran = project.run("migrate", *EMAIL.split(), "--no-rename", "users.title")

    assert "Found: drop column users.title" in ran.err
    assert "Found: add column users.headline (String(50))" in ran.err
    assert "Found: alter column users.email: rename to email_address" in ran.err


def test_the_safe_answers_alone_are_taken_unasked(project: Project) -> None:
    """Of two names that have nothing in common, neither answer is safe."""
    error = project.refused("migrate", "--yes", status=4)

    assert "1 question to answer" in error and "users.title" in error
    project.done("migrate", "--yes", *TITLE.split())


def test_questions_and_what_was_done_as_json(project: Project) -> None:
    before = files_in(project.folder)
    ran = project.run("migrate", "--format", "json")
    questions = json.loads(ran.out)["questions"]

    assert ran.status == 4 and files_in(project.folder) == before
    assert [(each["kind"], each["subject"]) for each in questions] == [
        ("rename_column", "users.email"),
        ("rename_column", "users.title"),
    ]
    assert [each["default"] for each in questions] == [EMAIL, None]

    chosen = [each["choices"][0] for each in questions]
    answers = project.folder / "answers.json"
    answers.write_text(json.dumps({"rename": [each["value"] for each in chosen]}))
    done = json.loads(
        project.done("migrate", "--format", "json", "--answers", str(answers))
    )
    assert len(done["differences"]) == 2
    assert Path(done["revisions"][0]["path"]).exists()


def test_a_function_of_code_may_answer(project: Project) -> None:
    from flask_migrations_ext import migrate

    asked = []

    def answer(questions: object) -> dict[str, list[str]]:
        asked.append(questions)
        return {"rename": ["users.email=email_address", "users.title=headline"]}

    with project.app.app_context():
        report = migrate(answers=answer)

    assert len(asked) == 1 and len(report.differences) == 2


def test_an_app_may_be_asked_nothing(tmp_path: Path) -> None:
    """As other tools do it: one goes, and one comes."""
    folder = tmp_path / "app"
    project = new_project(folder, BEFORE).with_folder()
    project.done("migrate")
    project.done("upgrade")
    project = new_project(folder, AFTER, config={"MIGRATE_QUESTIONS": False})

    assert "drop column users.email" in project.run("migrate").err


REFUSED = [
    ("--rename users.email", "it is OLD=NEW"),
    ("--rename users.mail=email_address", "the database has no 'users.mail'"),
    ("--rename users.email=mail", "the models have no column 'users.mail'"),
    ("--rename users=people", "the models have no table 'people'"),
    ("--no-rename people", "the database has no 'people'"),
    (f"{EMAIL} --rename users.email=headline", "said to be 'email_address' as well"),
    (f"{EMAIL} --rename users.title=email_address", "said to have been 'email' as"),
    (f"{EMAIL} --no-rename users.email", "--rename says that it is"),
    ("--rename users.email=title", "the models have no column 'users.title'"),
    ("--rename users.email=id", "table 'users' has a column 'id' already"),
]


@pytest.mark.parametrize(("options", "reason"), REFUSED)
def test_an_answer_of_no_use(project: Project, options: str, reason: str) -> None:
    error = project.refused("migrate", *options.split())

    assert reason in error and error.endswith("; nothing was written\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting property name"),
        ("[]", "answers are one object"),
        ('{"renames": []}', "there are only default, drop, keep, no_rename, rename"),
        ('{"rename": [1]}', "it is a list of texts"),
        ('{"yes": "no"}', "it is true or false"),
    ],
)
def test_a_file_of_no_use(project: Project, text: str, reason: str) -> None:
    file = project.folder / "answers.json"
    file.write_text(text)

    assert reason in project.refused("migrate", "--answers", str(file))


def test_an_empty_revision_asks_nothing(project: Project) -> None:
    error = project.refused("revision", *EMAIL.split())

    assert "nothing asks for it" in error


def made_by_others(project: Project) -> None:
    project.sql("CREATE TABLE legacy (a INTEGER)")
    project.sql("INSERT INTO legacy VALUES (1)")


def test_a_table_that_no_revision_made_is_left_alone(project: Project) -> None:
    made_by_others(project)
    options = ("migrate", *EMAIL.split(), *TITLE.split())
    ran = project.run(*options)

    assert "legacy" not in ran.out and "Left alone: table legacy" in ran.err
    project.done("upgrade")
    assert "legacy" not in project.run("check").out
    assert (
        "Found: drop table legacy; loses its 1 row"
        in project.run("migrate", "--drop", "legacy").err
    )


def test_what_is_kept_is_remembered(project: Project) -> None:
    made_by_others(project)
    project.done("migrate", *EMAIL.split(), *TITLE.split(), "--keep", "legacy")
    project.done("upgrade")
    kept = project.migrations / "answers.json"

    assert json.loads(kept.read_text()) == {"keep": ["legacy"]}
    assert project.run("migrate").err == "No changes in schema detected.\n"

    project.done("migrate", "--drop", "legacy")
    project.done("upgrade")
    assert json.loads(kept.read_text()) == {"keep": []}
    assert project.tables() == {"users"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("--keep users", "not a table that is in the database alone"),
        ("--drop people", "not a table that is in the database alone"),
        ("--keep legacy --drop legacy", "--drop says the opposite"),
    ],
)
def test_a_table_of_no_use(project: Project, options: str, reason: str) -> None:
    made_by_others(project)

    assert reason in project.refused(
        "migrate", *EMAIL.split(), *TITLE.split(), *options.split()
    )


def test_a_model_that_nobody_imports_is_no_reason_to_drop(project: Project) -> None:
    """Its module is not imported any more, or never was by this process."""
    moved = AFTER.replace(
        "class",
        "class Note(db.Model):\n    id = db.Column(db.Integer,"
        " primary_key=True)\nclass",
        1,
    )
    new_project(project.folder, moved).done("migrate", *EMAIL.split(), *TITLE.split())
    new_project(project.folder, moved).done("upgrade")
    module = project.folder / "notes.py"
    module.write_text("class Note(db.Model):\n    id = db.Column(db.Integer)\n")

    error = project.refused("migrate", status=4)
    assert f"table note (0 rows) has no model, but {module} defines one" in error
    assert "--drop note" in error
    assert "drop table note" in project.run("migrate", "--drop", "note").err


def test_a_file_of_answers_that_cannot_be_read(project: Project) -> None:
    (project.migrations / "answers.json").write_text("{")

    assert "answers.json: Expecting" in project.refused("migrate")


def test_what_is_destroyed_is_said_with_what_is_there(project: Project) -> None:
    ran = project.run("migrate", *EMAIL.split(), "--no-rename", "users.title")
    path = Path(ran.out.removeprefix("Generating ").removesuffix(" ...  done\n"))

    assert "Found: drop column users.title; loses its 1 value\n" in ran.err
    assert "        # Loses its 1 value (when this was written).\n" in path.read_text()


def test_an_empty_revision_of_migrate(project: Project) -> None:
    out = project.done("migrate", "--empty", "-m", "by hand")

    assert "by_hand.py" in out


def test_without_a_message_there_is_one(project: Project) -> None:
    assert "_rename_email_to_email_address_and_" in project.done(
        "migrate", *EMAIL.split(), *TITLE.split()
    )


# -- the newest revision, once more ----------------------------------------


def test_the_newest_revision_takes_in_what_came_since(project: Project) -> None:
    out = project.done("migrate", "-m", "second", *EMAIL.split(), *TITLE.split())
    path = Path(out.removeprefix("Generating ").removesuffix(" ...  done\n"))
    before = path.read_text()
    project = new_project(project.folder, AFTER + "    age = db.Column(db.Integer)\n")
    out = project.done("migrate", "--amend", *EMAIL.split(), *TITLE.split())

    assert out == f"Generating {path} ...  done\n"
    assert '"age"' in path.read_text() and "headline" in path.read_text()
    assert path.with_name(f"{path.name}.amended").read_text() == before
    project.done("upgrade")
    project.done("check")
    assert project.rows("SELECT email_address FROM users") == [("a@b.c",)]


def test_what_others_may_have_is_not_written_again(project: Project) -> None:
    assert "has it; write another one" in project.refused("migrate", "--amend")

    project.done("migrate", *EMAIL.split(), *TITLE.split())
    for command in ("init -q", "add -A"):
        subprocess.run(["git", *command.split()], cwd=project.folder, check=True)
    assert "under version control" in project.refused("migrate", "--amend")


def test_an_amended_revision_that_fails_is_as_it_was(project: Project) -> None:
    project.done("migrate", *EMAIL.split(), *TITLE.split())
    error = project.refused("migrate", "--amend", status=4)

    assert "2 questions" in error
    (project.migrations / "script.py.mako").write_text("${nothing}")
    assert "nothing" in project.refused(
        "migrate", "--amend", *EMAIL.split(), *TITLE.split()
    )


# -- at a terminal ---------------------------------------------------------


@dataclass
class Terminal:
    """The real command at a terminal that can do nothing but lines."""

    process: subprocess.Popen[bytes]
    screen: int
    shown: str = ""

    def reads(self, text: str) -> None:
        """Wait until the terminal shows a text, after what was read before."""
        while text not in self.shown:
            self._more()
        self.shown = self.shown.partition(text)[2]

    def types(self, text: str) -> None:
        os.write(self.screen, text.encode())

    def ends(self) -> int:
        """Read what is left, and return the status."""
        while select.select([self.screen], [], [], 30)[0]:
            try:
                self._more()
            except EOFError:
                break
        status = self.process.wait(30)
        os.close(self.screen)
        return status

    def _more(self) -> None:
        assert select.select([self.screen], [], [], 60)[0], self.shown
        try:
            read = os.read(self.screen, 4096)
        except OSError:  # as Linux says that nobody is left at the other end
            read = b""
        if not read:
            raise EOFError(self.shown)
        self.shown += read.decode().replace("\r\n", "\n")


def at_terminal(project: Project, *arguments: str, kind: str = "dumb") -> Terminal:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "shop", "db", *arguments],
        cwd=project.folder,
        env={**os.environ, "TERM": kind, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(theirs)
    return Terminal(process, ours)


def _take_terminal() -> None:
    import fcntl
    import termios

    # So that Ctrl-C, typed, is a signal; and one that counts, though the tests may run
    # in the background of a shell, which has its jobs ignore it.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_dialogue(project: Project) -> None:
    terminal = at_terminal(project, "migrate", "-m", "second")
    terminal.reads("column users.email (1 value) is gone")
    terminal.reads("  1. rename users.email to email_address (Enter)\n")
    terminal.reads("  2. drop users.email")
    terminal.reads("1 to 2: ")
    terminal.types("\n")
    terminal.reads("column users.title (1 value) is gone")
    terminal.reads("  1. rename users.title to headline\n")
    terminal.reads("1 to 2: ")
    for wrong in ("\n", "3\n", "rename\n"):
        terminal.types(wrong)
        terminal.reads("Type a number from 1 to 2")
        terminal.reads("1 to 2: ")
    terminal.types("1\n")
    terminal.reads("Found: alter column users.email: rename to email_address")

    assert terminal.ends() == 0
    project.done("upgrade")
    assert project.rows("SELECT email_address, headline FROM users") == [
        ("a@b.c", "Dr")
    ]


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [("\x03", 130, "nothing was written"), ("\x04", 4, "2 questions to answer")],
)
def test_who_leaves_it_writes_nothing(
    project: Project, typed: str, status: int, said: str
) -> None:
    before = files_in(project.folder)
    terminal = at_terminal(project, "migrate")
    terminal.reads("1 to 2: ")
    terminal.types("1\n")
    terminal.reads("1 to 2: ")
    terminal.types(typed)

    assert terminal.ends() == status
    assert said in terminal.shown and "Traceback" not in terminal.shown
    assert files_in(project.folder) == before


def test_a_table_of_others_at_a_terminal(project: Project) -> None:
    made_by_others(project)
    terminal = at_terminal(project, "migrate", *EMAIL.split(), *TITLE.split())
    terminal.reads("table legacy (1 row) has no model, and no revision made it")
    terminal.reads("  1. another's: leave it alone, for good (Enter)\n")
    terminal.reads("1 to 2: ")
    terminal.types("\n")

    assert terminal.ends() == 0
    assert (project.migrations / "answers.json").exists()


def test_what_is_destroyed_is_red_at_a_terminal(project: Project) -> None:
    options = (*EMAIL.split(), "--no-rename", "users.title")
    terminal = at_terminal(project, "migrate", *options, kind="xterm")

    terminal.reads("Found: \x1b[31mdrop column users.title; loses its 1 value\x1b[0m")
    assert terminal.ends() == 0


def test_a_value_at_a_terminal(project: Project) -> None:
    models = AFTER + "    age = db.Column(db.Integer, nullable=False)\n"
    new_project(project.folder, models)
    terminal = at_terminal(project, "migrate", *EMAIL.split(), *TITLE.split())
    terminal.reads("new column users.age takes no NULL")
    terminal.types("1\n")
    terminal.reads("VALUE: ")
    terminal.types("\n")
    terminal.reads("Type something")
    terminal.types("41\n")

    assert terminal.ends() == 0
    project.done("upgrade")
    assert project.rows("SELECT age FROM users") == [(41,)]


def test_ctrl_c_before_the_first_question(project: Project) -> None:
    terminal = at_terminal(project, "migrate")
    terminal.reads("1 to 2: ")
    os.killpg(terminal.process.pid, signal.SIGINT)

    assert terminal.ends() == 130
