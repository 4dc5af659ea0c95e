"""Types as the Python code that makes them, with the imports that this needs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ...dialects.dialect import Dialect
from ...operations.base import Operation
from ...schema.sql_text import RawType
from .layout import Call
from .layout import call
from .layout import Code
from .layout import literal
from .layout import Node
from .layout import one_line
from .own_types import enum_keywords
from .own_types import implementation
from .own_types import implementation_arguments
from .own_types import is_own
from .own_types import own_arguments
from .words import Words

RenderItem = Callable[[str, Any, "RenderContext"], str | bool | None]
"""``render_item(type_, object, autogen_context)``: code, or False for the usual.

None leaves the object out.
"""

_DIALECTS = "sqlalchemy.dialects."
_DOMAIN_WORDS = (
    *("collation", "collation_schema", "default"),
    *("constraint_name", "not_null", "check"),
)


@dataclass(frozen=True)
class RenderOptions:
    """How code is written; the names are those of ``context.configure()``."""

    render_as_batch: bool = True
    op_prefix: str = "op."
    sqlalchemy_module_prefix: str = "sa."
    user_module_prefix: str | None = None
    render_item: RenderItem | None = None
    dialect: Dialect | None = None
    """Of the database that the code is written for; none: of no certain one."""


Remarks = Sequence[tuple[Operation, str]]
"""What a reader is told above the code of an operation."""


@dataclass(frozen=True)
class RenderContext:
    """The options, and the imports that the code written so far needs."""

    options: RenderOptions = RenderOptions()
    imports: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    """What a reader of the code has to be told."""

    remarks: Remarks = ()

    @cached_property
    def words(self) -> Words:
        """How pieces of SQL are said."""
        return Words(self.options.dialect)

    def sa(self, name: str) -> str:
        """Return a name of SQLAlchemy as the code says it."""
        return f"{self.options.sqlalchemy_module_prefix}{name}"

    def op(self, name: str) -> str:
        """Return a name of ``op`` as the code says it."""
        return f"{self.options.op_prefix}{name}"

    def asked(self, kind: str, element: object) -> Code | None | bool:
        """Return what the app wants written for an element; False for the usual."""
        if self.options.render_item is None or element is None:
            return False

        said = self.options.render_item(kind, element, self)
        return Code(said) if isinstance(said, str) else None if said is None else False


def type_node(element: sa.types.TypeEngine[Any], context: RenderContext) -> Node:
    """Return the code that makes a type."""
    asked = context.asked("type", element)
    if isinstance(asked, Code):
        return asked

    package = _package_named_by(type(element))
    if package is not None:
        # It wants to be taken for a type of that database, and says itself which.
        context.imports.add(f"from sqlalchemy.dialects import {package}")
        return Code(f"{package}.{element!r}")

    node = _plain_node(element, context)
    variants: Mapping[str, Any] = element._variant_mapping
    for name, variant in sorted(variants.items()):
        method = call("with_variant", type_node(variant, context), literal(name))
        node = node.and_then(method)

    return node


def _own_node(element: Any, context: RenderContext) -> Call:
    kind = type(element)
    dialects = [
        each.sa_dialect
        for each in context.words.dialects
        if each.name not in element._variant_mapping
    ]
    # A class that no module has cannot be imported; what it stores can.
    if "<locals>" not in kind.__qualname__:
        found = own_arguments(element, dialects)
        if found is not None:
            return call(
                str(name_of(kind, context)),
                *(literal(each) for each in found.spread),
                **{name: literal(value) for name, value in found.keywords},
            )

    stored = implementation(element, dialects)
    said = type_node(stored, context)
    assert isinstance(said, Call)
    context.notes.append(
        f"{kind.__module__}.{kind.__qualname__} cannot be made of what may be written"
        f" here; {one_line(said)} makes the same column"
    )
    return said


def _plain_node(element: Any, context: RenderContext) -> Call:
    if isinstance(element, RawType):
        return call(context.op("raw_type"), literal(element.text))
    if is_own(element):
        return _own_node(element, context)

    name = name_of(type(element), context)
    assert name is not None
    if isinstance(element, sa.Enum):
        return _enum_node(name, element)
    if isinstance(element, sa.ARRAY):
        return _array_node(name, element, context)
    if isinstance(element, sa.PickleType):
        # It takes no arguments for what it is built on, but that itself.
        stored = type_node(element.impl_instance, context)
        usual = one_line(stored) == one_line(type_node(sa.LargeBinary(), context))
        return call(name) if usual else call(name, impl=stored)
    if hasattr(element, "data_type") and hasattr(element, "constraint_name"):
        return _domain_node(name, element, context)
    if isinstance(element, sa.Interval):
        # Its repr() is that of what it is built on.
        values = implementation_arguments(element)
        return call(name, **{each: literal(value) for each, value in values.items()})
    if isinstance(element, sa.JSON):
        return call(name)

    return _from_repr(name, element, context)


def _domain_node(name: str, element: Any, context: RenderContext) -> Call:
    # Its repr() has its name and its type only.
    values: dict[str, Any] = {}
    for key in ("schema", *_DOMAIN_WORDS):
        value = getattr(element, key, None)
        if isinstance(value, sa.TextClause):
            values[key] = value.text
        elif isinstance(value, sa.ClauseElement):
            own = context.words.own
            values[key] = str(value) if own is None else own.write(value)
        elif value:
            values[key] = value
    if element.create_type is False:
        values["create_type"] = False

    return call(
        name,
        literal(str(element.name)),
        type_node(element.data_type, context),
        **{key: literal(value) for key, value in values.items()},
    )


def _package_named_by(kind: type[Any]) -> str | None:
    """Return the package of a database that a class names as its own, and is not in."""
    module = kind.__module__
    if not module.startswith(_DIALECTS) or "<locals>" in kind.__qualname__:
        return None

    package = module.removeprefix(_DIALECTS).split(".")[0]
    for home in (module, _DIALECTS + package):
        if hasattr(sys.modules.get(home), kind.__name__):
            return None
    return package


def name_of(kind: type[Any], context: RenderContext) -> str | None:
    """Return what a script calls a class by, and import that; None if it cannot."""
    module = kind.__module__
    if module.startswith(_DIALECTS):
        package = module.removeprefix(_DIALECTS).split(".")[0]
        if hasattr(sys.modules[_DIALECTS + package], kind.__name__):
            context.imports.add(f"from sqlalchemy.dialects import {package}")
            return f"{package}.{kind.__name__}"
    if module.startswith("sqlalchemy.") and getattr(sa, kind.__name__, None) is kind:
        return context.sa(kind.__name__)
    if module.startswith("sqlalchemy.") and hasattr(sa.types, kind.__name__):
        return context.sa(f"types.{kind.__name__}")
    if "<locals>" in kind.__qualname__:
        return None
    if context.options.user_module_prefix is not None:
        return f"{context.options.user_module_prefix}{kind.__qualname__}"

    module = _public_module(kind)
    context.imports.add(f"import {module}")
    return f"{module}.{kind.__qualname__}"


def _public_module(kind: type[Any]) -> str:
    """Return the shortest package that offers the class under its name."""
    parts = kind.__module__.split(".")
    for length in range(1, len(parts)):
        package = ".".join(parts[:length])
        if getattr(sys.modules.get(package), kind.__qualname__, None) is kind:
            return package

    return kind.__module__


def _enum_node(name: str, element: sa.Enum) -> Call:
    return call(
        name,
        *(literal(str(value)) for value in element.enums),
        **{each: literal(value) for each, value in enum_keywords(element).items()},
    )


def _array_node(name: str, element: sa.ARRAY[Any], context: RenderContext) -> Call:
    keywords = {"dimensions": literal(element.dimensions)} if element.dimensions else {}
    return call(name, type_node(element.item_type, context), **keywords)


def _from_repr(name: str, element: object, context: RenderContext) -> Call:
    """Return the call that SQLAlchemy says would make a type."""
    try:
        said = ast.parse(repr(element), mode="eval").body
    except SyntaxError:
        return call(name)
    if not isinstance(said, ast.Call):
        return call(name)

    positional = [_repr_node(each, element, context) for each in said.args]
    keywords = {
        each.arg: _repr_node(each.value, element, context)
        for each in said.keywords
        if each.arg is not None
    }

    if not positional:
        # What a base class takes is not always in it.
        values = implementation_arguments(element)
        keywords |= {k: literal(v) for k, v in values.items() if k not in keywords}

    return call(name, *positional, **keywords)


def _repr_node(said: ast.expr, element: object, context: RenderContext) -> Node:
    try:
        return literal(ast.literal_eval(said))
    except ValueError:
        pass

    if isinstance(said, ast.Call) and isinstance(said.func, ast.Name):
        kind = said.func.id
        home = sys.modules[type(element).__module__.rpartition(".")[0]]
        prefix = context.sa("")
        if not hasattr(sa, kind) and hasattr(home, kind):
            prefix = home.__name__.rpartition(".")[2] + "."
        return call(
            prefix + kind,
            *(_repr_node(each, element, context) for each in said.args),
            **{
                str(each.arg): _repr_node(each.value, element, context)
                for each in said.keywords
            },
        )

    return Code(ast.unparse(said))
