"""``alembic.operations.ops``: an object for each operation."""

from __future__ import annotations

from .op_base import AlterTableOp
from .op_base import MigrateOperation
from .op_columns import AddColumnOp
from .op_columns import AlterColumnOp
from .op_columns import DropColumnOp
from .op_constraints import AddConstraintOp
from .op_constraints import CreateCheckConstraintOp
from .op_constraints import CreateExcludeConstraintOp
from .op_constraints import CreateForeignKeyOp
from .op_constraints import CreatePrimaryKeyOp
from .op_constraints import CreateUniqueConstraintOp
from .op_constraints import DropConstraintOp
from .op_containers import DowngradeOps
from .op_containers import MigrationScript
from .op_containers import ModifyTableOps
from .op_containers import OpContainer
from .op_containers import UpgradeOps
from .op_indexes import CreateIndexOp
from .op_indexes import DropIndexOp
from .op_tables import BulkInsertOp
from .op_tables import CreateTableCommentOp
from .op_tables import CreateTableOp
from .op_tables import DropTableCommentOp
from .op_tables import DropTableOp
from .op_tables import ExecuteSQLOp
from .op_tables import RenameTableOp

__all__ = [
    "AddColumnOp",
    "AddConstraintOp",
    "AlterColumnOp",
    "AlterTableOp",
    "BulkInsertOp",
    "CreateCheckConstraintOp",
    "CreateExcludeConstraintOp",
    "CreateForeignKeyOp",
    "CreateIndexOp",
    "CreatePrimaryKeyOp",
    "CreateTableCommentOp",
    "CreateTableOp",
    "CreateUniqueConstraintOp",
    "DowngradeOps",
    "DropColumnOp",
    "DropConstraintOp",
    "DropIndexOp",
    "DropTableCommentOp",
    "DropTableOp",
    "ExecuteSQLOp",
    "MigrateOperation",
    "MigrationScript",
    "ModifyTableOps",
    "OpContainer",
    "RenameTableOp",
    "UpgradeOps",
]
