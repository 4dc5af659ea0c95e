"""What maintainers are told is true: files that are named exist, and decisions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "flask_migrations_ext"
DECISIONS = PROJECT / "docs" / "decisions"

_CODE = re.compile(r"`([\w./*<>-]+)`")
# Not in the tree: made by a user, or a placeholder.
_ELSEWHERE = {"dialect.py", "comparison.py", "catalog.py", "literals.py", "env.py"}


def files_named_in(text: str) -> list[str]:
    """Return what looks like a file or folder of the project in Markdown code."""
    found = [name for name in _CODE.findall(text) if "/" in name or ".py" in name]
    return [name for name in found if name not in _ELSEWHERE and "NNNN" not in name]


def exists(name: str, *roots: Path) -> bool:
    pattern = re.sub(r"<\w+>", "*", name).rstrip("/")
    return any(any(root.glob(pattern)) for root in roots)


def section(path: Path, heading: str) -> str:
    text = path.read_text("utf-8")
    assert f"\n## {heading}\n" in text
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    "heading",
    [
        "Run one test",
        "Add an operation",
        "Add a database",
        "Add an error",
        "Add a setting",
        "Add a command",
        "Write a decision",
    ],
)
def test_files_that_contributors_are_sent_to_exist(heading: str) -> None:
    text = section(PROJECT / "CONTRIBUTING.md", heading)
    named = [*files_named_in(text), *re.findall(r"ARGS=\"(tests/\S+)\"", text)]

    assert named
    assert [name for name in named if not exists(name, PROJECT)] == []


def test_files_that_architecture_sends_to_exist() -> None:
    text = section(PROJECT / "docs/architecture.md", "Where to change what")
    named = files_named_in(text)

    assert len(named) > 20
    assert [name for name in named if not exists(name, PACKAGE, PROJECT)] == []


def test_every_decision_is_in_the_index() -> None:
    """Each has a row with its number and its own title."""
    index = (DECISIONS / "README.md").read_text("utf-8")
    for path in sorted(DECISIONS.glob("0*.md")):
        title = path.read_text("utf-8").splitlines()[0]
        number, _, words = title.removeprefix("# ").partition(". ")

        assert int(number) == int(path.name[:4])
        assert f"| {number} | [" in index and f"]({path.name})" in index, path.name
        assert words


def test_numbers_of_decisions_are_consecutive() -> None:
    numbers = [int(path.name[:4]) for path in sorted(DECISIONS.glob("0*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))


def rows_of_architecture() -> dict[str, str]:
    text = section(PROJECT / "docs/architecture.md", "Where to change what")
    return dict(
        re.findall(r"^\| (?!to change|---)(.+?) \| `(.+?)`", text, re.MULTILINE)
    )


# By the row: what stands in the file that it names first, and would be changed.
CHANGED_THERE = {
    "what a command prints": r"click\.style",
    "a new command": r"upgrade",
    "an option that several commands take": r"click\.option",
    "what `head`, `-1`, `shop@head` look like: a relative form": r"re\.compile",
    "what they mean": r"def resolve\(",
    "the order of revisions": r"^def ",
    "where a database stands after each step": r"heads",
    "who waits for whom: the lock": r"def locked\(",
    "what the version table holds": r"sa\.Column\(",
    "how a header is read": r"down_revision",
    "how a script is imported": r"exec",
    "what counts as an `env.py` that a tool wrote": r"ast\.",
    "the Python of an operation": r"CreateTable",
    "an operation in words": r"CreateTable",
    "the page in debug mode": r"class DebugPage",
    "how the history is drawn": r"def laid_out",
    "what counts as destroyed": r"DropTable",
    "what `--plan` tells": r"def planned_upgrade",
    "a function of `op`": r"def add_column\(",
    "when two types or defaults are the same": r"Comparison",
    "the SQL of one database": r"def alter_column|def add_column|def drop_index",
    "a new database": r"postgresql",
    "how SQLite rebuilds a table": r"INSERT INTO",
    "what is compared": r"def compare\(",
    "what counts as a rename": r"renamed_from",
    "what a rename does": r"RenameTable\(",
    "what is asked of a person": r"class Question",
    "in what order it is done": r"^def ",
    "a setting": r"class Settings",
    "an option of `context.configure()`": r"def configure\(",
    "transactions": r"transaction\(",
    "how long a statement waits, and who is in the way": r"class Retries",
    "how a half-applied revision is gone on with": r"class Journal",
    "what a failure is said to have left": r"rolled back",
    "what is hidden in messages": r"password",
    "what a protected database is asked for": r"class Consent",
    "what is recorded of a database": r"sa\.Column\(",
    "what happens before an app serves": r"def start\(",
    "a test that is ready for every app": r"def test_one_head",
    "what rows are made for tests": r"def value_for\(",
    "when a branch may be rebased": r"def rebase\(",
    "how a database is identified": r"def identify\(",
    "databases to try things out in": r"",
    "who is told of what happens": r"def told\(",
}


@pytest.mark.parametrize("change", rows_of_architecture())
def test_a_change_is_made_where_architecture_says(change: str) -> None:
    """The file holds what would be changed; folders and templates hold files."""
    name = rows_of_architecture()[change]
    found = [
        path
        for path in PACKAGE.glob(re.sub(r"<\w+>", "*", name).rstrip("/"))
        if path.is_dir()
        or re.search(CHANGED_THERE[change], path.read_text("utf-8"), re.M)
    ]

    assert found
