"""The databases of an app against its models: what differs, and the script for it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

import sqlalchemy as sa

from ..autogenerate.compare.schema import comparison
from ..autogenerate.describe import describe
from ..autogenerate.filters import schemas_to_read
from ..autogenerate.hooks import compared_outside
from ..autogenerate.hooks import Comparing
from ..autogenerate.hooks import is_taken_over
from ..autogenerate.options import CompareOptions
from ..autogenerate.render.layout import literal
from ..autogenerate.render.script import Body
from ..config import Settings
from ..context import Configured
from ..dialects.comparison import ComparisonRules
from ..dialects.registry import rules_for
from ..errors import BehindHead
from ..errors import ConfigurationError
from ..errors import DifferencesFound
from ..errors import NoModels
from ..operations.base import Operation
from ..revisions.plan import missing
from ..schema.from_sqlalchemy import read_metadata
from ..schema.model import Schema
from ..schema.model import TableName
from .directives import Directives
from .directives import NewScript
from .session import Binds
from .session import known_heads
from .session import ProjectSession
from .session import XArguments


@dataclass(frozen=True)
class ScriptBody:
    """What a new file does, as Python text.

    :param names: more of it, for templates that name databases one by one.
    """

    upgrades: str = "pass"
    downgrades: str = "pass"
    imports: tuple[str, ...] = ()
    parameters: str = ""
    names: Mapping[str, object] = field(default_factory=dict)


EMPTY = ScriptBody()
_PARAMETER = "bind_key: str | None"


def empty_for(bind_keys: Iterable[str | None]) -> ScriptBody:
    """Return the text of a script that asks for these databases, and does nothing."""
    blocks = [f"    {_condition(key)}:\n        pass" for key in bind_keys]
    text = "\n\n".join(blocks)
    return ScriptBody(text, text, parameters=_PARAMETER)


@dataclass(frozen=True)
class Compared:
    """One database against its models."""

    title: str
    bind_key: str | None
    operations: tuple[Operation, ...]
    notes: tuple[str, ...]
    settings: Settings
    left_alone: NoModels | None = None
    """Why the tables of this database were not compared."""

    @property
    def differences(self) -> tuple[str, ...]:
        """A line for each operation."""
        prefix = f"[{self.title}] " if self.title else ""
        return tuple(f"{prefix}{describe(each)}" for each in self.operations)


@dataclass(frozen=True)
class Comparison:
    """All databases of an app against their models."""

    compared: tuple[Compared, ...]
    models: int
    directives: Directives
    differed: bool = False
    """Whether there was anything to do before the user's function left it out."""

    passed_over: tuple[str, ...] = ()
    """The titles of databases that have models, and that ``env.py`` passes over."""

    @property
    def scripts(self) -> tuple[NewScript, ...]:
        """What is to be written, in this order."""
        return self.directives.scripts

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not any(each.operations for each in self.compared)

    @property
    def differences(self) -> tuple[str, ...]:
        """A line for each operation."""
        return tuple(line for each in self.compared for line in each.differences)

    @property
    def databases(self) -> tuple[str, ...]:
        """The titles of the databases."""
        return tuple(each.title for each in self.compared)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should look at."""
        notes = [note for each in self.compared for note in each.notes]
        notes += [str(each.left_alone) for each in self.compared if each.left_alone]
        notes += [
            f"Database '{title}' has models, but env.py does not run on it; without an"
            " env.py, all are migrated."
            for title in self.passed_over
        ]
        if not self.models:
            notes.append("The app's metadata holds no table; are the models imported?")

        return tuple(notes)

    def refuse_differences(self) -> None:
        """Raise unless there are none.

        :raises DifferencesFound: with a line for each.
        """
        noticed = tuple(note for each in self.compared for note in each.notes)
        if not self.is_empty or noticed:
            raise DifferencesFound((*self.differences, *noticed))

    def body(self, script: NewScript) -> ScriptBody:
        """Return the text of one of the scripts that remove the differences."""
        names, imports = self._by_token(script)
        if self._has_tokens:
            return ScriptBody(imports=imports, names=names)

        upgrades = self._rendered(script, self.directives.upgrades)
        downgrades = self._rendered(script, self.directives.downgrades)

        return ScriptBody(
            upgrades.text,
            downgrades.text,
            imports,
            _PARAMETER if self._names_binds else "",
            names={
                **(self.compared[0].settings.template_args or {}),
                **self._by_bind(script),
            },
        )

    def _by_bind(self, script: NewScript) -> dict[str, object]:
        """Return the text for each bind, as templates for several databases ask."""
        if not self._names_binds:
            return {}

        names: dict[str, object] = {}
        for position, each in enumerate(self.compared):
            up = self.directives.upgrades(script, position, each.settings)
            down = self.directives.downgrades(script, position, each.settings)
            names[f"{each.bind_key or ''}_upgrades"] = up.text
            names[f"{each.bind_key or ''}_downgrades"] = down.text

        return names

    @property
    def _has_tokens(self) -> bool:
        return any(
            each.settings.upgrade_token != Settings.upgrade_token
            for each in self.compared
        )

    def _by_token(self, script: NewScript) -> tuple[dict[str, object], tuple[str, ...]]:
        names: dict[str, object] = dict(self.compared[0].settings.template_args or {})
        imports = set(script.imports)
        for position, each in enumerate(self.compared):
            settings = each.settings
            up = self.directives.upgrades(script, position, settings)
            down = self.directives.downgrades(script, position, settings)
            for token, body in (
                (settings.upgrade_token, up),
                (settings.downgrade_token, down),
            ):
                names[token] = body.text
                imports.update(body.imports)

        return names, tuple(sorted(imports))

    @property
    def _names_binds(self) -> bool:
        return any(
            each.operations and each.bind_key is not None for each in self.compared
        )

    def _rendered(
        self,
        script: NewScript,
        to_text: Callable[[NewScript, int, Settings], Body],
    ) -> Body:
        bodies = [
            (each, to_text(script, position, each.settings))
            for position, each in enumerate(self.compared)
            if each.operations
        ]
        if not bodies:
            return Body("    pass")

        if not self._names_binds:
            # One text has to serve all, as for several tenants.
            if any(body != bodies[0][1] for _, body in bodies):
                raise ConfigurationError(
                    "databases differ from their models in different ways, and env.py"
                    " gives them no names to tell them apart: add bind_key=… where it"
                    " calls context.configure()"
                )
            return bodies[0][1]

        blocks = [
            f"    {_condition(each.bind_key)}:\n{textwrap.indent(body.text, '    ')}"
            for each, body in bodies
        ]
        imports = {line for _, body in bodies for line in body.imports}
        return Body("\n\n".join(blocks), tuple(sorted(imports)))


def not_compared(seen: Iterable[Configured], directives: Directives) -> Comparison:
    """Return what a user's function has put into a script that is written by hand."""
    return Comparison(
        tuple(
            Compared(
                each.title,
                each.bind_keys[0],
                _left(directives.scripts, position),
                (),
                each.settings,
            )
            for position, each in enumerate(seen)
        ),
        models=1,
        directives=directives,
    )


def _condition(bind_key: str | None) -> str:
    if bind_key is None:
        return "if bind_key is None"

    return f"if bind_key == {literal(bind_key).text}"


def compare_databases(
    session: ProjectSession,
    x_arg: XArguments = None,
    new: NewScript | None = None,
    bind: Binds = None,
) -> Comparison:
    """Return how the databases of the app differ from its models.

    :param new: the revision that is to remove the differences.
    :param bind: the name of one database, or of several; none: all.
    :raises BehindHead: if one lacks revisions: then it is too early to compare.
    :raises NoModels: if a database has tables, and no model is known.
    """
    compared: list[Compared] = []
    models: list[int] = []
    script = new or NewScript("")
    directives = Directives(script, session.graph.effective_heads)

    def work(configured: Configured) -> None:
        heads = known_heads(configured, session.graph)
        lacking = missing(session.graph, heads)
        if lacking:
            raise BehindHead(configured.url, [each.id for each in lacking])

        wanted = read_metadata(configured.metadata, configured.dialect.write)
        models.append(len(wanted.tables))
        found = _compare(configured, wanted, script.imports)
        compared.append(found)
        directives.show(configured, found.operations)

    passed_over = session.run(
        work, reading=True, x_arg=x_arg, autogenerate=True, new=script, bind=bind
    )

    left_alone = [each.left_alone for each in compared if each.left_alone]
    if left_alone and not sum(models):
        raise left_alone[0]

    return Comparison(
        tuple(
            replace(each, operations=_left(directives.scripts, position))
            for position, each in enumerate(compared)
        ),
        sum(models),
        directives,
        any(each.operations for each in compared),
        passed_over,
    )


def _left(scripts: Iterable[NewScript], position: int) -> tuple[Operation, ...]:
    """Return what is done to one of the databases, by all scripts together."""
    return tuple(
        operation
        for script in scripts
        for each in script.upgrade_ops_list[position : position + 1]
        for operation in each.ops
    )


def _compare(configured: Configured, wanted: Schema, imports: set[str]) -> Compared:
    connection, settings = configured.connection, configured.settings
    assert connection is not None
    rules = rules_for(connection.dialect, connection)
    schemas = schemas_to_read(
        sa.inspect(connection),
        wanted,
        rules,
        include_schemas=settings.include_schemas,
        include_name=settings.include_name,
    )
    found = _found(configured, wanted, rules, schemas)
    version_table = TableName(settings.version_table, settings.version_table_schema)
    theirs = [table for table in found.tables if table.name != version_table]
    if theirs and not wanted.tables:
        # To drop everything is never what was meant.
        return Compared(
            configured.title,
            configured.bind_keys[0],
            (),
            (),
            settings,
            left_alone=NoModels(configured.url, len(theirs)),
        )

    options = CompareOptions(
        include_object=settings.include_object,
        compare_type=settings.compare_type,
        compare_server_default=settings.compare_server_default,
        compare_enums=not is_taken_over("enums"),
        version_table=version_table,
        context=configured,
    )
    result = comparison(found, wanted, rules, options=options)
    comparing = Comparing(
        connection,
        configured.metadata,
        found,
        wanted,
        schemas if settings.include_schemas else (None,),
        rules,
        options,
        imports,
    )
    return Compared(
        configured.title,
        configured.bind_keys[0],
        compared_outside(comparing, result.operations),
        result.notes,
        settings,
    )


def _found(
    configured: Configured,
    wanted: Schema,
    rules: ComparisonRules,
    schemas: tuple[str | None, ...],
) -> Schema:
    connection, settings = configured.connection, configured.settings
    assert connection is not None
    found = rules.read_database(connection, schemas, settings.include_name)
    if settings.include_schemas:
        return found

    # Other schemas are read for the models in them; what else is there may be
    # anybody's.
    return Schema.of(
        table
        for table in found.tables
        if table.name.schema is None or table.name in wanted.by_name
    )
