"""What holds Alembic's operation objects: a table's, a direction's, a script's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ....errors import ConfigurationError
from .operation import MigrateOperation


class OpContainer(MigrateOperation, takes="ops=()"):
    """Several operations, in ``ops``."""

    ops: list[Any]

    def _complete(self) -> None:
        self.ops = list(self.ops)

    def is_empty(self) -> bool:
        """Return whether there is nothing in it."""
        return not self.ops

    def as_diffs(self) -> Any:
        """Return what its operations are in the result of ``compare_metadata``."""
        return list(_diffs(self))


def _diffs(container: OpContainer) -> Iterator[Any]:
    for each in container.ops:
        if isinstance(each, OpContainer):
            yield from _diffs(each)
        else:
            yield each.to_diff_tuple()


class ModifyTableOps(OpContainer, takes="table_name ops * schema"):
    """What changes one table."""

    def reverse(self) -> ModifyTableOps:
        undone = [each.reverse() for each in reversed(self.ops)]
        return ModifyTableOps(self.table_name, undone, schema=self.schema)


class UpgradeOps(OpContainer, takes="ops=() upgrade_token='upgrades'"):
    """What is done to one database.

    :param upgrade_token: the name by which the template gets it.
    """

    def reverse_into(self, downgrade_ops: DowngradeOps) -> DowngradeOps:
        """Return the container given, filled with what undoes this."""
        downgrade_ops.ops[:] = [each.reverse() for each in reversed(self.ops)]
        return downgrade_ops

    def reverse(self) -> DowngradeOps:
        return self.reverse_into(DowngradeOps())


class DowngradeOps(OpContainer, takes="ops=() downgrade_token='downgrades'"):
    """What undoes it.

    :param downgrade_token: the name by which the template gets it.
    """

    def reverse(self) -> UpgradeOps:
        return UpgradeOps([each.reverse() for each in reversed(self.ops)])


class MigrationScript(
    MigrateOperation,
    takes="rev_id upgrade_ops downgrade_ops * message imports=() head splice"
    " branch_label version_path depends_on",
):
    """A revision that is about to be written."""

    imports: Any

    def _complete(self) -> None:
        # A set is shared with who gave it: renderers add to it.
        if not isinstance(self.imports, set):
            self.imports = set(self.imports)

    @property
    def upgrade_ops(self) -> Any:
        """What is done, where there is one database; settable to one or several."""
        return _only(self.upgrade_ops_list, "upgrade_ops")

    @upgrade_ops.setter
    def upgrade_ops(self, given: Any) -> None:
        self.upgrade_ops_list = _several(given)

    @property
    def downgrade_ops(self) -> Any:
        """What undoes it, where there is one database; settable to one or several."""
        return _only(self.downgrade_ops_list, "downgrade_ops")

    @downgrade_ops.setter
    def downgrade_ops(self, given: Any) -> None:
        self.downgrade_ops_list = _several(given)


def _several(given: Any) -> list[Any]:
    if given is None:
        return []

    return list(given) if isinstance(given, (list, tuple)) else [given]


def _only(several: list[Any], name: str) -> Any:
    if len(several) > 1:
        raise ConfigurationError(
            f"'{name}' stands for one database, and there are {len(several)};"
            f" go through '{name}_list'"
        )

    return several[0] if several else None
