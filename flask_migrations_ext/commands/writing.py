"""Commands that write files: init, revision, migrate, merge; and edit and check."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

from ..autogenerate.questions.answers import answered
from ..autogenerate.questions.answers import GivenAnswers
from ..autogenerate.questions.asking import refuse_unused
from ..autogenerate.summary import summary_of
from ..databases import databases_of
from ..environment import Configured
from ..errors import ConfigurationError
from ..execution.bind_keys import chosen
from ..project import current_project
from ..revisions.attach import check_new_id
from ..revisions.attach import check_new_label
from ..revisions.attach import dependencies_for_new
from ..revisions.attach import parents_for_merge
from ..revisions.attach import parents_for_new
from ..revisions.graph import RevisionGraph
from ..revisions.revision import Revision
from ..revisions.target import HEADS
from ..revisions.target import parse
from ..scripts.folder import create_folder
from ..scripts.writer import new_revision_id
from ..signals import told
from .amending.newest import newest
from .amending.newest import set_aside
from .amending.newest import unapplied
from .amending.newest import without
from .amending.newest import written_again
from .comparing import compare_databases
from .comparing import Comparison
from .comparing import ScriptToWrite
from .directives import Compared
from .directives import Directives
from .directives import NewScript
from .new_file import write_file
from .reading import show
from .reports import CheckReport
from .reports import FolderReport
from .reports import RevisionReport
from .running import run
from .script_body import body_of
from .script_body import EMPTY
from .script_body import empty_for
from .script_body import ScriptBody
from .session import Binds
from .session import Directory
from .session import open_project
from .session import ProjectSession
from .session import several
from .session import XArguments


def init(
    directory: Directory = None,
    multidb: bool = False,
    template: str | None = None,
    package: bool = False,
) -> FolderReport:
    """Create the migrations folder.

    :param multidb: changes nothing: every folder serves all binds of the app.
    :param template: the name of a template, or the path of one of your own.
    :param package: whether its folders get an ``__init__.py``.
    :raises FileExists: if there is something already.
    """
    # A new one is made where the name says, even if there is one beside the app.
    chosen = Path(directory).absolute() if directory is not None else None
    project = current_project(chosen)
    files = create_folder(project.directory, template or "flask", package=package)

    return FolderReport(project.directory, files)


def revision(
    directory: Directory = None,
    message: str | None = None,
    autogenerate: bool = False,
    sql: bool = False,
    head: str = "head",
    splice: bool = False,
    branch_label: str | None = None,
    version_path: str | None = None,
    rev_id: str | None = None,
    depends_on: str | Sequence[str] | None = None,
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
    answers: GivenAnswers = None,
) -> RevisionReport:
    """Write a revision with empty functions, to fill by hand.

    :param autogenerate: fill it from the models, as :func:`migrate` does.
    :param answers: to its questions, as :func:`migrate` takes them.
    :param head: the parent; ``base`` for none.
    :param splice: allow a parent that others descend from already.
    :param bind: the name of the database that it is about, or several.
    :raises MigrationError: if it cannot be done; then nothing is written.
    """
    session = open_project(directory)
    _refuse_sql(sql)
    script = NewScript(
        _new_id(session, rev_id),
        *(message, head, splice, branch_label, version_path, depends_on),
    )
    if autogenerate:
        return _migrate(session, script, x_arg, bind, answers)

    answered(answers, lambda given: refuse_unused(given, ()))
    asked = _Asked(script.heading, _new_revision(session.graph, script))
    if session.settings.revision_environment:
        shown = _shown_to_env(session, script, x_arg, bind).scripts
        if not shown:
            return RevisionReport(notes=(_LEFT_NOTHING,))
        return RevisionReport.of(_write_all(session, shown, asked))

    body = _empty_for(session, bind)
    return RevisionReport(_write_one(session, asked.revision, body, version_path))


def _empty_for(session: ProjectSession, bind: Binds) -> ScriptBody:
    """Return a place to write in, for each database that is named."""
    names = several(bind)
    if not names:
        return EMPTY

    keys = [
        key
        for database in chosen(databases_of(session.project, names), names)
        for key in database.bind_keys
    ]
    return empty_for(keys)


def write_new(
    directory: Directory,
    script: NewScript,
    body: ScriptBody,
    *,
    heads: Sequence[str] | None = None,
    file_template: str | None = None,
) -> Revision:
    """Write a revision whose content is known, without asking ``env.py``.

    :param heads: the parents, in place of the one that the script names.
    :param file_template: how its file is called, in place of the setting.
    :raises MigrationError: if it cannot be done; then nothing is written.
    """
    session = open_project(directory)
    if file_template is not None:
        settings = replace(session.settings, file_template=file_template)
        session = ProjectSession(
            replace(session.project, settings=settings), session.folder
        )

    graph = session.graph
    if heads is None:
        new = _new_revision(graph, script)
    else:
        parents = parents_for_merge(graph, [*map(parse, heads)], splice=script.splice)
        new = replace(
            _new_revision(graph, replace(script, head="base")), parents=parents
        )
    return _write_one(session, new, body, script.version_path)


def migrate(
    directory: Directory = None,
    message: str | None = None,
    sql: bool = False,
    head: str = "head",
    splice: bool = False,
    branch_label: str | None = None,
    version_path: str | None = None,
    rev_id: str | None = None,
    x_arg: XArguments = None,
    depends_on: str | Sequence[str] | None = None,
    *,
    bind: Binds = None,
    answers: GivenAnswers = None,
    empty: bool = False,
    amend: bool = False,
) -> RevisionReport:
    """Write a revision that brings the databases to the models.

    Where they do not differ, nothing is written.

    :param bind: the name of one database, or of several; none: all.
    :param answers: to what only a person can know: an ``Answers``, or a mapping such as
        ``{"rename": ["users.email=mail"]}``, or a function that is called with the
        questions, and returns one.
    :param empty: compare nothing, and write a revision to fill by hand.
    :param amend: write the newest revision again, with what has changed since.
    :raises Undecided: if questions are left; UnusableAnswer, if an answer is of no use.
    :raises BehindHead: if a database lacks revisions that are there already.
    :raises MigrationError: if it cannot be done; then nothing is written.
    """
    if empty:
        return revision(
            directory,
            *(message, False, sql, head, splice, branch_label, version_path, rev_id),
            depends_on,
            x_arg=x_arg,
            bind=bind,
            answers=answers,
        )

    session = open_project(directory)
    _refuse_sql(sql)
    with told("migrate", session.project.app, message=message) as said:
        if amend:
            old = newest(session)
            script = written_again(old, message)
            with unapplied(old):
                report = _migrate(
                    without(session, old), script, x_arg, bind, answers, old
                )
        else:
            script = NewScript(
                _new_id(session, rev_id),
                *(message, head, splice, branch_label, version_path, depends_on),
            )
            report = _migrate(session, script, x_arg, bind, answers)
        said.more["report"] = report

    return report


_LEFT_NOTHING = "process_revision_directives left nothing to write."


def _refuse_sql(sql: bool) -> None:
    if sql:
        raise ConfigurationError(
            "a new file is Python, not SQL: leave out --sql here, and see the SQL of it"
            " with 'flask db upgrade --sql'"
        )


def _migrate(
    session: ProjectSession,
    script: NewScript,
    x_arg: XArguments,
    bind: Binds,
    answers: GivenAnswers,
    replaced: Revision | None = None,
) -> RevisionReport:
    # Refused before a database is asked, if it cannot be written at all.
    asked = _Asked(script.heading, _new_revision(session.graph, script))
    comparison = answered(
        answers,
        lambda given: compare_databases(session, x_arg, script.anew(), bind, given),
    )
    if comparison.differed and not comparison.scripts:
        return RevisionReport(notes=(_LEFT_NOTHING, *comparison.notes))

    if comparison.is_empty:
        return RevisionReport(
            notes=("No changes in schema detected.", *comparison.notes)
        )

    with set_aside(replaced):
        written = _write_all(session, comparison.scripts, asked)

    return RevisionReport.of(
        written,
        comparison.differences,
        comparison.notes,
        comparison.losses,
    )


@dataclass(frozen=True)
class _Asked:
    """The revision that was asked for, as long as its script says the same."""

    heading: tuple[object, ...]
    revision: Revision


def _write_all(
    session: ProjectSession, scripts: Sequence[ScriptToWrite], asked: _Asked
) -> tuple[Revision, ...]:
    """Write the scripts; each may descend from the one before."""
    graph = session.graph
    revisions: list[Revision] = []
    for each in scripts:
        # Refused before the first is written, if the last cannot be.
        is_asked = not revisions and each.script.heading == asked.heading
        new = asked.revision if is_asked else _new_revision(graph, each.script)
        if each.script.message is None:
            done = [operation for part in each.parts for operation in part.up]
            new = replace(new, message=summary_of(done) or new.message)
        revisions.append(new)
        graph = RevisionGraph((*graph.values(), new)) if len(scripts) > 1 else graph

    with session.project.around():
        # A renderer of the user's may import what it needs.
        bodies = [body_of(x.script, x.parts, session.settings) for x in scripts]

    written: dict[str, Revision] = {}
    for each, new, body in zip(scripts, revisions, bodies, strict=True):
        parents = [written.get(id) or session.graph[id] for id in new.parents]
        written[new.id] = write_file(
            session, new, parents, body, each.script.version_path
        )

    return tuple(written.values())


def _shown_to_env(
    session: ProjectSession,
    script: NewScript,
    x_arg: XArguments = None,
    bind: Binds = None,
) -> Comparison:
    """Run ``env.py`` for a script that is written by hand, and compare nothing."""
    directives = Directives(script, session.graph.effective_heads)

    def work(configured: Configured) -> None:
        seen = Compared(
            configured.title,
            configured.bind_keys[0],
            configured.settings,
            configured.dialect,
        )
        directives.show(configured, seen)

    run(session, work, x_arg=x_arg, new=script, bind=bind)

    return Comparison.of(directives)


def merge(
    directory: Directory = None,
    revisions: str | Sequence[str] = "heads",
    message: str | None = None,
    branch_label: str | None = None,
    rev_id: str | None = None,
    splice: bool = False,
) -> RevisionReport:
    """Write a revision that descends from several.

    With fewer than two there is nothing to merge, and nothing is written.

    :raises MigrationError: if it cannot be done; then nothing is written.
    """
    session = open_project(directory)
    wanted = [revisions] if isinstance(revisions, str) else list(revisions)
    targets = [parse(each) for each in wanted] or [HEADS]
    parents = parents_for_merge(session.graph, targets, splice=splice)
    if len(parents) < 2:
        found = f"there is only '{parents[0]}'" if parents else "there are no revisions"
        return RevisionReport(notes=(f"Nothing to merge: {found}.",))

    identifier = _new_id(session, rev_id)
    new = Revision(
        id=identifier,
        parents=parents,
        labels=_labels(session.graph, branch_label, identifier),
        message=message or f"merge {' and '.join(parents)}",
    )
    body = EMPTY
    if session.settings.revision_environment:
        shown = _shown_to_env(session, NewScript(identifier, message)).scripts
        if not shown:
            return RevisionReport(notes=(_LEFT_NOTHING,))
        with session.project.around():
            body = body_of(shown[0].script, shown[0].parts, session.settings)

    return RevisionReport(_write_one(session, new, body, None))


def edit(
    directory: Directory = None,
    revision: str = "current",
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
) -> tuple[Path, ...]:
    """Return the files of the revisions that a target names, to be edited.

    :param bind: the name of the database to ask, in place of the default one.
    """
    return tuple(
        entry.revision.path
        for entry in show(directory, revision, x_arg=x_arg, bind=bind)
        if entry.revision.path is not None
    )


def check(
    directory: Directory = None, x_arg: XArguments = None, *, bind: Binds = None
) -> CheckReport:
    """Compare the databases with the models.

    :param bind: the name of one database, or of several; none: all.
    :raises DifferencesFound: if they differ.
    :raises BehindHead: if a database lacks revisions.
    """
    session = open_project(directory)
    comparison = compare_databases(session, x_arg, bind=bind)
    comparison.refuse_differences(session.graph.heads)

    return CheckReport(comparison.databases, comparison.notes)


def _new_revision(graph: RevisionGraph, script: NewScript) -> Revision:
    needed = script.depends_on
    check_new_id(graph, script.rev_id)

    return Revision(
        id=script.rev_id,
        parents=parents_for_new(graph, parse(script.head), splice=script.splice),
        depends_on=dependencies_for_new(
            graph, [needed] if isinstance(needed, str) else list(needed or ())
        ),
        labels=_labels(graph, script.branch_label, script.rev_id),
        message=script.message or "empty message",
    )


def _new_id(session: ProjectSession, rev_id: str | None) -> str:
    identifier = rev_id or new_revision_id()
    check_new_id(session.graph, identifier)
    return identifier


def _labels(
    graph: RevisionGraph, said: str | Iterable[str] | None, identifier: str
) -> tuple[str, ...]:
    labels = (said,) if isinstance(said, str) else tuple(said or ())
    for label in labels:
        check_new_label(graph, label, identifier)

    return labels


def _write_one(
    session: ProjectSession, new: Revision, body: ScriptBody, version_path: str | None
) -> Revision:
    parents = [session.graph[parent] for parent in new.parents]
    return write_file(session, new, parents, body, version_path)
