"""Where an app defines tables of which no model is known: in modules nobody imported.

Reads files of the app, never imports one. Of a module that is gone, what Python has
compiled of it tells what it was.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MOST_FILES = 3000
_LARGEST = 1_000_000
_NOT_OF_APP = frozenset(
    {"site-packages", "dist-packages", "node_modules", "test", "tests"}
)


@dataclass(frozen=True)
class Definition:
    """A file that names a table as a model does.

    :param is_there: whether it is source that could be imported.
    """

    path: Path
    is_there: bool


def definitions(
    root: Path, tables: Collection[str], loaded: Collection[Path], without: Path
) -> dict[str, Definition]:
    """Return by its name where a table is, or was, defined that no model has.

    :param root: the folder of the app.
    :param loaded: the files of modules that are imported: they define what they do.
    :param without: a folder that holds no models, that of the migrations.
    """
    found: dict[str, Definition] = {}
    wanted = {name: _defines(name) for name in tables}
    for path in _files(root, without):
        source = path if path.suffix == ".py" else _source_of(path)
        is_there = path.suffix == ".py"
        if not wanted or source in loaded or (not is_there and source.exists()):
            continue
        try:
            text = path.read_bytes()
        except OSError:
            continue
        for name, (in_source, compiled) in list(wanted.items()):
            if (in_source if is_there else compiled).search(text):
                found[name] = Definition(source, is_there)
                del wanted[name]

    return found


def _files(root: Path, without: Path) -> Iterator[Path]:
    """Yield source files first, then compiled ones."""
    compiled: list[Path] = []
    number = 0
    for folder, inner, names in os.walk(root):
        here = Path(folder)
        inner[:] = sorted(
            each
            for each in inner
            if each not in _NOT_OF_APP
            and here / each != without
            and not (here / each / "pyvenv.cfg").exists()
            and (not each.startswith("."))
        )
        for name in sorted(names):
            path = here / name
            if path.suffix not in (".py", ".pyc"):
                continue
            number += 1
            if number > _MOST_FILES:
                break
            if path.stat().st_size > _LARGEST:
                continue
            if path.suffix == ".py":
                yield path
            else:
                compiled.append(path)

    yield from compiled


def _source_of(path: Path) -> Path:
    return path.parent.parent / f"{path.name.partition('.')[0]}.py"


def _defines(table: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Return what finds a model of a table in source, and in compiled code."""
    name = re.escape(table.encode())
    quoted = rb"""["']""" + name + rb"""["']"""
    camel = "".join(part.capitalize() for part in table.split("_")).encode()
    said = rb"__tablename__\s*(?::\s*\w+\s*)?=\s*" + quoted
    made = rb"\bTable\(\s*" + quoted
    named = rb"^class\s+" + re.escape(camel) + rb"\s*\([^)]*\bModel\b"

    return (
        re.compile(said + rb"|" + made + rb"|" + named, re.MULTILINE),
        re.compile(
            rb"(?s)__tablename__.*(?<!\w)" + name + rb"(?!\w)|"
            rb"(?<!\w)" + name + rb"(?!\w).*__tablename__"
        ),
    )
