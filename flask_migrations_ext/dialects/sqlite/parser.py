"""Reads the columns and constraints of a SQLite ``CREATE TABLE`` text.

It follows SQLite's own grammar, with its liberties: constraints without commas
between them, names in string quotes, types of many words or none.
"""

from __future__ import annotations

from dataclasses import replace

from .parts import ColumnText
from .parts import ConstraintText
from .parts import Kind
from .parts import Reference
from .reader import Reader
from .tokens import column_uses
from .tokens import folded

_COLUMN_CONSTRAINTS = frozenset(
    "CONSTRAINT DEFAULT NULL NOT PRIMARY UNIQUE CHECK REFERENCES COLLATE GENERATED AS"
    " DEFERRABLE".split()
)
_NAMEABLE = _COLUMN_CONSTRAINTS - {"CONSTRAINT"}
TABLE_CONSTRAINTS = frozenset("CONSTRAINT PRIMARY UNIQUE CHECK FOREIGN".split())
_NAMEABLE_OF_TABLE = TABLE_CONSTRAINTS - {"CONSTRAINT"}


def parse_column(text: str) -> ColumnText:
    """Return the column that ``text`` defines.

    :raises UnreadableDefinition: if it is not one column, or more.
    """
    reader = Reader(text.strip())
    column = read_column(reader)
    if not reader.at_end:
        raise reader.fail("the definition of a column should end")

    return replace(column, tail=reader.trivia())


def parse_column_constraint(text: str, column: str) -> ConstraintText:
    """Return the constraint that ``text`` adds to a column, one space before it."""
    reader = Reader(text.strip())
    constraint = read_column_constraint(reader, column)
    if not reader.at_end:
        raise reader.fail("the constraint should end")

    return replace(constraint, lead=" ")


def parse_table_constraint(text: str) -> ConstraintText:
    """Return the constraint of a table that ``text`` is."""
    reader = Reader(text.strip())
    constraint = read_table_constraint(reader)
    if not reader.at_end:
        raise reader.fail("the constraint should end")

    return constraint


def read_column(reader: Reader) -> ColumnText:
    """Return the column that starts here."""
    name = reader.tokens[reader.name()]
    before = reader.at
    type_at = reader.spot()
    while reader.comes_name() and not _comes_generated(reader):
        reader.take()
    has_type = reader.at > before
    if has_type and reader.word() == "(":
        reader.group()
    column = ColumnText(
        name=name.name,
        name_text=name.text,
        type=reader.between(type_at, reader.at) if has_type else "",
        type_lead=reader.between(before, type_at) if has_type else "",
    )
    constraints = []
    while reader.word() in _COLUMN_CONSTRAINTS:
        lead = reader.trivia()
        constraint = read_column_constraint(reader, column.name)
        constraints.append(replace(constraint, lead=lead))

    return replace(column, constraints=tuple(constraints))


def _comes_generated(reader: Reader) -> bool:
    # Elsewhere, GENERATED and ALWAYS are words like any other.
    words = [reader.word(i) for i in range(3)]

    return words == ["GENERATED", "ALWAYS", "AS"]


def read_column_constraint(reader: Reader, column: str) -> ConstraintText:
    """Return the constraint of a column that starts here."""
    start = reader.at = reader.spot()
    name_spot = _constraint_name(reader)
    if name_spot is not None and reader.word() not in _NAMEABLE:
        body = ConstraintText(Kind.NAME)
    else:
        body = _column_constraint_body(reader, column)

    return replace(_placed(body, reader, start, name_spot), column=column)


def read_table_constraint(reader: Reader) -> ConstraintText:
    """Return the constraint of the table that starts here."""
    start = reader.at = reader.spot()
    name_spot = _constraint_name(reader)
    if name_spot is not None and reader.word() not in _NAMEABLE_OF_TABLE:
        body = ConstraintText(Kind.NAME)
    else:
        body = _table_constraint_body(reader)

    return _placed(body, reader, start, name_spot)


def _constraint_name(reader: Reader) -> int | None:
    return reader.name() if reader.accept("CONSTRAINT") else None


def _placed(
    body: ConstraintText, reader: Reader, start: int, name_spot: int | None
) -> ConstraintText:
    """Return a constraint with its text, its places counted from its start."""
    return replace(
        body,
        text=reader.between(start, reader.at),
        name=None if name_spot is None else reader.tokens[name_spot].name,
        name_spot=None if name_spot is None else name_spot - start,
        uses=tuple(
            replace(use, spot=use.spot - start, start=use.start - start)
            for use in body.uses
        ),
        target_spots=tuple(spot - start for spot in body.target_spots),
        target_spot=None if body.target_spot is None else body.target_spot - start,
    )


def _column_constraint_body(reader: Reader, column: str) -> ConstraintText:
    own = (column,)
    match reader.word():
        case "PRIMARY":
            reader.expect("PRIMARY", "KEY")
            descending = reader.accept("DESC")
            reader.accept("ASC")
            conflict = _conflict(reader)
            autoincrement = reader.accept("AUTOINCREMENT")
            return ConstraintText(
                Kind.PRIMARY,
                columns=own,
                descending=descending,
                conflict=conflict,
                autoincrement=autoincrement,
            )
        case "UNIQUE":
            reader.expect("UNIQUE")
            return ConstraintText(Kind.UNIQUE, columns=own, conflict=_conflict(reader))
        case "NULL":
            reader.expect("NULL")
            return ConstraintText(Kind.NULL, columns=own, conflict=_conflict(reader))
        case "NOT" if reader.word(1) == "NULL":
            reader.expect("NOT", "NULL")
            return ConstraintText(
                Kind.NOT_NULL, columns=own, conflict=_conflict(reader)
            )
        case "NOT" | "DEFERRABLE" if "DEFERRABLE" in (reader.word(), reader.word(1)):
            _timing(reader)
            return ConstraintText(Kind.DEFERRABLE, columns=own)
        case "CHECK":
            return _check(reader)
        case "DEFAULT":
            return ConstraintText(
                Kind.DEFAULT, columns=own, expression=_default(reader)
            )
        case "COLLATE":
            reader.expect("COLLATE")
            collation = reader.tokens[reader.name()].name
            return ConstraintText(Kind.COLLATE, columns=own, collation=collation)
        case "REFERENCES":
            return replace(_references(reader), columns=own)
        case "GENERATED" | "AS":
            return _generated(reader)
        case _:
            raise reader.fail("a constraint of a column is missing")


def _table_constraint_body(reader: Reader) -> ConstraintText:
    match reader.word():
        case "PRIMARY":
            reader.expect("PRIMARY", "KEY")
            start = reader.at
            uses = reader.listed()
            words = [token.keyword for token in reader.tokens[start : reader.at]]
            return ConstraintText(
                Kind.PRIMARY,
                columns=tuple(use.name for use in uses),
                uses=uses,
                autoincrement="AUTOINCREMENT" in words,
                conflict=_conflict(reader),
            )
        case "UNIQUE":
            reader.expect("UNIQUE")
            uses = reader.listed()
            return ConstraintText(
                Kind.UNIQUE,
                columns=tuple(use.name for use in uses),
                uses=uses,
                conflict=_conflict(reader),
            )
        case "CHECK":
            return replace(_check(reader), conflict=_conflict(reader))
        case "FOREIGN":
            reader.expect("FOREIGN", "KEY")
            uses = reader.listed()
            names = tuple(use.name for use in uses)
            return replace(_references(reader), columns=names, uses=uses)
        case _:
            raise reader.fail("a constraint of the table is missing")


def _conflict(reader: Reader) -> str | None:
    if not reader.accept("ON", "CONFLICT"):
        return None

    return reader.tokens[reader.take()].keyword


def _default(reader: Reader) -> str:
    reader.expect("DEFAULT")
    start = reader.spot()
    if reader.word() == "(":
        reader.group()
    else:
        if reader.word() in ("+", "-"):
            reader.take()
        reader.take()

    return reader.between(start, reader.at)


def _check(reader: Reader) -> ConstraintText:
    reader.expect("CHECK")

    return _with_expression(ConstraintText(Kind.CHECK), reader)


def _generated(reader: Reader) -> ConstraintText:
    reader.accept("GENERATED", "ALWAYS")
    reader.expect("AS")
    constraint = _with_expression(ConstraintText(Kind.GENERATED), reader)
    stored = reader.accept("STORED")
    reader.accept("VIRTUAL")

    return replace(constraint, stored=stored)


def _with_expression(constraint: ConstraintText, reader: Reader) -> ConstraintText:
    start, stop = reader.group()
    uses = tuple(column_uses(reader.tokens, start, stop))
    names: dict[str, str] = {}
    for use in uses:
        names.setdefault(folded(use.name), use.name)

    return replace(
        constraint,
        columns=tuple(names.values()),
        expression=reader.between(start, stop),
        uses=uses,
    )


def _references(reader: Reader) -> ConstraintText:
    reader.expect("REFERENCES")
    target = reader.name()
    columns = reader.listed() if reader.word() == "(" else ()
    actions: dict[str, str] = {}
    while reader.word() in ("ON", "MATCH"):
        if reader.accept("MATCH"):
            actions["MATCH"] = reader.tokens[reader.name()].name
        else:
            reader.expect("ON")
            event = reader.tokens[reader.take()].keyword
            actions[event] = _action(reader)
    deferrable, initially = _timing(reader)
    reference = Reference(
        table=reader.tokens[target].name,
        columns=tuple(use.name for use in columns),
        on_delete=actions.get("DELETE"),
        on_update=actions.get("UPDATE"),
        match=actions.get("MATCH"),
        deferrable=deferrable,
        initially=initially,
    )

    return ConstraintText(
        Kind.FOREIGN,
        reference=reference,
        target_spot=target,
        target_spots=tuple(use.spot for use in columns),
    )


def _action(reader: Reader) -> str:
    first = reader.tokens[reader.take()].keyword
    if first in ("SET", "NO"):
        return f"{first} {reader.tokens[reader.take()].keyword}"

    return first


def _timing(reader: Reader) -> tuple[bool | None, str | None]:
    """Return whether a foreign key is deferrable, and what it is initially."""
    negated = reader.accept("NOT", "DEFERRABLE")
    if not negated and not reader.accept("DEFERRABLE"):
        return None, None
    initially = None
    if reader.accept("INITIALLY"):
        initially = reader.tokens[reader.take()].keyword

    return not negated, initially
