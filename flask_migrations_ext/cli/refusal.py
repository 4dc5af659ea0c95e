"""What the terminal says where a command cannot go on."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from typing import Any

import click


def as_called(text: str, name: str | None) -> str:
    """Return a text that says ``flask db …`` with the group's own name in it."""
    return text.replace("'flask db ", f"'flask {name} ") if name else text


class Refusal(click.ClickException):
    """An error message on the terminal.

    :param exit_status: what the command ends with.
    """

    def __init__(self, message: str, exit_status: int = 1) -> None:
        super().__init__(message)
        # A constant of the class, to Click.
        vars(self)["exit_code"] = exit_status

    def show(self, file: Any = None) -> None:
        label = click.style("Error:", fg="red", bold=True)
        # Where it cannot be said, the exit status says it.
        with suppress(OSError, ValueError):
            shown_on(file or sys.stderr, f"{label} {self.format_message()}")


def is_plain() -> bool:
    """Return whether a terminal is to get nothing but characters."""
    # https://no-color.org
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def shown_on(stream: Any, text: str, *, newline: bool = True) -> None:
    """Write a text to a stream, its colours and characters as far as those go."""
    color = False if is_plain() else None
    text = _from_here(text) if stream.isatty() else text
    try:
        click.echo(text, file=stream, color=color, nl=newline)
    except UnicodeEncodeError as error:
        shown = text.encode(error.encoding, "backslashreplace").decode(error.encoding)
        click.echo(shown, file=stream, color=color, nl=newline)


def _from_here(text: str) -> str:
    """Return a text whose paths below the working directory begin there."""
    with suppress(OSError):
        # Not within a path, nor behind the slashes of a URL.
        here = re.escape(os.getcwd().rstrip(os.sep) + os.sep)
        return re.sub(rf"(?<![\w/.-]){here}(?=[\w.])", "", text)
    return text


def refuse_empty(ctx: click.Context) -> None:
    """Raise if an option or an argument was given without a value.

    An empty name of a database once meant the default one, and it was emptied.
    """
    for parameter in ctx.command.params:
        value = ctx.params.get(parameter.name or "")
        if value == "" or (isinstance(value, tuple) and "" in value):
            raise click.BadParameter(
                "it is empty; is a variable of your shell not set?", ctx, parameter
            )
