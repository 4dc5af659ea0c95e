"""Scripts of which nothing would run are refused, not taken for done."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_migrations_ext.errors import UnusableScript
from flask_migrations_ext.revisions.revision import Revision
from flask_migrations_ext.scripts.loader import load_script
from flask_migrations_ext.scripts.loader import LoadedScript
from flask_migrations_ext.scripts.loader import run_file

LAZY = {
    "async": "async def upgrade(): raise RuntimeError",
    "a generator": "def upgrade():\n    raise RuntimeError\n    yield",
    "an asynchronous generator": "async def upgrade():\n    yield",
    "a lambda with a yield": "upgrade = lambda: (yield)",
    "a coroutine, returned": "async def work(): pass\ndef upgrade(): return work()",
    "a generator, returned": "def upgrade(): return (print(x) for x in [1])",
    "a map": "def upgrade(): return map(print, [1])",
    "a decorated one": (
        "import functools\n"
        "def same(f): return functools.wraps(f)(lambda: f())\n"
        "@same\nasync def upgrade(): pass"
    ),
    "a method": ("class Work:\n    async def __call__(self): pass\nupgrade = Work()"),
}


def script(tmp_path: Path, text: str) -> LoadedScript:
    path = tmp_path / "a1_script.py"
    path.write_text(f"revision = 'a1'\n{text}\n")
    return load_script(Revision("a1", path=path))


@pytest.mark.parametrize("text", LAZY.values(), ids=LAZY)
def test_what_would_run_nothing_is_refused(tmp_path: Path, text: str) -> None:
    upgrade = script(tmp_path, text).upgrade

    with pytest.raises(UnusableScript, match=r"calling upgrade\(\) runs nothing of it"):
        upgrade()


@pytest.mark.parametrize("text", LAZY.values(), ids=LAZY)
def test_so_is_the_function_of_one_of_several_databases(
    tmp_path: Path, text: str
) -> None:
    if "def upgrade" not in text or "return" in text:
        return  # what such a function returns is lost in the file's own upgrade()
    both = text.replace("def upgrade(", "def upgrade_shop(")
    both += "\ndef upgrade(name): globals()[f'upgrade_{name}']()"

    with pytest.raises(UnusableScript, match="runs nothing of it"):
        script(tmp_path, both).upgrade("shop")


@pytest.mark.parametrize(
    "text",
    [
        "def upgrade(): pass",
        "def upgrade(): return [1]",
        "async def upgrade_rows(): pass\ndef upgrade(): pass",
        # A decorator that runs what it has in its hands.
        "import functools\n"
        "def looped(f): return functools.wraps(f)(lambda: list(f()) and None)\n"
        "@looped\ndef upgrade(): yield 1",
    ],
)
def test_what_runs_runs(tmp_path: Path, text: str) -> None:
    script(tmp_path, text).upgrade()


EXITS = ["exit()", "exit(0)", "exit(3)", "exit('why')"]


@pytest.mark.parametrize("call", EXITS)
def test_no_script_ends_the_command(tmp_path: Path, call: str) -> None:
    inside = script(tmp_path, f"import sys\ndef upgrade(): sys.{call}")
    with pytest.raises(UnusableScript, match="it leaves the program"):
        inside.upgrade()

    with pytest.raises(UnusableScript, match="it leaves the program"):
        script(tmp_path, f"import sys\nsys.{call}")

    env = tmp_path / "env.py"
    env.write_text(f"import sys\nsys.{call}\n")
    with pytest.raises(UnusableScript, match="it leaves the program"):
        run_file(env)


def test_an_error_that_cannot_say_what_it_is(tmp_path: Path) -> None:
    mute = (
        "class Mute(Exception):\n"
        "    def __str__(self): raise RuntimeError('no')\n"
        "raise Mute"
    )

    with pytest.raises(UnusableScript, match="Mute: its message cannot be had"):
        script(tmp_path, mute)
