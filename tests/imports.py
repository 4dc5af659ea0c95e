"""Which modules of the package import which, read from their text.

Every import counts: at the top, within a function, for type checkers alone, and
through ``import_module``.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path

Imports = Mapping[str, Collection[str]]


def imports_within(package: Path) -> dict[str, set[str]]:
    """Return what each module imports of the others, by dotted name."""
    texts = {_dotted(path, package): path for path in sorted(package.rglob("*.py"))}
    return {
        name: {
            known
            for imported in _imported(name, path)
            if (known := _module(imported, texts)) is not None
        }
        for name, path in texts.items()
    }


def circles_in(imports: Imports) -> list[list[str]]:
    """Return the largest groups of modules each of which needs all others."""
    reached = {name: _reached(name, imports) for name in imports}
    circles = {
        tuple(sorted(other for other in reached[name] if name in reached[other]))
        for name in imports
        if name in reached[name]
    }
    return [list(circle) for circle in sorted(circles)]


def _dotted(path: Path, package: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(name: str, path: Path) -> Iterator[str]:
    here = name.split(".")
    if path.name != "__init__.py":
        here.pop()

    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                yield from (each.name for each in node.names)
            case ast.ImportFrom():
                start = here[: len(here) + 1 - node.level] if node.level else []
                home = ".".join([*start, *filter(None, [node.module])])
                yield from (f"{home}.{each.name}" for each in node.names)
            case ast.Call(
                func=ast.Name("import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(str(text)), *_],
            ):
                yield f"{'.'.join(here)}{text}" if text.startswith(".") else text


def _module(imported: str, known: Collection[str]) -> str | None:
    """Return the module itself, or the one that has a name."""
    for candidate in (imported, imported.rpartition(".")[0]):
        if candidate in known:
            return candidate

    return None


def _reached(start: str, imports: Imports) -> set[str]:
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        fresh = set(imports[ahead.pop()]) - reached
        reached |= fresh
        ahead += fresh
    return reached
