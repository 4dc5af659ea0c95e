"""The documents tell the truth: what they show runs, and nothing is missing in them.

Each document is a story, told from top to bottom in a folder of its own. A comment
before a fenced block says what becomes of it::

    <!-- file: app.py -->                   it is written to this file
    <!-- add: app.py -->                    it is written to the end of this file
    <!-- shown: versions/*_users.py -->     the file that is there looks like this
    <!-- body -->                           it is upgrade() of a revision of its own
    <!-- not run: why -->                   nothing

In a block of ``console``, what follows ``$`` is run by a shell, and what that prints
has to be what is shown: ``...`` stands for anything, ids of revisions for whatever
they are this time. Where nothing is shown, nothing is compared. A command that shows
``Error:`` has to fail, any other has to succeed; ``$ echo $?`` asks for the status.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from dataclasses import MISSING
from pathlib import Path
from typing import Any

import click
import pytest

import flask_migrations_ext
from flask_migrations_ext import context
from flask_migrations_ext import op
from flask_migrations_ext.batch import BatchOperations
from flask_migrations_ext.cli.command_list import command_named
from flask_migrations_ext.cli.command_list import NAMES
from flask_migrations_ext.config import CONFIG_PREFIX
from flask_migrations_ext.config import Settings

PROJECT = Path(__file__).parents[1]
DOCUMENTS = (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")))
PACKAGE = PROJECT / "flask_migrations_ext"

_BLOCK = re.compile(
    r"(?:^<!-- (?P<comment>[^\n]*?) -->\n+)?"
    r"^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_ALL_PYTHON = re.compile(r"^<!-- all python: (.*) -->$", re.MULTILINE)
_ID = re.compile(r"(?<![0-9A-Za-z])(?=[a-f]*[0-9])[0-9a-f]{12}(?![0-9A-Za-z])")


# -- telling a story -------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A fenced block of a document; ``purpose`` is what its comment says."""

    document: str
    line: int
    language: str
    purpose: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.document}, line {self.line}"


def blocks_of(path: Path) -> Iterator[Block]:
    text = path.read_text("utf-8")
    default = _ALL_PYTHON.search(text)
    for found in _BLOCK.finditer(text):
        purpose = found["comment"] or ""
        if found["language"] == "python" and not purpose and default:
            purpose = default[1]
        line = text.count("\n", 0, found.start("language")) + 1
        yield Block(path.name, line, found["language"], purpose, found["text"])


@dataclass
class Story:
    """A folder in which the blocks of one document come true, one after the other.

    :param ids: by the id of a revision in the document: what it is in the folder.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    bodies: list[str] = field(default_factory=list)
    status: int = 0

    def tell(self, block: Block) -> None:
        verb, _, what = block.purpose.partition(": ")
        if verb == "not run":
            assert len(what) > 10, f"{block.place}: say why it is not run"
        elif verb == "file":
            self._write(what, block.text, "w")
        elif verb == "add":
            self._write(what, f"\n\n{block.text}", "a")
        elif verb == "shown":
            self._compare_file(what, block)
        elif verb == "body":
            self._write_revision(block)
        elif block.language == "console":
            self._run_all(block)
        else:
            assert block.language not in ("python", "sh"), (
                f"{block.place}: a comment before it has to say what becomes of it"
            )

    def run(self, command: str, **variables: str) -> str:
        """Return what a command prints, and remember its status."""
        tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        finished = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env={
                **os.environ,
                "PATH": tools,
                "PYTHONPATH": str(PROJECT),
                "PYTHONWARNINGS": "error",
                "COLUMNS": "80",
                **self.environment,
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=60,
        )
        self.status = finished.returncode
        return finished.stdout

    def _write(self, name: str, text: str, mode: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8") as file:
            file.write(self._here(text))

    def _write_revision(self, block: Block) -> None:
        name = f"{len(self.bodies) + 1:03}_{Path(block.document).stem}_{block.line}"
        parent = self.bodies[-1] if self.bodies else None
        body = "".join(f"    {line}" for line in block.text.splitlines(True))
        self.bodies.append(name)
        self._write(
            f"migrations/versions/{name}.py",
            f"import sqlalchemy as sa\nfrom flask_migrations_ext import op\n\n"
            f"revision = {name!r}\ndown_revision = {parent!r}\n\n\n"
            f"def upgrade():\n{body}",
            "w",
        )

    def _compare_file(self, pattern: str, block: Block) -> None:
        found = sorted(self.folder.glob(self._here(pattern)))

        assert len(found) == 1, f"{block.place}: {pattern} is {found}"
        self._match(block.text, found[0].read_text("utf-8"), block.place)

    def _run_all(self, block: Block) -> None:
        parts = re.split(r"^\$ (.*\n(?:> .*\n)*)", block.text, flags=re.MULTILINE)

        assert not parts[0], f"{block.place}: a console block begins with '$ '"
        for command, shown in zip(parts[1::2], parts[2::2], strict=True):
            self._run_one(command.strip().replace("\n> ", "\n"), shown, block)

    def _run_one(self, command: str, shown: str, block: Block) -> None:
        if command == "echo $?":
            assert shown.strip() == str(self.status), f"{block.place}: {command}"
            return

        if exported := re.fullmatch(r"export (\w+)=(\S*)", command):
            self.environment[exported[1]] = exported[2]
            return

        printed = self.run(self._here(command))
        place = f"{block.place}: $ {command}"

        fails = bool(re.search("^Error:", shown, re.MULTILINE))
        # 3 is an answer of 'status --check', and no failure.
        failed = self.status not in (0, 3)
        assert failed is fails, f"{place}: {self.status}\n{printed}"
        if shown:
            self._match(shown, printed, place)

    def _here(self, text: str) -> str:
        """Return text of the document with the ids of revisions as they are here."""
        for written, real in self.ids.items():
            text = text.replace(written, real)

        # Short forms of them, which people type.
        words = re.split(r"(\b[0-9a-f]{4,11}\b)", text)
        for place in range(1, len(words), 2):
            length = len(words[place])
            words[place] = next(
                (
                    real[:length]
                    for written, real in self.ids.items()
                    if written.startswith(words[place])
                ),
                words[place],
            )

        return "".join(words)

    def _match(self, shown: str, printed: str, place: str) -> None:
        expected = self._here(shown)
        unknown = dict.fromkeys(
            each for each in _ID.findall(expected) if each not in self.ids.values()
        )
        pattern = re.escape(expected.strip()).replace(re.escape("..."), ".*?")
        for each in unknown:
            # The first one is any id, the others are the same again.
            pattern = pattern.replace(each, f"(?P<_{each}>[0-9a-f]{{12}})", 1)
            pattern = re.sub(rf"(?<!_){each}", f"(?P=_{each})", pattern)
        found = re.fullmatch(pattern, printed.strip(), re.DOTALL)

        assert found, f"{place}\n-- shown:\n{expected}\n-- found:\n{printed}"
        self.ids.update({each: found[f"_{each}"] for each in unknown})


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_what_a_document_shows_comes_true(path: Path, tmp_path: Path) -> None:
    story = Story(tmp_path)
    for block in blocks_of(path):
        story.tell(block)

    if not story.bodies:
        return

    printed = story.run("flask db upgrade")
    assert story.status == 0, f"{path.name}:\n{printed}"

    # No server is needed to write SQL.
    for url in ("sqlite://", "postgresql+psycopg://u@db/x", "mariadb+pymysql://u@db/x"):
        printed = story.run("flask db upgrade --sql", DATABASE_URL=url)
        assert story.status == 0, f"{path.name}, {url}:\n{printed}"


def test_what_a_story_does_not_keep_is_noticed(tmp_path: Path) -> None:
    """The tests above are worth something: they do not pass whatever is shown."""
    story = Story(tmp_path)
    wrong = {
        "another output": "$ echo one\ntwo\n",
        "more output": "$ printf 'one\\ntwo\\n'\none\n",
        "an unexpected failure": "$ false\n",
        "an unexpected success": "$ echo 'Error: no'\nError: no\n",
        "another status": "$ sh -c 'echo Error:; exit 2'\nError:\n$ echo $?\n1\n",
        "an id that is two": "$ echo 1a1a1a1a1a1a 2b2b2b2b2b2b\n"
        "0c0c0c0c0c0c 0c0c0c0c0c0c\n",
    }

    for what, text in wrong.items():
        with pytest.raises(AssertionError):
            story.tell(Block("doc.md", 1, "console", "", text))
            pytest.fail(what)

    story.tell(Block("doc.md", 1, "console", "", "$ echo a 1a1a1a1a1a1a b\na ... b\n"))
    shown = "$ echo 1a1a1a1a1a1a\n0c0c0c0c0c0c\n$ echo 0c0c0c\n1a1a1a\n"
    story.tell(Block("doc.md", 1, "console", "", shown))


# -- nothing is missing ----------------------------------------------------


def sections_of(path: Path) -> dict[str, str]:
    """Return the sections of a document by their headings, without backticks."""
    text = _FENCED.sub(_indented, path.read_text("utf-8"))
    parts = re.split(r"^#{1,4} (.*)$", text, flags=re.MULTILINE)
    return {
        heading.replace("`", "").strip(): body
        for heading, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def _indented(block: re.Match[str]) -> str:
    # A comment of the shell is no heading.
    return re.sub("^", "    ", block[0], flags=re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_a_command_has_a_section_with_all_that_it_takes(name: str) -> None:
    section = sections_of(PROJECT / "docs/commands.md")[name]
    command = command_named(name)
    assert command is not None
    options = {
        name
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in parameter.opts
    }
    everywhere = {"-d", "--directory", "--help"}
    mentioned = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", section))

    assert options - mentioned - everywhere == set()
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            assert str(parameter.name).upper() in section


def test_every_name_of_the_package_is_in_the_documents() -> None:
    text = (PROJECT / "docs/commands.md").read_text("utf-8")

    missing = [name for name in flask_migrations_ext.__all__ if f"`{name}" not in text]
    assert missing == []


def public_functions(place: Any) -> dict[str, Any]:
    return {
        name: found
        for name, found in vars(place).items()
        if inspect.isfunction(found)
        and not name.startswith("_")
        and found.__module__ == (getattr(place, "__module__", None) or place.__name__)
    }


def signature_of(function: Any) -> str:
    found = inspect.signature(function)
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in found.parameters.values()
    ]
    return str(inspect.Signature(plain))


@pytest.mark.parametrize("name", [*public_functions(op), "batch_alter_table"])
def test_a_function_of_op_has_a_section_with_its_signature(name: str) -> None:
    section = sections_of(PROJECT / "docs/operations.md")[f"op.{name}"]
    shown = re.search(rf"```text\n\s*{name}(\(.*?\))\n\s*```", section, re.DOTALL)

    assert shown, f"op.{name} has no signature"
    said = re.sub(r"\s+", " ", shown[1]).replace("( ", "(").replace(" )", ")")
    assert said.replace(",)", ")") == signature_of(getattr(op, name))


def test_the_methods_of_a_batch_block_are_in_the_documents() -> None:
    section = sections_of(PROJECT / "docs/operations.md")["op.batch_alter_table"]

    for name in public_functions(BatchOperations).keys() - {"collected"}:
        assert f"`batch_op.{name}" in section


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_a_setting_is_in_the_documents_with_its_default(setting: Any) -> None:
    text = (PROJECT / "docs/settings.md").read_text("utf-8")
    assert setting.default is not MISSING
    row = re.search(
        rf"^\| `{setting.name}` \| `{CONFIG_PREFIX}{setting.name.upper()}` \|"
        r" `(?P<default>[^`]*)` \|",
        text,
        re.MULTILINE,
    )

    assert row, f"{setting.name} has no row"
    assert ast.literal_eval(row["default"]) == setting.default


@pytest.mark.parametrize("name", sorted(public_functions(context)))
def test_a_function_for_env_py_is_in_the_documents(name: str) -> None:
    section = sections_of(PROJECT / "docs/settings.md")["env.py"]

    assert f"`context.{name}(" in section


# -- links and docstrings --------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *DOCUMENTS,
        PROJECT / "CONTRIBUTING.md",
        *sorted((PROJECT / "docs/decisions").glob("*.md")),
    ],
    ids=lambda path: path.stem,
)
def test_links_lead_somewhere(path: Path) -> None:
    without_code = _FENCED.sub("", path.read_text("utf-8"))

    for target in re.findall(r"\]\(([^)\s]+)\)", without_code):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = path.parent / name if name else path
        assert file.exists(), f"{path.name}: {target}"
        if anchor:
            assert anchor in map(_anchor, sections_of(file)), f"{path.name}: {target}"


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if "templates" not in path.relative_to(PACKAGE).parts
    ],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_a_module_opens_with_its_promise(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))

    assert docstring
    first = docstring.splitlines()[0]
    assert first.endswith((".", ":", ",")) or docstring.splitlines()[1:]
