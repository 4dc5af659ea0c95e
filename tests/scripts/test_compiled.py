"""Revisions that are there as compiled code only (``sourceless``)."""

from __future__ import annotations

import dis
import importlib.util
import marshal
import py_compile
from pathlib import Path

import pytest

from flask_migrations_ext.errors import UnreadableScript
from flask_migrations_ext.scripts import marshalled
from flask_migrations_ext.scripts.compiled import compiled_code
from flask_migrations_ext.scripts.compiled import header_source
from flask_migrations_ext.scripts.folder import MigrationsFolder
from flask_migrations_ext.scripts.header import header_of
from flask_migrations_ext.scripts.header import read_header
from flask_migrations_ext.scripts.loader import load_script

SCRIPT = '''\
"""Users

More of it.
"""

from typing import Sequence

revision: str = "a1"
down_revision = ("b2", "c3")
branch_labels: Sequence[str] | None = ["x", "y", "z"]
depends_on = None


def upgrade():
    return "up"


def downgrade():
    return "down"
'''


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "versions").mkdir()
    path = tmp_path / "versions" / "a1_users.py"
    path.write_text(SCRIPT)
    return path


def compiled(source: Path, *, beside: bool = False) -> Path:
    """Compile a file, remove it, and return what is left."""
    target = str(source.with_suffix(".pyc")) if beside else None
    made = Path(str(py_compile.compile(str(source), cfile=target, doraise=True)))
    source.unlink()
    return made


def found_in(source: Path, *, sourceless: bool = True) -> list[Path]:
    folder = MigrationsFolder(source.parents[1], sourceless=sourceless)
    return list(folder.script_files())


@pytest.mark.parametrize("beside", [True, False])
def test_a_compiled_file_says_and_does_the_same(source: Path, beside: bool) -> None:
    before = read_header(source)
    path = compiled(source, beside=beside)
    revision = read_header(path)
    assert before is not None and revision is not None

    assert (revision.id, revision.parents) == (before.id, before.parents)
    assert (revision.labels, revision.doc) == (before.labels, before.doc)
    assert load_script(revision).upgrade() == "up"
    assert load_script(revision).downgrade() == "down"


@pytest.mark.parametrize(
    "header",
    [
        'revision, down_revision = "a1", None\n',
        'revision = other = "a1"\ndepends_on = {"x", "y", "z"}\n',
        'revision = "a" + "1"\nbranch_labels = ["x"]\ndown_revision = []\n',
        'import os\nrevision = "a1"\nSIZES = {"a": [1, 2]}\ndown_revision = "b2"\n',
    ],
)
def test_every_way_to_write_a_header_is_read(header: str, source: Path) -> None:
    source.write_text(f"{header}\ndef upgrade(): pass\n")
    expected = header_of(source.read_bytes(), source)
    found = read_header(compiled(source))
    assert expected is not None and found is not None

    assert (found.id, found.parents) == (expected.id, expected.parents)
    assert sorted(found.labels) == sorted(expected.labels)
    assert sorted(found.depends_on) == sorted(expected.depends_on)


def test_a_computed_header_is_refused(source: Path) -> None:
    source.write_text("revision = str(1)\ndef upgrade(): pass\n")

    with pytest.raises(UnreadableScript, match="must be written out"):
        read_header(compiled(source))


def test_they_count_only_when_asked_for_and_without_their_source(source: Path) -> None:
    py_compile.compile(str(source), doraise=True)
    assert found_in(source) == [source]

    path = compiled(source)
    assert found_in(source) == [path]
    assert found_in(source, sourceless=False) == []

    again = source.with_suffix(".pyc")
    again.write_bytes(path.read_bytes())
    assert len(found_in(source)) == 1


def test_those_of_another_python_are_passed_over_in_a_cache(source: Path) -> None:
    path = compiled(source)
    path.rename(path.with_name("a1_users.cpython-27.pyc"))

    assert found_in(source) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x03\xf3\r\n" + b"\0" * 20, "another version of Python"),
        (importlib.util.MAGIC_NUMBER + b"\0" * 12, "it is damaged"),
        (importlib.util.MAGIC_NUMBER + b"\0" * 12 + b"N", "it holds no code"),
    ],
)
def test_a_file_that_is_no_code_is_named(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "a1.pyc"
    path.write_bytes(content)

    with pytest.raises(UnreadableScript, match=said):
        read_header(path)


def test_a_header_of_more_than_names_is_not_written_out() -> None:
    # Shared parts make a small file of what may be endless in writing.
    endless: tuple[object, ...] = ("x",)
    for _ in range(9):
        endless = (endless, endless)
    code = compile("revision = 0.5", "a1.py", "exec")
    code = code.replace(
        co_consts=tuple(endless if each == 0.5 else each for each in code.co_consts)
    )

    assert header_source(code) == b"revision = computed()\n"


def test_a_forged_list_that_doubles_itself_for_ever() -> None:
    code = compile("revision = ['a', 'b', 'c']", "a1.py", "exec")
    names = {dis.opname[op]: op for op in range(256)}
    doubled = bytes([names["COPY"], 1, names["LIST_EXTEND"], 1]) * 100
    start = code.co_code.index(names["STORE_NAME"])
    code = code.replace(
        co_code=code.co_code[:start] + doubled + code.co_code[start:], co_stacksize=99
    )

    assert b"computed()" in header_source(code)


def test_tables_of_lines_and_positions_are_not_read() -> None:
    code = compile("revision = 'a1'\ndown_revision = None\n", "a1.py", "exec")
    code = code.replace(co_linetable=b"", co_exceptiontable=b"\xff" * 9)

    assert header_source(code) == b"revision = 'a1'\ndown_revision = None\n"


def nested(level: int, depth: int = 60) -> bytes:
    """Return a pair of one and the same pair, and so on, as marshal writes it."""
    if level == depth:
        return b"\xa9\x01N"

    # It is the thing of this number that may be named again.
    again = b"r" + (level + 1).to_bytes(4, "little")
    return b"\xa9\x02" + nested(level + 1) + again


def test_shared_parts_that_are_endless_in_writing_are_not_loaded(
    tmp_path: Path,
) -> None:
    """Python would look at each as often as it stands somewhere."""
    assert isinstance(marshal.loads(nested(0)), tuple)
    empty = b"\x29\x00"
    # A module of no code, whose constants they are.
    code = b"c" + bytes(20) + b"s" + bytes(4) + nested(0) + empty * 6
    path = tmp_path / "a1.pyc"
    tail = bytes(4) + empty * 2
    path.write_bytes(importlib.util.MAGIC_NUMBER + bytes(12) + code + tail)

    with pytest.raises(UnreadableScript, match="more than a script"):
        compiled_code(path)


def test_what_python_has_compiled_is_read_to_its_end() -> None:
    content = marshal.dumps(compile(Path(__file__).read_text(), "a1.py", "exec"))
    parts = marshalled._Parts(content)

    assert 100 < parts.count(0) < 100_000
    assert parts._at == len(content)
    assert not marshalled.is_endless(content)
