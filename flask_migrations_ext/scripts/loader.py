"""A revision file as running code: imported alone, leaving no trace behind."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
import traceback
import weakref
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Generator
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps
from importlib.machinery import SourcelessFileLoader
from pathlib import Path
from types import CodeType
from types import ModuleType
from uuid import uuid4

from ..errors import MigrationError
from ..errors import UnreadableScript
from ..errors import UnusableScript
from ..revisions.revision import Revision
from ..wording import said_by
from .compiled import compiled_code
from .compiled import SUFFIXES


@dataclass(frozen=True, eq=False)
class LoadedScript:
    """A revision with its code.

    ``upgrade`` and ``downgrade`` take what the functions in the file take. The
    module can be found under its name in ``sys.modules``, as dataclasses and
    pickle need, for as long as the script, or one of these two, is in use.
    """

    revision: Revision
    module: ModuleType

    @property
    def upgrade(self) -> Callable[..., object]:
        """The function that goes forward.

        :raises UnusableScript: if the file has none.
        """
        return self._function("upgrade")

    @property
    def downgrade(self) -> Callable[..., object]:
        """The function that goes back.

        :raises UnusableScript: if the file has none.
        """
        return self._function("downgrade")

    def pass_over(self, database: str) -> None:
        """Let the script do nothing to a database that it does not know.

        Templates for several databases write a function ``upgrade_<database>`` for
        each that there is. One that is added later has none in older scripts.
        """
        names = vars(self.module)
        begun = "\n" + "\n".join(names)
        for direction in ("upgrade", "downgrade"):
            if f"\n{direction}_" in begun:
                names.setdefault(f"{direction}_{database}", _nothing)

    def _function(self, name: str) -> Callable[..., object]:
        function = getattr(self.module, name, None)

        if not callable(function):
            raise UnusableScript(
                self.revision.path,
                f"it has no function {name}(); add one, with 'pass' in it if there"
                " is nothing to do",
            )

        @wraps(function)
        def call(*arguments: object, **keywords: object) -> object:
            # A script for several databases has a function for each.
            for each in (name, *(f"{name}_{argument}" for argument in arguments)):
                self._refuse_lazy(each, _laziness_of(vars(self.module).get(each)))
            try:
                # By way of self, which keeps the module findable meanwhile.
                returned = getattr(self.module, name)(*arguments, **keywords)
            except SystemExit as error:
                raise UnusableScript(self.revision.path, _exited(error)) from error

            if isinstance(returned, Coroutine | Generator):
                returned.close()
            self._refuse_lazy(name, _laziness_in(returned))
            return returned

        return call

    def _refuse_lazy(self, name: str, laziness: str | None) -> None:
        if laziness is not None:
            raise UnusableScript(
                self.revision.path, f"calling {name}() runs nothing of it: {laziness}"
            )


_LAZY: Mapping[type, str] = {
    AsyncIterator: "it is an asynchronous generator; make it a plain function",
    Awaitable: "it is asynchronous; make it a plain function, in which op.run_async()"
    " runs what is",
    Iterator: "it has a 'yield' in it, or returns what nobody loops over; make it a"
    " plain function",
}


def _laziness_of(function: object) -> str | None:
    # Not of what a decorator has in its hands: that may run it.
    if inspect.isasyncgenfunction(function):
        return _LAZY[AsyncIterator]
    if inspect.iscoroutinefunction(function):
        return _LAZY[Awaitable]

    return _LAZY[Iterator] if inspect.isgeneratorfunction(function) else None


def _laziness_in(returned: object) -> str | None:
    return next(
        (why for kind, why in _LAZY.items() if isinstance(returned, kind)), None
    )


def _exited(error: SystemExit) -> str:
    said = f" with {error.code!r}" if error.code is not None else ""
    return (
        f"it leaves the program{said}: a script cannot end the command; let it return,"
        " or raise an error"
    )


def _nothing() -> None:
    """Do nothing."""


def load_script(revision: Revision) -> LoadedScript:
    """Return the revision with its code, imported from its file.

    :raises UnreadableScript: if the file is not valid Python.
    :raises UnusableScript: if it has no file, or the file fails when imported.
    """
    path = revision.path

    if path is None:
        raise UnusableScript(None, f"revision '{revision.id}' comes from no file")

    module = _imported(path)
    script = LoadedScript(revision, module)
    weakref.finalize(script, sys.modules.pop, module.__name__, None).atexit = False
    return script


def values_in(path: Path) -> dict[str, object]:
    """Return the names that a revision file has after it ran.

    :raises UnreadableScript: if the file is not valid Python.
    :raises UnusableScript: if it fails.
    """
    module = _imported(path)
    sys.modules.pop(module.__name__, None)
    return dict(vars(module))


def _imported(path: Path) -> ModuleType:
    # A whole path, so that tracebacks find the line from any directory.
    path = path.absolute()
    code = _compiled(path)
    module = _empty_module(path)
    sys.modules[module.__name__] = module

    try:
        exec(code, module.__dict__)
    except BaseException as error:
        sys.modules.pop(module.__name__, None)
        if isinstance(error, SystemExit):
            raise UnusableScript(path, _exited(error)) from error
        if not isinstance(error, Exception):
            raise
        raise UnusableScript(path, _at_import(path, error)) from error

    return module


def run_file(path: Path) -> None:
    """Run a file of the user's, such as ``env.py``, from top to bottom.

    Errors of this package pass through, whoever raised them.

    :raises UnreadableScript: if it is not valid Python.
    :raises UnusableScript: if it fails.
    """
    path = path.absolute()
    code = _compiled(path)
    module = _empty_module(path)
    sys.modules[module.__name__] = module

    try:
        exec(code, module.__dict__)
    except MigrationError:
        raise
    except SystemExit as error:
        raise UnusableScript(path, _exited(error)) from error
    except Exception as error:
        if _raised_in(path, error):
            raise UnusableScript(path, _at_import(path, error)) from error
        raise
    finally:
        sys.modules.pop(module.__name__, None)


def _raised_in(path: Path, error: Exception) -> bool:
    # An error further down is not the file's own: it keeps its traceback.
    frames = traceback.extract_tb(error.__traceback__)
    own = {str(path), "<frozen importlib._bootstrap>"}
    return frames[-1].filename in own


def _compiled(path: Path) -> CodeType:
    if path.suffix in SUFFIXES:
        return compiled_code(path)

    # Not by way of the import system, which would write a .pyc beside the file.
    try:
        code: CodeType = compile(path.read_bytes(), path, "exec", dont_inherit=True)
        return code
    except SyntaxError as error:
        raise UnreadableScript(path, error.lineno, error.msg) from error
    except ValueError as error:
        # The first releases of Python 3.11 say so of NUL bytes.
        raise UnreadableScript(path, None, str(error)) from error
    except OSError as error:
        raise UnreadableScript(path, None, error.strerror or str(error)) from error


def _empty_module(path: Path) -> ModuleType:
    # Two threads may run the same file at once: each has a module of its own.
    stem = re.sub(r"\W", "_", path.stem)
    name = f"_migration_{stem}_{uuid4().hex}"
    # Of files that end in .pyo, the import system knows nothing any more.
    is_compiled = path.suffix in SUFFIXES
    loader = SourcelessFileLoader(name, str(path)) if is_compiled else None
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)

    if spec is None:
        raise UnusableScript(path, "its name does not end in .py")

    return importlib.util.module_from_spec(spec)


def _at_import(path: Path, error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    where = f"line {lines[-1]}: " if lines else ""
    return f"{where}{said_by(error)}"
