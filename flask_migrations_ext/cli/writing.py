"""``init``, ``revision``, ``migrate``, ``merge``, ``edit`` and ``check``."""

from __future__ import annotations

from typing import Any

import click

from ..autogenerate.questions.answers import Answers
from ..commands import writing
from ..commands.reports import RevisionReport
from ..errors import DifferencesFound
from . import printing
from . import terminal
from .answering.dialogue import asked
from .answering.options import answer_options
from .options import all_x_args
from .options import bind_option
from .options import chosen_directory
from .options import command
from .options import file_options
from .options import format_option
from .options import offered_revisions
from .options import StepsCommand
from .options import x_arg_option


def _print_written(report: RevisionReport, format: str = "text") -> None:
    if format == "json":
        printing.result(printing.as_json(report))
        return

    losses = dict(report.losses)
    for difference in report.differences:
        shown = printing.difference(difference, losses.get(difference))
        printing.message(f"Found: {shown}")
    for note in report.notes:
        printing.message(note)

    if report.path is not None:
        printing.result(f"Generating {report.path} ...  done")
    for each in report.more:
        printing.result(f"Generating {each.path} ...  done")
    if report.path is not None:
        printing.hint("Look at it, then run 'flask db upgrade'.")


@command("init")
@click.option("--multidb", is_flag=True, help="Accepted; every folder serves binds.")
@click.option("-t", "--template", help="The template; its name, or the path of yours.")
@click.option("--package", is_flag=True, help="Add an __init__.py to the folders.")
def init(
    directory: str | None, multidb: bool, template: str | None, package: bool
) -> None:
    """Create the migrations folder."""
    report = writing.init(
        chosen_directory(directory),
        multidb=multidb,
        template=template,
        package=package,
    )
    for path in report.files:
        printing.result(f"Generating {path} ...  done")
    printing.message(
        "Nothing has to be edited. Next: 'flask db migrate -m \"first tables\"'."
    )


@command("revision")
@file_options
@answer_options
@click.option(
    "--autogenerate", is_flag=True, help="Fill it from the models, like migrate."
)
@bind_option
def revision(
    directory: str | None, answers: Answers, format: str, **options: Any
) -> None:
    """Write an empty revision, to fill by hand."""
    report = asked(
        answers,
        format,
        lambda answers: writing.revision(
            chosen_directory(directory), x_arg=all_x_args(), answers=answers, **options
        ),
    )
    _print_written(report, format)


@command("migrate")
@file_options
@answer_options
@click.option(
    "--amend",
    is_flag=True,
    help="Write the newest revision again, if no database has it.",
)
@click.option("--empty", is_flag=True, help="Compare nothing; write an empty one.")
@bind_option
@x_arg_option
def migrate(
    directory: str | None,
    x_arg: tuple[str, ...],
    answers: Answers,
    format: str,
    **options: Any,
) -> None:
    """Write a revision that brings the database to the models."""
    report = asked(
        answers,
        format,
        lambda answers: writing.migrate(
            chosen_directory(directory),
            x_arg=all_x_args(x_arg),
            answers=answers,
            **options,
        ),
    )
    _print_written(report, format)


@command("merge")
@click.option("-m", "--message", help="What the revision does, in a few words.")
@click.option("--branch-label", help="A name for the branch it begins.")
@click.option("--rev-id", help="The id, instead of a random one.")
@click.option("--splice", is_flag=True, help="Allow parents that are not heads.")
@click.argument("revisions", nargs=-1, shell_complete=offered_revisions)
def merge(directory: str | None, revisions: tuple[str, ...], **options: Any) -> None:
    """Join REVISIONS (default: heads) by a revision that descends from them."""
    _print_written(
        writing.merge(chosen_directory(directory), revisions or "heads", **options)
    )


@command("edit", kind=StepsCommand)
@bind_option
@click.argument("revision", default="head", shell_complete=offered_revisions)
def edit(directory: str | None, bind: tuple[str, ...], revision: str) -> None:
    """Open the file of REVISION (default: head) in $EDITOR."""
    paths = writing.edit(
        chosen_directory(directory), revision, x_arg=all_x_args(), bind=bind
    )
    for path in paths:
        terminal.edit(path)

    if not paths:
        printing.message(printing.nothing_at(revision))


@command("check")
@bind_option
@x_arg_option
@format_option
def check(
    directory: str | None, bind: tuple[str, ...], x_arg: tuple[str, ...], form: str
) -> None:
    """Fail if the models and the database differ."""
    try:
        report = writing.check(
            chosen_directory(directory), x_arg=all_x_args(x_arg), bind=bind
        )
    except DifferencesFound as error:
        if form == "json":
            printing.result(printing.check_as_json(error))
        raise

    if form == "json":
        printing.result(printing.check_as_json(report))
        return

    for note in report.notes:
        printing.message(note)
    printing.result("No new upgrade operations detected.")
