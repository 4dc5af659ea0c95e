"""What plug-ins answer in place of our comparison, as options of ours."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ....operations.base import Operation
from ....operations.columns import AlterColumn
from ....operations.columns import ColumnFacts
from ....operations.constraints import AddConstraint
from ....operations.constraints import DropConstraint
from ....operations.indexes import CreateIndex
from ....operations.indexes import DropIndex
from ....operations.tables import CommentTable
from ....schema.model import KEPT
from ..ddl.databases import DefaultImpl
from ..operations import ops
from ..operations.to_alembic import OpsMaker
from .plugins import is_left_out


def with_answers(options: Mapping[str, Any], dialect: sa.Dialect) -> dict[str, Any]:
    """Return options with what a subclass of ``DefaultImpl`` has its own answer to.

    A function that ``env.py`` gives comes before it.
    """
    answered = {**options, **_left_out(options.get("autogenerate_plugins"))}
    kind = DefaultImpl.get_by_dialect(dialect)
    for name, ask in (
        ("compare_type", _ask_type),
        ("compare_server_default", _ask_default),
    ):
        if getattr(kind, name) is getattr(DefaultImpl, name):
            continue
        if answered.get(name, True) in (True, None):
            answered[name] = ask

    if kind.render_type is not DefaultImpl.render_type:
        impl = kind(dialect, None, True, None, None, options)
        answered["render_item"] = _render_by(impl, answered.get("render_item"))

    return answered


def _left_out(plugins: Any) -> dict[str, bool]:
    """Return what is not compared, where one of Alembic's own plug-ins is not named."""
    if plugins is None:
        return {}

    own = {"types": "compare_type", "defaults": "compare_server_default"}
    return {
        option: False
        for name, option in own.items()
        if is_left_out(f"alembic.autogenerate.{name}", plugins)
    }


def of_named_plugins(
    operations: Sequence[Operation], plugins: Any
) -> tuple[Operation, ...]:
    """Return what those of Alembic's own plug-ins find that an ``env.py`` names.

    As there, the one for schemas calls that for tables, and that the others.
    """
    if plugins is None:
        return tuple(operations)

    left_out = {name for name in _OWN if is_left_out(f"{_ALEMBIC}{name}", plugins)}
    if left_out & {"schemas", "tables"}:
        return ()

    found = tuple(operations)
    for name, attribute in _OWN.items():
        if name in left_out:
            found = tuple(_without(found, _KINDS[name], attribute))
    return found


_ALEMBIC = "alembic.autogenerate."
_OWN = {"schemas": "", "tables": "", "constraints": "nullable", "comments": "comment"}
_KINDS: Mapping[str, tuple[type[Operation], ...]] = {
    "constraints": (AddConstraint, DropConstraint, CreateIndex, DropIndex),
    "comments": (CommentTable,),
}


def as_impl_answers(
    operations: Sequence[Operation], impl: DefaultImpl
) -> tuple[Operation, ...]:
    """Return what a subclass of ``DefaultImpl`` does not find to be the same."""
    kind = type(impl)
    asked = [
        (base, name)
        for base, name in _ASKED.items()
        if getattr(kind, name) is not getattr(DefaultImpl, name)
    ]
    same: set[int] = set()
    make = OpsMaker(impl.dialect).object_for
    for added in operations:
        for gone in operations:
            pair = make(added), make(gone)
            name = next((n for base, n in asked if _is_pair(pair, base)), None)
            if name is None:
                continue
            to = "to_index" if name == "compare_indexes" else "to_constraint"
            wanted, found = (getattr(each, to)() for each in pair)
            if not getattr(impl, name)(wanted, found).is_different:
                same.update((id(added), id(gone)))

    return tuple(each for each in operations if id(each) not in same)


_ASKED: Mapping[tuple[type[Any], type[Any]], str] = {
    (ops.CreateIndexOp, ops.DropIndexOp): "compare_indexes",
    (
        ops.CreateUniqueConstraintOp,
        ops.DropConstraintOp,
    ): "compare_unique_constraint",
    (ops.CreateCheckConstraintOp, ops.DropConstraintOp): "compare_check_constraint",
}


def _is_pair(pair: tuple[Any, Any], kinds: tuple[type[Any], type[Any]]) -> bool:
    """Return whether one of these replaces the other, which is known."""
    added, gone = pair
    if not (isinstance(added, kinds[0]) and isinstance(gone, kinds[1])):
        return False

    of = "index_name" if isinstance(added, ops.CreateIndexOp) else "constraint_name"
    names = ("table_name", "schema", of)
    return gone._reverse is not None and all(
        getattr(added, name) == getattr(gone, name) for name in names
    )


def _without(
    operations: Sequence[Operation], kinds: tuple[type[Operation], ...], name: str
) -> Iterator[Operation]:
    kept: Any = {name: KEPT}
    for each in operations:
        if isinstance(each, AlterColumn) and getattr(each.becomes, name) is not KEPT:
            less = replace(each, becomes=replace(each.becomes, **kept))
            if less.becomes != ColumnFacts() or less.new_name:
                yield less
        elif not isinstance(each, kinds):
            yield each


def _ask_type(context: Any, found: Any, wanted: Any, *types: Any) -> Any:
    return context.impl.compare_type(found, wanted)


def _ask_default(
    context: Any, found: Any, wanted: Any, old: Any, new: Any, rendered: Any
) -> Any:
    return context.impl.compare_server_default(found, wanted, rendered, old)


def _render_by(
    impl: DefaultImpl, own: Callable[..., Any] | None
) -> Callable[[str, Any, Any], Any]:
    def render(kind: str, element: Any, context: Any) -> Any:
        said = own(kind, element, context) if own is not None else False
        if said is not False or kind != "type":
            return said

        return impl.render_type(element, context)

    return render
