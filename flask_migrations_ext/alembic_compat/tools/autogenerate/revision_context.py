"""``alembic.autogenerate.RevisionContext``: new revisions, without a command."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from ....errors import BehindHead
from ....masking import shown_url
from ....scripts.writer import new_revision_id
from ...projects.config import Config
from ..migration import MigrationContext
from ..operations.containers import DowngradeOps
from ..operations.containers import MigrationScript
from ..operations.containers import UpgradeOps
from ..script.folder import Script
from ..script.folder import ScriptDirectory
from ..util import to_tuple
from . import render
from .compare import produce_migrations
from .context import AutogenContext

__all__ = ["RevisionContext"]

Directives = Callable[[MigrationContext, Any, list[MigrationScript]], Any]


class RevisionContext:
    """Collects what new revisions do, a database at a time, and writes them.

    :param command_args: what ``command.revision()`` takes, by name.
    :param process_revision_directives: sees them before the function of the context.
    """

    def __init__(
        self,
        config: Config,
        script_directory: ScriptDirectory,
        command_args: Mapping[str, Any],
        process_revision_directives: Directives | None = None,
    ) -> None:
        self.config = config
        self.script_directory = script_directory
        self.command_args = dict(command_args)
        self.process_revision_directives = process_revision_directives
        self.template_args: dict[str, Any] = {"config": config}
        self.generated_revisions = [_empty(self.command_args)]
        self._contexts: list[MigrationContext] = []

    def run_autogenerate(self, rev: Any, migration_context: MigrationContext) -> None:
        """Add what brings a database to its models.

        :param rev: what its version table holds.
        :raises BehindHead: if it lacks revisions.
        """
        self._refuse_behind(rev, migration_context)
        metadata: Any = migration_context.opts.get("target_metadata")
        made = produce_migrations(migration_context, metadata)
        self._add(rev, migration_context, made)

    def run_no_autogenerate(
        self, rev: Any, migration_context: MigrationContext
    ) -> None:
        """Add a place to write in, for a database."""
        self._add(rev, migration_context, _empty({}))

    def _refuse_behind(self, rev: Any, migration_context: MigrationContext) -> None:
        heads = self.script_directory.graph.effective_heads
        at = to_tuple(rev, ())
        if set(at) != set(heads):
            connection = migration_context.connection
            url = shown_url(connection.engine.url) if connection else ""
            raise BehindHead(url, sorted(set(heads).difference(at)))

    def _add(
        self, rev: Any, migration_context: MigrationContext, made: MigrationScript
    ) -> None:
        opts = migration_context.opts
        script = self.generated_revisions[-1]
        up = UpgradeOps(
            made.upgrade_ops.ops if made.upgrade_ops else (),
            opts.get("upgrade_token") or "upgrades",
        )
        down = DowngradeOps(
            made.downgrade_ops.ops if made.downgrade_ops else (),
            opts.get("downgrade_token") or "downgrades",
        )
        script.upgrade_ops_list.append(up)
        script.downgrade_ops_list.append(down)
        script.imports.update(made.imports)
        self._contexts.append(migration_context)
        for function in (
            self.process_revision_directives,
            opts.get("process_revision_directives"),
        ):
            if function is not None:
                function(migration_context, rev, self.generated_revisions)

    def generate_scripts(self) -> Iterator[Script | None]:
        """Write the revisions, and yield them."""
        for each in self.generated_revisions:
            yield self._written(each)

    def _written(self, made: MigrationScript) -> Script | None:
        texts: dict[str, str] = {}
        imports = set(made.imports)
        for each in (*made.upgrade_ops_list, *made.downgrade_ops_list):
            token = getattr(each, "upgrade_token", getattr(each, "downgrade_token", ""))
            texts[token] = self._text(each, imports)

        return self.script_directory.generate_revision(
            made.rev_id or new_revision_id(),
            made.message,
            head=made.head,
            splice=made.splice,
            branch_labels=made.branch_label,
            version_path=made.version_path,
            depends_on=made.depends_on,
            imports="\n".join(sorted(imports)),
            **{**self.template_args, **texts},
        )

    def _text(self, container: Any, imports: set[str]) -> str:
        last = self._contexts[-1] if self._contexts else None
        context = AutogenContext(last, autogenerate=False)
        text = render._render_cmd_body(container, context)
        imports.update(context.imports)
        return text


def _empty(said: Mapping[str, Any]) -> MigrationScript:
    return MigrationScript(
        rev_id=said.get("rev_id"),
        upgrade_ops=[],
        downgrade_ops=[],
        message=said.get("message"),
        head=said.get("head"),
        splice=said.get("splice"),
        branch_label=said.get("branch_label"),
        version_path=said.get("version_path"),
        depends_on=said.get("depends_on"),
    )
