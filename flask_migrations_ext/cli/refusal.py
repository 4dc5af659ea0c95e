"""What the terminal says where a command cannot go on."""

from __future__ import annotations

from typing import Any

import click


def as_called(text: str, name: str | None) -> str:
    """Return a text that says ``flask db …`` with the group's own name in it."""
    return text.replace("'flask db ", f"'flask {name} ") if name else text


class Refusal(click.ClickException):
    """An error message on the terminal.

    :param exit_status: what the command ends with.
    """

    def __init__(self, message: str, exit_status: int = 1) -> None:
        super().__init__(message)
        # A constant of the class, to Click.
        vars(self)["exit_code"] = exit_status

    def show(self, file: Any = None) -> None:
        label = click.style("Error:", fg="red", bold=True)
        click.echo(f"{label} {self.format_message()}", file=file, err=file is None)


def refuse_empty(ctx: click.Context) -> None:
    """Raise if an option or an argument was given without a value.

    An empty name of a database once meant the default one, and it was emptied.
    """
    for parameter in ctx.command.params:
        value = ctx.params.get(parameter.name or "")
        if value == "" or (isinstance(value, tuple) and "" in value):
            raise click.BadParameter(
                "it is empty; is a variable of your shell not set?", ctx, parameter
            )
