"""``adopt``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import click

from ..adoption import command as adopting
from ..adoption.report import AdoptReport
from ..adoption.report import FoundDatabase
from ..adoption.settings_file import FoundSetting
from . import printing
from .options import all_x_args
from .options import chosen_directory
from .options import command
from .options import x_arg_option


@command("adopt")
@click.option("--write", is_flag=True, help="Turn env.py and alembic.ini into ours.")
@click.option("--undo", is_flag=True, help="Put the originals back.")
@click.option(
    "--replace-env",
    is_flag=True,
    help="With --write: replace an env.py even if something of it is lost.",
)
@x_arg_option
def adopt(
    directory: str | None,
    write: bool,
    undo: bool,
    replace_env: bool,
    x_arg: tuple[str, ...],
) -> None:
    """Say what a folder of another tool is; with --write, make it ours."""
    report = adopting.adopt(
        chosen_directory(directory),
        write=write,
        undo=undo,
        replace_env=replace_env,
        x_arg=all_x_args(x_arg),
    )
    if undo:
        for path in report.undone:
            printing.result(f"Put back {path}")
        return

    for line in _findings(report):
        printing.result(line)
    for line in _to_do(report):
        printing.result(line)
    for note in report.notes:
        printing.message(note)
    if report.changes and not report.written and not report.obstacles:
        printing.message("Nothing was changed; 'flask db adopt --write' does it.")


def _findings(report: AdoptReport) -> Iterator[str]:
    version = f" {report.version}" if report.version else ""
    yield f"Folder: {report.directory}"
    yield f"Made by: {report.tool}{version}"
    yield f"Revisions: {report.revisions}, heads: {printing.ids(report.heads)}"
    if report.branches:
        yield f"Branches: from {printing.ids(report.branches)}"
    for location in report.locations:
        yield f"Revisions are in: {_within(location, report)}"

    for setting in report.settings:
        yield f"{setting.path.name}: {_setting(setting)}"
    for name in report.without_effect:
        yield f"env.py: {name} has no effect here"
    for each in report.missing:
        path = _within(each.path, report)
        yield f"{path}, line {each.line}: there is no {each.text}"

    yield from _differences(report)
    for database in report.databases:
        yield f"Database {_database(database, report)}"


def _setting(setting: FoundSetting) -> str:
    section = f"[{setting.section}] " if setting.section else ""
    said = f"{setting.name} = {setting.value} " if setting.name else ""
    treated = f"({setting.treated})" if setting.treated else ""

    return f"{section}{said}{treated}".strip()


def _differences(report: AdoptReport) -> Iterator[str]:
    ordered = sorted(report.differences, key=lambda each: each.section)
    for section, group in groupby(ordered, key=lambda each: each.section):
        [first, *others] = group
        more = f" and {len(others)} more" if others else ""
        yield (
            f"{_within(first.path, report)}, line {first.line}: {first.call}(){more};"
            f" see '{section}' in docs/differences.md"
        )


def _database(database: FoundDatabase, report: AdoptReport) -> str:
    at = printing.ids(database.at)
    at_head = database.at and set(database.at) == set(report.heads)
    head = " (head)" if at_head else ""
    unknown = f"; no file has {printing.ids(database.unknown)}" * bool(database.unknown)

    return f"{printing.where(database.title)}{database.url} is at {at}{head}{unknown}"


def _to_do(report: AdoptReport) -> Iterator[str]:
    if report.obstacles:
        yield "env.py would lose something, and can stay as it is:"
        for obstacle in report.obstacles:
            yield f"  {obstacle}"
        if not report.written:
            return

    tense = "Done" if report.written else "To do"
    for change in report.changes:
        yield f"{tense}: {change.path.name} is {change.verb}"
    for carried in report.carried if report.changes else ():
        yield f"{tense}: {carried} is carried over"
    if report.written:
        yield f"The originals are in {report.directory / 'before_adopt'}"


def _within(path: Path, report: AdoptReport) -> Path:
    if path.is_relative_to(report.directory):
        return path.relative_to(report.directory)

    return path
