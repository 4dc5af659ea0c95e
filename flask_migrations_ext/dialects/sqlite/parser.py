"""Reads a SQLite ``CREATE TABLE`` text, or a part of one.

It follows SQLite's own grammar, with its liberties: constraints without commas
between them, names in string quotes, types of many words or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from ...errors import UnsupportedOperation
from .definition import ColumnText
from .definition import ConstraintText
from .definition import Item
from .definition import Kind
from .definition import Reference
from .definition import TableText
from .tokens import column_uses
from .tokens import names_used
from .tokens import TokenKind
from .tokens import TokenReader

_COLUMN_CONSTRAINTS = frozenset(
    "CONSTRAINT DEFAULT NULL NOT PRIMARY UNIQUE CHECK REFERENCES COLLATE GENERATED AS"
    " DEFERRABLE".split()
)
_NAMEABLE = _COLUMN_CONSTRAINTS - {"CONSTRAINT"}
_TABLE_CONSTRAINTS = frozenset("CONSTRAINT PRIMARY UNIQUE CHECK FOREIGN".split())
_NAMEABLE_OF_TABLE = _TABLE_CONSTRAINTS - {"CONSTRAINT"}


@lru_cache(maxsize=512)
def parse_table(sql: str) -> TableText:
    """Return the table that a CREATE TABLE statement makes.

    :raises UnsupportedOperation: if it makes a virtual table.
    :raises UnreadableDefinition: if it cannot be read.
    """
    reader = TokenReader(sql)
    name = _read_name(reader)
    head = reader.between(0, name)
    name_end = reader.at
    reader.expect("(")
    opening = reader.between(name_end, reader.at)
    items = tuple(_read_items(reader))
    start = reader.at
    reader.expect(")")

    return TableText(
        head=head,
        name_text=reader.tokens[name].text,
        opening=opening,
        items=items,
        closing=reader.between(start, reader.at),
        options=reader.between(reader.at, len(reader.tokens)),
    )


def _read_name(reader: TokenReader) -> int:
    """Go past the name of the table and return its position."""
    reader.expect("CREATE")
    if not reader.accept("TEMP"):
        reader.accept("TEMPORARY")
    if reader.word() == "VIRTUAL":
        raise UnsupportedOperation(
            "SQLite",
            "alter a virtual table",
            f"drop and create it again with op.execute(): {reader.text.strip()}",
        )
    reader.expect("TABLE")
    reader.accept("IF", "NOT", "EXISTS")
    name = reader.name()

    return reader.name() if reader.accept(".") else name


def _read_items(reader: TokenReader) -> Iterator[Item]:
    """Yield the columns and constraints up to the closing parenthesis."""
    part: ColumnText | ConstraintText | None = None
    comma = True
    while True:
        lead = reader.trivia()
        part = _read_part(reader, part)
        ends = reader.word() == ")"
        next_comma = reader.word() == ","
        if not (ends or next_comma or isinstance(part, ConstraintText)):
            raise reader.fail("a comma is missing")
        # Where no comma comes, what is in between belongs to the next constraint.
        after = reader.trivia() if next_comma else ""
        reader.accept(",")
        comment = _line_comment(reader) if next_comma or ends else ""
        yield Item(part, lead, after, comment, comma)
        if ends:
            return
        comma = next_comma


def _read_part(
    reader: TokenReader, before: ColumnText | ConstraintText | None
) -> ColumnText | ConstraintText:
    comes_constraint = reader.word() in _TABLE_CONSTRAINTS
    if before is not None and comes_constraint:
        return _read_table_constraint(reader)
    if isinstance(before, ConstraintText):
        raise reader.fail("a constraint of the table is missing")

    return _read_column(reader)


def _line_comment(reader: TokenReader) -> str:
    """Go past a comment that ends this line, but not past the line."""
    start = spot = end = reader.at
    while spot < len(reader.tokens):
        token = reader.tokens[spot]
        if not token.is_trivia or "\n" in token.text:
            break
        spot += 1
        if token.kind is TokenKind.COMMENT:
            end = spot
    ends_line = spot < len(reader.tokens) and (
        reader.tokens[spot].kind is TokenKind.SPACE
        or reader.tokens[spot].keyword == ")"
    )
    if not ends_line:
        # It stands before the next column, which it is about.
        return ""
    reader.at = end

    return reader.between(start, end)


# -- parts of a table ------------------------------------------------------


def parse_column(text: str) -> ColumnText:
    """Return the column that ``text`` defines.

    :raises UnreadableDefinition: if it is not one column, or more.
    """
    reader = TokenReader(text.strip())
    column = _read_column(reader)
    _expect_end(reader, "the definition of a column")

    return replace(column, tail=reader.trivia())


def parse_column_constraint(text: str, column: str) -> ConstraintText:
    """Return the constraint that ``text`` adds to a column, one space before it."""
    reader = TokenReader(text.strip())
    constraint = _read_column_constraint(reader, column)
    _expect_end(reader, "the constraint")

    return replace(constraint, lead=" ")


def parse_table_constraint(text: str) -> ConstraintText:
    """Return the constraint of a table that ``text`` is."""
    reader = TokenReader(text.strip())
    constraint = _read_table_constraint(reader)
    _expect_end(reader, "the constraint")

    return constraint


@lru_cache(maxsize=512)
def parse_constraints(text: str, *, first: bool) -> tuple[ConstraintText, ...]:
    """Return the constraints that stand between two commas of a table.

    :param first: whether it is the first part of the table, and so a column.
    """
    reader = TokenReader(text)
    if first or reader.word() not in _TABLE_CONSTRAINTS:
        column = _read_column(reader)
        _expect_end(reader, "the definition of a column")
        return column.constraints

    constraints = []
    while not reader.at_end:
        constraints.append(_read_table_constraint(reader))

    return tuple(constraints)


def _expect_end(reader: TokenReader, what: str) -> None:
    if not reader.at_end:
        raise reader.fail(f"{what} should end")


def _read_column(reader: TokenReader) -> ColumnText:
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
        constraint = _read_column_constraint(reader, column.name)
        constraints.append(replace(constraint, lead=lead))

    return replace(column, constraints=tuple(constraints))


def _comes_generated(reader: TokenReader) -> bool:
    # Elsewhere, GENERATED and ALWAYS are words like any other.
    words = [reader.word(i) for i in range(3)]

    return words == ["GENERATED", "ALWAYS", "AS"]


def _read_column_constraint(reader: TokenReader, column: str) -> ConstraintText:
    """Return the constraint of a column that starts here."""
    start = reader.at = reader.spot()
    name_spot = _constraint_name(reader)
    if name_spot is not None and reader.word() not in _NAMEABLE:
        body = ConstraintText(Kind.NAME)
    else:
        body = _column_constraint_body(reader, column)

    return replace(_placed(body, reader, start, name_spot), column=column)


def _read_table_constraint(reader: TokenReader) -> ConstraintText:
    """Return the constraint of the table that starts here."""
    start = reader.at = reader.spot()
    name_spot = _constraint_name(reader)
    if name_spot is not None and reader.word() not in _NAMEABLE_OF_TABLE:
        body = ConstraintText(Kind.NAME)
    else:
        body = _table_constraint_body(reader)

    return _placed(body, reader, start, name_spot)


def _constraint_name(reader: TokenReader) -> int | None:
    return reader.name() if reader.accept("CONSTRAINT") else None


def _placed(
    body: ConstraintText, reader: TokenReader, start: int, name_spot: int | None
) -> ConstraintText:
    """Return a constraint with its text, its places counted from its start."""
    return replace(
        body,
        text=reader.between(start, reader.at),
        name=None if name_spot is None else reader.tokens[name_spot].name,
        uses=tuple(
            replace(use, spot=use.spot - start, start=use.start - start)
            for use in body.uses
        ),
        target_spots=tuple(spot - start for spot in body.target_spots),
    )


def _column_constraint_body(reader: TokenReader, column: str) -> ConstraintText:
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


def _table_constraint_body(reader: TokenReader) -> ConstraintText:
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


def _conflict(reader: TokenReader) -> str | None:
    if not reader.accept("ON", "CONFLICT"):
        return None

    return reader.tokens[reader.take()].keyword


def _default(reader: TokenReader) -> str:
    reader.expect("DEFAULT")
    start = reader.spot()
    if reader.word() == "(":
        reader.group()
    else:
        if reader.word() in ("+", "-"):
            reader.take()
        reader.take()

    return reader.between(start, reader.at)


def _check(reader: TokenReader) -> ConstraintText:
    reader.expect("CHECK")

    return _with_expression(ConstraintText(Kind.CHECK), reader)


def _generated(reader: TokenReader) -> ConstraintText:
    reader.accept("GENERATED", "ALWAYS")
    reader.expect("AS")
    constraint = _with_expression(ConstraintText(Kind.GENERATED), reader)
    stored = reader.accept("STORED")
    reader.accept("VIRTUAL")

    return replace(constraint, stored=stored)


def _with_expression(constraint: ConstraintText, reader: TokenReader) -> ConstraintText:
    start, stop = reader.group()
    uses = tuple(column_uses(reader.tokens, start, stop))

    return replace(
        constraint,
        columns=names_used(uses),
        expression=reader.between(start, stop),
        uses=uses,
    )


def _references(reader: TokenReader) -> ConstraintText:
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
        target_spots=tuple(use.spot for use in columns),
    )


def _action(reader: TokenReader) -> str:
    first = reader.tokens[reader.take()].keyword
    if first in ("SET", "NO"):
        return f"{first} {reader.tokens[reader.take()].keyword}"

    return first


def _timing(reader: TokenReader) -> tuple[bool | None, str | None]:
    """Return whether a foreign key is deferrable, and what it is initially."""
    negated = reader.accept("NOT", "DEFERRABLE")
    if not negated and not reader.accept("DEFERRABLE"):
        return None, None
    initially = None
    if reader.accept("INITIALLY"):
        initially = reader.tokens[reader.take()].keyword

    return not negated, initially
