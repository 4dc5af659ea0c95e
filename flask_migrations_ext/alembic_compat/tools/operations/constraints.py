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
from .operation import stub

Kind = TypeVar("Kind", bound="type[AddConstraintOp]")

_NO_ORIGINAL = "constraint cannot be produced; original constraint is not present"


class AddConstraintOp(MigrateOperation):
    """Base of what adds a constraint."""

    constraint_type: ClassVar[str] = "none"
    # By the name of SQLAlchemy's class for it; filled as modules are imported.
    _kinds: ClassVar[dict[str, type[AddConstraintOp]]] = {}

    constraint_name: Any
    table_name: str
    schema: str | None
    kw: dict[str, Any]

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
        raise NotImplementedError(f"{cls.__name__} has no from_constraint()")

    def to_constraint(self, migration_context: Any = None) -> sa.Constraint:
        """Return SQLAlchemy's constraint."""
        raise NotImplementedError(f"{type(self).__name__} has no to_constraint()")

    def reverse(self) -> DropConstraintOp:
        return DropConstraintOp.from_constraint(self.to_constraint())

    def to_diff_tuple(self) -> tuple[str, sa.Constraint]:
        return "add_constraint", self.to_constraint()


class DropConstraintOp(MigrateOperation):
    """Drop a constraint."""

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        type_: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: AddConstraintOp | None = None,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.constraint_type = type_
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse

    @classmethod
    def from_constraint(cls, constraint: sa.Constraint) -> DropConstraintOp:
        """Return the operation that drops a constraint."""
        added = AddConstraintOp.from_constraint(constraint)
        table: Any = constraint.table
        return cls(
            added.constraint_name,
            str(table.name),
            added.constraint_type,
            schema=table.schema,
            _reverse=added,
        )

    def to_constraint(self) -> sa.Constraint:
        """Return SQLAlchemy's constraint.

        :raises ValueError: if it is not known what it was.
        """
        if self._reverse is None:
            raise ValueError(_NO_ORIGINAL)

        found = self._reverse.to_constraint()
        found.name = self.constraint_name
        return found

    def reverse(self) -> AddConstraintOp:
        return AddConstraintOp.from_constraint(self.to_constraint())

    def to_diff_tuple(self) -> tuple[str, sa.Constraint]:
        says = "remove_fk" if self.constraint_type == "foreignkey" else None
        return says or "remove_constraint", self.to_constraint()


class _OfColumns(AddConstraintOp):
    """What is said by the names of columns."""

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.kw = kw

    @classmethod
    def _of(cls, constraint: Any) -> AddConstraintOp:
        return cls(
            _name(constraint),
            str(constraint.table.name),
            [str(each.name) for each in constraint.columns],
            schema=constraint.table.schema,
            **cls._keywords(constraint),
        )

    @classmethod
    def _keywords(cls, constraint: Any) -> dict[str, Any]:
        return _given(constraint, ("deferrable", "initially"))

    def _columns(self, migration_context: Any) -> list[sa.Column[Any]]:
        table = stub(
            self.table_name,
            list(self.columns),
            self.schema,
            metadata_of(migration_context),
        )
        return [table.c[each] for each in self.columns]


@AddConstraintOp.register_add_constraint("primary_key_constraint")
class CreatePrimaryKeyOp(_OfColumns):
    """Make columns the primary key."""

    constraint_type = "primarykey"

    def to_constraint(self, migration_context: Any = None) -> sa.Constraint:
        columns = self._columns(migration_context)
        # The table has an empty one already.
        made = sa.PrimaryKeyConstraint(*columns, name=self.constraint_name, **self.kw)
        columns[0].table.append_constraint(made)
        return made


@AddConstraintOp.register_add_constraint("unique_constraint")
class CreateUniqueConstraintOp(_OfColumns):
    """Demand that values of columns occur once together."""

    constraint_type = "unique"

    def to_constraint(self, migration_context: Any = None) -> sa.Constraint:
        columns = self._columns(migration_context)
        return sa.UniqueConstraint(*columns, name=self.constraint_name, **self.kw)


@AddConstraintOp.register_add_constraint("foreign_key_constraint")
class CreateForeignKeyOp(AddConstraintOp):
    """Demand that columns point to a row of another table."""

    constraint_type = "foreignkey"

    def __init__(
        self,
        constraint_name: str | None,
        source_table: str,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.source_table = source_table
        self.referent_table = referent_table
        self.local_cols = local_cols
        self.remote_cols = remote_cols
        self.kw = kw

    @property
    def table_name(self) -> str:  # type: ignore[override]  # Alembic says source_table
        return self.source_table

    @property
    def schema(self) -> str | None:  # type: ignore[override]  # it is in kw there
        schema: str | None = self.kw.get("source_schema")
        return schema

    @classmethod
    def _of(cls, constraint: Any) -> AddConstraintOp:
        schema, referent, _ = constraint.elements[0]._column_tokens
        said = ("ondelete", "onupdate", "initially", "deferrable", "use_alter", "match")
        return cls(
            _name(constraint),
            str(constraint.table.name),
            referent,
            [str(each.parent.name) for each in constraint.elements],
            [each.target_fullname.rpartition(".")[2] for each in constraint.elements],
            source_schema=constraint.table.schema,
            referent_schema=schema,
            **_given(constraint, said),
        )

    def to_constraint(self, migration_context: Any = None) -> sa.Constraint:
        kw = dict(self.kw)
        schema, referent_schema = kw.pop("source_schema", None), None
        referent_schema = kw.pop("referent_schema", None)
        metadata = metadata_of(migration_context)
        own = list(self.local_cols)
        same = (self.source_table, schema) == (self.referent_table, referent_schema)
        if same:
            own += self.remote_cols
        else:
            stub(self.referent_table, list(self.remote_cols), referent_schema, metadata)
        table = stub(self.source_table, own, schema, metadata)
        prefix = f"{referent_schema}." if referent_schema else ""
        made = sa.ForeignKeyConstraint(
            list(self.local_cols),
            [f"{prefix}{self.referent_table}.{each}" for each in self.remote_cols],
            name=self.constraint_name,
            **kw,
        )
        table.append_constraint(made)
        return made

    def to_diff_tuple(self) -> tuple[str, sa.Constraint]:
        return "add_fk", self.to_constraint()


@AddConstraintOp.register_add_constraint("check_constraint")
@AddConstraintOp.register_add_constraint("table_or_column_check_constraint")
@AddConstraintOp.register_add_constraint("column_check_constraint")
class CreateCheckConstraintOp(AddConstraintOp):
    """Demand that every row fulfils a condition."""

    constraint_type = "check"

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        condition: Any,
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.condition = condition
        self.schema = schema
        self.kw = kw

    @classmethod
    def _of(cls, constraint: Any) -> AddConstraintOp:
        return cls(
            _name(constraint),
            str(constraint.table.name),
            constraint.sqltext,
            schema=constraint.table.schema,
            **_given(constraint, ()),
        )

    def to_constraint(self, migration_context: Any = None) -> sa.Constraint:
        table = stub(self.table_name, [], self.schema, metadata_of(migration_context))
        made = sa.CheckConstraint(self.condition, name=self.constraint_name, **self.kw)
        table.append_constraint(made)
        return made


@AddConstraintOp.register_add_constraint("exclude_constraint")
class CreateExcludeConstraintOp(AddConstraintOp):
    """Demand that no two rows agree in all elements (PostgreSQL)."""

    constraint_type = "exclude"

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        elements: Sequence[tuple[Any, str]],
        where: Any = None,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.elements = elements
        self.where = where
        self.schema = schema
        self.kw = kw

    @classmethod
    def _of(cls, constraint: Any) -> AddConstraintOp:
        parts = [
            (element, str(operator))
            for element, _, operator in constraint._render_exprs
        ]
        return cls(
            _name(constraint),
            str(constraint.table.name),
            parts,
            constraint.where,
            constraint.table.schema,
            **_given(constraint, ("deferrable", "initially", "using", "ops")),
        )

    def to_constraint(self, migration_context: Any = None) -> sa.Constraint:
        plain = [str(each) for each, _ in self.elements if isinstance(each, str)]
        plain += [
            str(each.name) for each, _ in self.elements if isinstance(each, sa.Column)
        ]
        table = stub(
            self.table_name, plain, self.schema, metadata_of(migration_context)
        )
        made: Any = ExcludeConstraint(
            *(
                (table.c[each.name] if isinstance(each, sa.Column) else each, operator)
                for each, operator in self.elements
            ),
            name=self.constraint_name,
            where=self.where,
            **self.kw,
        )
        table.append_constraint(made)
        constraint: sa.Constraint = made
        return constraint


def _name(constraint: Any) -> Any:
    # SQLAlchemy marks "no name" by an object that is not None.
    return constraint.name if isinstance(constraint.name, str) else None


def _given(constraint: Any, names: Sequence[str]) -> dict[str, Any]:
    said = {name: getattr(constraint, name, None) for name in names}
    kw = {name: value for name, value in said.items() if value}
    return {**kw, **dict(constraint.dialect_kwargs)}
