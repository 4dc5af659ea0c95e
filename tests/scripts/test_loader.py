"""Revision files as running code."""

from __future__ import annotations

import gc
import inspect
import pickle
import sys
import traceback
from pathlib import Path

import pytest

from flask_migrations_ext.errors import UnreadableScript
from flask_migrations_ext.errors import UnusableScript
from flask_migrations_ext.revisions.revision import Revision
from flask_migrations_ext.scripts.loader import load_script
from flask_migrations_ext.scripts.loader import LoadedScript

WHOLE = "def upgrade(): return 'up'\ndef downgrade(): return 'down'\n"


def script_of(folder: Path, text: str | bytes, name: str = "ab12_x.py") -> LoadedScript:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_script(Revision("ab12", path=path))


def test_both_directions_run(tmp_path: Path) -> None:
    script = script_of(tmp_path, WHOLE)

    assert script.upgrade() == "up"
    assert script.downgrade() == "down"
    assert script.revision.id == "ab12"


def test_directions_take_what_the_functions_take(tmp_path: Path) -> None:
    script = script_of(tmp_path, "def upgrade(engine_name, *, x=1): return engine_name")

    assert script.upgrade(engine_name="users") == "users"
    assert list(inspect.signature(script.upgrade).parameters) == ["engine_name", "x"]


@pytest.mark.parametrize("missing", ["upgrade", "downgrade"])
@pytest.mark.parametrize("instead", ["", "{} = None"])
def test_a_missing_direction_is_told_when_it_is_needed(
    tmp_path: Path, missing: str, instead: str
) -> None:
    script = script_of(tmp_path, WHOLE + f"del {missing}\n" + instead.format(missing))

    with pytest.raises(UnusableScript, match=rf"no function {missing}\(\)") as caught:
        getattr(script, missing)

    assert caught.value.path == tmp_path / "ab12_x.py"


def test_a_syntax_error_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableScript) as caught:
        script_of(tmp_path, "def upgrade():\n    x = = 1\n")

    assert caught.value.line == 2
    assert caught.value.path == tmp_path / "ab12_x.py"


@pytest.mark.parametrize("text", [b"x = 1\x00", "'é'".encode("latin-1")])
def test_what_python_cannot_decode_is_told(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(UnreadableScript):
        script_of(tmp_path, text)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableScript, match="No such file"):
        load_script(Revision("ab12", path=tmp_path / "gone.py"))


def test_a_revision_without_a_file_is_told() -> None:
    with pytest.raises(UnusableScript, match="'ab12' comes from no file"):
        load_script(Revision("ab12"))


def test_a_file_that_is_not_python_by_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableScript, match="does not end in .py"):
        script_of(tmp_path, WHOLE, name="ab12")


def test_a_failing_import_is_told_with_the_line_in_the_script(tmp_path: Path) -> None:
    text = "import json\n\ndef read():\n    json.loads('{')\n\nread()\n"

    with pytest.raises(UnusableScript, match="line 4: JSONDecodeError: ") as caught:
        script_of(tmp_path, text)

    assert isinstance(caught.value.__cause__, ValueError)


def test_a_syntax_error_in_what_a_script_imports_is_not_its_own(
    tmp_path: Path,
) -> None:
    with pytest.raises(UnusableScript, match="line 2: SyntaxError: "):
        script_of(tmp_path, "\ncompile('=', 'models.py', 'exec')\n")


def test_a_script_that_exits_does_not_end_the_command(tmp_path: Path) -> None:
    with pytest.raises(UnusableScript, match="it leaves the program with 3"):
        script_of(tmp_path, "raise SystemExit(3)", name="exiting.py")

    assert not [name for name in sys.modules if "exiting" in name]


def test_dataclasses_and_pickle_find_the_module(tmp_path: Path) -> None:
    script = script_of(
        tmp_path,
        "from __future__ import annotations\n"
        "import pickle\n"
        "from dataclasses import dataclass\n"
        "from typing import ClassVar\n"
        "@dataclass\n"
        "class Row:\n"
        "    kind: ClassVar[str] = 'row'\n"
        "    id: int = 1\n"
        "def upgrade(): return pickle.loads(pickle.dumps(Row(7)))\n",
    )

    assert script.upgrade() == script.module.Row(7)
    assert pickle.loads(pickle.dumps(script.module.Row)) is script.module.Row


def test_the_module_is_forgotten_with_its_script(tmp_path: Path) -> None:
    script = script_of(tmp_path, WHOLE)
    name = script.module.__name__

    assert name in sys.modules

    del script
    gc.collect()

    assert name not in sys.modules


def test_a_direction_alone_keeps_the_module_findable(tmp_path: Path) -> None:
    upgrade = script_of(
        tmp_path, "import sys\ndef upgrade(): return sys.modules[__name__].__name__"
    ).upgrade
    gc.collect()

    assert upgrade() in sys.modules


def test_the_same_file_twice_gives_two_modules(tmp_path: Path) -> None:
    first = script_of(tmp_path, WHOLE + "seen = []")
    second = script_of(tmp_path, WHOLE + "seen = []")

    first.module.seen.append(1)

    assert second.module.seen == []
    assert sys.modules[first.module.__name__] is first.module
    assert sys.modules[second.module.__name__] is second.module


def test_nothing_is_left_in_the_folder_or_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    before = list(sys.path)

    script_of(tmp_path, WHOLE).upgrade()

    assert [path.name for path in tmp_path.iterdir()] == ["ab12_x.py"]
    assert sys.path == before


def test_tracebacks_show_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for a relative path, after the working directory has changed."""
    monkeypatch.chdir(tmp_path)
    script = script_of(Path(), "def upgrade():\n    x = 1\n    return x / 0  # here\n")
    monkeypatch.chdir("/")

    with pytest.raises(ZeroDivisionError) as caught:
        script.upgrade()

    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.lineno) == (str(tmp_path / "ab12_x.py"), 3)
    assert last.line == "return x / 0  # here"


def test_scripts_are_compiled_without_our_own_future_imports(tmp_path: Path) -> None:
    script = script_of(tmp_path, "def upgrade(x: int): pass\n")

    assert script.module.upgrade.__annotations__ == {"x": int}


def test_a_script_knows_its_file(tmp_path: Path) -> None:
    script = script_of(tmp_path, WHOLE + "import os\nhere = os.path.dirname(__file__)")

    assert script.module.here == str(tmp_path)
    assert "def upgrade" in inspect.getsource(script.module)
