"""``alembic.script``: the revisions of a folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any
from typing import cast

from ....commands.directives import NewScript
from ....commands.script_body import ScriptBody
from ....commands.writing import write_new
from ....environment import current_environment
from ....errors import ConfigurationError
from ....errors import InvalidTarget
from ....errors import NoRunningMigration
from ....revisions import revision as ours
from ....revisions.graph import RevisionGraph
from ....revisions.plan import plan_downgrade
from ....revisions.plan import plan_stamp
from ....revisions.plan import plan_upgrade
from ....revisions.plan import Step
from ....revisions.target import parse
from ....scripts.folder import MigrationsFolder
from ....scripts.loader import load_script
from ...projects.compatibility import current_run
from ...projects.compatibility import run_env
from ...projects.config import Config
from ...projects.names import in_place
from ...projects.options import options_of
from ...projects.options import script_location
from ..util import format_as_comma
from ..util import not_none
from ..util import to_tuple
from . import revision_map as revision
from . import write_hooks
from .projects import project_of
from .revision_map import Ids
from .revision_map import Revision
from .revision_map import RevisionMap
from .steps import RevisionStep
from .steps import StampStep

__all__ = ["not_none", "revision", "Script", "ScriptDirectory", "write_hooks"]


class Script(Revision):
    """A revision with its file."""

    _db_current_indicator = False

    @classmethod
    def of(cls, known: ours.Revision) -> Script:
        """Return a revision of ours as such."""
        made = cls.__new__(cls)
        made.known = known
        made.graph = None
        return made

    @property
    def longdoc(self) -> str:
        """Its docstring."""
        return self.known.doc

    @property
    def doc(self) -> str:
        """The first paragraph of its docstring."""
        return re.split("\n\n", self.longdoc)[0]

    @property
    def path(self) -> str:
        """Its file."""
        return str(self.known.path)

    @cached_property
    def module(self) -> ModuleType:
        """Its code, imported now."""
        return load_script(self.known).module

    # -- as text -----------------------------------------------------------

    def __str__(self) -> str:
        return f"{self._below} -> {self.revision}{self._marks()}, {self.doc}"

    @property
    def log_entry(self) -> str:
        """All that is known of it, in lines."""
        kind = "Merges" if self.is_merge_point else "Parent"
        more = {
            "Also depends on": self.dependencies,
            "Branches into": sorted(self.nextrev) if self.is_branch_point else (),
            "Branch names": sorted(self.branch_labels),
        }
        lines = [f"Rev: {self.revision}{self._marks()}", f"{kind}: {self._below}"]
        lines += [f"{name}: {format_as_comma(of)}" for name, of in more.items() if of]
        doc = "\n".join(f"    {line}" for line in self.longdoc.splitlines())
        return "\n".join([*lines, f"Path: {self.path}", "", doc, ""])

    def cmd_format(
        self,
        verbose: bool,
        include_branches: bool = False,
        include_doc: bool = False,
        include_parents: bool = False,
        tree_indicators: bool = True,
    ) -> str:
        """Return it as a line, or all that is known of it."""
        if verbose:
            return self.log_entry

        needed = f" ({format_as_comma(self.dependencies)})" if self.dependencies else ""
        labels = ", ".join(sorted(self.branch_labels))
        return "".join(
            (
                f"{self._below}{needed} -> " if include_parents else "",
                self.revision,
                f" ({labels})" if include_branches and labels else "",
                self._marks(line=True, tree=tree_indicators),
                f", {self.doc}" if include_doc else "",
            )
        )

    @property
    def _below(self) -> str:
        return ", ".join(self.known.parents) or "<base>"

    def _marks(self, *, line: bool = False, tree: bool = True) -> str:
        effective = line and not self._is_real_head
        heads = {"effective head" if effective else "head": self.is_head}
        current = {"current": self._db_current_indicator}
        points = {
            "branchpoint": tree and self.is_branch_point,
            "mergepoint": tree and self.is_merge_point,
        }
        marks = heads | current | points if line else heads | points | current
        return "".join(f" ({mark})" for mark, true in marks.items() if true)


class ScriptDirectory:
    """The revisions of a folder.

    :param dir: the folder; by way of settings, use :meth:`from_config`.
    """

    def __init__(
        self,
        dir: str | os.PathLike[str],
        file_template: str = "%(rev)s_%(slug)s",
        truncate_slug_length: int | None = 40,
        version_locations: Sequence[str | os.PathLike[str]] | None = None,
        sourceless: bool = False,
        output_encoding: str = "utf-8",
        timezone: str | None = None,
        hooks: Sequence[Any] = (),
        recursive_version_locations: bool = False,
        messaging_opts: Any = None,
        *,
        config: Config | None = None,
    ) -> None:
        self.config = config or _config_for(dir)
        self.dir = str(dir)
        self.file_template = file_template
        self.truncate_slug_length = truncate_slug_length or 40
        self.sourceless = sourceless
        self.output_encoding = output_encoding
        self.timezone = timezone
        self.hooks = hooks
        self.recursive_version_locations = recursive_version_locations
        self.messaging_opts = messaging_opts or {}
        self.folder = MigrationsFolder(
            Path(dir),
            tuple(Path(each) for each in version_locations or ()),
            recursive=recursive_version_locations,
            sourceless=sourceless,
        )
        self.folder.check()
        self.revision_map = RevisionMap(self._load_revisions)

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

        said = options_of(config)
        names = (
            *("file_template", "truncate_slug_length", "version_locations"),
            *("sourceless", "output_encoding", "timezone"),
            "recursive_version_locations",
        )
        return cls(
            directory,
            hooks=config.get_hooks_list(),
            messaging_opts=config.messaging_opts,
            config=config,
            **{name: said[name] for name in names if name in said},
        )

    def _load_revisions(self) -> Iterator[Script]:
        for each in self.folder.read_revisions(in_place):
            yield Script.of(each)

    # -- where it is -------------------------------------------------------

    @property
    def graph(self) -> RevisionGraph:
        """The revisions in their order."""
        return self.revision_map.graph

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

    @version_locations.setter
    def version_locations(self, given: Any) -> None:
        several = re.split(r"[,\s]+", given) if isinstance(given, str) else given
        paths = tuple(Path(each).absolute() for each in several or ())
        self.folder = replace(self.folder, version_locations=paths)
        self.revision_map = RevisionMap(self._load_revisions)
        # An env.py that says so speaks of the command that runs it.
        with suppress(LookupError, NoRunningMigration):
            if current_run().known_script is self:
                current_environment("script").look_in(paths)

    @property
    def _version_locations(self) -> list[Path]:
        return list(self.folder.locations)

    # -- what is there -----------------------------------------------------

    def get_revisions(self, id_: Ids) -> tuple[Script, ...]:
        """Return what targets name."""
        return cast("tuple[Script, ...]", self.revision_map.get_revisions(id_))

    def get_revision(self, id_: str | None) -> Script | None:
        """Return what a target names; None is the base."""
        return cast("Script | None", self.revision_map.get_revision(id_))

    def get_all_current(self, id_: tuple[str, ...]) -> set[Script]:
        """Return the last revision of each branch that a database has.

        :param id_: what its version table holds.
        """
        graph = self.graph
        applied = graph.ancestors(self.revision_map.ids(id_), dependencies=True)
        return {
            cast("Script", self.get_revision(each))
            for each in applied
            if applied.isdisjoint(graph.children(each))
        }

    def get_current_head(self) -> str | None:
        """Return the id of the one head.

        :raises MultipleHeads: if there are several.
        """
        return self.revision_map.get_current_head()

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
        """Return the ids that a symbol names, such as ``head``; others as they are."""
        place = id_ and id_.rpartition("@")[2]
        if place not in ("base", "head", "heads", None):
            return place

        found = self.revision_map.ids(id_)
        if found and id_ == "heads":
            return found

        return found[0] if found else None

    def walk_revisions(
        self, base: Ids = "base", head: Ids = "heads"
    ) -> Iterator[Script]:
        """Yield revisions, newest first, both ends included."""
        return self.iterate_revisions(
            head, base, inclusive=True, assert_relative_length=False
        )

    def iterate_revisions(
        self, upper: Ids, lower: Ids, **options: Any
    ) -> Iterator[Script]:
        """Yield revisions, newest first; the lower end only if asked.

        :param options: as :meth:`RevisionMap.iterate_revisions` takes them.
        """
        found = self.revision_map.iterate_revisions(upper, lower, **options)
        return cast("Iterator[Script]", found)

    # -- what can be done --------------------------------------------------

    def _upgrade_revs(self, destination: Ids, current_rev: Ids) -> list[RevisionStep]:
        graph, current = self.graph, _ids(current_rev)
        steps: list[Step] = []
        for each in to_tuple(destination, ()):
            plan = plan_upgrade(graph, current, parse(each))
            current = plan.end
            steps += plan.steps
        return [RevisionStep.of(self.revision_map, each) for each in steps]

    def _downgrade_revs(
        self, destination: str | None, current_rev: Ids
    ) -> list[RevisionStep]:
        try:
            plan = plan_downgrade(
                self.graph, _ids(current_rev), parse(destination or "base")
            )
        except InvalidTarget as error:
            raise InvalidTarget(
                error.target,
                f"{error.reason} (it is not a valid downgrade target from there)",
            ) from error
        return [RevisionStep.of(self.revision_map, each) for each in plan.steps]

    def _stamp_revs(self, revision: Ids, heads: Ids) -> list[StampStep]:
        targets = [parse(each) for each in to_tuple(revision, ()) or ("base",)]
        plan = plan_stamp(self.graph, self.revision_map.ids(heads), targets)
        if plan.start == plan.end:
            return []

        return [StampStep.of(self.revision_map, plan)]

    def generate_revision(
        self,
        revid: str,
        message: str | None,
        head: Ids = None,
        splice: bool | None = False,
        branch_labels: str | Iterable[str] | None = None,
        version_path: str | os.PathLike[str] | None = None,
        file_template: str | None = None,
        depends_on: str | Iterable[str] | None = None,
        **values: Any,
    ) -> Script | None:
        """Write a revision; return it.

        :param values: for the template: ``upgrades``, ``downgrades``, ``imports``, …
        """
        script = NewScript(
            revid,
            message,
            "head",
            bool(splice),
            to_tuple(branch_labels, ()) or None,
            None if version_path is None else os.fspath(version_path),
            to_tuple(depends_on, ()) or None,
        )
        body = ScriptBody(
            values.pop("upgrades", None) or "pass",
            values.pop("downgrades", None) or "pass",
            tuple(str(values.pop("imports", None) or "").splitlines()),
            names={name: value for name, value in values.items() if name != "comma"},
        )
        with project_of(self.config):
            write_new(
                None,
                script,
                body,
                heads=to_tuple(head, ("head",)),
                file_template=file_template,
            )
        self.revision_map = RevisionMap(self._load_revisions)
        return self.get_revision(revid)

    def run_env(self) -> None:
        """Run ``env.py``, within the block of an ``EnvironmentContext``."""
        run_env()

    @contextmanager
    def _catch_revision_errors(self, **messages: Any) -> Iterator[None]:
        # All of them are errors of commands here already.
        yield


def _config_for(dir: str | os.PathLike[str]) -> Config:
    config = Config()
    config.set_main_option("script_location", os.fspath(dir).replace("%", "%%"))
    return config


def _ids(several: Ids) -> tuple[str, ...]:
    return tuple(each for each in to_tuple(several, ()) if each not in (None, "base"))
