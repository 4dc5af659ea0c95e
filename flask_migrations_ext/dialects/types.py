"""The types that SQLAlchemy writes for a database, as parts that can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SADialect

_COLLATE = re.compile(r"""\s+COLLATE\s+("[^"]+"|`[^`]+`|'[^']+'|\w+)""", re.IGNORECASE)
_CHARSET = re.compile(r"\s+CHARACTER SET\s+\w+", re.IGNORECASE)
_FORM = re.compile(
    r"^(?P<name>[^()\[\]]+)(?:\((?P<arguments>.*)\))?"
    r"(?P<rest>[^()\[\]]*?)(?P<array>(?:\[\d*\])*)$",
    re.DOTALL,
)
_QUOTED = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True)
class EnumType:
    """An enum type that a column uses, by its name."""

    name: str
    values: tuple[str, ...]
    schema: str | None = None


@dataclass(frozen=True)
class TypeText:
    """A type as it stands in SQL: ``NUMERIC(10, 2)``, ``TIMESTAMP(3) WITH …``.

    ``name`` has upper case, with what follows the arguments: ``INTEGER UNSIGNED``.
    """

    name: str
    arguments: tuple[str, ...] = ()
    array: bool = False
    collation: str | None = None

    @classmethod
    def parse(cls, text: str) -> TypeText:
        """Return the parts of a type."""
        collation = _COLLATE.search(text)
        plain = _CHARSET.sub("", _COLLATE.sub("", text)).strip()
        form = _FORM.match(plain)
        if form is None:
            return cls(plain)

        name = " ".join(f"{form['name']} {form['rest']}".split())
        return cls(
            name=name if '"' in name or "`" in name else name.upper(),
            arguments=_arguments(form["arguments"] or ""),
            array=bool(form["array"]),
            collation=collation.group(1).strip("\"`'") if collation else None,
        )

    def renamed(self, name: str, *arguments: str) -> TypeText:
        """Return the type under another name, with these arguments."""
        return replace(self, name=name, arguments=arguments)


def _arguments(text: str) -> tuple[str, ...]:
    if "'" in text:
        return tuple(_QUOTED.findall(text))

    return tuple(part.strip() for part in text.split(",") if part.strip())


def type_text(element: sa.types.TypeEngine[Any], dialect: SADialect) -> str | None:
    """Return a type as SQL of this database; None if it has no such type."""
    try:
        return element.compile(dialect=dialect)
    except (sa.exc.CompileError, NotImplementedError, AttributeError, TypeError):
        # The last two for a type of another database that shares its name with one
        # of this one, and not its arguments.
        return None


def resolved(
    element: sa.types.TypeEngine[Any], dialect: SADialect
) -> sa.types.TypeEngine[Any]:
    """Return what stands behind variants and decorators on this database."""
    found: Any = element
    for _ in range(10):
        if isinstance(found, sa.Interval):
            # Where there are intervals it is one, and else a moment.
            native = found.dialect_impl(dialect)
            found = getattr(native, "impl_instance", native)
            continue

        if isinstance(found, sa.types.TypeDecorator):
            variant = found._variant_mapping.get(dialect.name)
            found = variant or found.load_dialect_impl(dialect)
            continue

        variants = getattr(found, "_variant_mapping", None) or {}
        if dialect.name not in variants:
            break
        found = variants[dialect.name]

    return found  # type: ignore[no-any-return]  # a TypeEngine[Any], widened above


def enums_within(element: sa.types.TypeEngine[Any]) -> Iterator[sa.Enum]:
    """Yield the enum types behind decorators, variants and arrays of any database."""
    found: Any = element
    if isinstance(found, sa.Enum):
        yield found
    if isinstance(found, sa.types.TypeDecorator):
        yield from enums_within(found.impl_instance)
    if isinstance(found, sa.ARRAY):
        yield from enums_within(found.item_type)
    for _, variant in sorted(found._variant_mapping.items()):
        yield from enums_within(variant)


def is_made(constraint: sa.Constraint, dialect: SADialect) -> bool:
    """Return whether a database needs a constraint that a type brings along."""
    # A type says so by a rule.
    rule: Any = constraint._create_rule
    known: Any = dialect
    return rule is None or bool(rule(known.ddl_compiler(known, None)))
