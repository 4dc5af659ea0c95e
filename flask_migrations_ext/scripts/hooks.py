"""Programs that run on each new file, such as a formatter; their failures are told.

A hook is a mapping: ``name``, ``type``, ``options``, and ``entrypoint``, ``executable``
or ``module`` for the three types. Another type is a function that the project has
registered, for example in its ``env.py``.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

from ..errors import HookFailed
from ..errors import UnknownOption
from ..wording import said_by

Hook = Mapping[str, str]
HookFunction = Callable[[str, dict[str, str]], object]

_FILE = "REVISION_SCRIPT_FILENAME"
"""Stands for the file among the options; left out, the file comes first."""

# A registration is a definition, as that of a function is: it holds for the process.
_registered: dict[str, HookFunction] = {}


def register(name: str) -> Callable[[HookFunction], HookFunction]:
    """Let a function be a type of hook; it gets the path and the options."""

    def keep(function: HookFunction) -> HookFunction:
        _registered[name] = function
        return function

    return keep


def run_hooks(hooks: Sequence[Hook], path: Path) -> None:
    """Run the hooks on a file, one after the other.

    :raises UnknownOption: if one of them is not complete.
    :raises HookFailed: if one cannot be started, or ends with another status than 0.
    """
    for hook in hooks:
        _run(hook, path)


def _run(hook: Hook, path: Path) -> None:
    name = hook.get("name", "?")
    function = _registered.get(hook.get("type", ""))
    if function is not None:
        _call(function, hook, name, path)
        return

    command = [*_program(hook, name), *_options(hook, name, path)]
    try:
        ran = subprocess.run(
            command,
            cwd=hook.get("cwd") or None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise HookFailed(name, path, error.strerror or str(error)) from error

    if ran.returncode != 0:
        said = ran.stdout.strip()
        reason = f"it ended with status {ran.returncode}"
        raise HookFailed(name, path, f"{reason}:\n{said}" if said else reason)


def _call(function: HookFunction, hook: Hook, name: str, path: Path) -> None:
    try:
        function(str(path), {**hook, "_hook_name": name})
    except Exception as error:
        raise HookFailed(name, path, said_by(error)) from error


def _program(hook: Hook, name: str) -> list[str]:
    match hook.get("type"):
        case "console_scripts":
            return _entry_point(_needed(hook, "entrypoint", name))
        case "exec":
            executable = _needed(hook, "executable", name)
            return [shutil.which(executable) or executable]
        case "module":
            return [sys.executable, "-m", _needed(hook, "module", name)]
        case None:
            raise UnknownOption("post_write_hooks", f"the hook '{name}' has no type")
        case other:
            raise UnknownOption(
                "post_write_hooks",
                f"the hook '{name}' has the unknown type '{other}';"
                " there are console_scripts, exec and module, and what env.py registers"
                " if it runs (revision_environment = true)",
            )


def _needed(hook: Hook, key: str, name: str) -> str:
    if not hook.get(key):
        raise UnknownOption("post_write_hooks", f"the hook '{name}' has no {key}")

    return hook[key]


def _entry_point(name: str) -> list[str]:
    for found in entry_points(group="console_scripts", name=name):
        function = f"__import__('importlib').import_module({found.module!r})"
        return [sys.executable, "-c", f"{function}.{found.attr}()"]

    raise UnknownOption(
        "post_write_hooks",
        f"no installed package has a command '{name}'; is it installed here?",
    )


def _options(hook: Hook, name: str, path: Path) -> list[str]:
    # As a shell of the system would take them apart.
    try:
        options = shlex.split(hook.get("options", ""), posix=os.name == "posix")
    except ValueError as error:
        raise UnknownOption(
            "post_write_hooks",
            f"the options of the hook '{name}' cannot be taken apart: {error}",
        ) from error
    if _FILE not in " ".join(options):
        return [str(path), *options]

    return [each.replace(_FILE, str(path)) for each in options]
