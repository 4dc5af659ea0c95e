"""Headers that only running the file tells."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flask_migrations_ext.errors import ComputedHeader
from flask_migrations_ext.errors import UnreadableScript
from flask_migrations_ext.errors import UnusableScript
from flask_migrations_ext.revisions.revision import Revision
from flask_migrations_ext.scripts.folder import MigrationsFolder
from flask_migrations_ext.scripts.header import read_header


def read(folder: Path, text: str) -> Revision:
    """Return the one revision of a folder with this text in its file."""
    path = folder / "versions" / "b2.py"
    path.parent.mkdir()
    path.write_text(text)
    (revision,) = MigrationsFolder(folder).read_revisions()
    return revision


@pytest.mark.parametrize(
    "text",
    [
        "BRANCH = 'shop'\nrevision = 'b2'\nbranch_labels = (BRANCH,)",
        "from colorsys import __name__ as branch_labels\nrevision = 'b2'",
        "revision = 'b2'\nif revision:\n    branch_labels = ['shop']",
        "revision = 'b2'\ntry:\n    pass\nfinally:\n    branch_labels = {'shop'}",
        "revision = f'b{2}'\nbranch_labels = 'shop'",
    ],
)
def test_a_header_that_is_computed_is_run(tmp_path: Path, text: str) -> None:
    revision = read(
        tmp_path,
        f'"""Open\n the shop.\n\n More."""\n{text}\ndown_revision = "a1"\n'
        "def upgrade(): pass\n",
    )

    assert (revision.id, revision.parents) == ("b2", ("a1",))
    assert revision.labels in (("shop",), ("colorsys",))
    assert (revision.message, revision.depends_on) == ("Open the shop.", ())
    assert revision.path is not None
    assert not any(name.startswith("_migration_b2") for name in sys.modules)
    with pytest.raises(ComputedHeader):
        read_header(revision.path)


def test_it_runs_in_the_block_that_is_given(tmp_path: Path) -> None:
    path = tmp_path / "versions" / "b2.py"
    path.parent.mkdir()
    path.write_text("import sys\nrevision = sys.inside\n")

    @contextmanager
    def inside() -> Iterator[None]:
        sys.inside = "b2"  # type: ignore[attr-defined]  # to see where it runs
        yield
        del sys.inside  # type: ignore[attr-defined]  # as above

    (revision,) = MigrationsFolder(tmp_path).read_revisions(inside)

    assert revision.id == "b2"


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("revision = len('b2')", UnreadableScript, "revision is 2, not an id"),
        ("revision = str()", UnreadableScript, "revision is '', not an id"),
        ("revision = str('a:b')", UnreadableScript, "cannot name a revision"),
        ("revision = 'b2'\ndepends_on = len('a')", UnreadableScript, "depends_on is 1"),
        ("revision = 'b2'\ndepends_on = [len('a')]", UnreadableScript, "not names"),
        ("revision = nothing", UnusableScript, "line 1: NameError"),
    ],
)
def test_what_is_no_header_is_told(
    tmp_path: Path, text: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        read(tmp_path, f"{text}\ndef upgrade(): pass\n")
