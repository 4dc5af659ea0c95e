"""What holds Alembic's operation objects: a table's, a direction's, a script's."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from os import PathLike
from typing import Any

from ....errors import ConfigurationError
from .operation import MigrateOperation

Ids = str | Iterable[str]


class OpContainer(MigrateOperation):
    """Several operations, in ``ops``."""

    def __init__(self, ops: Sequence[MigrateOperation] = ()) -> None:
        self.ops: list[Any] = list(ops)

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


class ModifyTableOps(OpContainer):
    """What changes one table."""

    def __init__(
        self,
        table_name: str,
        ops: Sequence[MigrateOperation],
        *,
        schema: str | None = None,
    ) -> None:
        super().__init__(ops)
        self.table_name = table_name
        self.schema = schema

    def reverse(self) -> ModifyTableOps:
        undone = [each.reverse() for each in reversed(self.ops)]
        return ModifyTableOps(self.table_name, undone, schema=self.schema)


class UpgradeOps(OpContainer):
    """What is done to one database.

    :param upgrade_token: the name by which the template gets it.
    """

    def __init__(
        self,
        ops: Sequence[MigrateOperation] = (),
        upgrade_token: str = "upgrades",
    ) -> None:
        super().__init__(ops)
        self.upgrade_token = upgrade_token

    def reverse_into(self, downgrade_ops: DowngradeOps) -> DowngradeOps:
        """Return the container given, filled with what undoes this."""
        downgrade_ops.ops[:] = [each.reverse() for each in reversed(self.ops)]
        return downgrade_ops

    def reverse(self) -> DowngradeOps:
        return self.reverse_into(DowngradeOps())


class DowngradeOps(OpContainer):
    """What undoes it.

    :param downgrade_token: the name by which the template gets it.
    """

    def __init__(
        self,
        ops: Sequence[MigrateOperation] = (),
        downgrade_token: str = "downgrades",
    ) -> None:
        super().__init__(ops)
        self.downgrade_token = downgrade_token

    def reverse(self) -> UpgradeOps:
        return UpgradeOps([each.reverse() for each in reversed(self.ops)])


class MigrationScript(MigrateOperation):
    """A revision that is about to be written."""

    def __init__(
        self,
        rev_id: str | None,
        upgrade_ops: Any,
        downgrade_ops: Any,
        *,
        message: str | None = None,
        imports: Iterable[str] = (),
        head: str | None = None,
        splice: bool | None = None,
        branch_label: Ids | None = None,
        version_path: str | PathLike[str] | None = None,
        depends_on: Ids | None = None,
    ) -> None:
        self.rev_id = rev_id
        self.message = message
        # A set is shared with who gave it: renderers add to it.
        self.imports = imports if isinstance(imports, set) else set(imports)
        self.head = head
        self.splice = splice
        self.branch_label = branch_label
        self.version_path = version_path
        self.depends_on = depends_on
        self.upgrade_ops = upgrade_ops
        self.downgrade_ops = downgrade_ops

    @property
    def upgrade_ops(self) -> Any:
        """What is done, where there is one database; settable to one or several."""
        return _only(self.upgrade_ops_list, "upgrade_ops")

    @upgrade_ops.setter
    def upgrade_ops(self, given: Any) -> None:
        self.upgrade_ops_list: list[UpgradeOps] = _several(given)

    @property
    def downgrade_ops(self) -> Any:
        """What undoes it, where there is one database; settable to one or several."""
        return _only(self.downgrade_ops_list, "downgrade_ops")

    @downgrade_ops.setter
    def downgrade_ops(self, given: Any) -> None:
        self.downgrade_ops_list: list[DowngradeOps] = _several(given)


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
