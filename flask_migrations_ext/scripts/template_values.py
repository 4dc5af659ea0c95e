"""What a script template gets: names and texts that cannot become code.

A template writes ``${message}`` into a docstring, and ``${repr(up_revision)}`` into
code, ours as well as those that came with a folder. Each value fits both places: as
text it is escaped for a docstring, and its ``repr`` is what it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from ..revisions.revision import Revision


class _Text(str):
    def __str__(self) -> str:
        return _in_docstring(str.__str__(self))


class _Texts(tuple[str, ...]):
    def __str__(self) -> str:
        return _in_docstring(tuple.__repr__(self))


def header_values(revision: Revision) -> dict[str, Any]:
    """Return what a template is told of a revision, and what it may do with it."""
    return {
        "message": _Text(revision.message or "empty message"),
        "up_revision": _Text(revision.id),
        "down_revision": _shortest(revision.parents),
        "branch_labels": _several(revision.labels) or None,
        "depends_on": _shortest(revision.depends_on),
        "comma": _comma_separated,
        "quoted": quoted,
    }


def tamed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with plain texts in place of those that could be more."""
    return {name: _tame(value) for name, value in values.items()}


def shape_of(source: bytes) -> list[str]:
    """Return what a file consists of, whatever its texts say."""
    return list(_shape(ast.parse(source)))


def _tame(value: Any) -> Any:
    if isinstance(value, _Text):
        return _Text(re.sub(r"[^\w .,:]", "_", value))

    return _several(map(_tame, value)) if isinstance(value, _Texts) else value


def _shape(node: ast.AST) -> Iterator[str]:
    yield type(node).__name__
    for name, value in ast.iter_fields(node):
        several = value if isinstance(value, list) else [value]
        for each in several:
            if isinstance(each, ast.AST):
                yield from _shape(each)
            elif not (isinstance(node, ast.Constant) and isinstance(each, str)):
                yield f"{name}={each!r}"


def _shortest(names: tuple[str, ...]) -> _Text | _Texts | None:
    if not names:
        return None

    return _Text(names[0]) if len(names) == 1 else _several(names)


def _several(names: Any) -> _Texts:
    return _Texts(map(_Text, names))


def _in_docstring(text: str) -> str:
    """Return the text such that a docstring with it reads as meant."""
    # A quote stays as it is unless it would help to close the docstring.
    return re.sub(r"""\\|"(?="")|"\Z|'(?='')""", r"\\\g<0>", text)


def quoted(names: str | Sequence[str] | None) -> str:
    """Return the names as Python, in the quotes that formatters prefer."""
    if names is None:
        return "None"

    if isinstance(names, str):
        text = repr(names)
        return text if '"' in text else f'"{text[1:-1]}"'

    inner = ", ".join(quoted(each) for each in names)
    return f"({inner},)" if len(names) == 1 else f"({inner})"


def _comma_separated(names: str | Sequence[str] | None) -> str:
    return str(names) if isinstance(names, str) else ", ".join(map(str, names or ()))
