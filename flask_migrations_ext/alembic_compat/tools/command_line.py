"""``alembic.config``: the settings, and the ``alembic`` command line on them."""

from __future__ import annotations

import inspect
import sys
from argparse import ArgumentParser
from argparse import Namespace
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from ...errors import ConfigurationError
from ...errors import MigrationError
from ..projects.config import Config
from ..projects.options import settings_files
from ..projects.package import __version__
from . import command

__all__ = ["CommandLine", "Config", "main"]

Command = Callable[..., Any]
CommandFunction = Command
MessagingOptions = dict[str, bool]

_SWITCH = {"action": "store_true"}

_OPTIONS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "template": (("-t", "--template"), {"default": "generic"}),
    "package": (("--package",), _SWITCH),
    "message": (("-m", "--message"), {}),
    "autogenerate": (("--autogenerate",), _SWITCH),
    "sql": (("--sql",), _SWITCH),
    "tag": (("--tag",), {}),
    "head": (("--head",), {}),
    "splice": (("--splice",), _SWITCH),
    "depends_on": (("--depends-on",), {"action": "append"}),
    "rev_id": (("--rev-id",), {}),
    "version_path": (("--version-path",), {}),
    "branch_label": (("--branch-label",), {}),
    "verbose": (("-v", "--verbose"), _SWITCH),
    "resolve_dependencies": (("--resolve-dependencies",), _SWITCH),
    "rev_range": (("-r", "--rev-range"), {}),
    "indicate_current": (("-i", "--indicate-current"), _SWITCH),
    "purge": (("--purge",), _SWITCH),
    "check_heads": (("-c", "--check-heads"), _SWITCH),
}
"""By the name of a parameter: how it is typed."""

_SEVERAL: dict[str, dict[str, Any]] = {"revisions": {"nargs": "+"}}
_TYPED_AS = {command.stamp: {"revision": "revisions"}}

_COMMANDS = tuple(sorted(command.__all__))


class CommandLine:
    """The ``alembic`` program; :meth:`register_command` adds to it."""

    def __init__(self, prog: str | None = None) -> None:
        self.parser = ArgumentParser(prog)
        self._add_globals()
        self.subparsers = self.parser.add_subparsers()
        for name in _COMMANDS:
            self.register_command(getattr(command, name))

    def _add_globals(self) -> None:
        add = self.parser.add_argument
        add("--version", action="version", version=f"%(prog)s {__version__}")
        add(
            "-c",
            "--config",
            action="append",
            help="an ini file or a pyproject.toml, once each; by default"
            " $ALEMBIC_CONFIG, or alembic.ini and pyproject.toml in this folder",
        )
        add("-n", "--name", default="alembic", help="the section of the ini file")
        add("-x", action="append", help="an argument for env.py")
        add("--raiseerr", action="store_true", help="show where an error comes from")
        add("-q", "--quiet", action="store_true", help="print nothing")

    def register_command(self, fn: Command) -> None:
        """Add a function as a command.

        It gets the settings, then what is typed: parameters without a default are
        arguments, those with one are options if ``alembic`` has one of the name.
        """
        parameters = list(inspect.signature(fn).parameters.values())[1:]
        typed_as = _TYPED_AS.get(fn, {})
        names = [
            typed_as.get(each.name, each.name)
            for each in parameters
            if each.default is each.empty
        ]
        keywords = [each.name for each in parameters if each.default is not each.empty]

        parser = self.subparsers.add_parser(fn.__name__, help=_summary(fn))
        parser.set_defaults(cmd=(fn, names, [n for n in keywords if n in _OPTIONS]))
        for name in keywords:
            if name in _OPTIONS:
                flags, options = _OPTIONS[name]
                parser.add_argument(*flags, **options)
        for name in names:
            parser.add_argument(name, **_SEVERAL.get(name, {}))

    def run_cmd(self, config: Config, options: Namespace) -> None:
        """Run the command that was typed; an error is one line, and ends the process.

        :raises SystemExit: with the status 255, if it fails.
        """
        fn, names, keywords = options.cmd
        try:
            fn(
                config,
                *(getattr(options, name, None) for name in names),
                **{name: getattr(options, name, None) for name in keywords},
            )
        except MigrationError as error:
            if options.raiseerr:
                raise
            sys.stderr.write(f"FAILED: {error}\n")
            sys.exit(-1)

    def main(self, argv: Sequence[str] | None = None) -> None:
        """Do what is typed, in ``sys.argv`` or here."""
        options = self.parser.parse_args(argv)
        if not hasattr(options, "cmd"):
            self.parser.error("which command?")

        try:
            ini, toml = settings_files(options.config or ())
        except ConfigurationError as error:
            self.parser.error(str(error))
        config = Config(ini, toml, options.name, cmd_opts=options)
        self.run_cmd(config, options)


def main(
    argv: Sequence[str] | None = None, prog: str | None = None, **options: Any
) -> None:
    """Do what is typed, in ``sys.argv`` or here, as ``alembic`` does."""
    CommandLine(prog).main(argv)


def _summary(fn: Command) -> str:
    paragraph = (inspect.getdoc(fn) or "").partition("\n\n")[0]
    return " ".join(paragraph.split()).replace("%", "%%")
