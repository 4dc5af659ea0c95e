"""``alembic.autogenerate.rewriter``: rules for what a new revision is to hold."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any
from typing import TypeVar

from ..operations.containers import MigrationScript
from ..operations.containers import OpContainer
from ..operations.operation import MigrateOperation
from .dispatch import Dispatcher

Rule = TypeVar("Rule", bound=Callable[..., Any])
Process = Callable[[Any, Any, list[Any]], None]


class Rewriter:
    """Changes scripts by a function for each class of operation.

    A ``process_revision_directives``, and usable where one calls others.
    """

    # Plug-ins register here that their operations hold no others; none of those that
    # are not known to is looked into.
    _traverse = Dispatcher()

    def __init__(self) -> None:
        self._rules: dict[type, Callable[..., Any]] = {}
        self._chained: tuple[Process, ...] = ()

    def chain(self, other: Process) -> Rewriter:
        """Return a rewriter that is followed by another one, or by a function."""
        wrapped = type(self)()
        wrapped.__dict__.update(self.__dict__)
        wrapped._chained = (*self._chained, other)
        return wrapped

    def rewrites(
        self, operator: type[MigrateOperation] | Iterable[type[MigrateOperation]]
    ) -> Callable[[Rule], Rule]:
        """Return a decorator for the function of a class, or of several.

        It gets the context, the revision and an operation, and returns that one,
        another, or a list of them, which may be empty.
        """
        kinds = (operator,) if isinstance(operator, type) else tuple(operator)

        def register(function: Rule) -> Rule:
            self._rules.update(dict.fromkeys(kinds, function))
            return function

        return register

    def __call__(self, context: Any, revision: Any, directives: list[Any]) -> None:
        self.process_revision_directives(context, revision, directives)
        for each in self._chained:
            each(context, revision, directives)

    def process_revision_directives(
        self, context: Any, revision: Any, directives: list[Any]
    ) -> None:
        """Change the scripts in a list, and what is in them."""
        directives[:] = self._rewritten_all(context, revision, directives)

    def _rewritten_all(
        self, context: Any, revision: Any, several: Iterable[Any]
    ) -> list[Any]:
        done: list[Any] = []
        for each in several:
            for made in self._rewritten(context, revision, each):
                self._go_inside(context, revision, made)
                done.append(made)

        return done

    def _rewritten(self, context: Any, revision: Any, given: Any) -> list[Any]:
        rule = next(
            (self._rules[kind] for kind in type(given).__mro__ if kind in self._rules),
            None,
        )
        # What a rule has made is not for the rules again.
        if rule is None or self._rules_key in getattr(given, "_mutations", ()):
            return [given]

        made = rule(context, revision, given)
        if made is None:
            return []

        several = list(made) if isinstance(made, (list, tuple)) else [made]
        for each in several:
            if isinstance(each, MigrateOperation):
                each._mutations = each._mutations | {self._rules_key}
        return several

    @property
    def _rules_key(self) -> int:
        # A chained copy has the same rules.
        return id(self._rules)

    def _go_inside(self, context: Any, revision: Any, given: Any) -> None:
        if isinstance(given, MigrationScript):
            for containers in (given.upgrade_ops_list, given.downgrade_ops_list):
                rewritten = self._rewritten_all(context, revision, containers)
                containers[:] = rewritten
        elif isinstance(given, OpContainer):
            given.ops[:] = self._rewritten_all(context, revision, given.ops)
