"""``alembic.operations.ops``: an object for each operation."""

from __future__ import annotations

from . import methods  # noqa: F401  # gives the classes what they have as methods
from .columns import AddColumnOp
from .columns import AlterColumnOp
from .columns import DropColumnOp
from .constraints import AddConstraintOp
from .constraints import CreateCheckConstraintOp
from .constraints import CreateExcludeConstraintOp
from .constraints import CreateForeignKeyOp
from .constraints import CreatePrimaryKeyOp
from .constraints import CreateUniqueConstraintOp
from .constraints import DropConstraintOp
from .containers import DowngradeOps
from .containers import MigrationScript
from .containers import ModifyTableOps
from .containers import OpContainer
from .containers import UpgradeOps
from .indexes import CreateIndexOp
from .indexes import DropIndexOp
from .operation import AlterTableOp
from .operation import MigrateOperation
from .tables import BulkInsertOp
from .tables import CreateTableCommentOp
from .tables import CreateTableOp
from .tables import DropTableCommentOp
from .tables import DropTableOp
from .tables import ExecuteSQLOp
from .tables import RenameTableOp

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
