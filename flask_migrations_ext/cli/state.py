"""``current``."""

from __future__ import annotations

import click

from ..commands import state
from . import printing
from .options import all_x_args
from .options import bind_option
from .options import chosen_directory
from .options import command
from .options import verbose_option


@command("current")
@verbose_option
@click.option(
    "-c",
    "--check-heads",
    is_flag=True,
    help="Fail unless the database is at all heads.",
)
@bind_option
def current(
    directory: str | None, verbose: bool, check_heads: bool, bind: tuple[str, ...]
) -> None:
    """Show where the database is."""
    found = state.current(
        chosen_directory(directory),
        verbose=verbose,
        check_heads=check_heads,
        x_arg=all_x_args(),
        bind=bind,
    )
    for each in found:
        if each.entries or each.unknown or verbose:
            printing.result(printing.state(each, verbose=verbose))
        if not (each.entries or each.unknown):
            printing.message(
                f"{printing.where(each.title)}No revision has been applied yet."
            )
