"""Where text goes: to streams that may be closed, full or unable to show it."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import textwrap
from contextlib import suppress

import click

from .refusal import Refusal
from .refusal import shown_on


def write(text: str) -> None:
    """Write what was asked for to stdout.

    :raises Refusal: if it cannot be written, unless nobody reads it any more.
    """
    try:
        shown_on(sys.stdout, text)
    except OSError as error:
        if error.errno == errno.EPIPE:
            # Click ends the command, as is the custom after ``| head -1``.
            raise
        # What is left of it would be tried once more, on the way out.
        sys.stdout = open(os.devnull, "w")
        reason = error.strerror or str(error)
        raise Refusal(f"the output cannot be written: {reason}") from error


def fitted(text: str, indent: str) -> str:
    """Return a line, broken where the terminal ends; in a pipe it is whole."""
    if not sys.stdout.isatty():
        return f"{indent}{text}"

    width = shutil.get_terminal_size().columns
    # Colours take no room.
    hidden = len(text) - len(click.unstyle(text))
    return "\n".join(
        textwrap.wrap(
            text,
            max(width, 40) + hidden,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_on_hyphens=False,
        )
    )


def tell(text: str, *, newline: bool = True) -> None:
    """Write what a person should know to stderr; if that fails, all goes on."""
    with suppress(OSError, ValueError):
        shown_on(sys.stderr, text, newline=newline)
