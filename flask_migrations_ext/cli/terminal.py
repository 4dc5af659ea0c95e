"""Where text goes: to streams that may be closed, full or unable to show it."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import subprocess
import sys
import textwrap
from contextlib import suppress
from pathlib import Path
from typing import Any

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


def fitted(text: str, indent: str, **style: Any) -> str:
    """Return a line, broken where the terminal ends; in a pipe it is whole.

    :param style: how its text looks.
    """
    if sys.stdout.isatty():
        width = max(shutil.get_terminal_size().columns, 40)
        parts = textwrap.wrap(text, width - len(indent) - 2, break_on_hyphens=False)
        text = f"\n{indent}  ".join(parts)

    return f"{indent}{click.style(text, **style)}"


def tell(text: str, *, newline: bool = True) -> None:
    """Write what a person should know to stderr; if that fails, all goes on."""
    with suppress(OSError, ValueError):
        shown_on(sys.stderr, text, newline=newline)


def edit(path: Path) -> None:
    """Open a file in the editor that a person has chosen, and wait for its end.

    Not by Click, which in its earlier versions hands the name of the file to a shell.

    :raises Refusal: if the editor cannot be started, or fails.
    """
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR") or _usual_editor()
    words = shlex.split(chosen, posix=os.name != "nt")
    try:
        status = subprocess.call([*words, str(path)])
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refusal(f"the editor '{chosen}' cannot be started: {reason}") from error
    if status:
        raise Refusal(f"the editor '{chosen}' ended with status {status}")


def _usual_editor() -> str:
    usual = ("sensible-editor", "vim", "nano")
    found = next((each for each in usual if shutil.which(each)), "vi")
    return "notepad" if os.name == "nt" else found
