"""What answers about names mean, beside one database and its models."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from ...errors import UnusableAnswer
from ...schema.model import Column
from ...schema.model import Schema
from ...schema.model import Table
from ...schema.model import TableName
from ..renames import Name
from .answers import Answers
from .answers import Said


@dataclass
class SaidNames:
    """What was said of names: what is renamed, and what is not.

    :param used: the answers that mean something here.
    :param refused: those that cannot be carried out here, with the reason.
    """

    tables: dict[TableName, TableName] = field(default_factory=dict)
    columns: dict[TableName, dict[str, str]] = field(default_factory=dict)
    other_tables: set[TableName] = field(default_factory=set)
    other_columns: set[tuple[TableName, str]] = field(default_factory=set)
    used: set[Said] = field(default_factory=set)
    refused: dict[Said, str] = field(default_factory=dict)


def said_names(answers: Answers, database: Schema, models: Schema) -> SaidNames:
    """Return what the answers say of the names of one database.

    :raises UnusableAnswer: if one says two things at once, or two do.
    """
    said = SaidNames()
    here = {str(each.name): each for each in database.tables}
    there = {str(each.name): each for each in models.tables}
    # Those of tables first: a column may be named by what its table is going to be.
    later: list[tuple[str, str, str]] = []
    for text in dict.fromkeys(answers.rename):
        old, new = _parted(text)
        if _means(old, here, text) != "table":
            later.append((text, old, new))
            continue
        name = here[old].name
        wanted = there.get(new) or there.get(str(TableName(new, name.schema)))
        if wanted is None or wanted.name.schema != name.schema:
            said.refused["rename", text] = f"the models have no table '{new}'"
            continue
        _put(said.tables, name, wanted.name, text)
        said.used.add(("rename", text))

    becoming = {str(new): here[str(old)] for old, new in said.tables.items()}
    for text, old, new in later:
        _say_column(said, {**becoming, **here}, there, (text, old, new))
    for text in dict.fromkeys(answers.no_rename):
        _say_that_not(said, here, text)
    _refuse_taken(said, database)

    return said


def _parted(text: str) -> tuple[str, str]:
    old, equals, new = (each.strip() for each in text.partition("="))
    if not (old and equals and new):
        raise UnusableAnswer(
            f"--rename {text}", "it is OLD=NEW, as users.email=email_address"
        )

    return old, new


def _means(old: str, here: Mapping[str, Table], text: str) -> str | None:
    """Return ``table`` or ``column``; None if nothing has that name."""
    is_table, is_column = old in here, column_in(old, here) is not None
    if is_table and is_column:
        raise UnusableAnswer(
            f"--rename {text}",
            f"'{old}' is a table, and a column of another; say which one in the model,"
            ' with info={"renamed_from": …}',
        )
    if is_table:
        return "table"

    return "column" if is_column else None


def column_in(text: str, tables: Mapping[str, Table]) -> tuple[Table, Column] | None:
    """Return what ``table.column`` names, if it does."""
    head, _, tail = text.rpartition(".")
    table = tables.get(head)
    column = table.column(tail) if table is not None else None

    return (table, column) if table is not None and column is not None else None


def _say_column(
    said: SaidNames,
    here: Mapping[str, Table],
    there: Mapping[str, Table],
    answer: tuple[str, str, str],
) -> None:
    text, old, new = answer
    found = column_in(old, here)
    if found is None:
        said.refused["rename", text] = f"the database has no '{old}'"
        return

    table, column = found
    name = said.tables.get(table.name, table.name)
    wanted = there.get(str(name))
    new = new.removeprefix(f"{name}.").removeprefix(f"{table.name}.")
    if wanted is None:
        said.refused["rename", text] = f"the models have no table '{name}'"
    elif wanted.column(new) is None:
        said.refused["rename", text] = f"the models have no column '{name}.{new}'"
    else:
        _put(said.columns.setdefault(table.name, {}), column.name, new, text)
        said.used.add(("rename", text))


def _put(names: dict[Name, Name], old: Name, new: Name, text: str) -> None:
    if names.get(old, new) != new:
        raise UnusableAnswer(
            f"--rename {text}", f"'{old}' is said to be '{names[old]}' as well"
        )
    other = next((each for each, becomes in names.items() if becomes == new), old)
    if other != old:
        raise UnusableAnswer(
            f"--rename {text}", f"'{new}' is said to have been '{other}' as well"
        )
    names[old] = new


def _say_that_not(said: SaidNames, here: Mapping[str, Table], text: str) -> None:
    found = column_in(text, here)
    if text in here:
        said.other_tables.add(here[text].name)
        if here[text].name in said.tables:
            raise UnusableAnswer(f"--no-rename {text}", "--rename says that it is")
    elif found is not None:
        said.other_columns.add((found[0].name, found[1].name))
        if found[1].name in said.columns.get(found[0].name, {}):
            raise UnusableAnswer(f"--no-rename {text}", "--rename says that it is")
    else:
        said.refused["no-rename", text] = f"the database has no '{text}'"
        return

    said.used.add(("no-rename", text))


def _refuse_taken(said: SaidNames, database: Schema) -> None:
    by_name = database.by_name
    for old, new in said.tables.items():
        if new in by_name and new not in said.tables:
            raise UnusableAnswer(
                f"--rename {old}={new.name}", f"there is a table '{new}' already"
            )
    for name, columns in said.columns.items():
        for before, becomes in _taken(columns, by_name[name]):
            raise UnusableAnswer(
                f"--rename {name}.{before}={becomes}",
                f"table '{name}' has a column '{becomes}' already",
            )


def _taken(columns: Mapping[str, str], table: Table) -> Iterator[tuple[str, str]]:
    there: Collection[str] = {each.name for each in table.columns}
    for old, new in columns.items():
        if new in there and new not in columns:
            yield old, new
