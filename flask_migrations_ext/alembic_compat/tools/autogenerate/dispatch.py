"""``alembic.util``: how plug-ins say which function is for what."""

from __future__ import annotations

import enum
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class Dispatcher:
    """Functions by class; the nearest base class decides."""

    def __init__(self) -> None:
        self._functions: dict[tuple[Any, str], Callable[..., Any]] = {}

    def dispatch_for(
        self, target: Any, *, qualifier: str = "default", replace: bool = False
    ) -> Callable[[Function], Function]:
        """Return a decorator for the function of a class.

        :param qualifier: the name of the kind of database that it is for.
        :raises ValueError: if there is one, unless that is to be replaced.
        """

        def register(function: Function) -> Function:
            key = (target, qualifier)
            if key in self._functions and not replace:
                raise ValueError(
                    f"there is a function for {target!r} already; to put this one in"
                    " its place, say replace=True"
                )

            self._functions[key] = function
            return function

        return register

    def dispatch(self, obj: Any, qualifier: str = "default") -> Callable[..., Any]:
        """Return the function for a value, or for a class.

        :raises ValueError: if there is none.
        """
        if isinstance(obj, str):
            targets: tuple[Any, ...] = (obj,)
        else:
            targets = (obj if isinstance(obj, type) else type(obj)).__mro__
        for target in targets:
            for each in (qualifier, "default"):
                if (target, each) in self._functions:
                    return self._functions[target, each]

        raise ValueError(f"no function for {obj!r}")

    def branch(self) -> Dispatcher:
        """Return a copy, to add to without changing this one."""
        copy = Dispatcher()
        copy._functions.update(self._functions)
        return copy


class DispatchPriority(enum.IntEnum):
    """When a function is called, among others of its target."""

    FIRST = 50
    MEDIUM = 25
    LAST = 10


class PriorityDispatchResult(enum.Enum):
    """Whether functions that would be called later are."""

    CONTINUE = 1
    STOP = 2


@dataclass(frozen=True)
class Registered:
    """A function, and what it was registered for."""

    function: Callable[..., Any]
    target: str
    qualifier: str
    priority: int
    subgroup: str | None


class PriorityDispatcher:
    """Functions by the name of a target; all of a target are called."""

    def __init__(self) -> None:
        self.registered: list[Registered] = []

    def dispatch_for(
        self,
        target: str,
        *,
        priority: DispatchPriority = DispatchPriority.MEDIUM,
        qualifier: str = "default",
        subgroup: str | None = None,
    ) -> Callable[[Function], Function]:
        """Return a decorator for a function of a target.

        :param qualifier: the name of the kind of database that it is for.
        :param subgroup: the functions that a STOP among them ends.
        """

        def register(function: Function) -> Function:
            self.registered.append(
                Registered(function, target, qualifier, int(priority), subgroup)
            )
            return function

        return register

    def dispatch(
        self, target: str, *, qualifier: str = "default"
    ) -> Callable[..., PriorityDispatchResult]:
        """Return a function that calls all of a target.

        Those for a kind of database come before those for all.
        """

        def call(*arguments: Any, **keywords: Any) -> PriorityDispatchResult:
            stopped: set[str | None] = set()
            for each in self._chosen(target, qualifier):
                if each.subgroup in stopped:
                    continue
                result = each.function(*arguments, **keywords)
                if result is PriorityDispatchResult.STOP:
                    stopped.add(each.subgroup)

            if stopped:
                return PriorityDispatchResult.STOP
            return PriorityDispatchResult.CONTINUE

        return call

    def _chosen(self, target: str, qualifier: str) -> Iterator[Registered]:
        several = [each for each in self.registered if each.target == target]
        several.sort(key=lambda each: -each.priority)
        for wanted in dict.fromkeys((qualifier, "default")):
            yield from (each for each in several if each.qualifier == wanted)

    def branch(self) -> PriorityDispatcher:
        """Return a copy, to add to without changing this one."""
        copy = PriorityDispatcher()
        copy.registered.extend(self.registered)
        return copy

    def populate_with(self, other: PriorityDispatcher) -> None:
        """Add the functions of another one."""
        self.registered.extend(other.registered)
