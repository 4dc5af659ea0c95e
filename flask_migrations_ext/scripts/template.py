"""Mako templates made into text; their failures told with the template's line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..errors import TemplateFailed
from ..wording import said_by


def rendered(path: Path, values: Mapping[str, object]) -> str:
    """Return what the template makes of the values, with plain line ends.

    :raises TemplateFailed: if it cannot be read, is not valid, or fails.
    """
    # Most commands write nothing and need not wait for Mako.
    from mako.template import Template

    # A template runs the user's code, which may raise anything.
    try:
        text: str = Template(filename=str(path)).render_unicode(**values)
    except Exception as error:
        raise TemplateFailed(path, _failure(error)) from error

    # A checkout on Windows gives templates line ends that the values lack.
    return text.replace("\r\n", "\n")


def _failure(error: Exception) -> str:
    if isinstance(error, NameError) and str(error) == "Undefined":
        reason = "it uses a name that has no value here"
    else:
        reason = said_by(error)

    line, text = _line_and_text(error)
    where = f"line {line}: " if line else ""
    return f"{where}{reason}" + (f", in: {text.strip()}" if text else "")


def _line_and_text(error: Exception) -> tuple[int | None, str]:
    from mako.exceptions import CompileException
    from mako.exceptions import RichTraceback
    from mako.exceptions import SyntaxException

    if isinstance(error, CompileException | SyntaxException):
        return error.lineno, ""

    # The code made from a template has lines of its own; here are the template's.
    # Without any, RichTraceback.lineno would be a line of some other file.
    for *_, line, text, _ in reversed(RichTraceback(error=error).records):
        if line:
            return line, text or ""

    return None, ""
