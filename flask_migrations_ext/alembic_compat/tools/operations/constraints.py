"""Alembic's operation objects for constraints."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from typing import ClassVar
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from ....errors import InvalidArgument
from .operation import metadata_of
from .operation import MigrateOperation
from .operation import place_of
from .operation import stub

Kind = TypeVar("Kind", bound="type[AddConstraintOp]")

_NO_ORIGINAL = "constraint cannot be produced; original constraint is not present"


class AddConstraintOp(MigrateOperation):
    """Base of what adds a constraint."""

    constraint_type: ClassVar[str] = "none"
    # By the name of SQLAlchemy's class for it; filled as modules are imported.
    _kinds: ClassVar[dict[str, type[AddConstraintOp]]] = {}
    # What SQLAlchemy's class is told beside its columns, and how it calls that.
    _says: ClassVar[Sequence[str]] = ("deferrable", "initially")

    @classmethod
    def register_add_constraint(cls, type_: str) -> Callable[[Kind], Kind]:
        """Return a decorator for the class of a kind of constraint."""

        def register(kind: Kind) -> Kind:
            cls._kinds[type_] = kind
            return kind

        return register

    @classmethod
    def from_constraint(cls, constraint: sa.Constraint) -> AddConstraintOp:
        """Return the operation that adds a constraint.

        :raises InvalidArgument: if nothing adds one of its kind.
        """
        kind = cls._kinds.get(constraint.__visit_name__)
        if kind is None:
            raise InvalidArgument("constraint", "a constraint of a table", constraint)

        return kind._of(constraint)

    @classmethod
    def _of(cls, constraint: Any) -> AddConstraintOp:
        table, schema = place_of(constraint)
        return cls(
            _name(constraint),
            table,
            *cls._parts(constraint),
            schema=schema,
            **cls._options(constraint),
        )

    @classmethod
    def _parts(cls, constraint: Any) -> tuple[Any, ...]:
        raise NotImplementedError(f"{cls.__name__} has no from_constraint()")

    @classmethod
    def _options(cls, constraint: Any) -> dict[str, Any]:
        said = {name: getattr(constraint, name, None) for name in cls._says}
        kw = {name: value for name, value in said.items() if value}
        return {**kw, **dict(constraint.dialect_kwargs)}

    def to_constraint(self, migration_context: Any = None) -> sa.Constraint:
        """Return SQLAlchemy's constraint, of a table with its columns alone."""
        metadata = metadata_of(migration_context)
        table = stub(self.table_name, self._columns(), self.schema, metadata)
        made: sa.Constraint = self._made(table)
        table.append_constraint(made)
        return made

    def _columns(self) -> Sequence[str]:
        return ()

    def _made(self, table: sa.Table) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no to_constraint()")

    def reverse(self) -> DropConstraintOp:
        return DropConstraintOp.from_constraint(self.to_constraint())

    def to_diff_tuple(self) -> tuple[str, sa.Constraint]:
        return "add_constraint", self.to_constraint()


class DropConstraintOp(
    MigrateOperation,
    takes=(
        "constraint_name table_name type_:constraint_type=None * schema if_exists "
        "_reverse"
    ),
):
    """Drop a constraint."""

    constraint_name: str | None

    @classmethod
    def from_constraint(cls, constraint: sa.Constraint) -> DropConstraintOp:
        """Return the operation that drops a constraint."""
        added = AddConstraintOp.from_constraint(constraint)
        name, (table, schema) = added.constraint_name, place_of(constraint)
        return cls(name, table, added.constraint_type, schema=schema, _reverse=added)

    def to_constraint(self) -> sa.Constraint:
        """Return SQLAlchemy's constraint.

        :raises ValueError: if it is not known what it was.
        """
        if self._reverse is None:
            raise ValueError(_NO_ORIGINAL)

        found: sa.Constraint = self._reverse.to_constraint()
        found.name = self.constraint_name
        return found

    def reverse(self) -> AddConstraintOp:
        return AddConstraintOp.from_constraint(self.to_constraint())

    def to_diff_tuple(self) -> tuple[str, sa.Constraint]:
        says = "remove_fk" if self.constraint_type == "foreignkey" else None
        return says or "remove_constraint", self.to_constraint()


class _OfColumns(
    AddConstraintOp,
    takes="constraint_name table_name columns * schema **kw",
):
    """What is said by the names of columns."""

    _class: ClassVar[Callable[..., sa.Constraint]]

    @classmethod
    def _parts(cls, constraint: Any) -> tuple[Any, ...]:
        return ([str(each.name) for each in constraint.columns],)

    def _columns(self) -> Sequence[str]:
        return list(self.columns)

    def _made(self, table: sa.Table) -> Any:
        return type(self)._class(*self.columns, name=self.constraint_name, **self.kw)


@AddConstraintOp.register_add_constraint("primary_key_constraint")
class CreatePrimaryKeyOp(_OfColumns):
    """Make columns the primary key."""

    constraint_type = "primarykey"
    _class = sa.PrimaryKeyConstraint


@AddConstraintOp.register_add_constraint("unique_constraint")
class CreateUniqueConstraintOp(_OfColumns):
    """Demand that values of columns occur once together."""

    constraint_type = "unique"
    _class = sa.UniqueConstraint


@AddConstraintOp.register_add_constraint("foreign_key_constraint")
class CreateForeignKeyOp(
    AddConstraintOp,
    takes="constraint_name source_table referent_table local_cols remote_cols **kw",
):
    """Demand that columns point to a row of another table."""

    constraint_type = "foreignkey"
    _says = ("ondelete", "onupdate", "initially", "deferrable", "use_alter", "match")

    @property
    def table_name(self) -> str:
        return str(self.source_table)

    @property
    def schema(self) -> str | None:
        schema: str | None = self.kw.get("source_schema")
        return schema

    @classmethod
    def _of(cls, constraint: Any) -> AddConstraintOp:
        (table, schema), elements = place_of(constraint), constraint.elements
        referent_schema, referent, _ = elements[0]._column_tokens
        return cls(
            _name(constraint),
            table,
            referent,
            [str(each.parent.name) for each in elements],
            [each.target_fullname.rpartition(".")[2] for each in elements],
            source_schema=schema,
            referent_schema=referent_schema,
            **cls._options(constraint),
        )

    def _columns(self) -> Sequence[str]:
        own = (self.source_table, self.schema)
        is_own = own == (self.referent_table, self.kw.get("referent_schema"))
        return [*self.local_cols, *(self.remote_cols if is_own else ())]

    def _made(self, table: sa.Table) -> Any:
        kw = {name: said for name, said in self.kw.items() if name != "source_schema"}
        schema = kw.pop("referent_schema", None)
        referent = f"{schema}.{self.referent_table}" if schema else self.referent_table
        if referent not in table.metadata.tables:
            stub(self.referent_table, self.remote_cols, schema, table.metadata)
        return sa.ForeignKeyConstraint(
            list(self.local_cols),
            [f"{referent}.{each}" for each in self.remote_cols],
            name=self.constraint_name,
            **kw,
        )

    def to_diff_tuple(self) -> tuple[str, sa.Constraint]:
        return "add_fk", self.to_constraint()


@AddConstraintOp.register_add_constraint("check_constraint")
@AddConstraintOp.register_add_constraint("table_or_column_check_constraint")
@AddConstraintOp.register_add_constraint("column_check_constraint")
class CreateCheckConstraintOp(
    AddConstraintOp,
    takes="constraint_name table_name condition * schema **kw",
):
    """Demand that every row fulfils a condition."""

    constraint_type = "check"
    _says = ()

    @classmethod
    def _parts(cls, constraint: Any) -> tuple[Any, ...]:
        return (constraint.sqltext,)

    def _made(self, table: sa.Table) -> Any:
        return sa.CheckConstraint(self.condition, name=self.constraint_name, **self.kw)


@AddConstraintOp.register_add_constraint("exclude_constraint")
class CreateExcludeConstraintOp(
    AddConstraintOp,
    takes="constraint_name table_name elements where=None schema=None **kw",
):
    """Demand that no two rows agree in all elements (PostgreSQL)."""

    constraint_type = "exclude"
    _says = ("deferrable", "initially", "using", "ops")

    @classmethod
    def _parts(cls, constraint: Any) -> tuple[Any, ...]:
        said = [(part, str(by)) for part, _, by in constraint._render_exprs]
        return said, constraint.where

    def _columns(self) -> Sequence[str]:
        parts = [part for part, _ in self.elements]
        plain = [part for part in parts if isinstance(part, str)]
        return plain + [str(each.name) for each in parts if isinstance(each, sa.Column)]

    def _made(self, table: sa.Table) -> Any:
        made: Any = ExcludeConstraint
        return made(
            *(
                (table.c[part.name] if isinstance(part, sa.Column) else part, operator)
                for part, operator in self.elements
            ),
            name=self.constraint_name,
            where=self.where,
            **self.kw,
        )


def _name(constraint: Any) -> Any:
    # SQLAlchemy marks "no name" by an object that is not None.
    return constraint.name if isinstance(constraint.name, str) else None
