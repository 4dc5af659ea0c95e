"""Columns, constraints and defaults as the Python code that makes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.sql.elements import conv

from ...schema.model import Check
from ...schema.model import Column
from ...schema.model import Computed
from ...schema.model import Constraint
from ...schema.model import Exclude
from ...schema.model import Expression
from ...schema.model import ForeignKey
from ...schema.model import Identity
from ...schema.model import IndexPart
from ...schema.model import Options
from ...schema.model import PrimaryKey
from ...schema.model import ServerDefault
from ...schema.model import Unique
from ...schema.sql_text import escaped
from ..located import located
from .layout import call
from .layout import Code
from .layout import items
from .layout import literal
from .layout import names
from .layout import Node
from .objects import default_object
from .objects import kind_of
from .types import name_of
from .types import RenderContext
from .types import type_node
from .words import Said

_EXCLUDES = str(ExcludeConstraint.__module__.split(".")[2])
_ORDERED = re.compile(r"\b(?:ASC|DESC|FIRST|LAST)$|\bCOLLATE\s+\S+$", re.IGNORECASE)
_CLASSED = re.compile(
    r"""^(?!NOT\b)(?:"[^"]+"|[\w.]+(?:\((?:[^()]|\([^()]*\))*\))?)
        \s+(?!ISNULL$|NOTNULL$)[\w.]+(?:\s*\([^()]*\))?$""",
    re.IGNORECASE | re.VERBOSE,
)
_CALLED = re.compile(r"^[\w.]+\((?:[^()]|\([^()]*\))*\)$")


def column_node(
    column: Column,
    context: RenderContext,
    *,
    numbers_rows: bool = False,
    references: Sequence[ForeignKey] = (),
) -> Node | None:
    """Return the code that makes a column; None if the app leaves it out.

    :param numbers_rows: whether to say that it is a key of its own, which some
        databases then give values to.
    :param references: the foreign keys that are said within the column.
    """
    asked = context.asked("column", column.element)
    if asked is None or isinstance(asked, Code):
        return asked

    with located(f"column '{column.name}'"):
        return _column_node(column, context, numbers_rows, references)


def _column_node(
    column: Column,
    context: RenderContext,
    numbers_rows: bool,
    references: Sequence[ForeignKey],
) -> Node:
    filled_by = column.computed or column.identity or column.default
    default: Node | None = None
    if filled_by is not None:
        element = getattr(column.element, "server_default", None)
        default = server_default_node(filled_by, context, element)
    attached: list[Node] = [_reference_node(each, context) for each in references]
    if default is not None and filled_by is not column.default:
        attached.append(default)
    if column.sequence is not None:
        attached.append(
            call(context.sa("Sequence"), literal(str(column.sequence.name)))
        )

    keywords: dict[str, Node] = {}
    if default is not None and filled_by is column.default:
        keywords["server_default"] = default
    if column.autoincrement != "auto":
        keywords["autoincrement"] = literal(column.autoincrement)
    if numbers_rows:
        keywords["primary_key"] = literal(True)
    keywords["nullable"] = literal(column.nullable)
    if column.comment is not None:
        keywords["comment"] = literal(column.comment)

    return call(
        context.sa("Column"),
        literal(column.name),
        type_node(column.type.element, context),
        *attached,
        **keywords,
        **option_nodes(column.options, context),
    )


def _reference_node(key: ForeignKey, context: RenderContext) -> Node:
    named = {} if key.name is None else {"name": name_node(key.name, context)}
    return call(
        context.sa("ForeignKey"),
        literal(f"{key.referent}.{key.referent_columns[0]}"),
        **named,
        **reference_keywords(key),
        **option_nodes(key.options, context),
    )


def server_default_node(
    said: ServerDefault | Identity | Computed | None,
    context: RenderContext,
    element: object = None,
) -> Node | None:
    """Return the code for what gives a column its values.

    :param element: what it is to SQLAlchemy, if the models say it.
    """
    if element is None:
        element = default_object(said, context)
    asked = context.asked("server_default", element)
    if asked is None or isinstance(asked, Code):
        return asked

    if isinstance(said, Computed):
        persisted = said.persisted
        return call(
            context.sa("Computed"),
            condition_node(said.expression, context),
            **({} if persisted is None else {"persisted": literal(persisted)}),
        )
    if isinstance(said, Identity):
        return call(
            context.sa("Identity"),
            always=literal(said.always),
            **{name: literal(value) for name, value in said.options},
        )

    return default_node(said, context)


def default_node(default: ServerDefault | None, context: RenderContext) -> Node:
    """Return the code for ``server_default=``."""
    if default is None:
        return literal(None)
    if default.literal:
        return literal(default.expression.text)

    # Said in SQLAlchemy's own words, each database gets its own.
    element = default.expression.element
    if isinstance(element, sa.sql.elements.True_):
        return call(context.sa("true"))
    if isinstance(element, sa.sql.elements.False_):
        return call(context.sa("false"))
    if isinstance(element, sa.func.now().__class__):
        return call(context.sa("func.now"))

    return expression_node(default.expression, context)


def expression_node(expression: Expression, context: RenderContext) -> Node:
    """Return the code for a piece of SQL."""
    return text_node(context.words.said(expression), context)


def text_node(said: Said, context: RenderContext) -> Node:
    """Return the code for SQL text, where it takes a clause."""
    if not said.others:
        return call(context.sa("text"), literal(escaped(said.text)))

    others = {name: literal(text) for name, text in said.others.items()}
    return call(context.op("text"), literal(said.text), **others)


def condition_node(
    expression: Expression, context: RenderContext, change: Callable[[str], str] = str
) -> Node:
    """Return the code for SQL where it takes a string: the same for all, if it is."""
    said = context.words.said(expression)
    if said.others:
        return text_node(said, context)

    return literal(change(said.text))


def name_node(
    name: str | None, context: RenderContext, prefix: str | None = None
) -> Node:
    """Return the code for a name: a final one is said to be final."""
    if isinstance(name, conv):
        function = context.op("f") if prefix is None else f"{prefix}f"
        return call(function, literal(str(name)))

    return literal(name)


def option_nodes(options: Options, context: RenderContext) -> dict[str, Node]:
    """Return the code for keywords of one kind of database."""
    return {
        name: _option_node(value, name.partition("_")[0], context)
        for name, value in options
    }


def _option_node(value: object, database: str, context: RenderContext) -> Node:
    if isinstance(value, Expression):
        return text_node(context.words.said(value, only=database), context)
    if isinstance(value, sa.Column):
        return literal(str(value.name))
    if isinstance(value, list | tuple):
        return items([_option_node(each, database, context) for each in value])

    return literal(value)


def part_node(part: IndexPart, context: RenderContext) -> Node:
    """Return the code for what an index is on."""
    if isinstance(part, str):
        return literal(part)

    return text_node(context.words.said(part).changed(_as_part), context)


def _as_part(text: str) -> str:
    plain = (
        _ORDERED.search(text)
        or _CALLED.match(text)
        or _CLASSED.match(text)
        or text.startswith("(")
    )
    # PostgreSQL takes any other expression in parentheses only.
    return text if plain else f"({text})"


def constraint_node(
    constraint: Constraint, context: RenderContext, element: sa.Constraint | None = None
) -> Node | None:
    """Return the code that makes a constraint of a new table; None if it is left out.

    :param element: what it is to SQLAlchemy, for the app to render itself.
    """
    kind = kind_of(element)
    asked = context.asked(kind, element) if kind is not None else False
    if asked is None or isinstance(asked, Code):
        return asked

    with located(f"constraint '{constraint.name}'" if constraint.name else "a CHECK"):
        return _constraint_node(constraint, context)


def _constraint_node(constraint: Constraint, context: RenderContext) -> Node:
    named: dict[str, Node] = {}
    if constraint.name is not None:
        named["name"] = name_node(constraint.name, context)

    if isinstance(constraint, PrimaryKey):
        return call(
            context.sa("PrimaryKeyConstraint"),
            *(literal(each) for each in constraint.columns),
            **named,
            **option_nodes(constraint.options, context),
        )
    if isinstance(constraint, Unique):
        return call(
            context.sa("UniqueConstraint"),
            *(literal(each) for each in constraint.columns),
            **named,
            **deferral(constraint),
            **option_nodes(constraint.options, context),
        )
    if isinstance(constraint, ForeignKey):
        targets = [f"{constraint.referent}.{c}" for c in constraint.referent_columns]
        return call(
            context.sa("ForeignKeyConstraint"),
            names(constraint.columns),
            names(targets),
            **named,
            **reference_keywords(constraint),
            **option_nodes(constraint.options, context),
        )

    if isinstance(constraint, Exclude):
        return call(
            str(name_of(ExcludeConstraint, context)),
            *element_nodes(constraint, context),
            **named,
            **exclude_keywords(constraint, context),
        )

    assert isinstance(constraint, Check)
    return call(
        context.sa("CheckConstraint"),
        condition_node(constraint.condition, context, escaped),
        **named,
        **option_nodes(constraint.options, context),
    )


def element_nodes(constraint: Exclude, context: RenderContext) -> Iterator[Node]:
    """Yield the code for the elements of an exclude constraint: pairs."""
    for part, operator in constraint.elements:
        if isinstance(part, str):
            node: Node = literal(part)
        else:
            node = text_node(_of_exclude(part, context), context)
        yield call("", node, literal(operator))


def exclude_keywords(constraint: Exclude, context: RenderContext) -> dict[str, Node]:
    """Return the keywords of an exclude constraint."""
    keywords: dict[str, Node] = {}
    if constraint.where is not None:
        where = _of_exclude(constraint.where, context)
        keywords["where"] = text_node(where, context)
    keywords["using"] = literal(constraint.using)
    if constraint.ops:
        keywords["ops"] = literal(dict(constraint.ops))

    return {**keywords, **deferral(constraint)}


def _of_exclude(expression: Expression, context: RenderContext) -> Said:
    # Of the one database that has such constraints.
    return context.words.said(expression, only=_EXCLUDES)


def reference_keywords(key: ForeignKey) -> dict[str, Node]:
    """Return the keywords that say how a foreign key behaves."""
    said = {"onupdate": key.onupdate, "ondelete": key.ondelete}
    return {
        **_given(said.items()),
        **deferral(key),
        **_given([("match", key.match)]),
    }


def deferral(constraint: Unique | ForeignKey | Exclude) -> dict[str, Node]:
    """Return the keywords that say when a constraint is checked."""
    return _given(
        [("deferrable", constraint.deferrable), ("initially", constraint.initially)]
    )


def _given(keywords: Iterable[tuple[str, object]]) -> dict[str, Node]:
    return {name: literal(value) for name, value in keywords if value is not None}
