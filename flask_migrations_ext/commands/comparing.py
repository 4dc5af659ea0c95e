"""The databases of an app against its models: what differs, and the script for it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

import sqlalchemy as sa

from ..autogenerate.compare import comparison
from ..autogenerate.describe import describe
from ..autogenerate.filters import schemas_to_read
from ..autogenerate.layout import literal
from ..autogenerate.options import CompareOptions
from ..autogenerate.render import Body
from ..config import Settings
from ..context import Configured
from ..dialects.base_meaning import Meaning
from ..dialects.meaning import meaning_for
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
from .opening import known_heads
from .opening import Opened
from .opening import XArguments


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

    def body(self) -> ScriptBody:
        """Return the text of a script that removes the differences."""
        names, imports = self._by_token()
        if self._has_tokens:
            return ScriptBody(imports=imports, names=names)

        upgrades = self._rendered(self.directives.upgrades)
        downgrades = self._rendered(self.directives.downgrades)

        return ScriptBody(
            upgrades.text,
            downgrades.text,
            imports,
            "bind_key: str | None" if self._names_binds else "",
            names=dict(self.compared[0].settings.template_args or {}),
        )

    @property
    def _has_tokens(self) -> bool:
        return any(
            each.settings.upgrade_token != Settings.upgrade_token
            for each in self.compared
        )

    def _by_token(self) -> tuple[dict[str, object], tuple[str, ...]]:
        names: dict[str, object] = dict(self.compared[0].settings.template_args or {})
        imports = set(self.directives.script.imports)
        for position, each in enumerate(self.compared):
            settings = each.settings
            for token, body in (
                (settings.upgrade_token, self.directives.upgrades(position, settings)),
                (
                    settings.downgrade_token,
                    self.directives.downgrades(position, settings),
                ),
            ):
                names[token] = body.text
                imports.update(body.imports)

        return names, tuple(sorted(imports))

    @property
    def _names_binds(self) -> bool:
        return any(
            each.operations and each.bind_key is not None for each in self.compared
        )

    def _rendered(self, to_text: Callable[[int, Settings], Body]) -> Body:
        bodies = [
            (each, to_text(position, each.settings))
            for position, each in enumerate(self.compared)
            if each.operations
        ]
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


def _condition(bind_key: str | None) -> str:
    if bind_key is None:
        return "if bind_key is None"

    return f"if bind_key == {literal(bind_key).text}"


def compare_databases(
    opened: Opened, x_arg: XArguments = None, new: NewScript | None = None
) -> Comparison:
    """Return how the databases of the app differ from its models.

    :param new: the revision that is to remove the differences.
    :raises BehindHead: if one lacks revisions: then it is too early to compare.
    :raises NoModels: if a database has tables, and no model is known.
    """
    compared: list[Compared] = []
    models: list[int] = []
    directives = Directives(new or NewScript(""), opened.graph.effective_heads)

    def work(configured: Configured) -> None:
        heads = known_heads(configured, opened.graph)
        lacking = missing(opened.graph, heads)
        if lacking:
            raise BehindHead(configured.url, [each.id for each in lacking])

        wanted = read_metadata(configured.metadata)
        models.append(len(wanted.tables))
        found = _compare(configured, wanted)
        compared.append(found)
        directives.show(configured, found.operations)

    opened.run(work, reading=True, x_arg=x_arg, autogenerate=True)

    left_alone = [each.left_alone for each in compared if each.left_alone]
    if left_alone and not sum(models):
        raise left_alone[0]

    return Comparison(
        tuple(
            replace(each, operations=tuple(chosen.ops))
            for each, chosen in zip(
                compared, directives.script.upgrade_ops_list, strict=True
            )
        ),
        sum(models),
        directives,
    )


def _compare(configured: Configured, wanted: Schema) -> Compared:
    connection, settings = configured.connection, configured.settings
    assert connection is not None
    meaning = meaning_for(connection.dialect, connection)
    found = _found(configured, wanted, meaning)
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

    result = comparison(
        found,
        wanted,
        meaning,
        options=CompareOptions(
            include_object=settings.include_object,
            compare_type=settings.compare_type,
            compare_server_default=settings.compare_server_default,
            version_table=version_table,
            context=configured,
        ),
    )
    return Compared(
        configured.title,
        configured.bind_keys[0],
        result.operations,
        result.notes,
        settings,
    )


def _found(configured: Configured, wanted: Schema, meaning: Meaning) -> Schema:
    connection, settings = configured.connection, configured.settings
    assert connection is not None
    schemas = schemas_to_read(
        sa.inspect(connection),
        wanted,
        meaning,
        include_schemas=settings.include_schemas,
        include_name=settings.include_name,
    )
    found = meaning.read_database(connection, schemas, settings.include_name)
    if settings.include_schemas:
        return found

    # Other schemas are read for the models in them; what else is there may be
    # anybody's.
    return Schema.of(
        table
        for table in found.tables
        if table.name.schema is None or table.name in wanted.by_name
    )
