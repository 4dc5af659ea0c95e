"""Values as SQL text: what a file holds in place of a statement's parameters.

A value goes through its type as it does on the way to a driver, so that a file
stores what a live run stores.
"""

from __future__ import annotations

import datetime
import decimal
import functools
import json
import math
import uuid
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.ddl import BaseDDLElement

from ..errors import OperationError
from ..errors import UnsupportedExpression
from ..schema.model import shown


def with_values(element: Any, row: Mapping[str, Any]) -> Any:
    """Return a statement with the values of a row."""
    if isinstance(element, sa.Insert):
        return element.values(dict(row))

    if isinstance(element, sa.TextClause):
        return element.bindparams(**row)

    return element.params(**row)


class Literals:
    """How one kind of database writes values; a dialect may have its own.

    What is returned is text for SQLAlchemy's compiler, which a driver still reads:
    it holds ``%%`` for ``%`` where the driver asks for that.
    """

    def __init__(self, dialect: SADialect) -> None:
        self.dialect = dialect

    def written(self, value: Any, type_: sa.types.TypeEngine[Any]) -> str:
        """Return a value of a type as SQL.

        :raises OperationError: if there is no way to write it.
        """
        written = self.special(value, type_)
        if written is not None:
            return written

        try:
            return self._compiler().render_literal_value(value, type_)
        except sa.exc.CompileError:
            return self.plain(self.bound(value, type_))

    def expression(self, element: sa.ClauseElement) -> str:
        """Return a piece of SQL as this kind of database keeps it.

        :raises UnsupportedExpression: if there are no words for it.
        """
        try:
            text = text_with_values(element, self, include_table=False)
        except (sa.exc.SQLAlchemyError, NotImplementedError, OperationError) as error:
            raise UnsupportedExpression(
                shown(element), self.dialect.name, _reason(error)
            ) from error

        # A driver that formats its parameters reads %% as %; a stored piece of SQL
        # holds what the database is to see.
        preparer: Any = self.dialect.identifier_preparer
        return text.replace("%%", "%") if preparer._double_percents else text

    def special(self, value: Any, type_: sa.types.TypeEngine[Any]) -> str | None:
        """Return a value as SQL where SQLAlchemy would not get it right, or None."""
        binary = isinstance(
            type_._unwrapped_dialect_impl(self.dialect),
            (sa.types._Binary, sa.JSON, sa.types.NullType),
        )
        if binary and (value is not None or type_.should_evaluate_none):
            return self.plain(self.bound(value, type_))

        number = isinstance(value, (float, decimal.Decimal))
        if number and not math.isfinite(value):
            return self.plain(value)

        return None

    def bound(self, value: Any, type_: sa.types.TypeEngine[Any]) -> Any:
        """Return what the driver is given for a value.

        :raises OperationError: if its type cannot take it on this kind of database.
        """
        processor = type_._cached_bind_processor(self.dialect)
        try:
            bound = value if processor is None else processor(value)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # Some databases read a date from text, others want a date of Python's.
            raise OperationError(
                f"cannot write {value!r} as SQL text of the type {type_!r}: {error}"
            ) from error

        # psycopg wraps JSON and binary values in classes of its own.
        if type(bound).__module__.startswith("psycopg"):
            return self._unwrapped(bound, type_)

        return bound

    def _unwrapped(self, bound: Any, type_: sa.types.TypeEngine[Any]) -> Any:
        dialect: Any = self.dialect
        value = getattr(bound, "obj", getattr(bound, "adapted", bound))
        if isinstance(type_._unwrapped_dialect_impl(self.dialect), sa.JSON):
            return (dialect._json_serializer or json.dumps)(value)

        return value

    def plain(self, value: Any) -> str:
        """Return a value as SQL, by its Python class alone."""
        if value is None:
            return "NULL"

        if isinstance(value, bool):
            return self.boolean(value)

        if isinstance(value, int):
            return str(int(value))

        if isinstance(value, float):
            return self.real(value)

        if isinstance(value, decimal.Decimal):
            return str(value) if value.is_finite() else self.string(str(value))

        if isinstance(value, str):
            return self.string(value)

        if isinstance(value, (bytes, bytearray, memoryview)):
            return self.binary(bytes(value))

        if isinstance(value, datetime.datetime):
            return self.moment(value)

        if isinstance(value, (datetime.date, datetime.time)):
            return self.string(value.isoformat())

        if isinstance(value, datetime.timedelta):
            return self.duration(value)

        if isinstance(value, uuid.UUID):
            return self.string(str(value))

        return self.other(value)

    def string(self, value: str) -> str:
        """Return a string in quotes."""
        return self._compiler().render_literal_value(value, sa.String())

    def boolean(self, value: bool) -> str:
        """Return a truth value."""
        if self.dialect.supports_native_boolean:
            return "true" if value else "false"

        return "1" if value else "0"

    def real(self, value: float) -> str:
        """Return a floating point number."""
        if math.isfinite(value):
            return repr(value)

        return self._refuse(value)

    def binary(self, value: bytes) -> str:
        """Return bytes."""
        return f"x'{value.hex()}'"

    def moment(self, value: datetime.datetime) -> str:
        """Return a date with a time."""
        return self.string(value.isoformat(sep=" "))

    def duration(self, value: datetime.timedelta) -> str:
        """Return a time span."""
        return self._refuse(value)

    def other(self, value: Any) -> str:
        """Return a value of any other class."""
        if isinstance(value, (dict, list)):
            return self.string(json.dumps(value))

        return self._refuse(value)

    def _refuse(self, value: object) -> str:
        raise OperationError(
            f"cannot write {value!r} as SQL text; give its column a type in the"
            " table that it is inserted into, or write it as an SQL expression"
        )

    def _compiler(self) -> SQLCompiler:
        return self.dialect.statement_compiler(self.dialect, None)


def text_with_values(element: Any, literals: Literals, **keywords: Any) -> str:
    """Return a statement with its values written into it.

    :raises OperationError: if a parameter has no value.
    """
    dialect: Any = literals.dialect
    kind: Any = type(literals)
    compiler: type[SQLCompiler] = _compiler_with(dialect.statement_compiler, kind)
    # No column keys: an INSERT without values is one of defaults, not of all columns.
    return str(
        compiler(
            dialect,
            element,
            column_keys=[],
            compile_kwargs={"literal_binds": True, **keywords},
        )
    )


@functools.cache
def _compiler_with(
    base: type[SQLCompiler], literals: Callable[[SADialect], Literals]
) -> type[SQLCompiler]:
    class CompilerWithValues(base):  # type: ignore[misc, valid-type]  # the base is known at run time only
        def render_literal_bindparam(self, bindparam: Any, **keywords: Any) -> str:
            if "render_literal_value" not in keywords:
                if _has_no_value(bindparam, self):
                    raise missing_values([bindparam.key], self.statement)

                # SQLAlchemy would write NULL, also where None is the null of JSON.
                if _is_meant_none(bindparam):
                    return literals(self.dialect).written(None, bindparam.type)

            text: str = super().render_literal_bindparam(bindparam, **keywords)
            return text

        def render_literal_value(
            self, value: Any, type_: sa.types.TypeEngine[Any]
        ) -> str:
            return literals(self.dialect).written(value, type_)

    return CompilerWithValues


def _reason(error: Exception) -> str:
    if isinstance(error, sa.exc.UnsupportedCompilationError):
        return "nothing says how it is written there"

    reason = error.args[0] if error.args else type(error).__name__
    return str(reason).partition("\n")[0].rstrip(". ")


def refuse_missing_values(element: Any, dialect: SADialect) -> None:
    """Raise an error if a statement has parameters without values.

    :raises OperationError: if it has.
    """
    if isinstance(element, BaseDDLElement):
        return  # it has no parameters

    compiled = element.compile(dialect=dialect, column_keys=[])
    binds = getattr(compiled, "binds", {})
    missing = [name for name, bind in binds.items() if _has_no_value(bind, compiled)]
    if missing:
        raise missing_values(missing, element)


def _has_no_value(bindparam: Any, compiled: Any) -> bool:
    # SQLAlchemy 2.1 keeps what params() was given beside the statement.
    collected = getattr(compiled, "_collected_params", None) or {}
    return (
        bool(bindparam.required)
        and bindparam.value is None
        and bindparam.callable is None
        and bindparam.key not in collected
    )


def _is_meant_none(bindparam: Any) -> bool:
    return (
        bindparam.value is None
        and bindparam.callable is None
        and not bindparam.required
        and bindparam.type.should_evaluate_none
    )


def missing_values(names: list[str], statement: object) -> OperationError:
    """Return the error for parameters without values."""
    shown = ", ".join(f"':{name}'" for name in names)
    return OperationError(
        f"no value for {shown} in the statement {str(statement)!r}; bind one with"
        " sqlalchemy.text(…).bindparams(…), or write '\\:' for a colon that is only"
        " a colon"
    )
