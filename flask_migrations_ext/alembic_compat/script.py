"""``alembic.script``: the revisions of a folder."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import ConfigurationError
from ..errors import RevisionNotFound
from ..revisions.graph import RevisionGraph
from ..revisions.locate import locate
from ..revisions.locate import locate_one
from ..revisions.plan import plan_downgrade
from ..revisions.plan import plan_upgrade
from ..revisions.plan import Step
from ..revisions.revision import Revision
from ..scripts.folder import MigrationsFolder
from ..scripts.loader import load_script
from .compatibility import run_env
from .config import Config
from .options import options_of
from .options import script_location

__all__ = ["Script", "ScriptDirectory"]

Ids = str | Iterable[str] | None


@dataclass(frozen=True)
class Script:
    """A revision, with its place in the history."""

    known: Revision
    _graph: RevisionGraph

    @property
    def revision(self) -> str:
        """The id."""
        return self.known.id

    @property
    def down_revision(self) -> str | tuple[str, ...] | None:
        """The ids of the parents."""
        return _shortest(self.known.parents)

    @property
    def dependencies(self) -> str | tuple[str, ...] | None:
        """What it depends on, as written."""
        return _shortest(self.known.depends_on)

    @property
    def nextrev(self) -> frozenset[str]:
        """The ids of those that descend from it."""
        return frozenset(self._graph.children(self.revision))

    @property
    def branch_labels(self) -> set[str]:
        """The labels of the branches that it is on."""
        return set(self._graph.labels(self.revision))

    @property
    def is_base(self) -> bool:
        """Whether it descends from none."""
        return not self.known.parents

    @property
    def is_head(self) -> bool:
        """Whether none descends from it."""
        return not self.nextrev

    @property
    def is_branch_point(self) -> bool:
        """Whether several descend from it."""
        return len(self.nextrev) > 1

    @property
    def is_merge_point(self) -> bool:
        """Whether it descends from several."""
        return len(self.known.parents) > 1

    @property
    def doc(self) -> str:
        """The first paragraph of its docstring."""
        return self.known.message

    @property
    def longdoc(self) -> str:
        """Its docstring."""
        return self.known.doc

    @property
    def path(self) -> str:
        """Its file."""
        return str(self.known.path)

    @cached_property
    def module(self) -> ModuleType:
        """Its code, imported now."""
        return load_script(self.known).module

    def __str__(self) -> str:
        lower = ", ".join(self.known.parents) or "<base>"
        head = " (head)" if self.is_head else ""
        return f"{lower} -> {self.revision}{head}, {self.doc}"

    @property
    def cmd_format(self) -> Any:
        """A function that returns it as a line."""
        return lambda verbose=False, *arguments, **keywords: str(self)


class ScriptDirectory:
    """The revisions of a folder, read now; made by :meth:`from_config`."""

    def __init__(self, config: Config, directory: Path) -> None:
        said = options_of(config)
        self.config = config
        self.dir = str(directory)
        self.folder = MigrationsFolder(
            directory,
            tuple(Path(each) for each in said.get("version_locations", ())),
            recursive=said.get("recursive_version_locations", False),
        )

    @classmethod
    def from_config(cls, config: Config) -> ScriptDirectory:
        """Return the revisions of the folder that settings name.

        :raises ConfigurationError: if they name none.
        """
        directory = script_location(config)
        if directory is None:
            raise ConfigurationError(
                f"no script_location in {config.config_file_name}"
                f" or {config.toml_file_name}: it names the migrations folder"
            )

        made = cls(config, directory)
        made.folder.check()
        return made

    # -- where it is -------------------------------------------------------

    @cached_property
    def graph(self) -> RevisionGraph:
        """The revisions in their order."""
        return RevisionGraph(self.folder.read_revisions())

    @property
    def env_py_location(self) -> str:
        """The path of ``env.py``."""
        return str(self.folder.directory / "env.py")

    @property
    def versions(self) -> str:
        """The folder of the files."""
        return str(self.folder.locations[0])

    @property
    def version_locations(self) -> list[str]:
        """The folders of the files."""
        return [str(each) for each in self.folder.locations]

    # -- what is there -----------------------------------------------------

    def get_revisions(self, ids: Ids) -> tuple[Script, ...]:
        """Return what targets name."""
        several = [ids] if isinstance(ids, str) or ids is None else list(ids)
        found = (id for each in several for id in locate(self.graph, each or "base"))
        return tuple(self._script(id) for id in dict.fromkeys(found))

    def get_revision(self, id_: str | None) -> Script | None:
        """Return what a target names; None is the base."""
        if id_ is None or id_ == "base":
            return None

        return self._script(locate_one(self.graph, id_).id)

    def get_current_head(self) -> str | None:
        """Return the id of the one head.

        :raises MultipleHeads: if there are several.
        """
        return locate_one(self.graph, "head").id if len(self.graph) else None

    def get_heads(self, consider_depends_on: bool = False) -> list[str]:
        """Return the ids of the heads."""
        graph = self.graph
        return list(graph.effective_heads if consider_depends_on else graph.heads)

    def get_bases(self) -> list[str]:
        """Return the ids that descend from none."""
        return list(self.graph.bases)

    def get_base(self) -> str | None:
        """Return the id of the one base."""
        found = self.get_bases()
        if len(found) > 1:
            raise ConfigurationError(f"there are {len(found)} bases, {found}")

        return found[0] if found else None

    def as_revision_number(self, id_: str | None) -> str | tuple[str, ...] | None:
        """Return the ids that a target names."""
        found = tuple(each.revision for each in self.get_revisions(id_))
        return found if id_ == "heads" else _shortest(found)

    def walk_revisions(
        self, base: str = "base", head: str = "heads"
    ) -> Iterator[Script]:
        """Yield revisions, newest first, both ends included."""
        for id in self._between(base, head, inclusive=True):
            yield self._script(id)

    def iterate_revisions(
        self, upper: Ids, lower: Ids, inclusive: bool = False, **options: Any
    ) -> Iterator[Script]:
        """Yield revisions, newest first; the lower end only if asked."""
        for id in self._between(lower, upper, inclusive=inclusive):
            yield self._script(id)

    def _between(self, lower: Ids, upper: Ids, *, inclusive: bool) -> list[str]:
        graph = self.graph
        tops = [each.revision for each in self.get_revisions(upper)]
        ends = [each.revision for each in self.get_revisions(lower)]
        below = graph.ancestors(tops)
        if not ends:
            return [each.id for each in graph.newest_first(below)]

        chosen = below & graph.descendants(ends)
        if not inclusive:
            chosen -= set(ends)
        return [each.id for each in graph.newest_first(chosen)]

    def _script(self, id: str) -> Script:
        if id not in self.graph:
            raise RevisionNotFound(id)

        return Script(self.graph[id], self.graph)

    # -- what can be done --------------------------------------------------

    def _upgrade_revs(self, destination: str, current_rev: Ids) -> list[Step]:
        return list(plan_upgrade(self.graph, _ids(current_rev), destination).steps)

    def _downgrade_revs(self, destination: str, current_rev: Ids) -> list[Step]:
        return list(plan_downgrade(self.graph, _ids(current_rev), destination).steps)

    def run_env(self) -> None:
        """Run ``env.py``, within the block of an ``EnvironmentContext``."""
        run_env()


def _ids(several: Ids) -> tuple[str, ...]:
    if several is None or several == ():
        return ()

    return (several,) if isinstance(several, str) else tuple(several)


def _shortest(ids: tuple[str, ...]) -> str | tuple[str, ...] | None:
    return ids if len(ids) > 1 else ids[0] if ids else None
