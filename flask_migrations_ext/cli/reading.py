"""``list-templates``, ``show``, ``history``, ``heads``, ``branches``, ``graph``."""

from __future__ import annotations

import click

from ..commands import reading
from . import printing
from .options import all_x_args
from .options import bind_option
from .options import chosen_directory
from .options import command
from .options import offered_revisions
from .options import StepsCommand
from .options import verbose_option


@click.command("list-templates")
def list_templates() -> None:
    """List the templates of init."""
    printing.result("Available templates:\n")
    for name, synopsis in reading.list_templates():
        printing.result(f"{name} - {synopsis}")


@command("show", kind=StepsCommand)
@bind_option
@click.argument("revision", default="head", shell_complete=offered_revisions)
def show(directory: str | None, bind: tuple[str, ...], revision: str) -> None:
    """Show REVISION (default: head)."""
    found = reading.show(
        chosen_directory(directory), revision, x_arg=all_x_args(), bind=bind
    )
    for entry in found:
        printing.result(printing.full(entry))

    if not found:
        printing.message(printing.nothing_at(revision))


@command("history", kind=StepsCommand)
@click.option("-r", "--rev-range", help="A range: FROM:TO, FROM: or :TO.")
@verbose_option
@click.option(
    "-i", "--indicate-current", is_flag=True, help="Mark where the database is."
)
@bind_option
def history(
    directory: str | None,
    rev_range: str | None,
    verbose: bool,
    indicate_current: bool,
    bind: tuple[str, ...],
) -> None:
    """List revisions, newest first."""
    found = reading.history(
        chosen_directory(directory),
        rev_range,
        verbose=verbose,
        indicate_current=indicate_current,
        x_arg=all_x_args(),
        bind=bind,
    )
    for entry in found:
        printing.result(printing.full(entry) if verbose else printing.line(entry))

    if not found:
        printing.message("There are no revisions to list.")


@command("heads")
@verbose_option
@click.option(
    "--resolve-dependencies",
    is_flag=True,
    help="Leave out heads that another revision depends on.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Fail if there are several, or if the file HEAD says another one.",
)
def heads(
    directory: str | None, verbose: bool, resolve_dependencies: bool, check: bool
) -> None:
    """List the revisions that no other descends from."""
    found = reading.heads(
        chosen_directory(directory),
        verbose=verbose,
        resolve_dependencies=resolve_dependencies,
        check=check,
    )
    for entry in found:
        printing.result(printing.full(entry) if verbose else printing.short(entry))

    if not found:
        printing.message(printing.nothing_at("heads"))


@command("branches")
@verbose_option
def branches(directory: str | None, verbose: bool) -> None:
    """List the revisions that more than one descends from."""
    found = reading.branches(chosen_directory(directory), verbose=verbose)
    for point, children in found:
        printing.result(
            printing.full(point) if verbose else printing.branch(point, children)
        )

    if not found:
        printing.message("No revision has more than one that descends from it.")


@command("graph")
@click.option(
    "--format",
    type=click.Choice(["mermaid", "dot", "svg"]),
    default="mermaid",
    show_default=True,
    help="The language of the picture.",
)
@click.option("--no-databases", is_flag=True, help="Do not ask where databases are.")
@bind_option
def graph(
    directory: str | None, format: str, no_databases: bool, bind: tuple[str, ...]
) -> None:
    """Draw the revisions, and where databases are."""
    drawn = reading.graph(
        chosen_directory(directory),
        format,
        ask=not no_databases,
        x_arg=all_x_args(),
        bind=bind,
    )
    printing.result(drawn.rstrip("\n"))
