"""The databases of an app against its models: what differs."""

from __future__ import annotations

import gc
import shlex
import sys
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from ..autogenerate.describe import describe
from ..autogenerate.filters import schemas_to_read
from ..autogenerate.hooks import compared_outside
from ..autogenerate.hooks import Comparing
from ..autogenerate.hooks import is_taken_over
from ..autogenerate.matching.identity import ModelNames
from ..autogenerate.options import CompareOptions
from ..autogenerate.questions.answers import Answers
from ..autogenerate.questions.asking import Asked
from ..autogenerate.questions.asking import asked_comparison
from ..autogenerate.questions.asking import Asking
from ..autogenerate.questions.asking import refuse_unused
from ..autogenerate.questions.sources import Definition
from ..autogenerate.questions.sources import definitions
from ..autogenerate.questions.strangers import Origins
from ..databases import configure_models
from ..databases import models_of_other_bases
from ..databases import models_without_database
from ..databases import names_in_models
from ..dialects.comparison import ComparisonRules
from ..dialects.registry import rules_for
from ..environment import Configured
from ..errors import BehindHead
from ..errors import ConfigurationError
from ..errors import DifferencesFound
from ..errors import ModelsLeftOut
from ..errors import NoModels
from ..errors import Undecided
from ..record.keeping import changes_of
from ..revisions.plan import missing
from ..schema.from_sqlalchemy import read_metadata
from ..schema.model import Schema
from ..schema.model import TableName
from ..schema.own_tables import own_tables
from ..scripts.remembered import mentions
from ..scripts.remembered import remember
from ..scripts.remembered import remembered
from .directives import Compared
from .directives import Directives
from .directives import NewScript
from .directives import ScriptPart
from .running import known_heads
from .running import run
from .session import Binds
from .session import ProjectSession
from .session import XArguments


@dataclass(frozen=True)
class ScriptToWrite:
    """A script, and what it holds for each database."""

    script: NewScript
    parts: tuple[ScriptPart, ...]


@dataclass(frozen=True)
class Comparison:
    """All databases of an app against their models."""

    compared: tuple[Compared, ...]
    scripts: tuple[ScriptToWrite, ...]
    """What is to be written, in this order."""

    models: int = 0
    passed_over: tuple[str, ...] = ()
    """The titles of databases that have models, and that ``env.py`` passes over."""

    left_out: tuple[str, ...] = ()
    """The models that it leaves out."""

    changed: tuple[str, ...] = ()
    """What became of scripts that were applied before, a line for each."""

    @classmethod
    def of(
        cls,
        directives: Directives,
        models: int = 0,
        passed_over: tuple[str, ...] = (),
        left_out: tuple[str, ...] = (),
    ) -> Comparison:
        """Return what was compared, with what the user's function made of it."""
        scripts = tuple(
            ScriptToWrite(each, directives.parts(each)) for each in directives.scripts
        )
        return cls(directives.databases, scripts, models, passed_over, left_out)

    @property
    def differed(self) -> bool:
        """Whether there was anything to do before the user's function left it out."""
        return any(each.operations for each in self.compared)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not any(part.up for each in self.scripts for part in each.parts)

    @property
    def differences(self) -> tuple[str, ...]:
        """A line for each operation."""
        return tuple(line for line, _ in self._lines())

    @property
    def losses(self) -> tuple[tuple[str, str], ...]:
        """Those of them that take something away, each with what that is."""
        return tuple((line, lost) for line, lost in self._lines() if lost)

    def _lines(self) -> Iterator[tuple[str, str]]:
        for database in self.compared:
            prefix = f"[{database.title}] " if database.title else ""
            lost = {id(operation): words for operation, words in database.losses}
            for each in self.scripts:
                for part in each.parts:
                    if part.database is database:
                        for operation in part.up:
                            yield (
                                f"{prefix}{describe(operation)}",
                                lost.get(id(operation), ""),
                            )

    @property
    def databases(self) -> tuple[str, ...]:
        """The titles of the databases."""
        return tuple(each.title for each in self.compared)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should look at."""
        notes = [note for each in self.compared for note in each.notes]
        notes += [
            f"Left alone: table {name}, which has no model, and no revision made it."
            f" 'flask db migrate --drop {shlex.quote(name)}' drops it; with --keep,"
            " this is not said again."
            for each in self.compared
            for name in each.asked.left
        ]
        notes += [str(each.left_alone) for each in self.compared if each.left_alone]
        notes += [
            f"Database '{title}' has models, but env.py does not run on it; without an"
            " env.py, all are migrated."
            for title in self.passed_over
        ]
        notes += [f"Left out: {each}." for each in self.left_out]
        notes += self.changed
        if not self.models:
            notes.append("The app's metadata holds no table; are the models imported?")

        return tuple(notes)

    def refuse_differences(self, heads: Sequence[str]) -> None:
        """Raise unless there are none.

        :param heads: those of the history, which a revision would go on from.
        :raises DifferencesFound: with a line for each.
        :raises ConfigurationError: if no model is known, so that nothing was compared.
        """
        noticed = tuple(note for each in self.compared for note in each.notes)
        if not self.is_empty or noticed:
            raise DifferencesFound(self.differences, noticed, heads)

        if not self.models:
            raise ConfigurationError(
                "there is nothing to check: the app's metadata holds no table; are the"
                " models imported? Import them where the app is made, or name their"
                " modules: Migrate(app, db, models=['myapp.models'])"
            )


def compare_databases(
    session: ProjectSession,
    x_arg: XArguments = None,
    new: NewScript | None = None,
    bind: Binds = None,
    answers: Answers | None = None,
) -> Comparison:
    """Return how the databases of the app differ from its models.

    :param new: the revision that is to remove the differences.
    :param bind: the name of one database, or of several; none: all.
    :param answers: what was answered so far; None: nothing is asked.
    :raises Undecided: if there is more to ask.
    :raises UnusableAnswer: if an answer is of no use.
    :raises BehindHead: if one lacks revisions: then it is too early to compare.
    :raises NoModels: if a database has tables, and no model is known.
    """
    models: list[int] = []
    known: list[sa.MetaData] = []
    changed: list[str] = []
    unmade: list[str] = []
    script = new or NewScript("")
    directives = Directives(script, session.graph.effective_heads)
    asked: list[Asked] = []
    is_mentioned = mentions(lambda: session.graph.values())

    def work(configured: Configured) -> None:
        heads = known_heads(configured, session.graph)
        lacking = missing(session.graph, heads)
        if lacking:
            raise BehindHead(
                configured.url,
                [each.id for each in lacking],
                session.graph.effective_heads,
            )

        changed.extend(changes_of(configured, session.graph, heads).notes)
        unmade.extend(configure_models(configured.metadata))
        with _without_collecting():
            wanted = read_metadata(configured.metadata, configured.dialect.write)
            asking = _asking(session, configured, answers, is_mentioned)
            compared = _compare(configured, wanted, script.imports, asking)
        models.append(len(wanted.tables))
        known.extend(configured.metadata)
        asked.append(compared.asked)
        if not compared.asked.questions:
            directives.show(configured, compared)

    passed_over = run(
        session,
        work,
        reading=True,
        x_arg=x_arg,
        autogenerate=True,
        new=script,
        bind=bind,
    )

    if answers is not None:
        refuse_unused(answers, asked)
        remember(session.folder.directory, "keep", answers.keep, not_=answers.drop)
    questions = [question for each in asked for question in each.questions]
    if questions:
        raise Undecided([*dict.fromkeys(questions)])

    left_out = (*(() if bind else _left_out(session, known)), *unmade)
    result = Comparison.of(directives, sum(models), passed_over, left_out)
    left_alone = [each.left_alone for each in result.compared if each.left_alone]
    if left_alone and not result.models:
        raise left_alone[0]

    return replace(result, changed=tuple(changed))


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Run the block without looking for garbage in circles.

    Schemas are many small values that stay until the end: to look through them, and
    through all of the app's models, each time some more are made takes nearly half of
    the time of a comparison that finds nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _left_out(session: ProjectSession, known: Sequence[sa.MetaData]) -> tuple[str, ...]:
    """Return the models that ``env.py`` leaves out, which it may mean to.

    :raises ModelsLeftOut: if there are some that nobody can have meant to.
    """
    lost = models_without_database(session.project, known)
    others = models_of_other_bases(session.project, known)
    if lost or (others and session.folder.env_path is None):
        raise ModelsLeftOut((*lost, *others))

    return others


def _asking(
    session: ProjectSession,
    configured: Configured,
    answers: Answers | None,
    is_mentioned: Callable[[str], bool],
) -> Asking:
    classes: dict[TableName, str] = {}
    attributes: dict[TableName, Mapping[str, str]] = {}
    for table, said, columns in names_in_models(configured.metadata):
        name = TableName(str(table.name), table.schema)
        classes[name], attributes[name] = said, columns

    asks = answers is not None and configured.settings.questions
    found = remembered(session.folder.directory)
    dropped = answers.drop if answers is not None else ()
    keep = [each for each in found.get("keep", ()) if each not in dropped]
    kept = Answers.of({**found, "keep": keep})

    return Asking(
        (answers or Answers()).joined(kept),
        ModelNames(classes, attributes),
        asks,
        Origins(
            lambda table: is_mentioned(table.name),
            lambda tables: _defined(session, tables),
        ),
    )


def _defined(
    session: ProjectSession, tables: Collection[str]
) -> Mapping[str, Definition]:
    app = session.project.app
    if app is None:
        return {}

    files = [getattr(module, "__file__", None) for module in [*sys.modules.values()]]
    loaded = {Path(file).resolve() for file in files if isinstance(file, str)}
    root, folder = Path(app.root_path), session.folder.directory
    return definitions(root.resolve(), tables, loaded, folder.resolve())


def _compare(
    configured: Configured, wanted: Schema, imports: set[str], asking: Asking
) -> Compared:
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
    theirs = [
        each for each in found.tables if each.name not in own_tables(version_table)
    ]
    if theirs and not wanted.tables:
        # To drop everything is never what was meant.
        return Compared(
            configured.title,
            configured.bind_keys[0],
            settings,
            configured.dialect,
            left_alone=NoModels(configured.url, len(theirs)),
        )

    options = CompareOptions(
        include_object=settings.include_object,
        compare_type=settings.compare_type,
        compare_server_default=settings.compare_server_default,
        compare_checks=settings.compare_checks,
        compare_options=settings.compare_options,
        compare_enums=not is_taken_over("enums"),
        version_table=version_table,
        context=configured,
    )
    result, asked = asked_comparison(found, wanted, rules, options, asking)
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
        settings,
        configured.dialect,
        tuple(compared_outside(comparing, result.operations)),
        result.notes,
        asked=asked,
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
