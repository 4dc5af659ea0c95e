"""``alembic.runtime.plugins``: sets of comparators that an ``env.py`` names."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any
from typing import ClassVar

from ....errors import UnknownOption
from .dispatch import DispatchPriority
from .dispatch import PriorityDispatcher

ENTRY_POINTS = "alembic.plugins"
"""The group in which packages name modules with a ``setup(plugin)``."""

OWN = (
    "alembic.autogenerate.schemas",
    "alembic.autogenerate.tables",
    "alembic.autogenerate.types",
    "alembic.autogenerate.constraints",
    "alembic.autogenerate.defaults",
    "alembic.autogenerate.comments",
)
"""The names of what Alembic itself compares; here, our own comparison does that."""

_OPT_IN = "alembic.ext.checkconstraint_byname"


class Plugin:
    """Comparators under a name, which ``autogenerate_plugins`` asks for."""

    _all: ClassVar[dict[str, Plugin]] = {}

    def __init__(self, name: str) -> None:
        self.name = name
        self.autogenerate_comparators = PriorityDispatcher()
        if name in self._all:
            raise ValueError(f"there is a plug-in '{name}' already")
        self._all[name] = self

    def remove(self) -> None:
        """Forget it."""
        self._all.pop(self.name, None)

    @classmethod
    def setup_plugin_from_module(cls, module: ModuleType, name: str) -> None:
        """Let the ``setup(plugin)`` of a module say what the plug-in does."""
        module.setup(cls(name))

    def add_autogenerate_comparator(
        self,
        fn: Callable[..., Any],
        compare_target: str,
        compare_element: str | None = None,
        *,
        qualifier: str = "default",
        priority: DispatchPriority = DispatchPriority.MEDIUM,
    ) -> None:
        """Add a function to those of a target: ``schema``, ``table``, ``column``, …"""
        self.autogenerate_comparators.dispatch_for(
            compare_target,
            qualifier=qualifier,
            priority=priority,
            subgroup=compare_element,
        )(fn)

    @classmethod
    def populate_autogenerate_priority_dispatch(
        cls, comparators: PriorityDispatcher, include_plugins: Iterable[str]
    ) -> None:
        """Add the functions of the plug-ins that are named to a dispatcher.

        :param include_plugins: names, with ``*`` for any part, and ``~`` for not.
        :raises UnknownOption: if there is none of a name.
        """
        _load_installed()
        for name in cls._named(tuple(include_plugins)):
            if name in cls._all:
                comparators.populate_with(cls._all[name].autogenerate_comparators)

    @classmethod
    def _named(cls, said: tuple[str, ...]) -> Iterator[str]:
        known = [*OWN, _OPT_IN, *cls._all]
        chosen: dict[str, bool] = {}
        for each in said:
            pattern = _pattern(each.removeprefix("~"))
            matches = [name for name in known if pattern.fullmatch(name)]
            if not matches:
                raise UnknownOption(
                    "autogenerate_plugins", f"there is no plug-in '{each}'"
                )
            chosen.update(dict.fromkeys(matches, not each.startswith("~")))

        yield from (name for name, wanted in chosen.items() if wanted)


def is_left_out(name: str, said: Iterable[str]) -> bool:
    """Return whether one of Alembic's own plug-ins is not wanted."""
    wanted = False
    for each in said:
        if _pattern(each.removeprefix("~")).fullmatch(name):
            wanted = not each.startswith("~")

    return not wanted


def _pattern(said: str) -> re.Pattern[str]:
    # A star stands for one part of a name, at the end for all that follow.
    parts = [r"[\w]+" if part == "*" else re.escape(part) for part in said.split(".")]
    if said.endswith("*"):
        parts[-1] = r"[\w.]+"
    return re.compile(r"\.".join(parts))


@cache
def _load_installed() -> None:
    for each in entry_points(group=ENTRY_POINTS):
        if not each.module.startswith("alembic.") and each.name not in Plugin._all:
            Plugin.setup_plugin_from_module(each.load(), each.name)
