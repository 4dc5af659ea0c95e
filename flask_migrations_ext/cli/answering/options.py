"""The options of ``migrate`` and ``revision`` that answer questions beforehand."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import Any
from typing import cast

import click

from ...autogenerate.questions.answers import Answers
from ..options import Command

_OPTIONS = (
    click.option(
        "--rename",
        multiple=True,
        metavar="OLD=NEW",
        help="What is renamed: users=accounts, users.email=mail; can be repeated.",
    ),
    click.option(
        "--no-rename",
        multiple=True,
        metavar="OLD",
        help="What is not, but dropped: users, users.email; can be repeated.",
    ),
    click.option(
        "--default",
        multiple=True,
        metavar="COLUMN=VALUE",
        help="What rows get: users.age=0, users.age=sql:1+1; can be repeated.",
    ),
    click.option(
        "--drop",
        multiple=True,
        metavar="TABLE",
        help="A table to drop that no revision has made; can be repeated.",
    ),
    click.option(
        "--keep",
        multiple=True,
        metavar="TABLE",
        help="A table to leave alone, from now on; can be repeated.",
    ),
    click.option(
        "--answers",
        "file",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A JSON file of such answers.",
    ),
    click.option("--yes", is_flag=True, help="Take answers that lose nothing."),
    click.option(
        "--format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How what was done, and questions, are printed.",
    ),
)


def answer_options(function: Command) -> Command:
    """Add the options that answer questions, as ``answers``, and ``--format``."""

    @wraps(function)
    def answering(
        *arguments: Any,
        file: Path | None,
        rename: tuple[str, ...],
        no_rename: tuple[str, ...],
        default: tuple[str, ...],
        drop: tuple[str, ...],
        keep: tuple[str, ...],
        yes: bool,
        **options: Any,
    ) -> Any:
        answers = Answers(rename, no_rename, default, drop, keep, yes)
        if file is not None:
            answers = answers.joined(Answers.read(file))

        return function(*arguments, answers=answers, **options)

    for option in reversed(_OPTIONS):
        answering = option(answering)
    return cast("Command", answering)
