"""What an ``env.py`` says, read without running it: who wrote it, and what is custom.

The files that tools write use few names. What uses no others configures a run and does
nothing else, so that ours can take its place; a line that uses others is custom, unless
it is a setting that can be carried over.
"""

from __future__ import annotations

import ast
import dataclasses
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..config import Settings
from ..errors import UnreadableScript
from .env_options import carried_option
from .env_options import CarriedOption
from .env_options import OTHERWISE_NAMED

OURS = "flask-migrations-ext"
FLASK_MIGRATE = "Flask-Migrate"
ALEMBIC = "Alembic"
BY_HAND = "written by hand"


@dataclass(frozen=True)
class CustomLine:
    """A line that no tool wrote, and why it cannot be left out."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class EnvFile:
    """What there is to know of an ``env.py``.

    :param tool: who wrote it.
    :param version: which version of the tool, or which template, as people say it.
    :param options: what it passes to ``context.configure()`` and we know.
    :param imports: its imports of other modules, which may hold models.
    :param without_effect: what it passes and has no effect here.
    :param custom: the lines that cannot be carried over.
    :param takes_app_url: whether its databases are those of the app.
    :param names_engines: whether it passes ``engine_name`` to the scripts.
    :param default_name: what that is for the default database.
    :param leaves_binds: whether it runs on the default database only, of several.
    """

    tool: str
    version: str = ""
    options: tuple[CarriedOption, ...] = ()
    imports: tuple[str, ...] = ()
    without_effect: tuple[str, ...] = ()
    custom: tuple[CustomLine, ...] = ()
    takes_app_url: bool = False
    names_engines: bool = False
    default_name: str = ""
    leaves_binds: bool = False


def read_env(path: Path) -> EnvFile:
    """Return what an ``env.py`` says.

    :raises UnreadableScript: if it is not valid Python.
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        raise UnreadableScript(path, None, error.strerror or str(error)) from error

    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise UnreadableScript(path, error.lineno, error.msg) from error
    except ValueError as error:
        raise UnreadableScript(path, None, str(error)) from error

    return _Reading(tree, source.decode("utf-8", "replace")).result()


# -- the names that tools use ----------------------------------------------

_HARMLESS_MODULES = frozenset(
    {"__future__", "logging", "asyncio", "re", "sqlalchemy", "alembic", "flask"}
)

_PLAIN_MODULES = frozenset({"logging", "asyncio", "re"})

_ATTRIBUTES = frozenset(
    {
        # the settings of Alembic
        *(
            "config",
            "config_file_name",
            "config_ini_section",
            "cmd_opts",
            "autogenerate",
        ),
        *("get_main_option", "set_main_option", "get_section", "get_section_option"),
        "set_section_option",
        # the app
        *("extensions", "db", "metadata", "metadatas", "engine", "engines", "tables"),
        *("get_engine", "bind_names", "configure_args", "info", "bind_key"),
        # engines and connections
        *("url", "render_as_string", "connect", "begin", "begin_twophase", "prepare"),
        *("commit", "rollback", "close", "dispose", "run_sync", "sync_engine"),
        *("NullPool", "tometadata", "to_metadata", "_sync_connection"),
        # the run
        *("configure", "begin_transaction", "run_migrations", "is_offline_mode"),
        *("upgrade_ops", "upgrade_ops_list", "is_empty"),
        # Python
        *("get", "keys", "values", "items", "replace", "split", "getLogger"),
        *("run", "get_event_loop", "run_until_complete", "fileConfig", "append"),
        "start",
    }
)

_BUILTINS = frozenset(
    {
        *("hasattr", "getattr", "list", "len", "dict", "str", "open"),
        *("TypeError", "AttributeError", "KeyError", "Exception"),
    }
)

_FROM_MODULES = frozenset(
    {
        *("fileConfig", "engine_from_config", "async_engine_from_config", "pool"),
        *("MetaData", "Connection", "AsyncEngine", "context", "current_app"),
        *("with_statement", "annotations", "config"),
    }
)

_OPTION_TEXTS = frozenset({"sqlalchemy.url", "databases"})

_PARTS = frozenset(
    {
        *("connection", "url", "target_metadata", "output_buffer", "dialect_opts"),
        *("literal_binds", "upgrade_token", "downgrade_token"),
    }
)
"""What a run consists of, which is ours to say."""

_WITHOUT_EFFECT = frozenset(
    {
        *("transaction_per_migration", "transactional_ddl", "include_symbol"),
        "autogenerate_plugins",
    }
)

_SETTINGS = frozenset(field.name for field in dataclasses.fields(Settings))

_DIRECTIVES = "process_revision_directives"


class _Reading:
    """Goes through a file once, and collects."""

    def __init__(self, tree: ast.Module, source: str) -> None:
        self._tree = tree
        self._lines = source.splitlines()
        self._dump = ast.unparse(tree)
        self._known = _local_names(tree) | _BUILTINS
        self._foreign = dict(_foreign_names(tree))
        self._options: dict[str, CarriedOption] = {}
        self._without_effect: list[str] = []
        self._imports: list[str] = []
        self._custom: dict[int, CustomLine] = {}
        self._names_engines = False

    def result(self) -> EnvFile:
        if any(
            module.partition(".")[0] == "flask_migrations_ext"
            for module in self._foreign.values()
        ):
            return EnvFile(OURS)

        self._collect_options()
        carried = {id(node) for each in self._options.values() for node in each.nodes}
        for node in self._tree.body:
            if id(node) not in carried:
                self._visit(node)

        tool, version = self._made_by()
        return EnvFile(
            tool=tool,
            version=version,
            options=tuple(self._options.values()),
            imports=tuple(self._imports),
            without_effect=tuple(dict.fromkeys(self._without_effect)),
            custom=tuple(self._custom[line] for line in sorted(self._custom)),
            takes_app_url="current_app" in self._dump,
            names_engines=self._names_engines,
        )

    # -- settings ----------------------------------------------------------

    def _collect_options(self) -> None:
        for node in ast.walk(self._tree):
            match node:
                case ast.Call(func=ast.Attribute(attr="configure"), keywords=keywords):
                    for keyword in keywords:
                        if keyword.arg is not None:
                            self._option(keyword.arg, keyword.value)
                case ast.Assign(
                    targets=[
                        ast.Subscript(
                            value=ast.Name(), slice=ast.Constant(value=str() as name)
                        )
                    ],
                    value=value,
                ) if name in _SETTINGS:
                    self._option(name, value)

    def _option(self, name: str, value: ast.expr) -> None:
        if name in _PARTS:
            return

        if name in _WITHOUT_EFFECT - _SETTINGS:
            self._without_effect.append(name)
            return

        if name == _DIRECTIVES and self._is_function(value):
            # The function itself is looked at like the rest of the file.
            return

        if name not in _SETTINGS:
            self._note(value, f"'{name}' is no setting here")
            return

        option = carried_option(name, value, self._tree, self._lines)
        earlier = self._options.get(name)
        if option is None:
            self._note(value, f"the value of '{name}' cannot be carried over")
        elif earlier is not None and earlier.text != option.text:
            self._note(value, f"'{name}' has another value elsewhere")
        else:
            self._options[name] = option

    def _is_function(self, value: ast.expr) -> bool:
        return isinstance(value, ast.Name) and any(
            isinstance(node, ast.FunctionDef) and node.name == value.id
            for node in ast.walk(self._tree)
        )

    # -- everything else ---------------------------------------------------

    def _visit(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self._visit_import(statement)
            return

        may_name_models = _is_target_metadata(statement)
        for node in ast.walk(statement):
            reason = self._reason(node, may_name_models=may_name_models)
            if reason is not None:
                self._note(node, reason)

    def _visit_import(self, node: ast.Import | ast.ImportFrom) -> None:
        modules = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or "."]
        )
        tops = {module.partition(".")[0] for module in modules}
        if tops <= _HARMLESS_MODULES | sys.stdlib_module_names:
            return

        names = {alias.asname or alias.name for alias in node.names}
        if names & OTHERWISE_NAMED:
            self._note(node, "the name means another thing in an env.py of ours")
        else:
            self._imports.append(ast.unparse(node))

    def _reason(self, node: ast.AST, *, may_name_models: bool) -> str | None:
        match node:
            case ast.Name(id=name) if name in self._foreign and not may_name_models:
                if name not in _FROM_MODULES and not self._is_harmless(name):
                    return f"it uses {name}"
            case ast.Name(id=name, ctx=ast.Load()) if name not in self._known:
                return None if name in self._foreign else f"it uses {name}"
            case ast.Attribute(attr=name) if may_name_models:
                return None
            case ast.Attribute(attr=name) if name not in _ATTRIBUTES:
                return f"it uses .{name}"
            case ast.Call(func=ast.Attribute(attr="run_migrations")):
                return self._run_reason(node)
            case ast.Call(
                func=ast.Attribute(attr=function), args=[*_, ast.Constant(value=text)]
            ) if function == "get_main_option" and text not in _OPTION_TEXTS:
                if not (len(node.args) > 1 and _is_option_text(node.args[0])):
                    return f"it asks for the setting {text!r}"
            case ast.Assign(
                targets=[ast.Name(id="USE_TWOPHASE")], value=ast.Constant(value=True)
            ):
                return "each database has transactions of its own here"

        return None

    def _is_harmless(self, name: str) -> bool:
        return self._foreign[name].partition(".")[0] in _PLAIN_MODULES

    def _run_reason(self, call: ast.Call) -> str | None:
        for keyword in call.keywords:
            if keyword.arg != "engine_name":
                return "it passes arguments to the scripts"
            self._names_engines = True

        return None

    def _note(self, node: ast.AST, reason: str) -> None:
        line = getattr(node, "lineno", 1)
        text = self._lines[line - 1].strip() if line <= len(self._lines) else ""
        self._custom.setdefault(line, CustomLine(line, text, reason))

    # -- who wrote it ------------------------------------------------------

    def _made_by(self) -> tuple[str, str]:
        said = self._dump
        is_asynchronous = "run_sync(" in said
        if "current_app.extensions['migrate']" in said:
            version = self._generation()
            several = ", several databases" if self._names_engines else ""
            return FLASK_MIGRATE, f"{version}{several}{', async' * is_asynchronous}"

        if "engine_from_config(" in said:
            if self._names_engines:
                return ALEMBIC, "multidb"
            return ALEMBIC, "async" if is_asynchronous else "generic"

        return BY_HAND, ""

    def _generation(self) -> str:
        said = self._dump
        if "'SQLALCHEMY_DATABASE_URI'" in said:
            if _DIRECTIVES not in said and "upgrade_ops" not in said:
                return "1.x"
            return "2.5 or 2.6" if ".replace('%'" in said else "2.0 to 2.4"
        if "def get_engine(" in said:
            return "4.x"
        if ".db.get_engine(" in said and self._names_engines:
            return "2.7 to 4.0"
        if ".db.get_engine(" in said:
            return "4.0" if "def get_metadata(" in said else "3.1"

        return "2.7 to 3.0"


def _is_option_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in _OPTION_TEXTS


def _is_target_metadata(statement: ast.stmt) -> bool:
    # Which models are compared is checked against the app's, when it runs.
    match statement:
        case ast.Assign(targets=[ast.Name(id="target_metadata")]):
            return True
        case ast.AnnAssign(target=ast.Name(id="target_metadata")):
            return True
        case _:
            return False


def _local_names(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.arg(arg=name):
                found.add(name)
            case ast.ExceptHandler(name=str() as name):
                found.add(name)

    return found


def _foreign_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names that imports bring, with the module of each."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    name = alias.asname or alias.name.partition(".")[0]
                    yield name, alias.name
            case ast.ImportFrom(names=names, module=module):
                for alias in names:
                    yield alias.asname or alias.name, module or "."
