"""``alembic.autogenerate.render``: operation objects as Python."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ....autogenerate.render.elements import column_node
from ....autogenerate.render.elements import constraint_node
from ....autogenerate.render.elements import server_default_node
from ....autogenerate.render.layout import Call
from ....autogenerate.render.layout import laid_out
from ....autogenerate.render.layout import literal
from ....autogenerate.render.layout import Node
from ....autogenerate.render.layout import one_line
from ....autogenerate.render.operations import nodes
from ....autogenerate.render.script import render as render_body
from ....autogenerate.render.types import RenderContext
from ....autogenerate.render.types import RenderOptions
from ....autogenerate.render.types import type_node
from ....dialects.registry import dialect_for
from ....schema.from_sqlalchemy import read_column
from ....schema.from_sqlalchemy import read_constraint
from ..operations import ops
from ..operations.from_alembic import operations_of
from ..operations.from_alembic import read
from ..operations.to_alembic import NativeOp
from .context import AutogenContext
from .renderers import is_ours
from .renderers import render_op
from .renderers import render_op_text
from .renderers import renderers

__all__ = [
    "default_renderers",
    "render_op",
    "render_op_text",
    "render_python_code",
    "renderers",
]

default_renderers = renderers
MAX_PYTHON_ARGS = 255

_NEXT_LINE = "\n" + " " * 11


def render_python_code(
    up_or_down_op: Any,
    sqlalchemy_module_prefix: str = "sa.",
    alembic_module_prefix: str = "op.",
    render_as_batch: bool = False,
    imports: Iterable[str] = (),
    render_item: Any = None,
    migration_context: Any = None,
    user_module_prefix: str | None = None,
) -> str:
    """Return the body of ``upgrade()`` or ``downgrade()``.

    Its first line is not indented, as a template puts it where it belongs.
    """
    opts = {
        "sqlalchemy_module_prefix": sqlalchemy_module_prefix,
        "alembic_module_prefix": alembic_module_prefix,
        "render_as_batch": render_as_batch,
        "render_item": render_item,
        "user_module_prefix": user_module_prefix,
    }
    context = AutogenContext(migration_context, opts=opts, autogenerate=False)
    context.imports = set(imports)
    return _render_cmd_body(up_or_down_op, context)


def _render_cmd_body(op_container: Any, autogen_context: AutogenContext) -> str:
    operations = list(operations_of(op_container.ops, autogen_context))
    body = render_body(operations, _render_context(autogen_context).options)
    autogen_context.imports.update(body.imports)
    return body.text.strip()


def _render_context(autogen_context: AutogenContext) -> RenderContext:
    opts = autogen_context.opts
    return RenderContext(
        RenderOptions(
            render_as_batch=bool(opts["render_as_batch"]),
            op_prefix=opts["alembic_module_prefix"] or "",
            sqlalchemy_module_prefix=opts["sqlalchemy_module_prefix"] or "",
            user_module_prefix=opts["user_module_prefix"],
            render_item=opts["render_item"],
            dialect=autogen_context.dialect and dialect_for(autogen_context.dialect),
        ),
        autogen_context.imports,
    )


# -- what plug-ins build on: some derive a class and write a bit more -------


@is_ours
def _render_ours(autogen_context: AutogenContext, op: Any) -> str:
    """Return an operation of a class of Alembic's as Python."""
    return "\n".join(laid_out(node, 0) for node in _nodes(autogen_context, op))


def _nodes(autogen_context: AutogenContext, op: Any) -> Iterator[Node]:
    # Of a class of a project's, too: what it adds, its renderer adds.
    operation = read(op)
    if operation is not None:
        batch = "batch_op." if autogen_context._has_batch else None
        yield from nodes(operation, _render_context(autogen_context), batch)


@is_ours
def _render_modify_table(autogen_context: AutogenContext, op: Any) -> list[str]:
    return [text for each in op.ops for text in render_op(autogen_context, each)]


@is_ours
def _alter_column(autogen_context: AutogenContext, op: ops.AlterColumnOp) -> str:
    # Without what is of one kind of database only: who derives from it writes that,
    # behind the last argument.
    plain = ops.AlterColumnOp(**{**_changes(op), "table_name": op.table_name})
    return "\n".join(
        _by_argument(node)
        for node in _nodes(autogen_context, plain)
        if isinstance(node, Call)
    )


def _changes(op: ops.AlterColumnOp) -> dict[str, Any]:
    return {
        name: value for name, value in vars(op).items() if name not in _NOT_ARGUMENTS
    } | {name: value for name, value in op.kw.items() if "autoincrement" in name}


_NOT_ARGUMENTS = ("kw", "info", "_mutations", "_ours")


def _by_argument(call: Call) -> str:
    said = [
        one_line(node) if name is None else f"{name}={one_line(node)}"
        for name, node in call.arguments
    ]
    places = sum(name is None for name, _ in call.arguments)
    lines = [", ".join(said[:places]), *said[places:]]
    return f"{call.function}({f',{_NEXT_LINE}'.join(lines)})"


_add_column = _drop_column = _add_table = _drop_table = _render_ours
_add_index = _drop_index = _drop_constraint = _execute_sql = _render_ours
_add_unique_constraint = _add_fk_constraint = _render_ours
_add_pk_constraint = _add_check_constraint = _render_ours
_render_create_table_comment = _render_drop_table_comment = _render_ours


def _repr_type(
    type_: sa.types.TypeEngine[Any], autogen_context: AutogenContext, **_: Any
) -> str:
    return one_line(type_node(type_, _render_context(autogen_context)))


def _render_column(column: sa.Column[Any], autogen_context: AutogenContext) -> Any:
    node = column_node(read_column(column), _render_context(autogen_context))
    return None if node is None else one_line(node)


def _render_constraint(
    constraint: sa.Constraint, autogen_context: AutogenContext, *_: Any
) -> str | None:
    context = _render_context(autogen_context)
    node = constraint_node(read_constraint(constraint), context, constraint)
    return None if node is None else one_line(node)


def _render_server_default(
    default: Any, autogen_context: AutogenContext, **_: Any
) -> str | None:
    column: sa.Column[Any] = sa.Column("c", server_default=default)
    read_ = read_column(column)
    said = read_.identity or read_.computed or read_.default
    node = server_default_node(said, _render_context(autogen_context))
    return None if node is None else one_line(node)


def _user_defined_render(
    type_: str, object_: Any, autogen_context: AutogenContext
) -> Any:
    said = autogen_context.opts["render_item"]
    return said(type_, object_, autogen_context) if said else False


def _alembic_autogenerate_prefix(autogen_context: AutogenContext) -> str:
    if autogen_context._has_batch:
        return "batch_op."

    return autogen_context.opts["alembic_module_prefix"] or ""


def _sqlalchemy_autogenerate_prefix(autogen_context: AutogenContext) -> str:
    return autogen_context.opts["sqlalchemy_module_prefix"] or ""


def _user_autogenerate_prefix(autogen_context: AutogenContext, target: Any) -> str:
    prefix = autogen_context.opts["user_module_prefix"]
    return prefix if prefix is not None else f"{type(target).__module__}."


def _ident(name: Any) -> str | None:
    return None if name is None else str(name)


def _f_name(prefix: str, name: Any) -> str:
    return f"{prefix}f({literal(str(name)).text})"


for _kind in (
    NativeOp,
    *(getattr(ops, name) for name in ops.__all__ if not name.endswith(("Ops", "pt"))),
):
    if _kind not in (ops.AlterTableOp, ops.MigrateOperation, ops.OpContainer):
        renderers.dispatch_for(_kind)(_render_ours)
renderers.dispatch_for(ops.AlterColumnOp, replace=True)(_alter_column)
renderers.dispatch_for(ops.ModifyTableOps)(_render_modify_table)
