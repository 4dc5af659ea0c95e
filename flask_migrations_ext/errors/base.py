"""The root of all errors, and how one is declared: fields, and one message.

::

    @declared
    class FolderMissing(ScriptError):
        '''There is no migrations folder.'''

        directory: Path

        def _message(self) -> str:
            return f"no migrations folder at {self.directory}"

A subclass has the fields of its parent first. Lists that are given become tuples, and
no text keeps a password: neither the message nor a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import Parameter
from inspect import Signature
from typing import Any
from typing import dataclass_transform
from typing import TypeVar

from ..masking import shown_text

_Kind = TypeVar("_Kind", bound="type[MigrationError]")


class MigrationError(Exception):
    """Base of every error that this package raises on purpose."""

    elsewhere: tuple[str, ...] = ()
    """What became of the other databases of the run, a line for each."""

    exit_status = 1
    """What a command ends with that cannot go on because of it."""

    def __init__(self, message: str = "") -> None:
        super().__init__(shown_text(message))

    def __str__(self) -> str:
        # Not super(): some are errors of SQLAlchemy as well, which say more.
        return "\n".join(
            [Exception.__str__(self), *(f"  {line}" for line in self.elsewhere)]
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # What an error is called with is not what it is made of, which is its
        # attributes. Those of AttributeError are in no dictionary.
        fields = {name: getattr(self, name) for name in self._fields}
        return _blank, (type(self),), {**fields, **vars(self), "args": self.args}

    _fields: Mapping[str, Parameter] = {}

    def _message(self) -> str:
        raise NotImplementedError


def _blank(kind: type[MigrationError]) -> MigrationError:
    return kind.__new__(kind)


@dataclass_transform(eq_default=False)
def declared(kind: _Kind) -> _Kind:
    """Return the class of an error with a constructor for the fields it declares.

    Not a dataclass: each of those is compiled when it is imported, at every start.
    """
    own = {
        name: Parameter(
            name,
            Parameter.POSITIONAL_OR_KEYWORD,
            default=vars(kind).get(name, Parameter.empty),
            annotation=annotation,
        )
        for name, annotation in vars(kind)["__annotations__"].items()
    }
    kind._fields = {**kind._fields, **own}
    signature = Signature([_SELF, *kind._fields.values()])

    def take(self: MigrationError, *given: Any, **named: Any) -> None:
        taken = signature.bind(self, *given, **named)
        taken.apply_defaults()
        MigrationError.__init__(self)
        for name in kind._fields:
            setattr(self, name, _kept(taken.arguments[name]))
        self.args = (shown_text(self._message()),)

    take.__name__ = "__init__"
    take.__signature__ = signature  # type: ignore[attr-defined] # for those who ask
    kind.__init__ = take  # type: ignore[method-assign] # to mypy, it has the fields
    return kind


def _kept(value: Any) -> Any:
    if isinstance(value, str):
        return shown_text(value)

    return tuple(map(_kept, value)) if isinstance(value, list | tuple) else value


_SELF = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
